//! HTTP/1.1 as far as AWS's SDKs speak it.

use std::io::{self, BufRead, BufReader, Read, Write};

/// A request with its whole body.
#[derive(Default)]
pub struct Request {
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is sent back.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: std::sync::Arc<[u8]>,
}

impl Request {
    /// The next request, or `None` where the client has closed.
    pub fn read<S: Read + Write>(stream: &mut BufReader<S>) -> io::Result<Option<Self>> {
        let start = match line(stream) {
            Ok(start) => start,
            // A client that execs closes without a word of TLS.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut words = start.split(' ').map(str::to_owned);
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let mut request = Self {
            method,
            target,
            ..Self::default()
        };
        while let Some((name, value)) = line(stream)?.split_once(':') {
            let pair = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(pair);
        }
        if request.header("expect").is_some() {
            stream
                .get_mut()
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            stream.get_mut().flush()?;
        }
        request.body = request.read_body(stream)?;
        Ok(Some(request))
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The value of a query's member, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let pairs = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = pairs.into_iter().find(|(known, _)| *known == name)?;
        Some(decode(value))
    }

    /// Bucket and path, decoded; the bucket is in the path or in the host.
    pub fn object(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        let path = decode(path.trim_start_matches('/'));
        match self.header("host").and_then(|host| host.split_once(".s3.")) {
            Some((bucket, _)) => format!("{bucket}/{path}"),
            None => path,
        }
    }

    fn read_body(&self, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let body = match self.header("content-length") {
            _ if self.header("transfer-encoding") == Some("chunked") => chunks(stream)?,
            Some(length) => exactly(stream, length.parse().map_err(io::Error::other)?)?,
            None => Vec::new(),
        };
        match self.header("x-amz-content-sha256") {
            Some(hash) if hash.starts_with("STREAMING-") => chunks(&mut body.as_slice()),
            _ => Ok(body),
        }
    }
}

impl Answer {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into().into(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Head and body in one write, as one record where they fit.
    pub fn write(&self, stream: &mut impl Write, head_only: bool) -> io::Result<()> {
        let mut bytes = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.headers {
            bytes.extend([name, ": ", value, "\r\n"]);
        }
        if !matches!(self.status, 204 | 304) {
            bytes.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        bytes.push_str("x-amz-request-id: 0123456789ABCDEF\r\n\r\n");
        let mut bytes = bytes.into_bytes();
        let body: &[u8] = if head_only { &[] } else { &self.body };
        let (with_head, rest) = body.split_at(body.len().min(8 << 10));
        bytes.extend_from_slice(with_head);
        stream.write_all(&bytes)?;
        stream.write_all(rest)?;
        stream.flush()
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn exactly(stream: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Chunks up to the empty one and its trailers, without what AWS signs them with.
fn chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(stream)?;
        let size = size.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        if size == 0 {
            while !line(stream)?.is_empty() {}
            return Ok(body);
        }
        body.extend(exactly(stream, size)?);
        line(stream)?;
    }
}

/// Text without its `%XX`; what is none stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let coded = (*first == b'%').then(|| tail.get(..2)).flatten();
        let coded = coded.and_then(|two| std::str::from_utf8(two).ok());
        match coded.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
