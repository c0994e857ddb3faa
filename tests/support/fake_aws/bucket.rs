//! Buckets: objects, versions and settings.
//!
//! Keeps what it is told to keep. Conditions, rights and answers are the
//! business of `s3`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// A bucket; its name is its place in the state.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub region: String,
    /// The account that owns it.
    pub owner: String,
    pub versioning: Versioning,
    /// Whether the caller has s3:ListBucket.
    pub listable: bool,
    /// How it turns away what is signed for another region.
    pub elsewhere: Elsewhere,
    /// What `PutPublicAccessBlock` and the like have set, by the query's name.
    pub settings: BTreeMap<String, Vec<u8>>,
    /// Whether all versions begin with the same characters.
    pub alike: bool,
    /// The versions of each object, the newest last.
    objects: BTreeMap<String, Vec<Version>>,
    /// Seconds since 2026 began; each write takes one.
    clock: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    Off,
    On,
    Suspended,
}

/// The two forms of an answer to a request for another region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// 301 `PermanentRedirect`, with the region in a header.
    Redirect,
    /// 400 `AuthorizationHeaderMalformed`, with the region in the body.
    Malformed,
}

/// One version of an object.
#[derive(Debug, Clone)]
pub struct Version {
    /// `null` where the bucket keeps no versions.
    pub id: String,
    /// `None` for a delete marker.
    pub body: Option<Vec<u8>>,
    pub etag: String,
    pub modified: Time,
    pub content_type: String,
}

/// Seconds since 2026 began, all of them in its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(u32);

impl Time {
    /// `2026-01-01T00:00:05.000Z`
    pub fn iso(self) -> String {
        format!("2026-01-01T{}.000Z", self.clock())
    }

    /// `Thu, 01 Jan 2026 00:00:05 GMT`
    pub fn http(self) -> String {
        format!("Thu, 01 Jan 2026 {} GMT", self.clock())
    }

    fn clock(self) -> String {
        assert!(self.0 < 86_400, "more than a day of writes");
        let (hours, minutes) = (self.0 / 3600, self.0 / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02}", self.0 % 60)
    }
}

impl Version {
    pub fn is_delete_marker(&self) -> bool {
        self.body.is_none()
    }
}

impl Bucket {
    pub fn new(region: &str, owner: &str) -> Self {
        Self {
            region: region.to_owned(),
            owner: owner.to_owned(),
            versioning: Versioning::Off,
            listable: true,
            elsewhere: Elsewhere::Redirect,
            settings: BTreeMap::new(),
            alike: false,
            objects: BTreeMap::new(),
            clock: 0,
        }
    }

    /// The current version, unless it is a delete marker.
    pub fn current(&self, path: &str) -> Option<&Version> {
        self.newest(path).filter(|version| version.body.is_some())
    }

    /// The newest version, delete markers too.
    pub fn newest(&self, path: &str) -> Option<&Version> {
        self.objects.get(path)?.last()
    }

    pub fn version(&self, path: &str, id: &str) -> Option<&Version> {
        self.versions(path).iter().find(|version| version.id == id)
    }

    /// The oldest first.
    pub fn versions(&self, path: &str) -> &[Version] {
        self.objects.get(path).map_or(&[], Vec::as_slice)
    }

    /// All paths that have a version, in byte order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    /// Stores bytes as the newest version.
    pub fn put(&mut self, path: &str, body: &[u8], content_type: &str) -> &Version {
        self.add(path, Some(body.to_vec()), content_type)
    }

    /// Removes an object: by a delete marker where versions are kept.
    pub fn delete(&mut self, path: &str) -> Option<&Version> {
        if self.versioning == Versioning::Off {
            self.objects.remove(path);
            return None;
        }
        Some(self.add(path, None, ""))
    }

    /// Removes one version for good.
    pub fn delete_version(&mut self, path: &str, id: &str) -> Option<Version> {
        let versions = self.objects.get_mut(path)?;
        let at = versions.iter().position(|version| version.id == id)?;
        let removed = versions.remove(at);
        if versions.is_empty() {
            self.objects.remove(path);
        }
        Some(removed)
    }

    fn add(&mut self, path: &str, body: Option<Vec<u8>>, content_type: &str) -> &Version {
        self.clock += 1;
        let id = match self.versioning {
            // Not hexadecimal, so that it is never taken for an ETag.
            Versioning::On => {
                let spread = if self.alike { 0 } else { 0x9e37_79b1 };
                let start = self.clock.wrapping_mul(spread);
                format!("v.{start:08x}{:022}", self.clock)
            }
            Versioning::Off | Versioning::Suspended => "null".to_owned(),
        };
        let versions = self.objects.entry(path.to_owned()).or_default();
        if id == "null" {
            versions.retain(|version| version.id != "null");
        }
        versions.push(Version {
            etag: etag(body.as_deref().unwrap_or_default()),
            id,
            body,
            modified: Time(self.clock),
            content_type: content_type.to_owned(),
        });
        versions.last().expect("one was just added")
    }
}

/// 32 hexadecimal digits in quotes. AWS takes MD5; here it is a part of
/// SHA-256, since nobody may rely on which hash it is.
pub fn etag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let number = u128::from_be_bytes(hash[..16].try_into().expect("16 bytes"));
    format!("\"{number:032x}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(bucket: &Bucket, path: &str) -> Vec<String> {
        let versions = bucket.versions(path).iter();
        versions.map(|version| version.id.clone()).collect()
    }

    #[test]
    fn versions_are_kept_only_where_that_is_on() {
        let mut bucket = Bucket::new("us-east-1", "123456789012");
        bucket.put("a", b"1", "");
        bucket.put("a", b"2", "");
        assert_eq!(ids(&bucket, "a"), ["null"]);
        bucket.versioning = Versioning::On;
        let on = bucket.put("a", b"3", "").id.clone();
        assert_eq!(ids(&bucket, "a"), ["null", &on]);
        bucket.versioning = Versioning::Suspended;
        bucket.put("a", b"4", "");
        assert_eq!(ids(&bucket, "a"), [&on, "null"]);
        let seen = bucket.current("a").unwrap().body.as_deref();
        assert_eq!(seen, Some(&b"4"[..]));
    }

    #[test]
    fn a_delete_marker_hides_an_object_until_it_is_removed() {
        let mut bucket = Bucket::new("us-east-1", "123456789012");
        bucket.versioning = Versioning::On;
        bucket.put("a", b"1", "");
        let marker = bucket.delete("a").unwrap().id.clone();
        assert!(bucket.current("a").is_none());
        assert!(bucket.newest("a").unwrap().is_delete_marker());
        assert!(bucket.delete_version("a", &marker).is_some());
        assert!(bucket.current("a").is_some());
    }

    #[test]
    fn time_goes_on_with_each_write() {
        assert_eq!(Time(3_725).iso(), "2026-01-01T01:02:05.000Z");
        assert_eq!(Time(5).http(), "Thu, 01 Jan 2026 00:00:05 GMT");
    }
}
