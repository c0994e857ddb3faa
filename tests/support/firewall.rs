//! A firewall in front of a TLS server, which looks only at the first packet.
//!
//! Knows a first message by its post-quantum share, and counts the connections.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use crate::support::http::Message;
use crate::support::tls::{first_message, listening};

/// What becomes of a first message with a post-quantum share, which needs two packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It passes, as all others.
    Pass,
    /// All pass, but only after a while.
    Delay(Duration),
    /// The connection is reset.
    Reset,
    /// The connection is closed.
    Close,
    /// Nothing comes back.
    Drop,
    /// The connection is reset, and nothing comes back to any other.
    ResetThenDrop,
    /// All connections are reset.
    ResetAll,
    /// It passes slowly: while its answer begins, another one is refused.
    Hesitate,
}

/// Connections with the share and without, and how far [`Rule::Hesitate`] has come.
type Counts = [AtomicUsize; 3];

/// A running firewall.
pub struct Firewall {
    pub port: u16,
    counts: Arc<Counts>,
}

impl Firewall {
    /// In front of this port.
    pub fn before(target: u16, rule: Rule) -> Self {
        Self::start(rule, move |_| Ok(target))
    }

    /// Behind a proxy, which is here too: it leads to any port of this machine.
    pub fn behind_proxy(rule: Rule) -> Self {
        Self::start(rule, |socket| {
            let mut bytes = io::BufReader::with_capacity(1, socket.try_clone()?);
            let asked = Message::read(&mut bytes)?.map(|message| message.start);
            let place = asked.as_deref().and_then(|line| line.split(' ').nth(1));
            let port = place.and_then(|place| place.rsplit(':').next()?.parse().ok());
            let mut socket = socket;
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            port.ok_or_else(|| io::Error::other("no CONNECT"))
        })
    }

    fn start(
        rule: Rule,
        target: impl Fn(&TcpStream) -> io::Result<u16> + Send + Sync + 'static,
    ) -> Self {
        let counts = Arc::new([const { AtomicUsize::new(0) }; 3]);
        let counted = Arc::clone(&counts);
        let port = listening(move |socket| {
            let target = target(&socket);
            // A client that hangs up is no failure.
            target
                .and_then(|port| guard(socket, port, rule, &counted))
                .ok();
        });
        Self { port, counts }
    }

    /// How many first messages had the share, and how many had not.
    pub fn seen(&self) -> [usize; 2] {
        [0, 1].map(|which: usize| self.counts[which].load(Ordering::Relaxed))
    }
}

fn guard(mut client: TcpStream, target: u16, rule: Rule, counts: &Counts) -> io::Result<()> {
    let mut hello = first_message(&mut client)?;
    // X25519MLKEM768, and the length of its share.
    let is_large = hello
        .windows(4)
        .any(|four| four == [0x11, 0xec, 0x04, 0xc0]);
    counts[usize::from(!is_large)].fetch_add(1, Ordering::Relaxed);
    match rule {
        Rule::Delay(time) => thread::sleep(time),
        Rule::Reset | Rule::ResetThenDrop if is_large => {
            return SockRef::from(&client).set_linger(Some(Duration::ZERO));
        }
        Rule::ResetAll => return SockRef::from(&client).set_linger(Some(Duration::ZERO)),
        Rule::Close if is_large => return Ok(()),
        Rule::Drop if is_large => return client.read_to_end(&mut hello).map(drop),
        Rule::Hesitate if is_large => wait_for(&counts[1]),
        Rule::Hesitate => {
            wait_for(&counts[2]);
            thread::sleep(Duration::from_millis(100));
            // handshake_failure
            client.write_all(&[21, 3, 3, 0, 2, 2, 40])?;
            return client.shutdown(std::net::Shutdown::Write);
        }
        Rule::ResetThenDrop => return client.read_to_end(&mut hello).map(drop),
        _ => {}
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
    server.write_all(&hello)?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        io::copy(&mut from, &mut to).ok();
        to.shutdown(std::net::Shutdown::Write).ok();
    });
    if rule == Rule::Hesitate {
        let mut begin = [0];
        server.read_exact(&mut begin)?;
        client.write_all(&begin)?;
        counts[2].fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(400));
    }
    io::copy(&mut server, &mut client)?;
    client.shutdown(std::net::Shutdown::Both)
}

/// Waits until something was counted, though not for ever.
fn wait_for(count: &AtomicUsize) {
    for _ in 0..500 {
        if count.load(Ordering::Relaxed) > 0 {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
