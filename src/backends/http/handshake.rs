//! The TLS step of a dial, and its second try without post-quantum key exchange.
//!
//! A first message with the post-quantum share needs two packets, and some firewalls
//! drop or reset what does not fit into one. So if not one byte comes back, the
//! dial is made again without the share. A server that is only slow is not cut off:
//! both tries run side by side, and the first to finish is taken.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::fault::{BoxError, Fault, Refusal, Silence};
use super::heard::{Heard, Listening};
use super::meter::Meter;
use super::proxy_fault::ProxyFault;
use super::reach::Unreachable;
use super::tls::{self, KeyExchange, Trust};
use super::tls_fault::{Met, TlsFault};
use crate::config::{Network, Origin};

/// Bytes in both directions, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A stream that leads to an origin, through the proxy if there is one.
pub(super) struct Line {
    pub(super) stream: Box<dyn Stream>,
    /// The meter of its socket.
    pub(super) meter: Meter,
    /// How long to wait for the server's first byte before a second try.
    pub(super) patience: Duration,
    /// When TLS over it must be done.
    pub(super) due: Instant,
    /// Whether nobody else sees to that.
    pub(super) is_timed: bool,
}

/// Opens one more line to the same origin.
pub(super) type OpenLine<'a> = dyn Fn() -> BoxFuture<'a, Result<Line, BoxError>> + Sync + 'a;

/// The TLS settings of a run, made when they are first needed, and what the run has
/// learnt about its network.
#[derive(Debug, Default)]
pub(super) struct Handshakes {
    trust: OnceLock<Arc<Trust>>,
    hybrid: OnceLock<Arc<ClientConfig>>,
    classical: OnceLock<Arc<ClientConfig>>,
    /// Whether a server responded only to a handshake without the post-quantum share.
    is_classical: AtomicBool,
}

/// Why a try gave no connection.
enum Failed {
    /// Not one byte came from the server.
    Unheard(io::Error),
    Otherwise(BoxError),
}

impl<E: Into<BoxError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Otherwise(error.into())
    }
}

impl Failed {
    fn into_cause(self) -> BoxError {
        match self {
            Self::Unheard(error) => error.into(),
            Self::Otherwise(error) => error,
        }
    }
}

impl Handshakes {
    /// The settings for the next handshake. Fails if the trusted certificates cannot
    /// be loaded.
    pub(super) fn config(&self, network: &Network) -> Result<Arc<ClientConfig>, Refusal> {
        let exchange = if self.is_classical.load(Ordering::Relaxed) {
            KeyExchange::Classical
        } else {
            KeyExchange::Hybrid
        };
        self.config_with(network, exchange)
    }

    fn config_with(
        &self,
        network: &Network,
        exchange: KeyExchange,
    ) -> Result<Arc<ClientConfig>, Refusal> {
        let made = match exchange {
            KeyExchange::Hybrid => &self.hybrid,
            KeyExchange::Classical => &self.classical,
        };
        if let Some(config) = made.get() {
            return Ok(Arc::clone(config));
        }
        let trust = self.trust(network)?;
        let config = || tls::config(trust, exchange);
        Ok(Arc::clone(made.get_or_init(config)))
    }

    fn trust(&self, network: &Network) -> Result<Arc<Trust>, Refusal> {
        if let Some(trust) = self.trust.get() {
            return Ok(Arc::clone(trust));
        }
        let trust = Arc::new(Trust::new(network)?);
        Ok(Arc::clone(self.trust.get_or_init(|| trust)))
    }

    /// Opens a line to `origin` and does the handshake on it. If no byte comes from the
    /// server while the line's patience lasts, a second try starts, without the
    /// post-quantum share.
    pub(super) async fn secure(
        &self,
        network: &Network,
        origin: &Origin,
        open: &OpenLine<'_>,
    ) -> Result<Line, BoxError> {
        self.tries(network, origin, open, &[Heard::default(), Heard::default()])
            .await
    }

    /// The same with a proxy itself.
    pub(super) async fn meet_proxy(
        &self,
        network: &Network,
        place: &Origin,
        open: &OpenLine<'_>,
    ) -> Result<Line, BoxError> {
        let heard = [Heard::default(), Heard::default()];
        let met = self.tries(network, place, open, &heard).await;
        met.map_err(|error| {
            if heard.iter().any(Heard::is_http) {
                return ProxyFault::HasNoTls.into();
            }
            // Nothing was met where TCP ended.
            if error.is::<Unreachable>() || error.is::<Silence>() {
                return error;
            }
            Fault::because("TLS with the proxy itself", error)
        })
    }

