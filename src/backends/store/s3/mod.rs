//! A store in an S3 bucket: a record is the object at prefix and name.
//!
//! Knows requests and responses. Every request names the bucket's owner if one
//! is configured. If S3 says that the bucket is in another region, the request
//! is repeated there once, and all later ones go there (`region`). The version `null` of
//! an unversioned object is never shown: its etag stands for it, and finds it.

mod get;
mod list;
mod make;
mod region;
mod requests;
mod setup;
mod turned_away;
mod versions;
mod write;

pub(crate) use requests::{Bucket, S3Store};
pub use setup::BucketState;

use bytes::Bytes;

use super::{Condition, Lookup, Outcome, Pages, Refetch, Removal, Store, Stored, Version};
use crate::backends::Pending;
use crate::base::{ObjectPath, Place, Result, SecretName};

impl Store for S3Store {
    fn place(&self, name: &SecretName) -> Result<Place> {
        let path = ObjectPath::new(
            format!("s3://{}/", self.bucket.name),
            self.bucket.path(name.as_str())?,
        );
        Ok(Place {
            name: name.clone(),
            path,
        })
    }

    fn dial_ahead(&self, connections: usize) {
        let client = self.client();
        let region = client.config().region().map(AsRef::as_ref);
        self.aws.dial_s3(&self.bucket.name, region, connections);
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Pending<'a, Lookup> {
        Box::pin(self.get(place, version))
    }

    fn refetch<'a>(&'a self, place: &'a Place, etag: &'a str) -> Pending<'a, Refetch> {
        Box::pin(self.get_unless(place, etag))
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Pending<'a, Outcome> {
        Box::pin(self.put(place, record, condition))
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Pending<'a, Removal> {
        Box::pin(self.remove(place, current))
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        Box::new(list::ObjectPages::new(self, prefix))
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Pending<'a, Vec<Version>> {
        Box::pin(self.history(place))
    }

    fn keeps_replaced(&self) -> Pending<'_, bool> {
        Box::pin(self.keeps_versions())
    }
}

#[cfg(test)]
mod tests;
