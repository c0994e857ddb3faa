//! What can go wrong between a request and its response.
//!
//! A [`Refusal`] is this client's own decision: it is never retried, and a caller
//! finds it by downcasting along `source()`. A [`Fault`] comes from the network;
//! its kind (`io`, `timeout`) tells the SDK whether to retry. Neither contains a
//! header, a body or a proxy's password.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::base::OneLine;

/// The boxed error that the SDK takes.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// A request that this client refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A request would go unencrypted to an address other than loopback.
    PlainHttp {
        /// The host in the request's URL.
        host: String,
        /// Its address, if the host is a name.
        address: Option<IpAddr>,
    },
    /// The response is larger than the caller allows.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The trusted certificates cannot be loaded.
    TrustRoots {
        /// The file or folder that should contain them.
        path: PathBuf,
        /// What names it: a variable, or a member of an AWS profile.
        named_by: String,
        /// Why it cannot be used.
        reason: String,
    },
    /// The proxy is of an unsupported kind.
    Proxy {
        /// Why; without the URL, which may contain a password.
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
                write!(f, "the response is larger than {limit} bytes")
            }
            Self::TrustRoots {
                path,
                named_by,
                reason,
            } => {
                let path = OneLine(path.to_string_lossy());
                write!(
                    f,
                    "cannot load trust roots from `{path}`, which {named_by} names: {reason}"
                )
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

/// A host has no address, or the resolver cannot be reached.
#[derive(Debug)]
pub struct NoSuchHost(pub(super) io::Error);

impl fmt::Display for NoSuchHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for NoSuchHost {}

/// A failure of the network, and its cause if there is one.
#[derive(Debug)]
pub(super) struct Fault {
    what: String,
    source: Option<BoxError>,
}

impl Fault {
    /// A fault without a further cause.
    pub(super) fn plain(what: impl Into<String>) -> BoxError {
        Box::new(Self {
            what: what.into(),
            source: None,
        })
    }

    /// A fault and its cause.
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

/// A duration in seconds: `5 s`, `0.25 s`.
pub(super) fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
