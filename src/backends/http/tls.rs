//! Which certificates the client trusts.
//!
//! Trust roots are Mozilla's, compiled in, so that an image needs no files.
//! Files that the caller names replace them. If the caller names none and the
//! compiled-in roots do not know an issuer, the system's roots are read once
//! and tried too; if the caller names a file and folders, so are those folders.
//! Verification cannot be turned off, and nothing is read before the first TLS
//! connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::fault::Refusal;
use super::hybrid::Hybrid;
use super::issuer;
use super::p521;
use super::roots::{self, More, Named, compiled_in};
use crate::config::Network;

/// Which key exchanges are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyExchange {
    /// A post-quantum one, which protects traffic recorded today from future quantum
    /// computers, and the classical ones.
    Hybrid,
    /// Only the classical ones.
    Classical,
}

/// TLS 1.2 and 1.3 by ring, for HTTP/1.1.
pub(super) fn config(trust: Arc<Trust>, exchange: KeyExchange) -> Arc<ClientConfig> {
    let mut provider = ring::default_provider();
    if exchange == KeyExchange::Hybrid {
        provider.kx_groups.insert(0, &Hybrid);
    }
    // Prefer AES-128 with SHA-256: processors have instructions for them, and the
    // records themselves are sealed with them.
    let suites = &mut provider.cipher_suites;
    suites.sort_by_key(|suite| *suite != TLS13_AES_128_GCM_SHA256);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(trust)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Decides which certificates are trusted, and remembers who issued those that are not.
#[derive(Debug)]
pub(super) struct Trust {
    verifier: Arc<dyn ServerCertVerifier>,
    /// The issuers that are unknown, by the server's name.
    unknown: Mutex<HashMap<ServerName<'static>, String>>,
}

impl Trust {
    /// Fails if the files that the caller named are unreadable, or contain no
    /// certificate.
    pub(super) fn new(network: &Network) -> Result<Self, Refusal> {
        let mut provider = ring::default_provider();
        provider.signature_verification_algorithms = p521::and_ring();
        let provider = Arc::new(provider);
        Ok(Self {
            verifier: match roots::named(network)? {
                Some(Named { roots, folders }) if folders.is_empty() => by_roots(roots, &provider),
                Some(Named { roots, folders }) => {
                    Arc::new(TwoSteps::new(roots, More::Folders(folders), provider))
                }
                None => Arc::new(TwoSteps::new(compiled_in(), More::System, provider)),
            },
            unknown: Mutex::default(),
        })
    }

    /// The unknown issuer of a server's certificate, as the certificate calls it.
    pub(super) fn unknown_issuer(&self, name: &ServerName<'_>) -> Option<String> {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.get(&name.to_owned()).cloned()
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = &self.verifier;
        let answer = verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        if let Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) = answer
            && let Some(issuer) = issuer::of(intermediates.last().unwrap_or(end_entity))
        {
            let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
            unknown.insert(name.to_owned(), issuer);
        }
        answer
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verifier = &self.verifier;
        verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verifier = &self.verifier;
        verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Tries some roots first, and if they do not know the issuer, more.
#[derive(Debug)]
struct TwoSteps {
    provider: Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
    first: Arc<WebPkiServerVerifier>,
    more: More,
    all: OnceLock<Arc<WebPkiServerVerifier>>,
}

impl TwoSteps {
    fn new(roots: RootCertStore, more: More, provider: Arc<CryptoProvider>) -> Self {
        let roots = Arc::new(roots);
        Self {
            first: by_roots(Arc::clone(&roots), &provider),
            roots,
            more,
            all: OnceLock::new(),
            provider,
        }
    }

    /// The first roots and more, read the first time.
    fn all(&self) -> &WebPkiServerVerifier {
        self.all.get_or_init(|| {
            let mut roots = RootCertStore::clone(&self.roots);
            self.more.add_to(&mut roots);
            by_roots(roots, &self.provider)
        })
    }
}

fn by_roots(
    roots: impl Into<Arc<RootCertStore>>,
    provider: &Arc<CryptoProvider>,
) -> Arc<WebPkiServerVerifier> {
    WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider))
        .build()
        .expect("there are roots, and no revocation lists")
}

impl ServerCertVerifier for TwoSteps {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ask = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now)
        };
        match ask(&self.first) {
            Err(Error::InvalidCertificate(error)) if self.more.may_know_better(&error) => {
                ask(self.all())
            }
            answer => answer,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.first
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.first
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.first.supported_verify_schemes()
    }
}
