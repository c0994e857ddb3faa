//! S3's listings: a page at a time, in byte order, newest version first.

use std::fmt::Write as _;

use super::bucket::Bucket;
use super::request::Request;
use super::s3::{Outcome, Refusal, escape};
use crate::support::http::Answer;
use crate::support::http::encode_path;

/// What S3 lists at once if nothing is said.
const PAGE: usize = 1000;

/// Continuation tokens are opaque, so they are not just the path.
const TOKEN: &str = "token.";

/// `ListObjectsV2`, without delimiters.
pub fn objects(bucket: &Bucket, request: &Request) -> Outcome {
    let page = Page::read(request)?;
    let token = match request.query("continuation-token") {
        Some(token) => Some(token.strip_prefix(TOKEN).ok_or_else(|| {
            let message = "The continuation token provided is incorrect";
            Refusal::new(400, "InvalidArgument", message)
        })?),
        None => None,
    };
    let after = token.or(request.query("start-after")).unwrap_or_default();
    let mut paths: Vec<&str> = bucket
        .paths()
        .filter(|path| path.starts_with(&page.prefix) && *path > after)
        .filter(|path| bucket.current(path).is_some())
        .collect();
    let truncated = paths.len() > page.size;
    paths.truncate(page.size);
    let mut body = page.start(request, "ListBucketResult", truncated);
    write!(body, "<KeyCount>{}</KeyCount>", paths.len()).unwrap();
    if let Some(last) = paths.last().filter(|_| truncated) {
        let token = escape(&format!("{TOKEN}{last}"));
        write!(
            body,
            "<NextContinuationToken>{token}</NextContinuationToken>"
        )
        .unwrap();
    }
    for path in paths {
        let version = bucket.current(path).expect("those without were left out");
        write!(
            body,
            "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag>\
             <Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            page.path(path),
            version.modified.iso(),
            escape(&version.etag),
            version.body.as_ref().map_or(0, Vec::len),
        )
        .unwrap();
    }
    Ok(finish(body, "ListBucketResult"))
}

/// `ListObjectVersions`, without delimiters.
pub fn versions(bucket: &Bucket, request: &Request) -> Outcome {
    let page = Page::read(request)?;
    let after = request.query("key-marker").unwrap_or_default();
    let after_id = request.query("version-id-marker");
    let mut entries = Vec::new();
    for path in bucket.paths().filter(|path| path.starts_with(&page.prefix)) {
        let versions = bucket.versions(path).iter().rev();
        let newest = bucket.newest(path).map(|version| &version.id);
        let rows = versions.map(|version| (path, version, newest == Some(&version.id)));
        if path > after {
            entries.extend(rows);
        } else if let Some(id) = after_id.filter(|_| path == after) {
            entries.extend(rows.skip_while(|(_, version, _)| version.id != id).skip(1));
        }
    }
    let truncated = entries.len() > page.size;
    entries.truncate(page.size);
    let mut body = page.start(request, "ListVersionsResult", truncated);
    if let Some((path, version, _)) = entries.last().filter(|_| truncated) {
        write!(
            body,
            "<NextKeyMarker>{}</NextKeyMarker><NextVersionIdMarker>{}</NextVersionIdMarker>",
            page.path(path),
            version.id
        )
        .unwrap();
    }
    for (path, version, latest) in entries {
        let element = if version.is_delete_marker() {
            "DeleteMarker"
        } else {
            "Version"
        };
        write!(
            body,
            "<{element}><Key>{}</Key><VersionId>{}</VersionId><IsLatest>{latest}</IsLatest>\
             <LastModified>{}</LastModified>",
            page.path(path),
            version.id,
            version.modified.iso(),
        )
        .unwrap();
        if let Some(bytes) = &version.body {
            let (etag, size) = (escape(&version.etag), bytes.len());
            write!(body, "<ETag>{etag}</ETag><Size>{size}</Size>").unwrap();
        }
        write!(body, "</{element}>").unwrap();
    }
    Ok(finish(body, "ListVersionsResult"))
}

/// Which part of a bucket is asked for, and how paths are to be spelt.
struct Page {
    prefix: String,
    size: usize,
    coded: bool,
}

impl Page {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let size = request.query("max-keys").map_or(Ok(PAGE), str::parse);
        let invalid = |message| Refusal::new(400, "InvalidArgument", message);
        let size = size.map_err(|_| invalid("Provided max-keys not an integer"))?;
        if request
            .query("delimiter")
            .is_some_and(|text| !text.is_empty())
        {
            return Err(invalid("The fake knows no delimiters"));
        }
        Ok(Self {
            prefix: request.query("prefix").unwrap_or_default().to_owned(),
            size: size.min(PAGE),
            coded: request.query("encoding-type") == Some("url"),
        })
    }

    /// A path as the document spells it: under `encoding-type=url` a space is `+`.
    fn path(&self, path: &str) -> String {
        if self.coded {
            encode_path(path).replace("%20", "+")
        } else {
            escape(path)
        }
    }

    fn start(&self, request: &Request, element: &str, truncated: bool) -> String {
        let coded = if self.coded {
            "<EncodingType>url</EncodingType>"
        } else {
            ""
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <{element} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name>\
             <Prefix>{}</Prefix><MaxKeys>{}</MaxKeys>{coded}<IsTruncated>{truncated}</IsTruncated>",
            request.bucket(),
            self.path(&self.prefix),
            self.size,
        )
    }
}

fn finish(mut body: String, element: &str) -> Answer {
    write!(body, "</{element}>").unwrap();
    Answer::empty(200).body("application/xml", body)
}
