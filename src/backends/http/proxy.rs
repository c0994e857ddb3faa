//! The network's proxy, if there is one: CONNECT over TCP, or over TLS.
//!
//! A proxy sees only the name and port of a connection's destination, since the
//! rest is TLS. Plain http, endpoints of credentials and the hosts in `NO_PROXY` bypass
//! it. The proxy's password appears in no message.

use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, MutexGuard};

use super::fault::{BoxError, Refusal};
use super::proxy_fault::ProxyFault;
use crate::base::{base64, waiting};
use crate::config::{NO_PROXY_URL, Network, Origin, proxy_url};

/// The size limit of a response to CONNECT, in bytes.
const HEAD_LIMIT: usize = 16 * 1024;

/// Hosts that serve credentials and metadata (IMDS, ECS, EKS), never through the proxy.
pub(super) const METADATA_HOSTS: [&str; 5] = [
    "169.254.169.254",
    "fd00:ec2::254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
];

/// What a response to CONNECT starts with.
const HTTP: &[u8] = b"HTTP/";

/// A proxy.
pub(super) struct Proxy {
    /// Its own host and port, and whether it speaks TLS itself.
    pub(super) place: Origin,
    authorization: Option<String>,
}

impl Proxy {
    /// The proxy for `origin`; `None` if it is dialled directly. Refuses anything but
    /// an `http://` or `https://` URL, since bypassing an unsupported proxy would be worse.
    pub(super) fn towards(origin: &Origin, network: &Network) -> Result<Option<Self>, Refusal> {
        let Some(proxy) = of(origin, network) else {
            return Ok(None);
        };
        let refuse = |why: &str| Refusal::Proxy {
            reason: format!("the variable {} {why}", network.proxy_variable()),
        };
        let url = proxy_url(proxy).map_err(refuse)?;
        let uri: Uri = url.parse().map_err(|_| refuse(NO_PROXY_URL))?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        Ok(Some(Self {
            place: Origin::of(&uri).map_err(|_| refuse(NO_PROXY_URL))?,
            authorization: user.map(basic),
        }))
    }

    /// Has the proxy connect a new connection to `origin`.
    pub(super) async fn tunnel(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        origin: &Origin,
    ) -> Result<(), BoxError> {
        let _waiting = waiting::on(format!("the proxy {self}"));
        let mut request = format!("CONNECT {origin} HTTP/1.1\r\nHost: {origin}\r\n");
        if let Some(authorization) = &self.authorization {
            request.extend(["Proxy-Authorization: ", authorization, "\r\n"]);
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;

        let mut head = Vec::with_capacity(512);
        while !head.ends_with(b"\r\n\r\n") {
            let start = &head[..head.len().min(HTTP.len())];
            // Nothing else will become HTTP, and may never end.
            if head.len() == HEAD_LIMIT || !HTTP.starts_with(start) {
                break;
            }
            // One byte at a time, since TLS may follow at once.
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error.into());
                }
                Err(_) => return Err(ProxyFault::HungUp.into()),
            }
        }
        if head.len() == HEAD_LIMIT {
            return Err(ProxyFault::NoHttp.into());
        }
        match ProxyFault::of(&head, self.authorization.is_some()) {
            None => Ok(()),
            Some(fault) => Err(fault.into()),
        }
    }
}

/// What the proxy has said of the password that it was given.
///
/// A wrong one that is sent many times might lock an account. So one connection sends it
/// first and the others wait, and after a refusal it is not sent again.
#[derive(Debug, Default)]
pub(super) struct Password {
    refused: OnceLock<ProxyFault>,
    is_taken: AtomicBool,
    first: Mutex<()>,
}

impl Password {
    /// Fails if the proxy has refused the password.
    pub(super) fn check(&self) -> Result<(), ProxyFault> {
        self.refused.get().cloned().map_or(Ok(()), Err)
    }

