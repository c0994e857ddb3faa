//! Where requests may go by plain http.

use std::net::IpAddr;

use hyper::Method;
use hyper::header::HeaderMap;

use super::proxy::METADATA_HOSTS;
use crate::config::is_loopback;

/// Which rule for plain http applies to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlainHttpRule {
    Services,
    Credentials,
}

impl PlainHttpRule {
    /// Where a request may go by plain http. STS, SSO and SSO OIDC have no addresses
    /// of their own, and no request to IMDS carries a secret.
    pub(super) fn allowed(self, method: &Method, headers: &HeaderMap) -> Allowed {
        if self == Self::Services || method == Method::POST {
            Allowed::Loopback
        } else if is_for_instance(headers) {
            Allowed::Any
        } else {
            Allowed::Metadata
        }
    }
}

/// The addresses that plain http may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Allowed {
    Loopback,
    /// Also those where AWS itself serves credentials.
    Metadata,
    Any,
}

impl Allowed {
    pub(super) fn includes(self, address: IpAddr) -> bool {
        let is_metadata = || METADATA_HOSTS.contains(&&*address.to_canonical().to_string());
        match self {
            Self::Loopback => is_loopback(address),
            Self::Metadata => is_loopback(address) || is_metadata(),
            Self::Any => true,
        }
    }
}

/// Whether a request is one to IMDS: for a token, or with one.
pub(super) fn is_for_instance(headers: &HeaderMap) -> bool {
    ["", "-ttl-seconds"]
        .iter()
        .any(|end| headers.contains_key(format!("x-aws-ec2-metadata-token{end}")))
}
