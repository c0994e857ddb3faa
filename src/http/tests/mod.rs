//! The client against servers that misbehave, each a thread on loopback.
#![allow(clippy::unwrap_used)]

mod ahead;
mod hybrid;
mod plain;
mod sdk;
mod secure;

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::*;

/// A server that has `talk` deal with each connection, and its number, in a
/// thread; the answer is its port.
fn server(talk: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for (number, socket) in listener.incoming().enumerate() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(number, socket.unwrap()));
        }
    });
    port
}

/// Reads a request, its body too; none if the client has hung up.
fn hear(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let mut request = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = request
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.push_str(&String::from_utf8_lossy(&body));
    Some(request)
}

/// Writes a whole answer.
fn say(stream: &mut impl Write, body: &str) {
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).unwrap();
    stream.flush().unwrap();
}

/// A connector for services with short limits.
fn connector(network: Network) -> Connector {
    Connector {
        shared: Shared::new(network, 1000, Duration::from_millis(500)),
        purpose: Purpose::Services,
        connect: Duration::from_secs(2),
        whole: None,
    }
}

impl Connector {
    /// The body of the answer to a GET, or the error.
    async fn get(&self, url: &str) -> Result<String, ConnectorError> {
        let answer = self.call(HttpRequest::get(url).unwrap()).await?;
        Ok(String::from_utf8(answer.body().bytes().unwrap().to_vec()).unwrap())
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

/// An error and all its causes on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// The refusal among an error's causes.
fn refusal<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Refusal> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(refusal) = cause.downcast_ref() {
            return Some(refusal);
        }
        next = cause.source();
    }
    None
}
