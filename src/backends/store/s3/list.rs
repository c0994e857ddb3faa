//! Lists the names under a prefix: `ListObjectsV2`, a thousand at a time.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, Object};

use super::requests::{S3Store, bare, request};
use crate::backends::Pending;
use crate::backends::aws;
use crate::backends::store::{Entry, Pages};
use crate::base::{Error, Operation, Result};

/// How many pages in a row may be empty.
const EMPTY_PAGES: u32 = 250;

/// The longest continuation token, in bytes; S3's have about a hundred.
const LONGEST_TOKEN: usize = 8 * 1024;

/// A list in progress, one request per page.
#[derive(Debug)]
pub(super) struct ObjectPages<'a> {
    store: &'a S3Store,
    /// Of the names: the paths start with the store's own prefix too.
    prefix: String,
    next: Next,
    guard: LoopGuard,
}

/// Tells an endless list from a long one.
#[derive(Debug, Default)]
struct LoopGuard {
    /// Tokens, and the first paths of pages, as hashes.
    marks: HashSet<u64>,
    hasher: RandomState,
    /// Empty pages in a row.
    empty: u32,
}

impl LoopGuard {
    /// Why to stop asking for pages, if there is a reason.
    fn stops(&mut self, token: &str, first: Option<&str>) -> Option<&'static str> {
        self.empty = if first.is_some() { 0 } else { self.empty + 1 };
        if self.empty > EMPTY_PAGES {
            return Some("it keeps sending empty pages");
        }
        let mut is_new = |mark: (u8, &str)| self.marks.insert(self.hasher.hash_one(mark));
        let is_new = is_new((0, token)) & first.is_none_or(|first| is_new((1, first)));
        (!is_new).then_some("it sent the same page twice")
    }
}

/// Which page comes next.
#[derive(Debug)]
enum Next {
    First,
    /// The page for this token.
    After(String),
    Nothing,
}

impl<'a> ObjectPages<'a> {
    pub(super) fn new(store: &'a S3Store, prefix: &str) -> Self {
        Self {
            store,
            prefix: prefix.to_owned(),
            next: Next::First,
            guard: LoopGuard::default(),
        }
    }

    async fn page(&mut self) -> Result<Option<Vec<Entry>>> {
        let token = match &self.next {
            Next::First => None,
            Next::After(token) => Some(token),
            Next::Nothing => return Ok(None),
        };
        let bucket = &self.store.bucket;
        let prefix = bucket.path(&self.prefix)?;
        let target = format!("s3://{}/{prefix}", bucket.name);
        let answer = self
            .store
            .ask("ListObjectsV2", &target, |client| {
                request!(self.store, client.list_objects_v2)
                    .prefix(&prefix)
                    .encoding_type(EncodingType::Url)
                    .set_continuation_token(token.cloned())
                    .send()
            })
            .await;
        let output = answer.map_err(|error| {
            let failed = self.store.failed(Operation::List, None, &error);
            failed.reworded(|cause, _| *cause = format!("{target}: {cause}"))
        })?;
        let next = match (output.is_truncated(), output.next_continuation_token()) {
            // Sent back in a URL, it would be longer than any server reads.
            (Some(true), Some(next)) if next.len() > LONGEST_TOKEN => {
                return Err(broken(&target, "its continuation token is too long"));
            }
            (Some(true), Some(next)) => {
                let first = output.contents().first().and_then(Object::key);
                if let Some(why) = self.guard.stops(next, first) {
                    return Err(broken(&target, why));
                }
                Next::After(next.to_owned())
            }
            (Some(true), _) => {
                return Err(broken(
                    &target,
                    "the page is truncated but has no continuation token",
                ));
            }
            _ => Next::Nothing,
        };
        let page = entries(&output, &bucket.prefix, &target)?;
        self.next = next;
        Ok(Some(page))
    }
}

impl Pages for ObjectPages<'_> {
    fn next(&mut self) -> Pending<'_, Option<Vec<Entry>>> {
        Box::pin(self.page())
    }
}

/// The objects of a page whose paths are a prefix and a name.
fn entries(output: &ListObjectsV2Output, prefix: &str, target: &str) -> Result<Vec<Entry>> {
    let encoding = output.encoding_type();
    let mut entries = Vec::with_capacity(output.contents().len());
    for object in output.contents() {
        let path = decoded(object.key().unwrap_or_default(), encoding);
        // A console creates an object named like the prefix for a folder.
        let Some(name) = path.strip_prefix(prefix).and_then(|name| name.parse().ok()) else {
            continue;
        };
        let (size, modified) = size_and_time(object)
            .ok_or_else(|| broken(target, "it lists an object without its size or time"))?;
        // The same goes for an empty `app/`, a folder inside it.
        if size == 0 && path.ends_with('/') {
            continue;
        }
        entries.push(Entry {
            name,
            size,
            modified,
            etag: object.e_tag().map(|etag| bare(Some(etag))),
        });
    }
    // Not every server sorts, as S3 does.
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

fn size_and_time(object: &Object) -> Option<(u64, std::time::SystemTime)> {
    let modified = (*object.last_modified()?).try_into().ok()?;
    Some((object.size()?.try_into().ok()?, modified))
}

/// A decoded path: if the response uses URL encoding, which plain XML needs for
/// some characters, `+` is a space and `%41` an `A`.
pub(super) fn decoded(text: &str, encoding: Option<&EncodingType>) -> String {
    if encoding != Some(&EncodingType::Url) {
        return text.to_owned();
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            rest = &tail[2..];
        } else {
            out.push(if *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn broken(target: &str, what: &str) -> Error {
    let cause = format!("{target}: the server's response is not valid: {what}");
    aws::strange(Operation::List, None, cause)
}
