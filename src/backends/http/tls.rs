//! Which certificates the client trusts.
//!
//! Trust roots are Mozilla's, compiled in, so that an image needs no files.
//! Files that the caller names replace them. If the caller names none and the
//! compiled-in roots do not know an issuer, the system's roots are read once
//! and tried too; if the caller names a file and folders, so are those folders.
//! Verification cannot be turned off, and nothing is read before the first TLS
//! connection.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

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

/// How much of a file, or of a folder's files, is read, in bytes.
const LARGEST: usize = 16 << 20;

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

/// What the caller named in the place of the compiled-in roots.
struct Named {
    roots: RootCertStore,
    /// Folders that have not been read: a file was named too, and may be all that it takes.
    folders: Vec<PathBuf>,
}

/// The roots that replace the compiled-in ones, if the caller named any.
///
/// A file must contain a certificate; of several folders, one with any is enough.
fn named_roots(network: &Network) -> Result<Option<Named>, Refusal> {
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
        let added = of_file(path, LARGEST).and_then(|found| add(&mut roots, found));
        added.map_err(|reason| refusal(path, reason))?;
        return Ok(Some(Named { roots, folders }));
    }
    let mut first = None;
    for path in &folders {
        let added = of_folder(path).and_then(|found| add(&mut roots, found));
        let refused = added.map_err(|reason| refusal(path, reason));
        first = first.or(refused.err());
    }
    match first {
        Some(refusal) if roots.is_empty() => Err(refusal),
        _ => Ok(Some(Named {
            roots,
            folders: Vec::new(),
        })),
    }
}

/// What a file, or the files of a folder, contain.
#[derive(Debug, Default)]
struct Found {
    certificates: Vec<CertificateDer<'static>>,
    /// What is wrong with some of it.
    fault: Option<String>,
    /// How many bytes were read.
    size: usize,
}

/// The certificates in a file of at most so many bytes, or why it cannot contain any.
fn of_file(path: &Path, most: usize) -> Result<Found, String> {
    let told = |error: std::io::Error| error.to_string();
    let file = small_file::open(path).map_err(told)?;
    let about = file.metadata().map_err(told)?;
    if about.file_type().is_fifo() {
        return Err("it is a pipe".into());
    }
    if about.is_dir() {
        return Err("it is a folder, not a file".into());
    }
    let bytes = small_file::read_known(&file, &about, most).map_err(told)?;
    if bytes.starts_with(&[0x30, 0x82]) {
        return Err("it is DER, not PEM; `openssl x509 -inform DER` converts it".into());
    }
    let mut found = Found {
        size: bytes.len(),
        ..Found::default()
    };
    if let Some(certificates) = plain(&bytes) {
        found.certificates = certificates;
        return Ok(found);
    }
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        match certificate {
            Ok(certificate) => found.certificates.push(certificate),
            Err(_) => found.fault = Some("its PEM is damaged".into()),
        }
    }
    Ok(found)
}

/// The certificates of PEM that contains no other sections and is written as everybody
/// writes it; `None` if it is not, for the reader that knows all of PEM, and takes ten times
/// as long.
///
/// Source: RFC 7468, section 3, `stricttextualmsg`, with anything between the sections.
fn plain(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let pem = str::from_utf8(pem).ok()?;
    if pem.contains('\r') {
        return None;
    }
    let mut certificates = Vec::new();
    let mut body: Option<Vec<u8>> = None;
    for line in pem.split('\n') {
        if line.starts_with("-----") {
            body = match body {
                None if line == "-----BEGIN CERTIFICATE-----" => Some(Vec::with_capacity(4096)),
                Some(body) if line == "-----END CERTIFICATE-----" => {
                    let certificate = base64_simd::STANDARD.decode_to_vec(body).ok()?;
                    certificates.push(certificate.into());
                    None
                }
                _ => return None,
            };
        } else if let Some(body) = &mut body {
            body.extend_from_slice(line.as_bytes());
        }
    }
    body.is_none().then_some(certificates)
}

