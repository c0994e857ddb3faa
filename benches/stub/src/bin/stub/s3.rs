//! Objects in memory: what S3 does with them, and copies by the thousand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::ops::Bound;
use std::sync::Arc;

use crate::http::{Answer, Request};

const MODIFIED: &str = "2026-01-01T00:00:00.000Z";
const MODIFIED_HTTP: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
const PAGE: usize = 1000;

/// What is stored, by `bucket/path`.
#[derive(Default)]
pub struct Objects(BTreeMap<String, Object>);

#[derive(Clone)]
struct Object {
    tag: String,
    body: Arc<[u8]>,
}

impl Objects {
    /// Does what is asked, and says what that is called.
    pub fn answer(&mut self, request: &Request) -> (String, Answer) {
        let name = request.object();
        let listed = !name.trim_end_matches('/').contains('/');
        let (operation, answer) = match &*request.method {
            "POST" if name.starts_with("_bench/copies") => ("bench", self.copies(request)),
            "GET" if listed => (
                "ListObjectsV2",
                self.list(request, name.trim_end_matches('/')),
            ),
            "HEAD" if listed => ("HeadBucket", Answer::new(200, "application/xml", "")),
            "GET" => ("GetObject", self.get(request, &name)),
            "HEAD" => ("HeadObject", self.get(request, &name)),
            "PUT" => ("PutObject", self.put(request, name)),
            "DELETE" => {
                self.0.remove(&name);
                ("DeleteObject", Answer::new(204, "application/xml", ""))
            }
            _ => ("unknown", refusal(501, "NotImplemented")),
        };
        (operation.to_owned(), answer)
    }

    fn get(&self, request: &Request, name: &str) -> Answer {
        let Some(object) = self.0.get(name) else {
            return refusal(404, "NoSuchKey");
        };
        if request.header("if-none-match") == Some(&object.tag) {
            return Answer::new(304, "application/xml", "").with("etag", &object.tag);
        }
        let mut answer = Answer::new(200, "application/json", "")
            .with("etag", &object.tag)
            .with("last-modified", MODIFIED_HTTP);
        answer.body = Arc::clone(&object.body);
        answer
    }

    fn put(&mut self, request: &Request, name: String) -> Answer {
        let current = self.0.get(&name).map(|object| object.tag.as_str());
        let wanted = request.header("if-match");
        if wanted.is_some() && wanted != current
            || request.header("if-none-match").is_some() && current.is_some()
        {
            return refusal(412, "PreconditionFailed");
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(&request.body);
        let tag = format!("\"{:032x}\"", hasher.finish());
        let body = request.body.as_slice().into();
        let answer = Answer::new(200, "application/xml", "").with("etag", &tag);
        self.0.insert(name, Object { tag, body });
        answer
    }

    /// `POST /_bench/copies?of=BUCKET/PATH&to=BUCKET/PREFIX&count=N`: N objects
    /// with the same bytes, named by their number.
    fn copies(&mut self, request: &Request) -> Answer {
        let of = request
            .query("of")
            .and_then(|name| self.0.get(&name).cloned());
        let count = request.query("count").and_then(|text| text.parse().ok());
        let (Some(object), Some(to), Some(count)) = (of, request.query("to"), count) else {
            return refusal(400, "InvalidRequest");
        };
        for number in 0..count {
            let number: u32 = number;
            self.0.insert(format!("{to}{number:06}"), object.clone());
        }
        Answer::new(200, "application/xml", "")
    }

    fn list(&self, request: &Request, bucket: &str) -> Answer {
        let prefix = request.query("prefix").unwrap_or_default();
        let start = format!("{bucket}/{prefix}");
        let after = request
            .query("continuation-token")
            .or(request.query("start-after"));
        let from = match &after {
            Some(path) => Bound::Excluded(format!("{bucket}/{path}")),
            None => Bound::Included(start.clone()),
        };
        let mut found = self
            .0
            .range((from, Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(&start))
            .peekable();
        let mut rows = String::new();
        let (mut count, mut last) = (0, "");
        while let Some((name, object)) = found.next_if(|_| count < PAGE) {
            count += 1;
            last = &name[bucket.len() + 1..];
            let _ = write!(
                rows,
                "<Contents><Key>{last}</Key><LastModified>{MODIFIED}</LastModified>\
                 <ETag>{}</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
                object.tag.replace('"', "&quot;"),
                object.body.len(),
            );
        }
        let more = found.peek().is_some();
        let token = if more {
            format!("<NextContinuationToken>{last}</NextContinuationToken>")
        } else {
            String::new()
        };
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Name>{bucket}</Name><Prefix>{prefix}</Prefix><MaxKeys>{PAGE}</MaxKeys>\
             <IsTruncated>{more}</IsTruncated><KeyCount>{count}</KeyCount>{token}{rows}\
             </ListBucketResult>",
        );
        Answer::new(200, "application/xml", document)
    }
}

fn refusal(status: u16, code: &str) -> Answer {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{code}</Message></Error>"
    );
    Answer::new(status, "application/xml", document)
}
