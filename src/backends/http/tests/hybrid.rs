//! The post-quantum key exchange, against servers with and without it.

use std::sync::mpsc;

use libcrux_ml_kem::mlkem768::{MlKem768PublicKey, encapsulate, validate_public_key};
use rustls::crypto::ring::kx_group::{SECP256R1, X25519};
use rustls::crypto::ring::{cipher_suite, default_provider};
use rustls::crypto::{ActiveKeyExchange, CompletedKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{HandshakeKind, NamedGroup, ProtocolVersion};

use super::secure::{path, tls_server_by};
use super::*;
use crate::backends::http::hybrid::Hybrid;

/// The server's half, by the same library.
#[derive(Debug)]
struct Answering;

impl SupportedKxGroup for Answering {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        unreachable!("a server answers")
    }

    fn start_and_complete(&self, share: &[u8]) -> Result<CompletedKeyExchange, rustls::Error> {
        let (public, classical) = share.split_at(1184);
        let public = MlKem768PublicKey::try_from(public).unwrap();
        assert!(validate_public_key(&public));
        let classical = X25519.start_and_complete(classical)?;
        let (encapsulated, secret) = encapsulate(&public, [7; 32]);
        let secret = [&secret[..], classical.secret.secret_bytes()].concat();
        Ok(CompletedKeyExchange {
            group: self.name(),
            pub_key: [encapsulated.as_ref(), &classical.pub_key].concat(),
            secret: SharedSecret::from(secret),
        })
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

#[test]
fn a_server_that_can_is_met_by_it_and_one_that_cannot_costs_no_round_trip() {
    use HandshakeKind::{Full, FullWithHelloRetryRequest};
    use NamedGroup::{X25519 as Classical, X25519MLKEM768, secp256r1};
    let newest = default_provider().cipher_suites;
    let old = vec![cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
    let table: [(Vec<&'static dyn SupportedKxGroup>, _, _, _); 5] = [
        (vec![&Answering], newest.clone(), X25519MLKEM768, Full),
        (
            vec![X25519, &Answering],
            newest.clone(),
            X25519MLKEM768,
            Full,
        ),
        (vec![X25519], newest.clone(), Classical, Full),
        (
            vec![SECP256R1],
            newest,
            secp256r1,
            FullWithHelloRetryRequest,
        ),
        (vec![X25519], old, Classical, Full),
    ];
    for (kx_groups, cipher_suites, group, kind) in table {
        let (tell, told) = mpsc::channel();
        let provider = rustls::crypto::CryptoProvider {
            kx_groups,
            cipher_suites,
            ..default_provider()
        };
        let (port, pem) = tls_server_by(provider, move |connection| {
            let group = connection.negotiated_key_exchange_group();
            let group = group.map(SupportedKxGroup::name);
            tell.send((group, connection.handshake_kind())).unwrap();
        });
        let folder = crate::base::test_support::folder();
        let client = connector(Network {
            ca_bundle: Some(path(&folder, "authority.pem", &pem)),
            ..Network::default()
        });
        let answer = run(client.get(&format!("https://127.0.0.1:{port}/")));
        assert_eq!(answer.unwrap(), "secret");
        assert_eq!(told.recv().unwrap(), (Some(group), Some(kind)));
    }
}

#[test]
fn a_share_of_another_length_or_without_a_secret_is_refused() {
    let started = Hybrid.start().unwrap();
    assert_eq!(started.pub_key().len(), 1184 + 32);
    let (group, classical) = started.hybrid_component().unwrap();
    assert_eq!(group, NamedGroup::X25519);
    assert_eq!(classical, &started.pub_key()[1184..]);

    let good = Answering.start_and_complete(started.pub_key()).unwrap();
    let mut pointless = good.pub_key.clone();
    pointless[1088..].fill(0);
    let longer = [&good.pub_key[..], &[0]].concat();
    let shorter = good.pub_key[..1119].to_vec();
    let half = good.pub_key[..1088].to_vec();
    for share in [pointless, longer, shorter, half, Vec::new()] {
        let completed = Hybrid.start().unwrap().complete(&share);
        assert!(completed.is_err(), "{}", share.len());
    }
    let secret = started.complete(&good.pub_key).unwrap();
    assert_eq!(secret.secret_bytes(), good.secret.secret_bytes());
    assert_eq!(secret.secret_bytes().len(), 64);

    // A ciphertext for another key gives a secret that nobody knows.
    let other = Hybrid.start().unwrap().complete(&good.pub_key).unwrap();
    assert_ne!(other.secret_bytes()[..32], good.secret.secret_bytes()[..32]);
}
