//! The attacks, as they are thought of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::super::{about, place, sealed, stored};
use super::SECRET;
use crate::support::harness::record::About;
use crate::support::{ALIAS, FakeAws};

/// One thing to put where the record was.
pub(super) struct Attack {
    pub(super) what: String,
    pub(super) record: Vec<u8>,
    /// What the reader asks for beyond the defaults: settings, and options.
    pub(super) settings: &'static str,
    pub(super) options: &'static [&'static str],
    /// How the message goes on after naming the secret.
    pub(super) why: String,
    /// What KMS is asked, under which wrapping key.
    pub(super) kms: &'static [&'static str],
}

/// What every attack on the context comes to: KMS is asked once, under the
/// configured wrapping key, and says no.
const BY_KMS: &str = "it fails authentication: KMS refuses to unwrap its data key";
pub(super) const ASKED: &[&str] = &["Decrypt alias/acme"];

/// The attacks, as they are thought of.
pub(super) struct Matrix {
    pub(super) aws: FakeAws,
    /// The record that they start from.
    pub(super) good: Value,
    pub(super) attacks: Vec<Attack>,
}

impl Matrix {
    pub(super) fn new() -> Self {
        let aws = FakeAws::start();
        let record = sealed(&aws, ALIAS, &about("web", SECRET), SECRET);
        aws.put_object(&place("web"), &record);
        let good = stored(&aws, "web");
        Self {
            aws,
            good,
            attacks: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        what: impl Into<String>,
        record: impl AsRef<[u8]>,
        why: impl Into<String>,
        kms: &'static [&'static str],
    ) -> &mut Attack {
        self.attacks.push(Attack {
            what: what.into(),
            record: record.as_ref().to_vec(),
            settings: "{}",
            options: &[],
            why: why.into(),
            kms,
        });
        self.attacks.last_mut().unwrap()
    }

    /// What only KMS can see.
    pub(super) fn by_kms(&mut self, what: impl Into<String>, record: &Value) {
        self.add(what, record.to_string(), BY_KMS, ASKED);
    }

    /// What can be seen without KMS is not shown to it.
    pub(super) fn locally(
        &mut self,
        what: impl Into<String>,
        record: &impl ToString,
        why: &str,
    ) -> &mut Attack {
        self.add(what, record.to_string(), why, &[])
    }

    /// The good record, with another value of a member.
    pub(super) fn with(&self, member: &str, value: impl Into<Value>) -> Value {
        with(&self.good, member, value)
    }

    /// A record that is sound at another place, or under another wrapping key.
    pub(super) fn sealed(&self, under: &str, about: &About) -> Value {
        serde_json::from_slice(&sealed(&self.aws, under, about, SECRET)).unwrap()
    }

    pub(super) fn blob(&self) -> Vec<u8> {
        STANDARD
            .decode(self.good["wrapped_key"].as_str().unwrap())
            .unwrap()
    }

    /// The data key of the good record, as a reader may keep it.
    pub(super) fn kept(&self) -> Vec<u8> {
        let state = self.aws.state();
        state.kms.look_into(&self.blob()).unwrap().plaintext.clone()
    }
}

pub(super) fn with(record: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut record = record.clone();
    record[member] = value.into();
    record
}

pub(super) fn hash(token: &str) -> String {
    format!("{:x}", Sha256::digest(token))
}
