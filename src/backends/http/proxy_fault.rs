//! Why a proxy does not connect us.

use std::error::Error;
use std::fmt;

use crate::config::Origin;

/// Why a proxy does not connect us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProxyFault {
    /// It demands a user and password (407).
    Unauthorized {
        /// Whether it was given some.
        is_given: bool,
        /// The methods that it offers, if Basic is none of them.
        others: Option<String>,
    },
    /// It answered with another status.
    Refused(u16),
    /// It closed the connection.
    HungUp,
    /// Its answer was not HTTP.
    NoHttp,
    /// It answered in TLS.
    WantsTls,
    /// It did not answer in TLS.
    HasNoTls,
}

impl ProxyFault {
    /// Why an answer's head leads nowhere; `None` if the proxy has connected us.
    pub(super) fn of(head: &[u8], is_given: bool) -> Option<Self> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        match status(lines.next().unwrap_or_default()) {
            Some(200..=299) => None,
            Some(407) => {
                let methods: Vec<&str> = lines.filter_map(method).collect();
                let is_basic = |method: &&str| method.eq_ignore_ascii_case("basic");
                let has_basic = methods.is_empty() || methods.iter().any(is_basic);
                let others = (!has_basic).then(|| methods.join(", "));
                Some(Self::Unauthorized { is_given, others })
            }
            Some(status) => Some(Self::Refused(status)),
            None if head.first() == Some(&TLS_ALERT) => Some(Self::WantsTls),
            None => Some(Self::NoHttp),
        }
    }

    /// Whether the settings are to blame, so that nothing is tried again: a wrong password
    /// might lock an account.
    pub(super) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Unauthorized { .. } | Self::WantsTls | Self::HasNoTls
        )
    }

    /// What to do about it.
    pub(super) fn hint(&self, proxy: &str, variable: &str, to: &Origin) -> String {
        match self {
            Self::Unauthorized {
                others: Some(_), ..
            } => "lazycred knows only Basic; a local proxy that knows the others, such as cntlm, can stand between".to_owned(),
            Self::Unauthorized { is_given: true, .. } => format!(
                "check the user and password in {variable}; `@` is written %40, `:` %3A, `/` %2F, `%` %25"
            ),
            Self::Unauthorized { .. } => {
                format!("set {variable}=http://USER:PASSWORD@{proxy}, or https:// if it speaks TLS")
            }
            Self::Refused(500..) => format!(
                "the proxy cannot reach {to}: check the region and the endpoint, or list {} in NO_PROXY if it is reachable directly",
                to.host
            ),
            Self::Refused(_) => format!(
                "have the proxy allow {to}, or list {} in NO_PROXY if it is reachable directly",
                to.host
            ),
            Self::WantsTls => format!("set {variable}=https://{proxy}"),
            Self::HasNoTls => format!("set {variable}=http://{proxy}"),
            Self::HungUp | Self::NoHttp => {
                format!("check that the proxy in {variable} is one for HTTPS, and its port")
            }
        }
    }
}

/// The first byte of a TLS server's answer to what is not TLS.
const TLS_ALERT: u8 = 0x15;

/// After what the proxy is called.
impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized {
                others: Some(others),
                ..
            } => write!(
                f,
                "it demands a sign-in by {others} (407), not by user and password"
            ),
            Self::Unauthorized { is_given: true, .. } => {
                f.write_str("it does not accept the user and password (407)")
            }
            Self::Unauthorized { .. } => f.write_str("it demands a user and password (407)"),
            Self::Refused(status) => {
                let why = match status {
                    403 | 451 => ": its rules forbid the connection",
                    502 => ", since it got no connection itself",
                    503 => ", since it is overloaded or got no connection itself",
                    504 => ", since it got no answer itself",
                    _ => "",
                };
                write!(f, "it answered CONNECT with {status}{why}")
            }
            Self::HungUp => f.write_str("it hung up on CONNECT"),
            Self::NoHttp => f.write_str("it did not answer CONNECT with HTTP"),
            Self::WantsTls => f.write_str("it speaks TLS, and was asked without"),
            Self::HasNoTls => f.write_str("it does not speak TLS"),
        }
    }
}

impl Error for ProxyFault {}

/// The status in a response's first line.
fn status(line: &str) -> Option<u16> {
    let mut words = line.split(' ');
    words.next().filter(|word| word.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

/// The method of signing in that a header offers.
fn method(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let is_offer = name.eq_ignore_ascii_case("proxy-authenticate");
    let method = value.split_whitespace().next().filter(|_| is_offer)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (method.len() <= 20 && method.bytes().all(is_plain)).then_some(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_answer_is_told_by_its_first_line_and_its_ways_of_signing_in() {
        let fault = |head: &str, is_given| ProxyFault::of(head.as_bytes(), is_given);
        let unauthorized = |is_given, others: Option<&str>| {
            let others = others.map(str::to_owned);
            Some(ProxyFault::Unauthorized { is_given, others })
        };
        for (head, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", None),
            ("HTTP/1.0 200\r\n\r\n", None),
            ("HTTP/1.1 407 x\r\n\r\n", unauthorized(false, None)),
            (
                "HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Basic realm=\"x\"\r\n\r\n",
                unauthorized(false, None),
            ),
            (
                "HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
                unauthorized(false, Some("Negotiate, NTLM")),
            ),
            ("HTTP/1.1 502 x\r\n\r\n", Some(ProxyFault::Refused(502))),
            ("SSH-2.0-x\r\n", Some(ProxyFault::NoHttp)),
            ("HTTP/2 200\r\n", Some(ProxyFault::NoHttp)),
            ("\u{15}\u{3}\u{3}", Some(ProxyFault::WantsTls)),
        ] {
            assert_eq!(fault(head, false), expected, "{head}");
        }
        let refused = fault("HTTP/1.1 407 x\r\n\r\n", true);
        assert_eq!(refused, unauthorized(true, None));
        assert!(refused.unwrap().is_final());
        assert!(!ProxyFault::Refused(403).is_final());
    }
}
