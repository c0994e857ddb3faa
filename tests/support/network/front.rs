//! Connections: TLS, tunnels, and who answers which request.
//!
//! What is S3's and KMS's is passed on to the fake of AWS as it is sent, but
//! for a bucket in the host's name, which becomes the first part of the path.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};
use socket2::SockRef;

use super::world::{Asked, Said, World, bucket_of};
use super::{Kind, certificates, sources};
use crate::support::accepted::accepted;
use crate::support::fake_aws::Request;
use crate::support::http::Head;

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

type Client = BufReader<Box<dyn Stream>>;

/// A connection of a client, on a thread of its own.
struct Served<'a> {
    world: &'a World,
    socket: TcpStream,
    client: Client,
    /// Whether it came through the proxy.
    proxied: bool,
    /// The fake of AWS, once it was needed.
    behind: Option<BufReader<TcpStream>>,
}

/// Serves until the listener is shut down.
pub fn listen(listener: TcpListener, kind: Kind, world: &Arc<World>) {
    let world = Arc::clone(world);
    thread::spawn(move || {
        for socket in accepted(&listener) {
            if world.has_ended() {
                return;
            }
            let address = socket.local_addr().map(|address| address.to_string());
            world.dialled().push(address.unwrap_or_default());
            let world = Arc::clone(&world);
            // A client that hangs up is no failure.
            thread::spawn(move || connection(socket, kind, &world).ok());
        }
    });
}

fn connection(socket: TcpStream, kind: Kind, world: &World) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let plain: Box<dyn Stream> = Box::new(socket.try_clone()?);
    let mut served = Served {
        world,
        socket,
        client: BufReader::new(if kind == Kind::Tls { tls(plain) } else { plain }),
        proxied: false,
        behind: None,
    };
    while served.serve_one()? {}
    Ok(())
}

fn tls(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    let session = ServerConnection::new(certificates::config()).expect("a sound configuration");
    Box::new(StreamOwned::new(session, stream))
}

impl Served<'_> {
    /// Whether another request may follow.
    fn serve_one(&mut self) -> io::Result<bool> {
        let Some(mut head) = Head::read(&mut self.client)? else {
            return Ok(false);
        };
        if head.expects_continue() {
            head.headers.retain(|(name, _)| name != "expect");
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let path = head
            .target()
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        let tunnel = head.method() == "CONNECT";
        let host = if tunnel {
            head.target().to_owned()
        } else {
            head.header("host").unwrap_or_default().to_owned()
        };
        bucket_into_path(&mut head, &host);
        let body = raw_body(&head, &mut self.client)?;
        let mut request = Request::new(&head);
        request.receive(head.read_body(&mut &*body)?);
        let asked = Asked {
            host,
            path,
            proxied: self.proxied,
            request,
        };
        self.world.asked().push(asked.clone());
        match self
            .world
            .ruled(&asked)
            .or_else(|| sources::answer(self.world, &asked))
        {
            Some(Said::Answer(answer)) => {
                answer.send(self.client.get_mut())?;
                self.client.get_mut().flush()?;
                Ok(head.keeps_alive() && answer.claimed.is_none())
            }
            Some(Said::Nothing) => {
                // Until the client has gone.
                io::copy(&mut self.client, &mut io::sink())?;
                Ok(false)
            }
            Some(Said::Close) => Ok(false),
            Some(Said::Reset) => self.reset(),
            None if tunnel => self.enter_tunnel(&asked.host),
            None => self.pass_on(&head, &body),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let client = self.client.get_mut();
        client.write_all(bytes)?;
        client.flush()
    }

    fn reset(&self) -> io::Result<bool> {
        SockRef::from(&self.socket).set_linger(Some(Duration::ZERO))?;
        Ok(false)
    }

    /// Becomes the other end of the tunnel, whose client is served here, too.
    fn enter_tunnel(&mut self, place: &str) -> io::Result<bool> {
        self.write(b"HTTP/1.1 200 OK\r\n\r\n")?;
        let nothing: Box<dyn Stream> = Box::new(io::Cursor::new(Vec::new()));
        let outer = std::mem::replace(&mut self.client, BufReader::new(nothing)).into_inner();
        let inner = if place.ends_with(":443") {
            tls(outer)
        } else {
            outer
        };
        self.client = BufReader::new(inner);
        self.proxied = true;
        Ok(true)
    }

    fn pass_on(&mut self, head: &Head, body: &[u8]) -> io::Result<bool> {
        if self.behind.is_none() {
            let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.world.aws))?;
            socket.set_nodelay(true)?;
            self.behind = Some(BufReader::new(socket));
        }
        let behind = self.behind.as_mut().expect("it was just made");
        behind.get_mut().write_all(&[&*text(head), body].concat())?;
        let answer = match Head::read(behind) {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(false),
            Err(_) => return self.reset(),
        };
        let client = self.client.get_mut();
        client.write_all(&text(&answer))?;
        client.flush()?;
        let status = answer.start.split(' ').nth(1).unwrap_or_default();
        let has_body = head.method() != "HEAD" && !["204", "304"].contains(&status);
        let length = answer.header("content-length").unwrap_or_default();
        let mut left: usize = length.parse().unwrap_or(0);
        let mut buffer = vec![0; 1 << 16];
        while has_body && left > 0 {
            let most = left.min(buffer.len());
            match behind.read(&mut buffer[..most]) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    client.write_all(&buffer[..count])?;
                    client.flush()?;
                    left -= count;
                }
                Err(_) => return self.reset(),
            }
        }
        Ok(head.keeps_alive())
    }
}

/// `/path` of `bucket.s3.region.amazonaws.com` as `/bucket/path`.
fn bucket_into_path(head: &mut Head, host: &str) {
    if let Some((bucket, _)) = bucket_of(host) {
        head.start = head.start.replacen(" /", &format!(" /{bucket}/"), 1);
    }
}

fn text(head: &Head) -> Vec<u8> {
    let mut text = format!("{}\r\n", head.start);
    for (name, value) in &head.headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    (text + "\r\n").into_bytes()
}

/// A request's body as it is sent, chunks and all.
fn raw_body(head: &Head, client: &mut Client) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if head.header("transfer-encoding") != Some("chunked") {
        let length = head.header("content-length").unwrap_or("0");
        let length = length.parse().map_err(io::Error::other)?;
        client.take(length).read_to_end(&mut body)?;
        return Ok(body);
    }
    loop {
        let start = body.len();
        client.read_until(b'\n', &mut body)?;
        let line = String::from_utf8_lossy(&body[start..]);
        let length = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(length, 16).map_err(io::Error::other)?;
        if length == 0 {
            break;
        }
        client.take(length + 2).read_to_end(&mut body)?;
    }
    loop {
        let start = body.len();
        client.read_until(b'\n', &mut body)?;
        if body[start..].trim_ascii().is_empty() {
            return Ok(body);
        }
    }
}