    /// Waits until the password may be sent. Nobody else sends it before the guard, if there
    /// is one, is dropped.
    pub(super) async fn turn(
        &self,
        proxy: &Proxy,
    ) -> Result<Option<MutexGuard<'_, ()>>, ProxyFault> {
        if proxy.authorization.is_none() || self.is_taken.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let turn = self.first.lock().await;
        self.check()?;
        Ok((!self.is_taken.load(Ordering::Relaxed)).then_some(turn))
    }

    /// Keeps what an answer to CONNECT says of it. A proxy that refuses the destination has
    /// taken the password before.
    pub(super) fn learn(&self, answer: &Result<(), BoxError>) {
        let fault = answer.as_ref().map_err(|error| error.downcast_ref());
        match fault {
            Err(Some(fault @ ProxyFault::Unauthorized { is_given: true, .. })) => {
                self.refused.get_or_init(|| fault.clone());
            }
            Ok(()) | Err(Some(ProxyFault::Refused(_))) => {
                self.is_taken.store(true, Ordering::Relaxed);
            }
            Err(_) => {}
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

/// The proxy that a request to `origin` would use, as configured.
pub(super) fn of<'a>(origin: &Origin, network: &'a Network) -> Option<&'a str> {
    let proxy = network.https_proxy.as_deref().map(str::trim)?;
    let exceptions = network.no_proxy.as_deref().unwrap_or_default();
    let is_used = !proxy.is_empty()
        && origin.https
        && !serves_credentials(&origin.host, network)
        && !is_excepted(origin, exceptions);
    is_used.then_some(proxy)
}

/// Whether a list like `NO_PROXY` has `origin`. Knows the spellings of curl, Go and
/// Python: `domain`, `.domain`, `*.domain`, `domain:port`, addresses, networks and
/// `*`, between commas or spaces.
fn is_excepted(origin: &Origin, exceptions: &str) -> bool {
    let entries = exceptions.split(|c: char| c == ',' || c.is_whitespace());
    let mut hosts = String::new();
    for entry in entries.filter(|entry| !entry.is_empty()) {
        if entry == "*" {
            return true;
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
            _ => (entry, None),
        };
        if port.is_some_and(|port| port.parse() != Ok(origin.port)) {
            continue;
        }
        let host = host
            .strip_prefix('[')
            .map_or(host, |host| host.trim_end_matches(']'));
        let host = host
            .strip_prefix('*')
            .filter(|rest| rest.starts_with('.'))
            .unwrap_or(host);
        hosts.extend([host.trim_end_matches('.'), ","]);
    }
    let host = origin.host.trim_end_matches('.');
    let bracketed = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let Ok(destination) = format!("https://{bracketed}/").parse::<Uri>() else {
        return false;
    };
    let matcher = Matcher::builder().https("proxy").no(hosts).build();
    matcher.intercept(&destination).is_none()
}

