//! As much of HTTP/1.1 as an emulator on this machine needs.
//!
//! Reads and writes single messages, and codes paths. It refuses to know what
//! a message means; no TLS, no chunks, no redirects.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request or an answer, read whole.
#[derive(Debug, Clone)]
pub struct Message {
    /// The first line: `GET / HTTP/1.1`, `HTTP/1.1 200 OK`.
    pub start: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    /// The next message, or `None` where the other side has closed.
    ///
    /// A body without a length ends with the connection in an answer, and is
    /// empty in a request.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let start = line(stream)?;
        if start.is_empty() {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let line = line(stream)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self {
            start,
            headers,
            body: Vec::new(),
        };
        match message.header("content-length") {
            Some(length) => {
                let length = length.parse().map_err(io::Error::other)?;
                message.body.resize(length, 0);
                stream.read_exact(&mut message.body)?;
            }
            None if message.start.starts_with("HTTP/") => {
                stream.read_to_end(&mut message.body)?;
            }
            None => {}
        }
        Ok(Some(message))
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
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
    let mut message = format!("{start}\r\n").into_bytes();
    for (name, value) in headers {
        write!(message, "{name}: {value}\r\n")?;
    }
    write!(message, "content-length: {}\r\n\r\n", body.len())?;
    message.extend(body);
    stream.write_all(&message)
}

/// A path as it is sent: everything but `/` and what is never coded becomes `%XX`.
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

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}
