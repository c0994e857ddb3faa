//! The server's side of HTTP/1.1: reads heads and bodies, writes answers.
//!
//! Bodies come with a length, in chunks, or in AWS's own chunks inside of
//! either. It refuses to know what a request asks for.

use std::io::{self, BufRead, Read, Write};

/// The largest body that a request may have.
const LARGEST: usize = 256 << 20;

/// A request up to its body.
#[derive(Debug, Clone)]
pub struct Head {
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// `HTTP/1.1`
    pub protocol: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

/// What is sent back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Head {
    /// The next request's, or `None` where the client has closed.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let start = line(stream)?;
        let mut words = start.split(' ').map(str::to_owned);
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let mut head = Self {
            method,
            target,
            protocol: words.next().unwrap_or_default(),
            headers: Vec::new(),
        };
        while let Some((name, value)) = line(stream)?.split_once(':') {
            let pair = (name.to_ascii_lowercase(), value.trim().to_owned());
            head.headers.push(pair);
        }
        Ok(Some(head))
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Whether the client wants to hear that it may send the body.
    pub fn expects_continue(&self) -> bool {
        self.header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }

    /// Whether another request may come on the same connection.
    pub fn keeps_alive(&self) -> bool {
        self.protocol != "HTTP/1.0" && self.header("connection") != Some("close")
    }

    /// The body, out of all chunks.
    pub fn read_body(&self, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let body = match self.header("content-length") {
            _ if self.header("transfer-encoding") == Some("chunked") => chunks(stream)?,
            Some(length) => {
                let length = length.parse().map_err(io::Error::other)?;
                exactly(stream, length)?
            }
            None => Vec::new(),
        };
        let streamed = self
            .header("x-amz-content-sha256")
            .is_some_and(|hash| hash.starts_with("STREAMING-"));
        if streamed {
            return chunks(&mut body.as_slice());
        }
        Ok(body)
    }
}

impl Answer {
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same with a header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a body and its type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = self.with("content-type", content_type);
        answer.body = body.into();
        answer
    }

    /// Start line and headers, with a length, and the empty line.
    pub fn head(&self, length: usize) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !matches!(self.status, 204 | 304) {
            head.extend(["content-length: ", &length.to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Writes all of it.
    pub fn send(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut message = self.head(self.body.len());
        message.extend(&self.body);
        stream.write_all(&message)
    }
}

/// Chunks as HTTP has them. AWS's own are the same, with a signature after the
/// length and checksums at the end; neither is looked at.
fn chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let start = line(stream)?;
        let length = start.split(';').next().unwrap_or_default();
        let length = usize::from_str_radix(length, 16).map_err(io::Error::other)?;
        if length == 0 {
            while !line(stream)?.is_empty() {}
            return Ok(body);
        }
        body.extend(exactly(stream, length)?);
        line(stream)?;
    }
}

fn exactly(stream: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    if length > LARGEST {
        return Err(io::Error::other("a body that is too large"));
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.take(64 << 10).read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Slow Down",
        _ => "Whatever",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body_of(mut message: &[u8]) -> io::Result<Vec<u8>> {
        let head = Head::read(&mut message)?.unwrap();
        head.read_body(&mut message)
    }

    #[test]
    fn a_body_is_read_however_it_is_sent() {
        let streamed = "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\
            x-amz-checksum-crc32: AAAAAA==\r\n\r\n";
        let length = streamed.len();
        let outer = format!("{length:x}\r\n{streamed}\r\n0\r\n\r\n");
        let aws = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER";
        for message in [
            "PUT /b/o HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
            "PUT /b/o HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
                .to_owned(),
            format!("PUT /b/o HTTP/1.1\r\n{aws}\r\ncontent-length: {length}\r\n\r\n{streamed}"),
            format!("PUT /b/o HTTP/1.1\r\n{aws}\r\ntransfer-encoding: chunked\r\n\r\n{outer}"),
        ] {
            assert_eq!(body_of(message.as_bytes()).unwrap(), b"hello", "{message}");
        }
        assert!(body_of(b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell").is_err());
        assert_eq!(body_of(b"GET / HTTP/1.1\r\n\r\n").unwrap(), b"");
    }

    #[test]
    fn an_answer_has_its_length_unless_it_can_have_no_body() {
        let mut written = Vec::new();
        let answer = Answer::new(200)
            .with("etag", "\"1\"")
            .body("text/plain", "hi");
        answer.send(&mut written).unwrap();
        let expected = "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        assert_eq!(
            Answer::new(304).head(0),
            b"HTTP/1.1 304 Not Modified\r\n\r\n"
        );
    }
}