    async fn tries(
        &self,
        network: &Network,
        origin: &Origin,
        open: &OpenLine<'_>,
        [heard, heard_second]: &[Heard; 2],
    ) -> Result<Line, BoxError> {
        let config = self.config(network)?;
        let is_only = self.is_classical.load(Ordering::Relaxed);
        let line = open().await?;
        let patience = line.patience;
        let first = self.meet(config, network, origin, line, heard);
        if is_only {
            return first.await.map_err(Failed::into_cause);
        }
        let mut first = pin!(first);
        let lost = match timeout(patience, &mut first).await {
            Ok(Err(Failed::Unheard(error))) => Some(error),
            Ok(ended) => return ended.map_err(Failed::into_cause),
            Err(_) if heard.any() => return first.await.map_err(Failed::into_cause),
            Err(_) => None,
        };

        let second = pin!(async {
            let config = self.config_with(network, KeyExchange::Classical)?;
            let line = Line {
                is_timed: true,
                ..open().await?
            };
            self.meet(config, network, origin, line, heard_second).await
        });
        let (ended, lost) = match lost {
            Some(error) => (second.await, Some(error)),
            None => match select(first, second).await {
                Either::Left((Err(Failed::Unheard(error)), second)) => (second.await, Some(error)),
                Either::Left((ended, _)) => return ended.map_err(Failed::into_cause),
                // A server that talks to the first try is only slow.
                Either::Right((Err(_), first)) if heard.any() || !heard_second.any() => {
                    return first.await.map_err(Failed::into_cause);
                }
                Either::Right((ended, _)) => (ended, None),
            },
        };
        match (ended, lost) {
            (Ok(line), _) => {
                if !heard.any() {
                    self.remember(origin);
                }
                Ok(line)
            }
            (Err(failed), Some(first)) if !heard_second.any() => {
                Err(both(&first, &failed.into_cause()))
            }
            (Err(failed), _) => Err(failed.into_cause()),
        }
    }

    /// Does without the post-quantum share from now on.
    fn remember(&self, origin: &Origin) {
        if !self.is_classical.swap(true, Ordering::Relaxed) {
            tracing::info!(
                target: "lazycred::http",
                "{origin} did not respond to a TLS handshake with post-quantum key exchange, \
                 and does without; no more of them in this run",
            );
        }
    }

    /// Does a handshake on an open line, within the time that it has.
    async fn meet(
        &self,
        config: Arc<ClientConfig>,
        network: &Network,
        origin: &Origin,
        line: Line,
        heard: &Heard,
    ) -> Result<Line, Failed> {
        let Line {
            stream,
            meter,
            patience,
            due,
            is_timed,
        } = line;
        let name = ServerName::try_from(origin.host.clone())?;
        let stream = Listening::new(stream, heard.clone());
        let met = TlsConnector::from(config).connect(name.clone(), stream);
        let late = |_| Err(io::Error::new(io::ErrorKind::TimedOut, "no response"));
        let done = if is_timed {
            timeout_at(due, met).await.unwrap_or_else(late)
        } else {
            met.await
        };
        let error = match done {
            Ok(stream) => {
                return Ok(Line {
                    stream: Box::new(stream),
                    meter,
                    patience,
                    due,
                    is_timed,
                });
            }
            Err(error) => error,
        };
        Err(match error.downcast::<rustls::Error>() {
            Ok(error) => {
                let issuer = self
                    .trust
                    .get()
                    .and_then(|trust| trust.unknown_issuer(&name));
                let met = Met {
                    origin,
                    network,
                    issuer,
                    is_http: heard.is_http(),
                };
                TlsFault::new(&error, &met).into()
            }
            Err(error) if heard.any() => in_words(error).into(),
            Err(error) => Failed::Unheard(in_words(error)),
        })
    }
}

/// The same error; the library has its own words for the end of a connection.
fn in_words(error: io::Error) -> io::Error {
    match error.kind() {
        kind @ io::ErrorKind::UnexpectedEof => {
            io::Error::new(kind, "the connection was closed during the TLS handshake")
        }
        _ => error,
    }
}

/// Two tries that failed without one byte from the server.
fn both(first: &io::Error, second: &BoxError) -> BoxError {
    const WITHOUT: &str = "without post-quantum key exchange";
    let (first, second) = (first.to_string(), second.to_string());
    Fault::plain(if first == second {
        format!("{first}, also {WITHOUT}")
    } else {
        format!("{first}; {WITHOUT}: {second}")
    })
}
