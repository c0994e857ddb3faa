//! The client against misbehaving servers, each a thread on loopback.

mod ahead;
mod hybrid;
mod plain;
mod sdk;
mod secure;

use std::error::Error;
use std::io::{Read, Write};
use std::iter::successors;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::*;
use crate::base::chain;
use crate::base::test_support::{has_localhost, run, server};

/// Reads a request in lower case, but its body as it is; `None` at the end.
fn hear(stream: &mut impl Read) -> Option<String> {
    let (head, body) = crate::base::test_support::hear(stream)?;
    Some(head.to_ascii_lowercase() + &String::from_utf8_lossy(&body))
}

/// Writes a complete response.
fn say(stream: &mut impl Write, body: &str) {
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).unwrap();
    stream.flush().unwrap();
}

/// The root of a server.
fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/")
}

/// A connector for services with short limits.
fn connector(network: Network) -> Connector {
    by(Shared::new(network, 1000, Duration::from_millis(500)))
}

fn by(shared: Arc<Shared>) -> Connector {
    Connector {
        shared,
        purpose: PlainHttpRule::Services,
        connect: Duration::from_secs(2),
        whole: None,
    }
}

impl Connector {
    /// The body of the response to a GET, or the error.
    async fn get(&self, url: &str) -> Result<String, ConnectorError> {
        let answer = self.call(HttpRequest::get(url).unwrap()).await?;
        Ok(String::from_utf8(answer.body().bytes().unwrap().to_vec()).unwrap())
    }
}

/// The refusal among an error's causes.
fn refusal<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Refusal> {
    let mut causes = successors(Some(error), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref())
}