/// The header for a URL's user part, whose special characters are percent-encoded.
fn basic(user: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = user.as_bytes();
    while let [first, tail @ ..] = rest {
        let coded = tail.get(..2).filter(|_| *first == b'%');
        let coded = coded.and_then(|digits| str::from_utf8(digits).ok());
        let coded = coded.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(byte) = coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    if !user.contains(':') {
        bytes.push(b':');
    }
    format!("Basic {}", base64::encode(&bytes))
}

fn serves_credentials(host: &str, network: &Network) -> bool {
    let mut named = network.credential_endpoints.iter();
    METADATA_HOSTS.contains(&host) || named.any(|endpoint| endpoint.host == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn towards(url: &str, proxy: &str, exceptions: &str) -> Result<Option<String>, Refusal> {
        let origin = |url: &str| Origin::of(&url.parse().unwrap()).unwrap();
        let network = Network {
            https_proxy: Some(proxy.into()),
            no_proxy: Some(exceptions.into()),
            credential_endpoints: vec![
                origin("https://Eks.Internal"),
                origin("http://[fd00::23]/"),
            ],
            ..Network::default()
        };
        let proxy = Proxy::towards(&origin(url), &network)?;
        Ok(proxy.map(|proxy| {
            let authorization = proxy.authorization.as_ref();
            let word = authorization.map_or("-", |value| value);
            format!("{proxy} {word}")
        }))
    }

    #[test]
    fn only_https_goes_through_the_proxy_and_not_to_the_exceptions() {
        let through = Some("p:3128 -".to_owned());
        for (url, exceptions, expected) in [
            ("https://kms.amazonaws.com", "", &through),
            ("https://kms.amazonaws.com", "amazonaws.com.evil", &through),
            ("https://kms.amazonaws.com", ".amazonaws.com", &None),
            ("https://kms.amazonaws.com", "a, amazonaws.com", &None),
            ("https://kms.amazonaws.com", "*", &None),
            ("https://10.1.2.3", "x *", &None),
            ("https://[fd00::1]", "x,*", &None),
            ("https://kms.amazonaws.com", "*.amazonaws.com", &None),
            ("https://kms.amazonaws.com", "*.kms.amazonaws.com", &None),
            (
                "https://xkms.amazonaws.com",
                "*.kms.amazonaws.com",
                &through,
            ),
            ("https://kms.amazonaws.com", "*amazonaws.com", &through),
            ("https://kms.amazonaws.com", "x AMAZONAWS.COM y", &None),
            ("https://kms.amazonaws.com.", "amazonaws.com", &None),
            ("https://kms.amazonaws.com", "amazonaws.com.", &None),
            ("https://kms.amazonaws.com", "amazonaws.com:443", &None),
            ("https://kms.amazonaws.com", "amazonaws.com:80", &through),
            (
                "https://kms.amazonaws.com:8443",
                "kms.amazonaws.com:8443",
                &None,
            ),
            ("https://kms.amazonaws.com", "amazonaws.com:x", &through),
            ("https://kms.amazonaws.com", " , ,", &through),
            ("https://10.1.2.3", "10.0.0.0/8", &None),
            ("https://10.1.2.3", "10.1.2.3:443", &None),
            ("https://11.1.2.3", "10.0.0.0/8", &through),
            ("https://[::1]:8443", "::1", &None),
            ("https://[::1]:8443", "[::1]", &None),
            ("https://[::1]:8443", "[::1]:8443", &None),
            ("https://[::1]:8443", "[::1]:443", &through),
            ("https://[fd00::1]", "fd00::/8", &None),
            ("http://kms.amazonaws.com", "", &None),
            ("https://eks.internal", "", &None),
            ("https://[fd00::23]/v1", "", &None),
            ("https://169.254.170.23/v1", "", &None),
            ("https://[FD00:EC2::254]", "", &None),
        ] {
            let found = towards(url, "http://p:3128", exceptions).unwrap();
            assert_eq!(&found, expected, "{url} except {exceptions}");
        }
    }

    #[test]
    fn a_proxy_is_an_http_url_or_a_host_and_port() {
        for (proxy, expected) in [
            ("http://p:3128", "p:3128 -"),
            ("HTTP://p", "p:80 -"),
            ("p:3128", "p:3128 -"),
            (" 10.0.0.1:3128/ ", "10.0.0.1:3128 -"),
            ("http://[::1]:3128/", "[::1]:3128 -"),
            ("http://[::1]", "[::1]:80 -"),
            ("[fd00::1]:65535", "[fd00::1]:65535 -"),
            ("u:p@[::1]:1", "[::1]:1 Basic dTpw"),
            ("http://u:p%40ss@p:1", "p:1 Basic dTpwQHNz"),
            ("u:p@p:1", "p:1 Basic dTpw"),
            ("u@p:1", "p:1 Basic dTo="),
            ("u:a%3ab%E4%zz%+1@p:1", "p:1 Basic dTphOmLkJXp6JSsx"),
            ("https://p", "p:443 -"),
            ("HTTPS://u:p@p:3129", "p:3129 Basic dTpw"),
        ] {
            let found = towards("https://h", proxy, "").unwrap();
            assert_eq!(found.as_deref(), Some(expected), "{proxy}");
            assert!(proxy_url(proxy.trim()).is_ok(), "{proxy}");
        }
        assert_eq!(towards("https://h", " ", "").unwrap(), None);
        let unusable = "\
            socks4://p | socks5h://p:1 | socks5://u:secret@p:1 | ftp://p | http:// | http://u:a b@p | \
            http://u:secret@[::1 | http://u:secret@ | http://u:secret@:80 | \
            http://u:secret@[::1]x:80 | http://p:99999 | p:65536 | u:secret@p:0 | http://p:1x | \
            p:-1 | p: | p:+1 | p:1:2 | http://[::1]:70000/ | http://[::1]: | ::1";
        for proxy in unusable.split(" | ") {
            assert!(proxy_url(proxy).is_err(), "{proxy}");
            let refusal = towards("https://h", proxy, "").unwrap_err().to_string();
            assert!(!refusal.contains("secret"), "{refusal}");
            assert_eq!(towards("https://h", proxy, "h").unwrap(), None);
        }
    }
}
