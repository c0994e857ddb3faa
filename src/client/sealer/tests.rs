//! Records without a store: random secrets, and random damage.

use super::*;
use crate::backends::store::now;
use crate::base::test_random::Generator;
use crate::client::Client;

fn sealer(write: u8) -> Sealer {
    let mut sealer = Client::in_memory().sealer;
    sealer.formats.write = write;
    sealer
}

fn place() -> Place {
    crate::base::test_support::place("s3://acme/", "prod/", "db")
}

fn stored(bytes: Vec<u8>) -> Stored {
    Stored::new(bytes, "e", None)
}

fn seal(sealer: &Sealer, secret: &Secret, current: Option<&Stored>) -> Result<Stored> {
    now(sealer.seal(&place(), secret, current)).map(stored)
}

#[test]
fn whatever_is_sealed_opens_as_it_was_in_both_versions() {
    let mut random = Generator::new(4);
    for version in [1, 2] {
        let sealer = sealer(version);
        let (mut current, mut data_key) = (None, Vec::new());
        for _ in 0..300 {
            let secret = Secret::new(random.bytes(200));
            let record = seal(&sealer, &secret, current.as_ref()).unwrap();
            let unlocked = now(sealer.unwrap(&place(), &record, Demands::default())).unwrap();
            assert_ne!(unlocked.data_key.as_bytes(), data_key);
            data_key = unlocked.data_key.as_bytes().to_vec();
            let opened = unlocked.open(&place(), record.clone()).unwrap();
            assert_eq!(opened.as_bytes(), secret.as_bytes());
            current = Some(record);
        }
    }
}

#[test]
fn no_changed_byte_gives_another_secret() {
    let mut random = Generator::new(5);
    let sealer = sealer(2);
    let record = seal(&sealer, &"the secret itself".into(), None).unwrap();
    for _ in 0..3000 {
        let mut changed = record.clone();
        let at = random.below(changed.bytes.len());
        changed.bytes[at] = *random.pick(b"0123456789abcdefABCDEF \"\\,:{}=-_/+");
        if let Ok(secret) = now(sealer.open(&place(), changed, Demands::default())) {
            assert_eq!(secret.as_bytes(), b"the secret itself");
        }
    }
}
