//! Secrets that a test stores itself, without the program.

use serde_json::Value;

use super::S3_PATH;
use super::record::{self, About};
use crate::support::fake_aws::{ALIAS, Context, FakeAws};

/// A secret to be there before a run.
pub struct Stored {
    pub name: String,
    pub secret: Vec<u8>,
    /// Of its record: 1 or 2.
    pub version: u8,
}

impl Stored {
    /// Its record, for a path as records of version 2 have it.
    pub fn seal(&self, path: &str, wrap: impl FnOnce(&[u8], &Context) -> Vec<u8>) -> Vec<u8> {
        match self.version {
            1 => record::version_1(&self.secret, wrap),
            _ => record::version_2(&About::new(path, &self.secret), &self.secret, wrap),
        }
    }

    /// Stores it at `BUCKET/PATH` under the wrapping key of an alias or an ARN.
    #[track_caller]
    pub fn store(&self, aws: &FakeAws, place: &str, under: &str) -> String {
        let wrap = |data_key: &[u8], context: &Context| aws.wrap(under, data_key, context);
        aws.put_object(place, &self.seal(&format!("s3://{place}"), wrap))
    }
}

/// The place of a name's record: `BUCKET/PATH`.
pub fn place(name: &str) -> String {
    format!("{S3_PATH}{name}")
}

/// Stores a secret in a fake under [`ALIAS`], and says which version it is.
///
/// Shape: the place is `BUCKET/PATH`; the record's version is 1 or 2.
#[track_caller]
pub fn store(aws: &FakeAws, place: &str, secret: impl AsRef<[u8]>, version: u8) -> String {
    store_under(aws, place, secret, version, ALIAS)
}

/// The same under the wrapping key of another alias, or of an ARN.
#[track_caller]
pub fn store_under(
    aws: &FakeAws,
    place: &str,
    secret: impl AsRef<[u8]>,
    version: u8,
    under: &str,
) -> String {
    let stored = Stored {
        name: String::new(),
        secret: secret.as_ref().to_vec(),
        version,
    };
    stored.store(aws, place, under)
}

/// The record of a name in the fake's bucket.
#[track_caller]
pub fn stored(aws: &FakeAws, name: &str) -> Value {
    let bytes = aws.object(&place(name)).expect("a record");
    serde_json::from_slice(&bytes).expect("JSON")
}