/// The certificates in the files of a folder, each read once, whatever links lead to it.
fn of_folder(folder: &Path) -> Result<Found, String> {
    let mut found = Found::default();
    let mut seen = HashSet::new();
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    for entry in entries.flatten() {
        let path = entry.path();
        // A link may lead nowhere.
        let Ok(about) = fs::metadata(&path) else {
            continue;
        };
        if !about.is_file() || !seen.insert((about.dev(), about.ino())) {
            continue;
        }
        match of_file(&path, LARGEST - found.size) {
            Ok(more) => {
                found.size += more.size;
                found.certificates.extend(more.certificates);
                found.fault = found.fault.or(more.fault);
            }
            Err(fault) => found.fault = found.fault.or(Some(fault)),
        }
    }
    Ok(found)
}

/// Adds the certificates that were found, or says why there are none. Those that cannot
/// be parsed are left out.
fn add(roots: &mut RootCertStore, found: Found) -> Result<(), String> {
    let (added, unusable) = roots.add_parsable_certificates(found.certificates);
    if added > 0 {
        return Ok(());
    }
    Err(match found.fault {
        Some(fault) => fault,
        None if unusable > 0 => "it contains no usable certificate".into(),
        None => "it contains no certificate".into(),
    })
}

/// Where to look for a root that the first ones lack.
#[derive(Debug)]
enum More {
    System,
    /// Those that the caller named beside a file.
    Folders(Vec<PathBuf>),
}

impl More {
    /// Adds what is there.
    fn add_to(&self, roots: &mut RootCertStore) {
        let mut add = |found: Result<Found, String>| {
            let certificates = found.unwrap_or_default().certificates;
            roots.add_parsable_certificates(certificates).0
        };
        let (added, whose) = match self {
            Self::System => {
                let bundle = BUNDLES.iter().map(Path::new).find(|path| path.exists());
                let found = match bundle {
                    Some(bundle) => of_file(bundle, LARGEST),
                    None => of_folder(Path::new("/etc/ssl/certs")),
                };
                (add(found), "the system's")
            }
            Self::Folders(folders) => {
                let added = folders.iter().map(|folder| add(of_folder(folder)));
                (added.sum(), "the named folders'")
            }
        };
        tracing::debug!(target: "lazycred::http", "trying {whose} {added} trust roots too");
    }

    /// Whether it may tell otherwise than the first roots did. Folders are trusted no less
    /// than the file beside them, so that it makes no difference when they are read.
    fn may_know_better(&self, error: &CertificateError) -> bool {
        match self {
            Self::System => *error == CertificateError::UnknownIssuer,
            Self::Folders(_) => true,
        }
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

fn compiled_in() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_pem_contains_what_the_whole_reader_finds_in_it() {
        let body: String = ["MIIB".repeat(16), "AQID".repeat(16), "BAUG".to_owned()].join("\n");
        let one = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let with = |from: &str, to: &str| one.replace(from, to);
        let plainly = [
            one.clone(),
            one.trim_end().to_owned(),
            format!("# Größe\n{one}\n \n=====\n{one}---\n{one}"),
            with("BAUG", "BAU="),
            with("BAUG", "BA=="),
            with("BAUG\n", "BAUG\n\n"),
            with("\nBAUG", ""),
            String::new(),
            "no certificate".to_owned(),
        ];
        let by_the_reader = [
            with("\n", "\r\n"),
            with("\n", "\r"),
            with("BAUG", "BAUG "),
            with("BAUG", "BAU"),
            with("BAUG", "BAU-"),
            with("BAUG", "BA=G"),
            with("BAUG", "BAV="),
            with("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE----- "),
            with("END CERTIFICATE-----", "END CERTIFICATE-----x"),
            with("END CERTIFICATE-----", "END CERTIFICATE"),
            with("CERTIFICATE", "TRUSTED CERTIFICATE"),
            format!("{}{one}", with("CERTIFICATE", "PRIVATE KEY")),
            format!("{one}{}", &one[..60]),
            format!("{}{one}", &one[..60]),
            format!("-----\n{one}"),
        ];
        let read = |pem: &str| -> Vec<_> {
            let all = CertificateDer::pem_slice_iter(pem.as_bytes());
            all.flatten().collect()
        };
        for pem in &plainly {
            let found = plain(pem.as_bytes());
            assert_eq!(found, Some(read(pem)), "{pem}");
        }
        assert_eq!(read(&plainly[2]).len(), 3);
        for pem in &by_the_reader {
            assert_eq!(plain(pem.as_bytes()), None, "{pem}");
        }
        assert_eq!(plain(b"\xff\n"), None);
    }
}
