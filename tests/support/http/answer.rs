//! What a server sends back.

use std::io::{self, Write};

use super::head;

/// An answer to a request.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How many bytes the answer claims to have, if not the body's.
    pub claimed: Option<usize>,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            claimed: None,
        }
    }

    /// Without a body.
    pub fn empty(status: u16) -> Self {
        Self::new(status, "")
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a body and its type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = self.header("content-type", content_type);
        answer.body = body.into();
        answer
    }

    /// First line and headers, with the length, and the empty line.
    pub fn head(&self) -> Vec<u8> {
        let start = format!("HTTP/1.1 {} {}", self.status, reason(self.status));
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (&**name, &**value));
        let length = self.claimed.unwrap_or(self.body.len());
        let length = Some(length).filter(|_| !matches!(self.status, 204 | 304));
        head(&start, headers, length)
    }

    /// Writes all of it.
    pub fn send(&self, stream: &mut impl Write) -> io::Result<()> {
        stream.write_all(&[&*self.head(), &self.body].concat())
    }
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

    #[test]
    fn an_answer_has_its_length_unless_it_can_have_no_body() {
        let mut written = Vec::new();
        let answer = Answer::empty(200)
            .header("etag", "\"1\"")
            .body("text/plain", "hi");
        answer.send(&mut written).unwrap();
        let expected = "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        let seen = Answer::empty(304).head();
        assert_eq!(seen, b"HTTP/1.1 304 Not Modified\r\n\r\n");
    }
}
