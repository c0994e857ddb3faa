//! Lists the versions of an object: `ListObjectVersions`.
//!
//! Servers differ: S3 lists versions and delete markers separately, some servers
//! repeat a version on every page, and some do not implement the request.

use std::collections::HashSet;
use std::time::SystemTime;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{DeleteMarkerEntry, EncodingType, ObjectVersion};

use super::list::decoded;
use super::requests::{LONGEST, S3Store, bare, real, request, status};
use crate::backends::aws;
use crate::backends::store::Version;
use crate::base::{Error, Operation, Place, Result};

/// The most pages that one record's versions may fill.
const PAGES: u32 = 1000;

/// What is wrong with a version that cannot be shown.
const INCOMPLETE: &str = "a version has no size or time";

/// The versions and delete markers on the pages, each newest first.
#[derive(Debug, Default)]
struct Listed {
    versions: Vec<ObjectVersion>,
    markers: Vec<DeleteMarkerEntry>,
    ids: HashSet<String>,
}

/// Where a page ends.
type Markers = (Option<String>, Option<String>);

impl S3Store {
    pub(super) async fn history(&self, place: &Place) -> Result<Vec<Version>> {
        let mut listed = Listed::default();
        let mut after: Markers = (None, None);
        for page in 0.. {
            if page == PAGES {
                tracing::warn!(
                    "{place} has more versions than fit on {PAGES} pages; older ones are omitted"
                );
                break;
            }
            let answer = self
                .ask("ListObjectVersions", &place.path, |client| {
                    request!(self, client.list_object_versions)
                        .prefix(place.path.as_str())
                        .encoding_type(EncodingType::Url)
                        .set_key_marker(after.0.clone())
                        .set_version_id_marker(after.1.clone())
                        .send()
                })
                .await;
            let output = match answer {
                Ok(output) => output,
                Err(error) if status(&error) == Some(501) => {
                    return self.only_version(place).await;
                }
                Err(error) => {
                    return Err(self.failed(Operation::ListVersions, Some(place), &error));
                }
            };
            let page = listed.add(&output, place.path.as_str());
            // The path itself sorts before all that start with it.
            if output.is_truncated() != Some(true) || page == Page::PastIt {
                break;
            }
            if page == Page::NothingNew {
                tracing::warn!(
                    "the server repeats itself, so older versions of {place} may be missing"
                );
                break;
            }
            let encoding = output.encoding_type();
            after = (
                output.next_key_marker().map(|path| decoded(path, encoding)),
                output.next_version_id_marker().map(str::to_owned),
            );
            // Sent back in a URL that is too long, they make the SDK panic.
            let markers = [&after.0, &after.1];
            if markers.into_iter().flatten().any(|one| one.len() > LONGEST) {
                return Err(broken(place, "the end of a page is too long"));
            }
        }
        listed.merged().ok_or_else(|| broken(place, INCOMPLETE))
    }

    /// The current object, if the server keeps no versions.
    async fn only_version(&self, place: &Place) -> Result<Vec<Version>> {
        let answer = self
            .ask("HeadObject", &place.path, |client| {
                request!(self, client.head_object)
                    .key(place.path.as_str())
                    .send()
            })
            .await;
        let output = match answer {
            Ok(output) => output,
            Err(error) if status(&error) == Some(404) => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(Operation::Read, Some(place), &error)),
        };
        let only = || {
            Some(Version {
                version: bare(output.e_tag()),
                etag: true,
                modified: time(output.last_modified())?,
                size: output.content_length()?.try_into().ok()?,
                deleted: false,
                current: true,
            })
        };
        Ok(vec![only().ok_or_else(|| broken(place, INCOMPLETE))?])
    }
}

/// What a page contained.
#[derive(Debug, PartialEq, Eq)]
enum Page {
    More,
    /// Other paths, which sort later.
    PastIt,
    NothingNew,
}

impl Listed {
    /// Adds what a page lists for one path, each version once.
    fn add(&mut self, output: &ListObjectVersionsOutput, path: &str) -> Page {
        let before = self.ids.len();
        let encoding = output.encoding_type();
        let ours = |listed: Option<&str>| decoded(listed.unwrap_or_default(), encoding) == path;
        let mut past = false;
        for version in output.versions() {
            if !ours(version.key()) {
                past = true;
            } else if self.ids.insert(id(version.version_id())) {
                self.versions.push(version.clone());
            }
        }
        for marker in output.delete_markers() {
            if !ours(marker.key()) {
                past = true;
            } else if self.ids.insert(id(marker.version_id())) {
                self.markers.push(marker.clone());
            }
        }
        match self.ids.len() - before {
            _ if past => Page::PastIt,
            0 => Page::NothingNew,
            _ => Page::More,
        }
    }

    /// All of them, newest first; `None` if one lacks its time or size.
    fn merged(self) -> Option<Vec<Version>> {
        let versions = self
            .versions
            .iter()
            .map(version)
            .collect::<Option<Vec<_>>>()?;
        // A delete marker without a version of its own cannot be named.
        let markers = self.markers.iter().filter_map(|marked| {
            let version = real(marked.version_id())?;
            Some(marker(marked, version))
        });
        let markers = markers.collect::<Option<Vec<_>>>()?;
        let (mut versions, mut markers) = (
            versions.into_iter().peekable(),
            markers.into_iter().peekable(),
        );
        let mut merged: Vec<Version> = Vec::new();
        loop {
            let marker_next = match (versions.peek(), markers.peek()) {
                (None, None) => return Some(merged),
                (Some(_), None) => false,
                (None, Some(_)) => true,
                // S3 gives whole seconds. Within one, assume that a version was
                // removed before the next one was stored.
                (Some(version), Some(marker)) if version.modified == marker.modified => {
                    !version.current && merged.last().is_none_or(|last| !last.deleted)
                }
                (Some(version), Some(marker)) => marker.modified > version.modified,
            };
            merged.extend(if marker_next {
                markers.next()
            } else {
                versions.next()
            });
        }
    }
}

/// A version's id, possibly `null`, of which a path has at most one.
fn id(version: Option<&str>) -> String {
    version.unwrap_or("null").to_owned()
}

fn version(listed: &ObjectVersion) -> Option<Version> {
    let real = real(listed.version_id());
    Some(Version {
        etag: real.is_none(),
        version: real.unwrap_or_else(|| bare(listed.e_tag())),
        modified: time(listed.last_modified())?,
        size: listed.size()?.try_into().ok()?,
        deleted: false,
        current: listed.is_latest() == Some(true),
    })
}

fn marker(listed: &DeleteMarkerEntry, version: String) -> Option<Version> {
    Some(Version {
        version,
        etag: false,
        modified: time(listed.last_modified())?,
        size: 0,
        deleted: true,
        current: false,
    })
}

fn time(listed: Option<&DateTime>) -> Option<SystemTime> {
    (*listed?).try_into().ok()
}

fn broken(place: &Place, what: &str) -> Error {
    let cause = format!("the server's response is not valid: {what}");
    aws::strange(Operation::ListVersions, Some(place), cause)
}
