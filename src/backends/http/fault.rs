//! What can go wrong between a request and its response.
//!
//! A [`Refusal`] is this client's own decision: it is never retried, and a caller
//! finds it by downcasting along `source()`. A [`Fault`] comes from the network;
//! its kind (`io`, `timeout`) tells the SDK whether to retry. Neither contains a
//! header, a body or a proxy's password.

use std::error::Error;
use std::fmt;
use std::iter::successors;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;

use super::proxy_fault::ProxyFault;
use super::tls_fault::TlsFault;
use crate::base::OneLine;
use crate::config::Origin;

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
    /// The setting of the proxy is unusable.
    Proxy {
        /// Which setting, and why; without the URL, which may contain a password.
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
            Self::Proxy { reason } => f.write_str(reason),
        }
    }
}

impl Error for Refusal {}

impl From<Refusal> for ConnectorError {
    fn from(refusal: Refusal) -> Self {
        Self::user(Box::new(refusal))
    }
}

/// A host has no address, or the resolver cannot say.
#[derive(Debug)]
pub struct NoSuchHost {
    pub(super) host: String,
    pub(super) fault: NameFault,
}

/// Why a name has no address.
#[derive(Debug, Clone)]
pub(super) enum NameFault {
    /// It does not exist.
    Unknown,
    /// It exists, but has no address.
    Empty,
    /// No nameserver answered, or none knew.
    NoAnswer,
    /// A nameserver's answer was unusable.
    Failed,
    /// The system could not ask.
    System(String),
}

impl NoSuchHost {
    /// What to do about it, if the name itself is not to blame.
    fn hint(&self) -> Option<String> {
        match self.fault {
            NameFault::Unknown | NameFault::Empty => None,
            _ => Some(
                "check the network and the nameservers in /etc/resolv.conf (a container's: `--dns`); where only a proxy leads to AWS, set HTTPS_PROXY".to_owned(),
            ),
        }
    }
}

impl fmt::Display for NoSuchHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.fault {
            NameFault::Unknown => write!(f, "the name `{host}` does not exist"),
            NameFault::Empty => write!(f, "the name `{host}` has no address"),
            NameFault::NoAnswer => write!(f, "no nameserver could look up `{host}`"),
            NameFault::Failed => write!(f, "the nameserver failed to answer for `{host}`"),
            NameFault::System(cause) => write!(f, "cannot look up `{host}`: {cause}"),
        }
    }
}

impl Error for NoSuchHost {}

/// A connection could not be opened, and why.
#[derive(Debug)]
pub struct Unconnected {
    pub(super) origin: Origin,
    /// The proxy that was to lead there, and the variable that names it.
    pub(super) proxy: Option<(String, &'static str)>,
    /// Whether a variable names a proxy that is not used.
    pub(super) has_all_proxy: bool,
    pub(super) source: BoxError,
}

impl Unconnected {
    /// What to do about it, if more is known than that a server cannot be reached.
    pub(crate) fn hint(&self) -> Option<String> {
        if find::<TlsFault>(&*self.source).is_some() {
            return None;
        }
        match &self.proxy {
            Some((proxy, variable)) => match self.source.downcast_ref::<ProxyFault>() {
                Some(fault) => Some(fault.hint(proxy, variable, &self.origin)),
                None => Some(format!(
                    "check the proxy in {variable}; unset it if there is none, or list {} in NO_PROXY if it is reachable directly",
                    self.origin.host
                )),
            },
            None if self.has_all_proxy => {
                Some("lazycred reads no ALL_PROXY: set HTTPS_PROXY to the proxy".to_owned())
            }
            None => self.source.downcast_ref().and_then(NoSuchHost::hint),
        }
    }
}

impl fmt::Display for Unconnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to {}", self.origin)?;
        match &self.proxy {
            Some((proxy, variable)) => write!(f, " through the proxy {proxy} of {variable}"),
            None => Ok(()),
        }
    }
}

impl Error for Unconnected {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// The first of an error and its causes that is of a type.
pub(super) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut causes = successors(Some(error), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref())
}

/// Nothing came within a time.
#[derive(Debug)]
pub(super) struct Silence(pub(super) Duration);

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no response within {}", seconds(self.0))
    }
}

impl Error for Silence {}

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
