//! Post-quantum key exchange: X25519 and ML-KEM-768 combined, as secure as the
//! stronger of the two.
//!
//! Only the client's half: it offers a share and takes the server's. Its X25519
//! share is also offered alone, so that a server without ML-KEM needs no second
//! round trip.
//!
//! Source: <https://datatracker.ietf.org/doc/draft-ietf-tls-ecdhe-mlkem/>.

use libcrux_ml_kem::mlkem768::{
    MlKem768Ciphertext, MlKem768PrivateKey, decapsulate, generate_key_pair,
};
use rand_core::{OsRng, RngCore};
use rustls::crypto::ring::kx_group::X25519;
use rustls::crypto::{ActiveKeyExchange, CompletedKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};
use zeroize::{Zeroize, Zeroizing};

/// The length of the server's ciphertext, which its X25519 share follows.
const CIPHERTEXT: usize = 1088;

/// X25519MLKEM768.
#[derive(Debug)]
pub(super) struct Hybrid;

impl SupportedKxGroup for Hybrid {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let classical = X25519.start()?;
        let mut seed = Zeroizing::new([0; 64]);
        OsRng
            .try_fill_bytes(&mut *seed)
            .map_err(|_| Error::FailedToGetRandomBytes)?;
        let (private, public) = generate_key_pair(*seed).into_parts();
        let share = [public.as_ref(), classical.pub_key()].concat();
        Ok(Box::new(Started {
            classical,
            private: Box::new(Wiped(private)),
            share,
        }))
    }

    fn start_and_complete(&self, _: &[u8]) -> Result<CompletedKeyExchange, Error> {
        Err(Error::General(
            "a client never receives a key share first".into(),
        ))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

/// An exchange waiting for the server's share.
struct Started {
    classical: Box<dyn ActiveKeyExchange>,
    private: Box<Wiped>,
    share: Vec<u8>,
}

/// A decapsulation key, wiped when it is dropped.
struct Wiped(MlKem768PrivateKey);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0[0..].zeroize();
    }
}

impl ActiveKeyExchange for Started {
    fn complete(self: Box<Self>, share: &[u8]) -> Result<SharedSecret, Error> {
        let invalid = || Error::from(PeerMisbehaved::InvalidKeyShare);
        let (encapsulated, classical) = share.split_at_checked(CIPHERTEXT).ok_or_else(invalid)?;
        let encapsulated = MlKem768Ciphertext::try_from(encapsulated).map_err(|_| invalid())?;
        // Refuses wrong lengths, and points that give no secret.
        let classical = self.classical.complete(classical)?;
        let post_quantum = Zeroizing::new(decapsulate(&self.private.0, &encapsulated));
        let mut secret = Vec::with_capacity(post_quantum.len() + classical.secret_bytes().len());
        secret.extend_from_slice(&*post_quantum);
        secret.extend_from_slice(classical.secret_bytes());
        Ok(SharedSecret::from(secret))
    }

    fn hybrid_component(&self) -> Option<(NamedGroup, &[u8])> {
        Some((self.classical.group(), self.classical.pub_key()))
    }

    fn complete_hybrid_component(self: Box<Self>, share: &[u8]) -> Result<SharedSecret, Error> {
        self.classical.complete(share)
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }
}
