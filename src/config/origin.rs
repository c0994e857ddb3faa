//! The destination of a request: scheme, host and port.
//!
//! A connection depends only on its origin, which also decides whether it uses the
//! proxy, since a client has one proxy and one list of exceptions. Names are
//! compared without case.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;

/// One scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// Whether the connection is encrypted.
    pub(crate) https: bool,
    /// The host in lower case; an IPv6 address without its brackets.
    pub(crate) host: String,
    /// The port, even if the URL omits it.
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an absolute URL.
    pub(crate) fn of(uri: &Uri) -> Result<Self, &'static str> {
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("an endpoint must start with http:// or https://"),
        };
        let host = match uri.host() {
            Some(host) if !host.is_empty() => bare(host).to_ascii_lowercase(),
            _ => return Err("an endpoint names no host"),
        };
        let port = match after_host(uri) {
            "" if https => 443,
            "" => 80,
            port => match port.strip_prefix(':').map(str::parse) {
                Some(Ok(port)) if port != 0 => port,
                _ => return Err("a port is not a number from 1 to 65535"),
            },
        };
        Ok(Self { https, host, port })
    }

    /// Whether it seems to be on this machine. A name is only certain once it has been
    /// looked up.
    pub(crate) fn looks_local(&self) -> bool {
        self.host == "localhost" || self.address().is_some_and(is_loopback)
    }

    /// The host, if it is an address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The Host header, which omits a default port, and which a request's signature
    /// covers.
    pub(crate) fn host_header(&self) -> String {
        match (self.https, self.port) {
            (true, 443) | (false, 80) => self.bracketed(),
            _ => self.to_string(),
        }
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

/// `HOST:PORT`, for CONNECT and error messages.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.bracketed(), self.port)
    }
}

/// The part of a URL between its host and its path: a port with its colon, valid or
/// not. (`Uri::port` ignores an invalid one.)
fn after_host(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let host = uri.host().unwrap_or_default();
    place.strip_prefix(host).unwrap_or(place)
}

/// The `HOST:PORT` of a URL.
pub(crate) fn origin_of(url: &str) -> Option<String> {
    let origin = Origin::of(&url.parse().ok()?).ok()?;
    Some(origin.to_string())
}

/// Whether packets to an address stay on this machine.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// A host without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::of(&url.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_url_gives_host_port_and_host_header() {
        for (url, shown, header) in [
            ("https://S3.Aws.com/b/k", "s3.aws.com:443", "s3.aws.com"),
            ("https://h:443", "h:443", "h"),
            ("https://h:80", "h:80", "h:80"),
            ("http://h", "h:80", "h"),
            ("http://[::1]:4566/x", "[::1]:4566", "[::1]:4566"),
            ("http://[::1]/x", "[::1]:80", "[::1]"),
        ] {
            let origin = origin(url);
            assert_eq!(
                (origin.to_string(), origin.host_header()),
                (shown.into(), header.into())
            );
        }
        let bad = "/path ftp://h/ h:80 http://h:99999 http://h:65536/x http://h:0 http://h: http://[::1]:70000";
        for url in bad.split(' ') {
            assert!(Origin::of(&url.parse().unwrap()).is_err(), "{url}");
        }
    }

    #[test]
    fn only_this_machine_looks_local() {
        for (url, expected) in [
            ("http://localhost", true),
            ("http://LOCALHOST:1", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://[::ffff:10.0.0.1]", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://169.254.169.254", false),
            ("http://[fe80::1]", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(origin(url).looks_local(), expected, "{url}");
        }
    }
}
