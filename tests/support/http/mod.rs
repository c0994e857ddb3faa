//! As much of HTTP/1.1 as servers and clients on this machine need.
//!
//! Reads and writes single messages, and codes paths. Bodies come with a
//! length, in chunks, or in AWS's own chunks inside of either. It refuses to
//! know what a message means; no TLS, no redirects.

mod answer;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub use answer::Answer;

/// The largest body that a message may have, where it says a length.
const LARGEST: usize = 256 << 20;

/// A request or an answer up to its body.
#[derive(Debug, Clone)]
pub struct Head {
    /// The first line: `GET / HTTP/1.1`, `HTTP/1.1 200 OK`.
    pub start: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

/// A request or an answer, read whole.
#[derive(Debug, Clone)]
pub struct Message {
    /// As in [`Head`].
    pub start: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Head {
    /// The next message's, or `None` where the other side has closed.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let start = line(stream)?;
        if start.is_empty() {
            return Ok(None);
        }
        let mut headers = Vec::new();
        while let Some((name, value)) = line(stream)?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Some(Self { start, headers }))
    }

    /// A request's method.
    pub fn method(&self) -> &str {
        self.word(0)
    }

    /// A request's path and query, as they were sent.
    pub fn target(&self) -> &str {
        self.word(1)
    }

    fn word(&self, at: usize) -> &str {
        self.start.split(' ').nth(at).unwrap_or_default()
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether the client wants to hear that it may send the body.
    pub fn expects_continue(&self) -> bool {
        self.header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }

    /// Whether another request may come on the same connection.
    pub fn keeps_alive(&self) -> bool {
        self.word(2) != "HTTP/1.0" && self.header("connection") != Some("close")
    }

    /// The body, out of all chunks. Without a length it ends with the
    /// connection in an answer, and is empty in a request.
    pub fn read_body(&self, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let body = match self.header("content-length") {
            _ if self.header("transfer-encoding") == Some("chunked") => chunks(stream)?,
            Some(length) => {
                let length = length.parse().map_err(io::Error::other)?;
                exactly(stream, length)?
            }
            None if self.start.starts_with("HTTP/") => {
                let mut body = Vec::new();
                stream.read_to_end(&mut body)?;
                body
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

impl Message {
    /// The next message, or `None` where the other side has closed.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(head) = Head::read(stream)? else {
            return Ok(None);
        };
        let body = head.read_body(stream)?;
        let Head { start, headers } = head;
        Ok(Some(Self {
            start,
            headers,
            body,
        }))
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        let status = self.start.split(' ').nth(1);
        status.and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// Asks once, on a connection of its own.
pub fn ask(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Message> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let start = format!("{method} {target} HTTP/1.0");
    send(
        &mut stream,
        &start,
        &[&[("host", "127.0.0.1")], headers].concat(),
        body,
    )?;
    let answer = Message::read(&mut BufReader::new(stream))?;
    answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Writes one message, with its length.
pub fn send(
    stream: &mut impl Write,
    start: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut message = head(start, headers.iter().copied(), Some(body.len()));
    message.extend(body);
    stream.write_all(&message)
}

/// A first line, headers and the length of a body, and the empty line.
fn head<'a>(
    start: &str,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    length: Option<usize>,
) -> Vec<u8> {
    let mut head = format!("{start}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if let Some(length) = length {
        head.extend(["content-length: ", &length.to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A percent-encoded path: only `/` and unreserved characters stay as they are.
pub fn encode_path(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let code = |byte| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(code).collect()
}

/// A path as it was meant; `None` if it is not UTF-8.
pub fn decode_path(path: &str) -> Option<String> {
    let (mut out, mut rest) = (Vec::new(), path.as_bytes());
    while let [first, tail @ ..] = rest {
        let coded = tail.get(..2).filter(|_| *first == b'%');
        let coded = coded.and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = coded.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(out).ok()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = headers.iter().find(|(known, _)| known == name)?;
    Some(value)
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
}
