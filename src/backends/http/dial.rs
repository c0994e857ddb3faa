//! Opens a connection: name lookup, TCP, the proxy's CONNECT and TLS, in this
//! order and within one time limit.
//!
//! A dial needs an origin but no request, so that connections can be opened
//! ahead of one.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::fault::{BoxError, Fault, NoSuchHost, Refusal, seconds};
use super::meter::{Meter, Metered};
use super::proxy::Proxy;
use super::tls;
use crate::base::waiting;
use crate::config::{Network, Origin, is_loopback};

/// The head start of an address over the next one.
const HEAD_START: Duration = Duration::from_millis(300);

/// The size of the system's send buffer, in bytes. A slow upload shows progress only
/// when this buffer drains.
const SEND_BUFFER: u32 = 128 * 1024;

/// An open connection, which takes one request at a time.
#[derive(Debug)]
pub(super) struct Connection {
    /// Hands requests to the task that drives the connection.
    pub(super) sender: SendRequest<SdkBody>,
    /// Tells when a byte last moved.
    pub(super) meter: Meter,
    /// Whether it carried a POST: only KMS handles secrets, and only by POST.
    pub(super) confidential: bool,
    /// The task that drives it, whose buffers hold its data.
    task: AbortHandle,
}

/// Ends the task, which frees its buffers.
impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An origin, and which of its addresses may be dialled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Way {
    pub(super) origin: Origin,
    /// Whether only loopback addresses may be dialled.
    pub(super) stays_here: bool,
}

/// The network settings for dialling.
#[derive(Debug)]
pub(super) struct Dialer {
    network: Network,
    tls: OnceLock<Arc<ClientConfig>>,
}

/// A connection with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Dialer {
    /// Reads nothing yet.
    pub(super) fn new(network: Network) -> Self {
        let tls = OnceLock::new();
        Self { network, tls }
    }

    /// Opens a connection within `limit`.
    pub(super) async fn dial(
        &self,
        way: &Way,
        limit: Duration,
    ) -> Result<Connection, ConnectorError> {
        let origin = &way.origin;
        let started = Instant::now();
        let proxy = Proxy::towards(origin, &self.network)?;
        let tls = if origin.https {
            Some(self.tls()?)
        } else {
            None
        };
        let via = proxy.as_ref().map(|proxy| format!(" through {proxy}"));
        let via = via.unwrap_or_default();
        let what = || format!("cannot connect to {origin}{via}");
        match timeout(limit, open(way, proxy.as_ref(), tls)).await {
            Ok(Ok(connection)) => {
                let passed = started.elapsed().as_millis();
                tracing::debug!(target: "lazycred::http", "connected to {origin}{via} in {passed} ms");
                Ok(connection)
            }
            Ok(Err(cause)) => Err(failed(what(), cause)),
            Err(_) => Err(ConnectorError::timeout(Fault::because(
                what(),
                Fault::plain(format!("no response within {}", seconds(limit))),
            ))),
        }
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, Refusal> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let config = tls::config(&self.network)?;
        Ok(Arc::clone(self.tls.get_or_init(|| config)))
    }
}

/// A refusal is final, and so is an untrusted certificate; a retry may fix anything else.
fn failed(what: String, cause: BoxError) -> ConnectorError {
    let cause = match cause.downcast::<Refusal>() {
        Ok(refusal) => return (*refusal).into(),
        Err(cause) => cause,
    };
    let hopeless = matches!(
        cause.downcast_ref(),
        Some(rustls::Error::InvalidCertificate(_))
    );
    let fault = Fault::because(what, cause);
    if hopeless {
        ConnectorError::other(fault, None)
    } else {
        ConnectorError::io(fault)
    }
}

