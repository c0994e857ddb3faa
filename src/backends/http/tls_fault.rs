//! Why TLS with a server failed, by its cause, and what to do about it.
//!
//! A certificate's text comes from the server, or from whoever is in its place, so
//! it is shortened and shown on one line.

use std::error::Error;
use std::fmt;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::base::Brief;
use crate::config::{Network, Origin};

/// How many of a certificate's names a message shows.
const NAMES: usize = 3;

/// What is known of a failed handshake beside its error.
#[derive(Debug)]
pub(super) struct Met<'a> {
    pub(super) origin: &'a Origin,
    pub(super) network: &'a Network,
    /// The issuer of the server's certificate, if it is unknown.
    pub(super) issuer: Option<String>,
    /// Whether the server responded with plain HTTP.
    pub(super) is_http: bool,
}

/// A failed TLS handshake.
#[derive(Debug)]
pub(crate) struct TlsFault {
    what: String,
    hint: Option<String>,
    is_final: bool,
}

impl TlsFault {
    /// Explains an error of a handshake.
    pub(super) fn new(error: &rustls::Error, met: &Met<'_>) -> Self {
        let (what, hint) = match error {
            rustls::Error::InvalidCertificate(why) => of_certificate(why, met),
            rustls::Error::AlertReceived(alert) => of_alert(*alert, &met.origin.host),
            rustls::Error::InvalidMessage(_) if met.is_http => (
                "the server speaks plain HTTP, not TLS".into(),
                Some("write http:// if AWS_ENDPOINT_URL names this server; otherwise a proxy or a firewall answers in its place".into()),
            ),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => (
                "the server does not speak TLS".into(),
                Some("check the port and the scheme in AWS_ENDPOINT_URL; if they are right, a proxy or firewall answers in its place".into()),
            ),
            rustls::Error::PeerIncompatible(_) => (
                format!("no TLS version and cipher in common ({error})"),
                Some(NEEDED.into()),
            ),
            _ => (error.to_string(), None),
        };
        let is_certificate = matches!(error, rustls::Error::InvalidCertificate(_));
        Self {
            what,
            hint,
            is_final: is_certificate || met.is_http,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether another attempt would fail in the same way.
    pub(super) fn is_final(&self) -> bool {
        self.is_final
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for TlsFault {}

/// What a server must support.
const NEEDED: &str = "the server must support TLS 1.3, or TLS 1.2 with ECDHE and an AEAD cipher";

/// When the certificate is for another host.
const ANOTHER: &str =
    "check the host in AWS_ENDPOINT_URL; if it is right, another server answers in its place";

/// What is wrong, and what to do about it.
type Explained = (String, Option<String>);

fn of_certificate(why: &CertificateError, met: &Met<'_>) -> Explained {
    let (host, network) = (&met.origin.host, met.network);
    let clock = || format!("this machine's clock says {}", moment(UnixTime::now()));
    match why {
        CertificateError::ExpiredContext { not_after, .. } => (
            format!("the server's certificate expired at {}", moment(*not_after)),
            Some(format!("{}: if that is right, the server needs a new certificate", clock())),
        ),
        CertificateError::NotValidYetContext { not_before, .. } => (
            format!("the server's certificate is not valid before {}", moment(*not_before)),
            Some(format!("{}: set it if it is wrong", clock())),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => (
            format!("the server's certificate is not for `{host}` but for {}", names(presented)),
            Some(ANOTHER.into()),
        ),
        CertificateError::UnknownIssuer => (
            match &met.issuer {
                None => "the server's certificate is signed by an unknown authority".into(),
                Some(issuer) => format!(
                    "the server's certificate is signed by an unknown authority, `{}`",
                    Brief(issuer)
                ),
            },
            Some(match network.trust_named_by() {
                None => "if a proxy here signs its own certificates, set AWS_CA_BUNDLE to its CA certificate".into(),
                Some(named) => format!(
                    "only the CA certificates that {named} names are trusted, and the authority's is not among them: add it"
                ),
            }),
        ),
        CertificateError::BadSignature => (
            "the server's certificate has a wrong signature, or one by an RSA key of less than 2048 bits".into(),
            Some(match network.trust_named_by() {
                None => "another server may be in its place".into(),
                Some(named) => format!(
                    "{named} may name an old CA certificate, which a new one with the same name has replaced"
                ),
            }),
        ),
        CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id,
            ..
        } => unverifiable(signature_algorithm_id, &[]),
        CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id,
            public_key_algorithm_id,
        } => unverifiable(signature_algorithm_id, public_key_algorithm_id),
        CertificateError::Revoked => ("the server's certificate is revoked".into(), None),
        CertificateError::BadEncoding => ("the server's certificate is malformed".into(), None),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => (
            "the server's certificate is for another purpose than TLS servers".into(),
            Some("the server needs one whose extended key usage is serverAuth".into()),
        ),
        CertificateError::UnhandledCriticalExtension => (UNKNOWN_EXTENSION.into(), None),
        // The verifier's own errors have no other text than their names.
        CertificateError::Other(error) => match &*error.0.to_string() {
            "CaUsedAsEndEntity" => (
                "the server's certificate is one of an authority, not of a server".into(),
                Some("the server needs a certificate of its own, which that authority has signed".into()),
            ),
            "UnsupportedCriticalExtension" => (UNKNOWN_EXTENSION.into(), None),
            _ => unusable(&met.origin.to_string()),
        },
        _ => unusable(&met.origin.to_string()),
    }
}

const UNKNOWN_EXTENSION: &str =
    "the server's certificate has a critical extension that lazycred does not know";

fn unusable(origin: &str) -> Explained {
    (
        "the server's certificate, or an authority's on the way to it, cannot be used".into(),
        Some(format!(
            "`openssl s_client -showcerts -connect {origin}` shows what the server sends"
        )),
    )
}

/// A signature that cannot be verified, by the names of the algorithm and of the key.
fn unverifiable(signature: &[u8], public_key: &[u8]) -> Explained {
    let ids = [signature, public_key].map(object_ids).concat();
    let named =
        |(id, name): &(&str, &'static str)| ids.iter().any(|one| one == id).then_some(*name);
    let with = match NAMED.iter().find_map(named) {
        Some(name) => format!("with {name}, which"),
        None => format!("in a way ({}) that", ids.join(", ")),
    };
    (
        format!("the server's certificate is signed {with} lazycred cannot verify"),
        Some("the authority must sign with RSA and SHA-2, with ECDSA on P-256, P-384 or P-521, or with Ed25519".into()),
    )
}

/// Algorithms and curves that authorities use.
const NAMED: [(&str, &str); 9] = [
    ("1.2.840.113549.1.1.5", "RSA and SHA-1"),
    ("1.2.840.10045.4.1", "ECDSA and SHA-1"),
    ("1.3.36.3.3.2.8.1.1.7", "ECDSA brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "ECDSA brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "ECDSA brainpoolP512r1"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// The object identifiers at the start of DER, in dotted form.
fn object_ids(mut der: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    while let [6, length, rest @ ..] = der
        && let Some((id, rest)) = rest.split_at_checked(usize::from(*length))
    {
        let mut arcs: Vec<u64> = Vec::new();
        let mut arc = 0_u64;
        for byte in id {
            arc = arc << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                // The first number holds two arcs.
                if arcs.is_empty() {
                    let first = (arc / 40).min(2);
                    arcs.push(first);
                    arc -= first * 40;
                }
                arcs.push(arc);
                arc = 0;
            }
        }
        let arcs: Vec<String> = arcs.iter().map(u64::to_string).collect();
        found.push(arcs.join("."));
        der = rest;
    }
    found
}

fn of_alert(alert: AlertDescription, host: &str) -> Explained {
    match alert {
        AlertDescription::ProtocolVersion => (
            "the server refused TLS 1.2 and TLS 1.3".into(),
            Some(NEEDED.into()),
        ),
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => (
            "the server refused the TLS handshake".into(),
            Some(format!(
                "{NEEDED}; or it serves no `{host}`, or wants a client certificate"
            )),
        ),
        AlertDescription::UnrecognisedName => (
            format!("the server has no certificate for `{host}`"),
            Some(ANOTHER.into()),
        ),
        AlertDescription::CertificateRequired => (
            "the server asks for a client certificate, which lazycred cannot send".into(),
            None,
        ),
        other => (
            format!("the server ended the TLS handshake ({other:?})"),
            None,
        ),
    }
}

/// The names in a certificate, as few as fit.
fn names(presented: &[String]) -> String {
    // Only their debugging text is given: `DnsName("a.test")`, `IpAddress(10.0.0.1)`.
    let bare = |text: &str| {
        let inner = text
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        let inner = inner.unwrap_or(text).trim_matches('"');
        format!("`{}`", Brief(inner))
    };
    let shown = presented.iter().take(NAMES).map(|text| bare(text));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match presented.len().saturating_sub(NAMES) {
        0 if shown.is_empty() => "no name".into(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn moment(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let text = DateTime::from_secs(seconds).fmt(Format::DateTime);
    text.unwrap_or_else(|_| "an impossible time".into())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    #[test]
    fn what_the_verifier_calls_its_errors_is_not_shown() {
        let origin = Origin::of(&"https://s3.test/".parse().unwrap()).unwrap();
        let network = Network::default();
        let met = Met {
            origin: &origin,
            network: &network,
            issuer: None,
            is_http: false,
        };
        for (name, says) in [
            ("CaUsedAsEndEntity", "one of an authority"),
            ("UnsupportedCriticalExtension", "a critical extension that"),
            ("PathLenConstraintViolated", "cannot be used"),
        ] {
            let other = OtherError(Arc::new(io::Error::other(name)));
            let error = rustls::Error::InvalidCertificate(CertificateError::Other(other));
            let fault = TlsFault::new(&error, &met);
            assert!(fault.to_string().contains(says), "{fault}");
            assert!(!fault.to_string().contains(name), "{fault}");
            assert!(fault.is_final());
        }
    }
}
