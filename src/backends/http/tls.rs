//! Which certificates the client trusts.
//!
//! Trust roots are Mozilla's, compiled in, so that an image needs no files.
//! Files that the caller names replace them. If the caller names none and the
//! compiled-in roots do not know an issuer, the system's roots are read once
//! and tried too. Verification cannot be turned off, and nothing is read before
//! the first TLS connection.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use rustls_native_certs::{CertificateResult, ErrorKind, load_certs_from_paths};

use super::fault::Refusal;
use super::hybrid::Hybrid;
use super::issuer;
use super::p521;
use crate::config::Network;
use crate::config::small_file;

/// Where systems keep their trust roots in one file: Debian and Alpine, Red Hat
/// (two), SUSE, and OpenBSD, whose path is a link elsewhere.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

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
            verifier: match named_roots(network)? {
                Some(roots) => by_roots(roots, &provider),
                None => Arc::new(TwoSteps::new(provider)),
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

/// The roots that replace the compiled-in ones, if the caller named any.
///
/// A file must contain a certificate; of several folders, one with any is enough.
fn named_roots(network: &Network) -> Result<Option<RootCertStore>, Refusal> {
    let Some(named_by) = network.trust_named_by() else {
        return Ok(None);
    };
    let (file, folders) = match &network.ca_bundle {
        Some(bundle) => (Some(bundle), None),
        None => (
            network.ssl_cert_file.as_ref(),
            network.ssl_cert_dir.as_ref(),
        ),
    };
    let folders: Vec<PathBuf> = folders
        .iter()
        .flat_map(std::env::split_paths)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if file.is_none() && folders.is_empty() {
        return Ok(None);
    }
    let refusal = |path: &Path, reason| Refusal::TrustRoots {
        path: path.to_owned(),
        named_by: named_by.clone(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    if let Some(path) = file {
        let added = of_file(path).and_then(|found| add(&mut roots, path, found));
        added.map_err(|reason| refusal(path, reason))?;
    }
    let mut first = None;
    for path in &folders {
        let added = add(&mut roots, path, load_certs_from_paths(None, Some(path)));
        let refused = added.map_err(|reason| refusal(path, reason));
        first = first.or(refused.err());
    }
    match first {
        Some(refusal) if roots.is_empty() => Err(refusal),
        _ => Ok(Some(roots)),
    }
}

/// The certificates in a file, or why it cannot contain any.
fn of_file(path: &Path) -> Result<CertificateResult, String> {
    small_file::refuse_pipe(path).map_err(|error| error.to_string())?;
    if path.is_dir() {
        return Err("it is a folder, not a file".into());
    }
    Ok(load_certs_from_paths(Some(path), None))
}

/// Adds the certificates that were found in `path`, or says why there are none. Those
/// that cannot be parsed are left out.
fn add(roots: &mut RootCertStore, path: &Path, found: CertificateResult) -> Result<(), String> {
    let (added, unusable) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(());
    }
    Err(match found.errors.into_iter().next() {
        Some(error) => match error.kind {
            ErrorKind::Io { inner, path: at } if at == path => inner.to_string(),
            _ => error.to_string(),
        },
        None if unusable > 0 => "it contains no usable certificate".into(),
        None if is_der(path) => "it is DER, not PEM; `openssl x509 -inform DER` converts it".into(),
        None => "it contains no certificate".into(),
    })
}

/// Whether a file seems to be a certificate that is not encoded as text.
fn is_der(path: &Path) -> bool {
    let mut start = [0; 2];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == [0x30, 0x82]
}

/// Tries the compiled-in roots first, and if they do not know the issuer, all
/// that this system trusts.
#[derive(Debug)]
struct TwoSteps {
    provider: Arc<CryptoProvider>,
    compiled_in: Arc<WebPkiServerVerifier>,
    all: OnceLock<Arc<WebPkiServerVerifier>>,
}

impl TwoSteps {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self {
            compiled_in: by_roots(compiled_in(), &provider),
            all: OnceLock::new(),
            provider,
        }
    }

    /// The compiled-in roots and the system's, read the first time.
    fn all(&self) -> &WebPkiServerVerifier {
        self.all.get_or_init(|| {
            let mut roots = compiled_in();
            let bundle = BUNDLES.iter().map(Path::new).find(|path| path.exists());
            let folder = bundle.is_none().then(|| Path::new("/etc/ssl/certs"));
            let found = load_certs_from_paths(bundle, folder);
            let (added, _) = roots.add_parsable_certificates(found.certs);
            tracing::debug!(target: "lazycred::http", "trying the system's {added} trust roots too");
            by_roots(roots, &self.provider)
        })
    }
}

fn compiled_in() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

fn by_roots(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Arc<WebPkiServerVerifier> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
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
        match ask(&self.compiled_in) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => ask(self.all()),
            answer => answer,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.compiled_in
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.compiled_in
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.compiled_in.supported_verify_schemes()
    }
}
