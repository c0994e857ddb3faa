//! The server's side of TLS: AWS-LC, which AWS's own servers use.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Result;

/// Which key exchanges are offered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// X25519 and P-256.
    Classic,
    /// X25519MLKEM768 before them.
    Hybrid,
}

/// A server that shows the chain in one file, with the private key in another.
pub fn config(chain: &str, private: &str, groups: Groups) -> Result<Arc<ServerConfig>> {
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::X25519, kx_group::SECP256R1];
    if groups == Groups::Hybrid {
        provider.kx_groups.insert(0, kx_group::X25519MLKEM768);
    }
    let chain: std::result::Result<Vec<_>, _> = CertificateDer::pem_file_iter(chain)?.collect();
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain?, PrivateKeyDer::from_pem_file(private)?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
