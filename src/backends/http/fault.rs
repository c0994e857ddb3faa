//! What can go wrong between a request and its answer.
//!
//! A [`Refusal`] is this module's own decision: it is never asked for again,
//! and a caller finds it by downcasting along `source()`. A [`Fault`] is what
//! the network did; its kind (`io`, `timeout`) tells the SDK whether to retry.
//! Neither holds a header, a body or a proxy's password.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;

/// The boxed error that the SDK's seam takes.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// What this client refuses to do, however often it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A request would go unencrypted to an address other than loopback.
    PlainHttp {
        /// The host, as the request's URL has it.
        host: String,
        /// The address that it has, where the host is a name.
        address: Option<IpAddr>,
    },
    /// The answer is larger than the caller wants to hold.
    BodyTooLarge {
        /// Bytes that the caller allows.
        limit: usize,
    },
    /// The certificates that are to be trusted cannot be had.
    TrustRoots {
        /// The file or folder that was to hold them.
        path: PathBuf,
        /// Why it does not serve.
        reason: String,
    },
    /// The proxy is of a kind that this client does not speak to.
    Proxy {
        /// Why not; without the URL, which may hold a password.
        reason: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainHttp {
                host,
                address: None,
            } => write!(f, "plain http to `{host}` is refused"),
            Self::PlainHttp {
                host,
                address: Some(address),
            } => write!(f, "plain http to `{host}`, which is {address}, is refused"),
            Self::BodyTooLarge { limit } => {
                write!(f, "the answer is larger than {limit} bytes")
            }
            Self::TrustRoots { path, reason } => {
                write!(f, "no trust roots from `{}`: {reason}", path.display())
            }
            Self::Proxy { reason } => write!(f, "the proxy cannot be used: {reason}"),
        }
    }
}

impl Error for Refusal {}

impl From<Refusal> for ConnectorError {
    fn from(refusal: Refusal) -> Self {
        Self::user(Box::new(refusal))
    }
}

/// The resolver knows no address of a host, or cannot be asked.
#[derive(Debug)]
pub struct NoSuchHost(pub(super) io::Error);

impl fmt::Display for NoSuchHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for NoSuchHost {}

/// What was being done, and the cause if there is one.
#[derive(Debug)]
pub(super) struct Fault {
    what: String,
    source: Option<BoxError>,
}

impl Fault {
    /// A fault that needs no further cause.
    pub(super) fn plain(what: impl Into<String>) -> BoxError {
        Box::new(Self {
            what: what.into(),
            source: None,
        })
    }

    /// A fault and what caused it.
    pub(super) fn because(what: impl Into<String>, source: impl Into<BoxError>) -> BoxError {
        Box::new(Self {
            what: what.into(),
            source: Some(source.into()),
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// A length of time as people say it: `5 s`, `0.25 s`.
pub(super) fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
