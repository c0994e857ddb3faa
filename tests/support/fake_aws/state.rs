//! All that the fake keeps: buckets, wrapping keys, and who is calling.
//!
//! Tests look into it and change it; requests do the same under one lock, so
//! that each is done whole before the next.

use std::collections::BTreeMap;

use super::bucket::{Bucket, Version};
use super::wrapping_key::Kms;

/// The account of the caller and its resources.
pub const ACCOUNT: &str = "123456789012";
/// The region that everything is in unless it is put elsewhere.
pub const REGION: &str = "us-east-1";
/// A bucket that always exists.
pub const BUCKET: &str = "acme-secrets";
/// The alias of a wrapping key that always exists.
pub const ALIAS: &str = "acme";

#[derive(Debug)]
pub struct State {
    pub buckets: BTreeMap<String, Bucket>,
    pub kms: Kms,
    /// The account whose credentials the caller has.
    pub caller: String,
}

impl State {
    /// One empty bucket, and one wrapping key with its alias.
    pub fn new() -> Self {
        let mut kms = Kms::default();
        let arn = kms.create(ACCOUNT, REGION);
        kms.point(ALIAS, &arn);
        Self {
            buckets: BTreeMap::from([(BUCKET.to_owned(), Bucket::new(REGION, ACCOUNT))]),
            kms,
            caller: ACCOUNT.to_owned(),
        }
    }

    /// The bucket of this name.
    #[track_caller]
    pub fn bucket(&mut self, name: &str) -> &mut Bucket {
        let bucket = self.buckets.get_mut(name);
        bucket.unwrap_or_else(|| panic!("no bucket {name}"))
    }

    /// The current bytes at `BUCKET/PATH`.
    pub fn object(&self, place: &str) -> Option<Vec<u8>> {
        let (bucket, path) = split(place);
        self.buckets.get(bucket)?.current(path)?.body.clone()
    }

    /// The versions at `BUCKET/PATH`, the oldest first.
    pub fn versions(&self, place: &str) -> Vec<Version> {
        let (bucket, path) = split(place);
        let bucket = self.buckets.get(bucket);
        bucket.map_or_else(Vec::new, |bucket| bucket.versions(path).to_vec())
    }

    /// Stores bytes at `BUCKET/PATH`, and says which version they are.
    #[track_caller]
    pub fn put_object(&mut self, place: &str, bytes: &[u8]) -> String {
        let (bucket, path) = split(place);
        let version = self
            .bucket(bucket)
            .put(path, bytes, "application/octet-stream");
        version.id.clone()
    }

    /// Deletes the object at `BUCKET/PATH`.
    #[track_caller]
    pub fn delete_object(&mut self, place: &str) {
        let (bucket, path) = split(place);
        self.bucket(bucket).delete(path);
    }
}

fn split(place: &str) -> (&str, &str) {
    place.split_once('/').expect("BUCKET/PATH")
}
