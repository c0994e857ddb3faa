//! The HTTP client for the AWS SDK.
//!
//! One pool of HTTP/1.1 connections and one TLS configuration (ring) serve all
//! services. It replaces the SDK's own client, whose TLS takes longer to start
//! than everything else together. It knows nothing of what a request asks for:
//! it signs nothing, retries only a request that was never sent, follows no
//! redirects and reads no environment variables. Headers, bodies and passwords
//! never appear in its errors, logs or `Debug` output.

mod credentials;
mod dial;
mod exchange;
mod fault;
mod handshake;
mod heard;
mod hybrid;
mod issuer;
mod lookup;
mod meter;
mod p521;
mod page;
mod plain_http;
mod pool;
mod proxy;
mod proxy_fault;
mod reach;
mod roots;
#[cfg(test)]
mod tests;
mod tls;
mod tls_fault;

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri};
use tokio::task::yield_now;

use self::dial::{CONNECT, Connection, Dialer, Way};
use self::exchange::{Bounds, Lost, exchange};
pub use self::fault::{NoSuchHost, Refusal, Unconnected};
pub use self::page::Page;
use self::plain_http::{Allowed, PlainHttpRule, is_for_instance};
use self::pool::{Pool, Waiting, is_fresh};
use self::proxy::METADATA_HOSTS;
pub(crate) use self::tls_fault::TlsFault;
use crate::config::{Network, Origin};

/// How long a connection may stall if the SDK sets no read timeout.
const STILL: Duration = Duration::from_secs(5);

/// Whether requests to a URL could be intercepted.
///
/// # Examples
///
/// ```
/// use lazycred::setup::is_plain;
/// assert!(is_plain("http://s3.internal/") && !is_plain("https://s3.internal/"));
/// ```
#[must_use]
pub fn is_plain(url: &str) -> bool {
    let origin = url.parse().ok().and_then(|uri| Origin::of(&uri).ok());
    origin.is_some_and(|origin| !origin.https && !origin.looks_local())
}

/// Whether a request could be sent to a URL.
pub(crate) fn leads_somewhere(url: &str) -> bool {
    url.parse().is_ok_and(|uri| Origin::of(&uri).is_ok())
}

/// Whether a request to a URL would go through the network's proxy.
pub(crate) fn is_proxied(url: &str, network: &Network) -> bool {
    let origin = url.parse().ok().and_then(|uri| Origin::of(&uri).ok());
    origin.is_some_and(|origin| proxy::of(&origin, network).is_some())
}

/// Two views of one client: the same connections, two rules for plain http.
#[derive(Debug, Clone)]
pub struct Clients {
    /// For S3, KMS and STS: plain http to loopback addresses only.
    pub services: SharedHttpClient,
    /// For the credential chain: plain http also to the addresses of IMDS, ECS and
    /// EKS, and to IMDS wherever the user says that it is.
    pub credentials: SharedHttpClient,
    shared: Arc<Shared>,
}

impl Clients {
    /// Keeps this many connections ready for the services' requests to `url`,
    /// and dials missing ones in the background.
    ///
    /// Sends no request, and dials only addresses that a request may go to. If a
    /// dial fails, the request waiting for it gets the error; if none waits, the
    /// next request dials again.
    pub fn dial_ahead(&self, url: &str, connections: usize) {
        let origin = url.parse().ok().and_then(|uri| Origin::of(&uri).ok());
        let way = |origin| self.shared.way(Allowed::Loopback, origin).ok();
        if let Some(way) = origin.and_then(way) {
            self.shared.pool.fill(&way, connections, || {
                let (shared, way) = (Arc::clone(&self.shared), way.clone());
                tokio::spawn(async move { shared.dialer.dial(&way, CONNECT).await })
            });
        }
    }

    /// The settings of the network.
    pub(crate) fn network(&self) -> &Network {
        self.shared.dialer.network()
    }

    /// Refuses files of certificates that cannot be used, without a connection.
    pub(crate) fn check_trust(&self) -> Result<(), Refusal> {
        tls::Trust::new(self.network()).map(drop)
    }

    /// Closes connections whose buffers may contain a secret, as soon as the
    /// runtime can. The next request dials again.
    pub fn hang_up(&self) {
        self.shared.pool.hang_up();
    }
}

/// Makes the clients. Nothing is read, looked up or dialled before a request.
///
/// **Units**: `body_limit` in bytes, for each response. Requests must be made
/// within a tokio runtime that has I/O and time enabled.
///
/// If this client refuses a request, the error has a [`Refusal`] along `source()`;
/// the SDK does not retry those.
#[must_use]
pub fn clients(network: Network, body_limit: usize) -> Clients {
    // Not in the first handshake: a child that another thread forks then would wait for
    // ever until that thread, which it does not have, has made them.
    p521::and_ring();
    let shared = Shared::new(network, body_limit, STILL);
    let client = |purpose| {
        SharedHttpClient::new(Client {
            shared: Arc::clone(&shared),
            purpose,
        })
    };
    Clients {
        services: client(PlainHttpRule::Services),
        credentials: client(PlainHttpRule::Credentials),
        shared,
    }
}

