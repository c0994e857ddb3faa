//! Opens a connection: name look-up, TCP, the proxy's CONNECT and TLS, in this
//! order, each within a time limit. TLS has a file of its own.
//!
//! A dial needs an origin but no request, so that connections can be opened
//! ahead of one.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use futures_util::FutureExt as _;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::fault::{BoxError, Refusal, Silence, Unconnected, find};
use super::handshake::{Handshakes, Line};
use super::lookup::Names;
use super::meter::{Meter, Metered};
use super::plain_http::Allowed;
use super::proxy::{Password, Proxy};
use super::proxy_fault::ProxyFault;
use super::reach::reach;
use super::tls_fault::TlsFault;
use crate::config::{Network, Origin};

/// How long TCP and TLS may take, unless the SDK says otherwise. A look-up is not
/// part of it.
pub(super) const CONNECT: Duration = Duration::from_secs(3);

/// How long a proxy may take to connect us.
const TUNNEL: Duration = Duration::from_secs(10);

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
    pub(super) allowed: Allowed,
}

/// The network settings for dialling, and the names that were looked up.
#[derive(Debug)]
pub(super) struct Dialer {
    network: Network,
    handshakes: Handshakes,
    names: Names,
    password: Password,
}

impl Dialer {
    /// Reads nothing yet.
    pub(super) fn new(network: Network) -> Self {
        Self {
            network,
            handshakes: Handshakes::default(),
            names: Names::default(),
            password: Password::default(),
        }
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// Opens a connection, whose TCP and TLS may take `limit` each time a byte must come
    /// from afar. The look-up of a name has no limit, unless `limit` is not our own.
    pub(super) async fn dial(
        &self,
        way: &Way,
        limit: Duration,
    ) -> Result<Connection, ConnectorError> {
        let origin = &way.origin;
        let started = Instant::now();
        let proxy = Proxy::towards(origin, &self.network)?;
        if origin.https {
            // Nothing is dialled if the trusted certificates cannot be loaded.
            self.handshakes.config(&self.network)?;
        }
        // Its state is large, and is moved several times.
        let work = Box::pin(self.open(way, proxy.as_ref(), limit));
        let done = if limit < CONNECT {
            within(limit, work).await
        } else {
            work.await
        };
        match done {
            Ok(connection) => {
                let passed = started.elapsed().as_millis();
                let via = proxy.as_ref().map(|proxy| format!(" through {proxy}"));
                let via = via.unwrap_or_default();
                tracing::debug!(target: "lazycred::http", "connected to {origin}{via} in {passed} ms");
                Ok(connection)
            }
            Err(cause) => Err(self.failed(origin, proxy.as_ref(), cause)),
        }
    }

    async fn open(
        &self,
        way: &Way,
        proxy: Option<&Proxy>,
        limit: Duration,
    ) -> Result<Connection, BoxError> {
        let origin = &way.origin;
        let place = proxy.map_or(origin, |proxy| &proxy.place);
        let found = self.names.look_up(&place.host).await?;
        let found: Vec<SocketAddr> = found
            .into_iter()
            .map(|address| (address, place.port).into())
            .collect();
        // Plain http bypasses the proxy, so these are the origin's own.
        if let Some(address) = strays(way, &found) {
            let (host, address) = (origin.host.clone(), Some(address));
            return Err(Refusal::PlainHttp { host, address }.into());
        }
        let due = Instant::now() + limit;
        let line = || self.line(&found, proxy, origin, due, limit).boxed();
        let work = async {
            if origin.https {
                self.handshakes.secure(&self.network, origin, &line).await
            } else {
                line().await
            }
        };
        // A proxy has time of its own, and a line through it knows how much is left.
        let Line { stream, meter, .. } = match proxy {
            None => self.timed(&place.host, due, limit, work).await?,
            Some(_) => work.await?,
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

    /// A new line to `origin`, whose TLS must be done by `due`, or by `limit` after the
    /// proxy's answer.
    async fn line(
        &self,
        found: &[SocketAddr],
        proxy: Option<&Proxy>,
        origin: &Origin,
        due: Instant,
        limit: Duration,
    ) -> Result<Line, BoxError> {
        let place = proxy.map_or(origin, |proxy| &proxy.place);
        // A second line through a proxy has its own time.
        let reached_by = proxy.map_or(due, |_| Instant::now() + limit);
        let plain = || self.plain(found, place, reached_by, limit).boxed();
        let Some(proxy) = proxy else {
            return plain().await;
        };
        self.password.check()?;
        let met = async {
            if place.https {
                let handshakes = &self.handshakes;
                handshakes.meet_proxy(&self.network, place, &plain).await
            } else {
                plain().await
            }
        };
        let mut line = self.timed(&place.host, reached_by, limit, met).await?;
        let turn = self.password.turn(proxy).await?;
        let answer = within(TUNNEL, proxy.tunnel(&mut line.stream, origin)).await;
        self.password.learn(&answer);
        drop(turn);
        answer?;
        line.patience = limit / 3;
        (line.due, line.is_timed) = (Instant::now() + limit, true);
        Ok(line)
    }

    /// A new line to a server or a proxy, over TCP alone. Whoever asks for it ends it when
    /// it is due.
    async fn plain(
        &self,
        found: &[SocketAddr],
        place: &Origin,
        due: Instant,
        limit: Duration,
    ) -> Result<Line, BoxError> {
        let reached = reach(found, limit).await;
        let socket = reached.inspect_err(|_| self.names.distrust(&place.host))?;
        let socket = Metered::new(socket);
        Ok(Line {
            meter: socket.meter(),
            stream: Box::new(socket),
            patience: due.saturating_duration_since(Instant::now()) / 3,
            due,
            is_timed: false,
        })
    }

    /// Limits work with a host to a time. If it is silent until then, its addresses may be
    /// the reason.
    async fn timed<T>(
        &self,
        host: &str,
        due: Instant,
        limit: Duration,
        work: impl Future<Output = Result<T, BoxError>>,
    ) -> Result<T, BoxError> {
        let done = timeout_at(due, work).await;
        done.unwrap_or_else(|_| {
            self.names.distrust(host);
            Err(Silence(limit).into())
        })
    }

    /// A refusal is final, and so are an untrusted certificate and some of a proxy's
    /// answers; a retry may fix anything else.
    fn failed(&self, origin: &Origin, proxy: Option<&Proxy>, cause: BoxError) -> ConnectorError {
        let source = match cause.downcast::<Refusal>() {
            Ok(refusal) => return (*refusal).into(),
            Err(cause) => cause,
        };
        let is_hopeless = find(&*source).is_some_and(TlsFault::is_final)
            || source.downcast_ref().is_some_and(ProxyFault::is_final);
        let is_silence = source.is::<Silence>();
        let fault = Box::new(Unconnected {
            origin: origin.clone(),
            proxy: proxy.map(|proxy| (proxy.to_string(), self.network.proxy_variable())),
            has_all_proxy: self.network.has_all_proxy && origin.https,
            source,
        });
        if is_silence {
            ConnectorError::timeout(fault)
        } else if is_hopeless {
            ConnectorError::other(fault, None)
        } else {
            ConnectorError::io(fault)
        }
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, BoxError> {
    let done = timeout(limit, work).await;
    done.unwrap_or_else(|_| Err(Silence(limit).into()))
}

/// The first address that may not be dialled. If one of a host's addresses must be
/// loopback, all must.
fn strays(way: &Way, found: &[SocketAddr]) -> Option<IpAddr> {
    let mut addresses = found.iter().map(SocketAddr::ip);
    addresses.find(|address| !way.allowed.includes(*address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_name_must_be_this_machines_for_plain_http() {
        let way = |url: &str, allowed| {
            let origin = Origin::of(&url.parse().unwrap()).unwrap();
            Way { origin, allowed }
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
                strays(&way("http://localhost", Allowed::Loopback), &addresses),
                stray,
                "{found}"
            );
            let any = way("http://localhost", Allowed::Any);
            assert_eq!(strays(&any, &addresses), None);
            let metadata = way("http://localhost", Allowed::Metadata);
            let stray = stray.filter(|_| !found.starts_with("169.254."));
            assert_eq!(strays(&metadata, &addresses), stray, "{found}");
        }
    }
}
