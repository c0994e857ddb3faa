//! Certificates for the names that are asked for, of one authority.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::world::bucket_of;

/// Signs for every name that a client says.
#[derive(Debug)]
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    own: KeyPair,
    provider: Arc<CryptoProvider>,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

static AUTHORITY: LazyLock<Arc<Authority>> = LazyLock::new(|| {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&signer).unwrap().pem();
    Arc::new(Authority {
        pem,
        issuer: Issuer::new(authority, signer),
        own: KeyPair::generate().unwrap(),
        provider: Arc::new(rustls::crypto::ring::default_provider()),
        issued: Mutex::default(),
    })
});

/// The authority's certificate.
pub fn pem() -> &'static str {
    &AUTHORITY.pem
}

/// What a server with any name speaks TLS with.
pub fn config() -> Arc<ServerConfig> {
    let provider = Arc::clone(&AUTHORITY.provider);
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&AUTHORITY) as Arc<dyn ResolvesServerCert>);
    Arc::new(config)
}

/// What AWS's certificate for a host says: a bucket's name may be one label.
fn names(host: &str) -> Vec<String> {
    match bucket_of(host) {
        Some((_, place)) => vec![place.to_owned(), format!("*.{place}")],
        None => vec![host.to_owned()],
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name().unwrap_or("127.0.0.1");
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = issued.get(host) {
            return Some(Arc::clone(known));
        }
        let names = CertificateParams::new(names(host)).ok()?;
        let certificate = names.signed_by(&self.own, &self.issuer).ok()?;
        let own = PrivateKeyDer::try_from(self.own.serialize_der()).ok()?;
        let own = self.provider.key_provider.load_private_key(own).ok()?;
        let made = Arc::new(CertifiedKey::new(vec![certificate.into()], own));
        issued.insert(host.to_owned(), Arc::clone(&made));
        Some(made)
    }
}
