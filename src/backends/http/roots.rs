//! Where trust roots come from: compiled in, named files and folders, the system's.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, RootCertStore};

use super::fault::Refusal;
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

pub(super) fn compiled_in() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

/// What the caller named in the place of the compiled-in roots.
pub(super) struct Named {
    pub(super) roots: RootCertStore,
    /// Folders that have not been read: a file was named too, and may be all that it takes.
    pub(super) folders: Vec<PathBuf>,
}

/// The roots that replace the compiled-in ones, if the caller named any.
///
/// A file must contain a certificate; of several folders, one with any is enough.
pub(super) fn named(network: &Network) -> Result<Option<Named>, Refusal> {
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
pub(super) enum More {
    System,
    /// Those that the caller named beside a file.
    Folders(Vec<PathBuf>),
}

impl More {
    /// Adds what is there.
    pub(super) fn add_to(&self, roots: &mut RootCertStore) {
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
    pub(super) fn may_know_better(&self, error: &CertificateError) -> bool {
        match self {
            Self::System => *error == CertificateError::UnknownIssuer,
            Self::Folders(_) => true,
        }
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