async fn open(
    way: &Way,
    proxy: Option<&Proxy>,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Connection, BoxError> {
    let origin = &way.origin;
    let place = proxy.map_or(origin, |proxy| &proxy.place);
    let waiting = place
        .address()
        .is_none()
        .then(|| waiting::on(format!("the name of {}", place.host)));
    let found = lookup_host((place.host.as_str(), place.port)).await;
    drop(waiting);
    let found: Vec<SocketAddr> = found.map_err(NoSuchHost)?.collect();
    // Plain http bypasses the proxy, so these are the origin's own.
    if let Some(address) = strays(way, &found) {
        let (host, address) = (origin.host.clone(), Some(address));
        return Err(Refusal::PlainHttp { host, address }.into());
    }
    let socket = reach(found).await?;
    let mut socket = Metered::new(socket);
    let meter = socket.meter();
    if let Some(proxy) = proxy {
        proxy.tunnel(&mut socket, origin).await?;
    }
    let stream: Box<dyn Stream> = match tls {
        None => Box::new(socket),
        Some(config) => {
            let name = ServerName::try_from(origin.host.clone())?;
            let stream = TlsConnector::from(config).connect(name, socket).await;
            Box::new(stream.map_err(bare_cause)?)
        }
    };
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let task = tokio::spawn(async move {
        // The request on the connection gets its error.
        let _ = connection.await;
    });
    Ok(Connection {
        sender,
        meter,
        confidential: false,
        task: task.abort_handle(),
    })
}

/// The TLS library's own error, which an I/O error hides from `source()`.
fn bare_cause(error: io::Error) -> BoxError {
    match error.downcast::<rustls::Error>() {
        Ok(cause) => cause.into(),
        Err(error) => error.into(),
    }
}

/// The first address that may not be dialled. If one of a host's addresses must be
/// loopback, all must.
fn strays(way: &Way, found: &[SocketAddr]) -> Option<IpAddr> {
    let mut addresses = found.iter().map(SocketAddr::ip);
    addresses.find(|address| way.stays_here && !is_loopback(*address))
}

/// Tries a host's addresses in turn, each with a head start over the next.
async fn reach(found: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the name resolves to no address");
    let mut attempts = JoinSet::new();
    let mut keep = |done: Result<io::Result<TcpStream>, _>| match done {
        Ok(Ok(socket)) => Some(socket),
        Ok(Err(error)) => {
            last = error;
            None
        }
        Err(_) => None,
    };
    for address in alternating(found) {
        attempts.spawn(connect(address));
        if let Ok(Some(done)) = timeout(HEAD_START, attempts.join_next()).await
            && let Some(socket) = keep(done)
        {
            return Ok(socket);
        }
    }
    while let Some(done) = attempts.join_next().await {
        if let Some(socket) = keep(done) {
            return Ok(socket);
        }
    }
    Err(last)
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

/// The addresses with IPv6 and IPv4 alternating, in the resolver's order, so that a
/// family without a route costs only one head start.
///
/// Source: RFC 8305, section 4.
fn alternating(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = found.first().map(SocketAddr::is_ipv6) else {
        return found;
    };
    let (ahead, behind): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|address| address.is_ipv6() == first);
    let mut behind = behind.into_iter();
    let mut turns = Vec::new();
    for address in ahead {
        turns.push(address);
        turns.extend(behind.next());
    }
    turns.extend(behind);
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_name_must_be_this_machines_for_plain_http() {
        let way = |url: &str, stays_here| {
            let origin = Origin::of(&url.parse().unwrap()).unwrap();
            Way { origin, stays_here }
        };
        for (found, stray) in [
            ("127.0.0.1:1 [::1]:1", None),
            ("[::ffff:127.0.0.2]:1", None),
            ("192.0.2.7:1", Some("192.0.2.7")),
            ("127.0.0.1:1 192.0.2.7:1", Some("192.0.2.7")),
            ("[::1]:1 [fe80::1]:1", Some("fe80::1")),
            ("[::ffff:192.0.2.7]:1", Some("::ffff:192.0.2.7")),
            ("0.0.0.0:1", Some("0.0.0.0")),
            ("169.254.169.254:1", Some("169.254.169.254")),
        ] {
            let addresses = found.split(' ').map(|one| one.parse().unwrap());
            let addresses: Vec<SocketAddr> = addresses.collect();
            let stray = stray.map(|stray| stray.parse().unwrap());
            assert_eq!(
                strays(&way("http://localhost", true), &addresses),
                stray,
                "{found}"
            );
            assert_eq!(strays(&way("http://localhost", false), &addresses), None);
        }
    }

    #[test]
    fn address_families_take_turns() {
        let table = [
            ("a::1 a::2 a::3 1.1.1.1", "a::1 1.1.1.1 a::2 a::3"),
            ("1.1.1.1 a::1 a::2", "1.1.1.1 a::1 a::2"),
            ("1.1.1.1", "1.1.1.1"),
            ("", ""),
        ];
        for (found, expected) in table {
            let parse = |text: &str| -> Vec<SocketAddr> {
                let words = text.split_whitespace();
                words
                    .map(|word| (word.parse::<std::net::IpAddr>().unwrap(), 1).into())
                    .collect()
            };
            assert_eq!(alternating(parse(found)), parse(expected));
        }
    }
}
