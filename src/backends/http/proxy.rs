//! The network's proxy, if there is one: CONNECT over plain TCP.
//!
//! A proxy sees only the name and port of a connection's destination, since the
//! rest is TLS. Plain http, endpoints of credentials and the hosts in `NO_PROXY` bypass
//! it. The proxy's password appears in no message.

use std::fmt;
use std::io;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fault::Refusal;
use super::meter::Metered;
use crate::config::{NO_PROXY_URL, Network, Origin, proxy_url};

/// The size limit of a response to CONNECT, in bytes.
const HEAD_LIMIT: usize = 16 * 1024;

/// Hosts that serve credentials and metadata (IMDS, ECS, EKS), never through the proxy.
const METADATA_HOSTS: [&str; 5] = [
    "169.254.169.254",
    "fd00:ec2::254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
];

/// A proxy that speaks plain HTTP.
pub(super) struct Proxy {
    /// Its own host and port.
    pub(super) place: Origin,
    authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy for `origin`; `None` if it is dialled directly. Refuses anything but
    /// an `http://` URL, since bypassing an unsupported proxy would be worse.
    pub(super) fn towards(origin: &Origin, network: &Network) -> Result<Option<Self>, Refusal> {
        let Some(proxy) = network.https_proxy.as_deref().map(str::trim) else {
            return Ok(None);
        };
        if proxy.is_empty() || !origin.https || serves_credentials(&origin.host, network) {
            return Ok(None);
        }
        let refuse = |reason: String| Refusal::Proxy { reason };
        let destination: Uri = format!("https://{origin}/")
            .parse()
            .map_err(|_| refuse(format!("`{origin}` is not a valid destination")))?;
        let exceptions = network.no_proxy.as_deref().unwrap_or_default();
        let excepting = Matcher::builder().https("proxy").no(exceptions).build();
        if excepting.intercept(&destination).is_none() {
            return Ok(None);
        }
        let url = proxy_url(proxy).map_err(|reason| refuse(reason.into()))?;
        let found = Matcher::builder()
            .https(url)
            .build()
            .intercept(&destination);
        let found = found.and_then(|found| {
            Some(Self {
                place: Origin::of(found.uri()).ok()?,
                authorization: found.basic_auth().cloned(),
            })
        });
        match found {
            Some(proxy) => Ok(Some(proxy)),
            None => Err(refuse(NO_PROXY_URL.into())),
        }
    }

    /// Has the proxy connect a new socket to `origin`.
    pub(super) async fn tunnel(&self, socket: &mut Metered, origin: &Origin) -> io::Result<()> {
        let mut request = format!("CONNECT {origin} HTTP/1.1\r\nHost: {origin}\r\n").into_bytes();
        if let Some(authorization) = &self.authorization {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        socket.write_all(&request).await?;

        let mut head = Vec::with_capacity(512);
        while !head.ends_with(b"\r\n\r\n") {
            // One byte at a time, since TLS may follow at once.
            if head.len() == HEAD_LIMIT {
                return Err(self.fault("did not finish its response to CONNECT"));
            }
            match socket.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(self.fault("hung up on CONNECT"));
                }
                Err(error) => return Err(error),
            }
        }
        match status(&head) {
            Some(200..=299) => Ok(()),
            Some(status) => Err(self.fault(&format!("answered CONNECT with {status}"))),
            None => Err(self.fault("did not respond to CONNECT with HTTP")),
        }
    }

    fn fault(&self, what: &str) -> io::Error {
        io::Error::other(format!("the proxy {self} {what}"))
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

fn serves_credentials(host: &str, network: &Network) -> bool {
    let mut named = network.credential_endpoints.iter();
    METADATA_HOSTS.contains(&host) || named.any(|endpoint| endpoint.host == host)
}

/// The status in a response's first line.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|&byte| byte == b'\r').next()?;
    let mut words = str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|word| word.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
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
            let word = authorization.map_or("-", |value| value.to_str().unwrap());
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
            ("https://10.1.2.3", "10.0.0.0/8", &None),
            ("https://[::1]:8443", "::1", &None),
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
        ] {
            let found = towards("https://h", proxy, "").unwrap();
            assert_eq!(found.as_deref(), Some(expected), "{proxy}");
            assert!(proxy_url(proxy.trim()).is_ok(), "{proxy}");
        }
        assert_eq!(towards("https://h", " ", "").unwrap(), None);
        let unusable = "\
            https://p | socks5://u:secret@p:1 | ftp://p | http:// | http://u:a b@p | \
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
