//! Verifies ECDSA on P-521, which ring does not know, and which some organisations'
//! own authorities use.

use std::sync::LazyLock;

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use rustls::SignatureScheme;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The length of an integer below the curve's order, in bytes.
const INTEGER: usize = 66;

type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];

/// The one that TLS itself has.
const BY_TLS: (SignatureScheme, Algorithms) =
    (SignatureScheme::ECDSA_NISTP521_SHA512, &[&WITH_SHA512]);

/// ECDSA on P-521 with one hash.
#[derive(Debug)]
struct P521 {
    id: AlgorithmIdentifier,
    hash: fn(&[u8]) -> Vec<u8>,
}

static WITH_SHA256: P521 = P521 {
    id: alg_id::ECDSA_SHA256,
    hash: |message| Sha256::digest(message).to_vec(),
};
static WITH_SHA384: P521 = P521 {
    id: alg_id::ECDSA_SHA384,
    hash: |message| Sha384::digest(message).to_vec(),
};
static WITH_SHA512: P521 = P521 {
    id: alg_id::ECDSA_SHA512,
    hash: |message| Sha512::digest(message).to_vec(),
};

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let public_key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        let hash = (self.hash)(message);
        let mut integer = [0; INTEGER];
        integer[INTEGER - hash.len()..].copy_from_slice(&hash);
        let verified = public_key.verify_prehash(&integer, &signature);
        verified.map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.id
    }
}

/// What ring verifies, then P-521.
pub(super) fn and_ring() -> WebPkiSupportedAlgorithms {
    static ALL: LazyLock<Vec<&dyn SignatureVerificationAlgorithm>> = LazyLock::new(|| {
        let known = ring::default_provider().signature_verification_algorithms;
        [known.all, &[&WITH_SHA256, &WITH_SHA384, &WITH_SHA512]].concat()
    });
    static BY_SCHEME: LazyLock<Vec<(SignatureScheme, Algorithms)>> = LazyLock::new(|| {
        let known = ring::default_provider().signature_verification_algorithms;
        // Last, since a server may take the first scheme that it knows.
        [known.mapping, &[BY_TLS]].concat()
    });
    WebPkiSupportedAlgorithms {
        all: &ALL,
        mapping: &BY_SCHEME,
    }
}