/// The state that all requests share.
#[derive(Debug)]
struct Shared {
    dialer: Dialer,
    pool: Pool,
    allow_http: bool,
    body_limit: usize,
    still: Duration,
}

impl Shared {
    fn new(network: Network, body_limit: usize, still: Duration) -> Arc<Self> {
        Arc::new(Self {
            allow_http: network.allow_http,
            dialer: Dialer::new(network),
            pool: Pool::default(),
            body_limit,
            still,
        })
    }

    /// How a request may reach its origin. An address is checked here, a name when it
    /// is dialled.
    fn way(&self, by_plain_http: Allowed, origin: Origin) -> Result<Way, Refusal> {
        let allowed = if origin.https || self.allow_http {
            Allowed::Any
        } else {
            by_plain_http
        };
        if origin.address().is_some_and(|one| !allowed.includes(one)) {
            let (host, address) = (origin.host, None);
            return Err(Refusal::PlainHttp { host, address });
        }
        Ok(Way { origin, allowed })
    }
}

#[derive(Debug)]
struct Client {
    shared: Arc<Shared>,
    purpose: PlainHttpRule,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            shared: Arc::clone(&self.shared),
            purpose: self.purpose,
            connect: settings.connect_timeout().unwrap_or(CONNECT),
            whole: settings.read_timeout(),
        })
    }
}

/// A client with the time limits for one kind of request.
#[derive(Debug, Clone)]
struct Connector {
    shared: Arc<Shared>,
    purpose: PlainHttpRule,
    connect: Duration,
    whole: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.answer(request).await })
    }
}

impl Connector {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let shared = &self.shared;
        let bounds = Bounds {
            whole: self.whole,
            still: shared.still,
            body: shared.body_limit,
        };
        let mut request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let origin = Origin::of(request.uri()).map_err(|why| ConnectorError::user(why.into()))?;
        // Metadata has pages of its own.
        let is_metadata =
            is_for_instance(request.headers()) || METADATA_HOSTS.contains(&&*origin.host);
        let allowed = self.purpose.allowed(request.method(), request.headers());
        let way = shared.way(allowed, origin)?;
        let origin = &way.origin;
        address(&mut request, origin)?;
        loop {
            let waiting = self.waiting(&way).await?;
            let reused = waiting.is_some();
            let connection = match waiting {
                Some(connection) => connection,
                None => shared.dialer.dial(&way, self.connect).await?,
            };
            match exchange(connection, request, origin, bounds).await {
                Ok((mut answer, connection)) => {
                    if self.purpose == PlainHttpRule::Credentials {
                        credentials::adapt(&mut answer);
                    }
                    if let Some(connection) = connection {
                        shared.pool.put(way.clone(), connection);
                    }
                    if !is_metadata {
                        Page::check(&answer, &way.origin)?;
                    }
                    return Ok(answer);
                }
                Err(Lost::Unsent(unsent, _)) if reused => request = *unsent,
                Err(Lost::Unsent(_, error) | Lost::Failed(error)) => return Err(error),
            }
        }
    }

    /// A connection from the pool that seems to be open. Fails only if this request
    /// waited for a dial that failed.
    async fn waiting(&self, way: &Way) -> Result<Option<Connection>, ConnectorError> {
        loop {
            let connection = match self.shared.pool.take(way) {
                None => return Ok(None),
                Some(Waiting::Idle(connection)) => connection,
                Some(Waiting::Ahead(dial)) => {
                    let was_over = dial.is_finished();
                    match dial.await {
                        Ok(Ok(connection)) if was_over => connection,
                        Ok(just_now) if !was_over => return just_now.map(Some),
                        _ => continue,
                    }
                }
            };
            // If the server hung up while this thread was busy, the runtime notices in
            // the first turn, and the connection's task in the second.
            yield_now().await;
            yield_now().await;
            if is_fresh(&connection) {
                return Ok(Some(connection));
            }
        }
    }
}

/// Moves the host to a header, where HTTP/1.1 wants it.
fn address(request: &mut Request<SdkBody>, origin: &Origin) -> Result<(), ConnectorError> {
    if !request.headers().contains_key(HOST) {
        let host = HeaderValue::try_from(origin.host_header())
            .map_err(|error| ConnectorError::user(error.into()))?;
        request.headers_mut().insert(HOST, host);
    }
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
    Ok(())
}
