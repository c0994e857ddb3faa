//! What was asked: a request with its service, its operation and its target.
//!
//! The service and the region come from the signature's scope, the operation
//! from method, query and headers, as AWS tells them apart. Whether it can be
//! answered is not its business.

use std::fmt;

use serde_json::Value;

use crate::support::http::{Head, decode_path};

/// One request, as it was received.
#[derive(Debug, Clone)]
pub struct Request {
    /// `s3`, `kms`, `sts`; empty if the request is not signed.
    pub service: String,
    /// `GetObject`, `Decrypt`; empty if it is none that is known.
    pub operation: String,
    /// The region that it is signed for.
    pub region: String,
    /// The first line, as it was sent.
    pub start: String,
    pub method: String,
    /// Decoded.
    pub path: String,
    /// Decoded, in their order.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request whose body is not there yet.
    pub fn new(head: &Head) -> Self {
        let (path, query) = head.target().split_once('?').unwrap_or((head.target(), ""));
        let (service, region) = scope(head).unwrap_or_default();
        let mut request = Self {
            service,
            operation: String::new(),
            region,
            start: head.start.clone(),
            method: head.method().to_owned(),
            path: decode_path(path).unwrap_or_default(),
            query: pairs(query),
            headers: head.headers.clone(),
            body: Vec::new(),
        };
        request.operation = match &*request.service {
            "s3" => request.s3_operation().unwrap_or_default().to_owned(),
            "kms" => {
                let target = request.header("x-amz-target").unwrap_or_default();
                let action = target.strip_prefix("TrentService.").unwrap_or_default();
                action.to_owned()
            }
            _ => String::new(),
        };
        request
    }

    /// The same with its body. The query protocol has the operation in there.
    pub fn receive(&mut self, body: Vec<u8>) {
        self.body = body;
        if ["sts", ""].contains(&&*self.service) {
            let form = pairs(&String::from_utf8_lossy(&self.body));
            let action = form.into_iter().find(|(name, _)| name == "Action");
            self.operation = action.map(|(_, value)| value).unwrap_or_default();
        }
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The value of a member of the query, decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The value of a member of the body, where that is a form.
    pub fn form(&self, name: &str) -> Option<String> {
        let form = pairs(&String::from_utf8_lossy(&self.body)).into_iter();
        form.into_iter()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The bucket; empty if there is none.
    pub fn bucket(&self) -> &str {
        self.bucket_and_path().0
    }

    /// The object's path in its bucket; empty if there is none.
    pub fn object(&self) -> &str {
        self.bucket_and_path().1
    }

    /// What it is about: `BUCKET/PATH`, or the wrapping key as it was named.
    pub fn target(&self) -> String {
        match &*self.service {
            "s3" => self.path.get(1..).unwrap_or_default().to_owned(),
            "kms" => {
                let body = self.json();
                let members = ["KeyId", "DestinationKeyId", "AliasName"];
                let named = members.iter().find_map(|name| body[name].as_str());
                named.unwrap_or_default().to_owned()
            }
            _ => String::new(),
        }
    }

    /// Leaves a header out.
    pub fn drop_header(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    fn bucket_and_path(&self) -> (&str, &str) {
        let path = self.path.get(1..).unwrap_or_default();
        path.split_once('/').unwrap_or((path, ""))
    }

    fn s3_operation(&self) -> Option<&'static str> {
        const SETTINGS: [(&str, &str, &str); 5] = [
            ("versioning", "GetBucketVersioning", "PutBucketVersioning"),
            (
                "publicAccessBlock",
                "GetPublicAccessBlock",
                "PutPublicAccessBlock",
            ),
            ("policy", "GetBucketPolicy", "PutBucketPolicy"),
            ("encryption", "GetBucketEncryption", "PutBucketEncryption"),
            (
                "ownershipControls",
                "GetBucketOwnershipControls",
                "PutBucketOwnershipControls",
            ),
        ];
        let has = |name: &str| self.query(name).is_some();
        if self.bucket().is_empty() {
            return None;
        }
        if !self.object().is_empty() {
            let plain = ["acl", "tagging", "uploads", "uploadId", "retention"];
            let plain = !plain.into_iter().any(has) && self.header("x-amz-copy-source").is_none();
            return match &*self.method {
                _ if !plain => None,
                "GET" => Some("GetObject"),
                "HEAD" => Some("HeadObject"),
                "PUT" => Some("PutObject"),
                "DELETE" => Some("DeleteObject"),
                _ => None,
            };
        }
        let setting = SETTINGS.into_iter().find(|(name, _, _)| has(name));
        match (&*self.method, setting) {
            ("GET", Some((_, get, _))) => Some(get),
            ("PUT", Some((_, _, put))) => Some(put),
            ("GET", None) if has("versions") => Some("ListObjectVersions"),
            ("GET", None) if self.query("list-type") == Some("2") => Some("ListObjectsV2"),
            ("HEAD", None) => Some("HeadBucket"),
            ("PUT", None) => Some("CreateBucket"),
            _ => None,
        }
    }
}

/// `GetObject acme-secrets/prod/web`, `Decrypt alias/acme`, `GetCallerIdentity`.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target();
        let gap = if target.is_empty() { "" } else { " " };
        write!(f, "{}{gap}{target}", self.operation)
    }
}

/// Service and region from `Credential=ID/DATE/REGION/SERVICE/aws4_request`.
fn scope(head: &Head) -> Option<(String, String)> {
    let (_, rest) = head.header("authorization")?.split_once("Credential=")?;
    let mut parts = rest.split(',').next()?.rsplit('/');
    let (_, service, region) = (parts.next()?, parts.next()?, parts.next()?);
    Some((service.to_owned(), region.to_owned()))
}

/// Names and values of a query or a form.
fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let decode = |text: &str| decode_path(&text.replace('+', " ")).unwrap_or_default();
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, service: &str) -> Request {
        let scope = format!("AWS4 Credential=AK/20260101/eu-west-1/{service}/aws4_request, S=0");
        Request::new(&Head {
            start: format!("{method} {target} HTTP/1.1"),
            headers: vec![("authorization".to_owned(), scope)],
        })
    }

    #[test]
    fn an_operation_is_told_by_method_and_query() {
        for (method, target, expected) in [
            ("GET", "/b/a%2Bb//c?x-id=GetObject", "GetObject b/a+b//c"),
            ("GET", "/b/o?versionId=1", "GetObject b/o"),
            ("HEAD", "/b/o", "HeadObject b/o"),
            ("PUT", "/b/o?x-id=PutObject", "PutObject b/o"),
            ("DELETE", "/b/o", "DeleteObject b/o"),
            ("GET", "/b?list-type=2&prefix=a%20b", "ListObjectsV2 b"),
            ("GET", "/b/?list-type=2", "ListObjectsV2 b/"),
            ("GET", "/b?versions&prefix=a", "ListObjectVersions b"),
            ("GET", "/b?versioning", "GetBucketVersioning b"),
            ("PUT", "/b", "CreateBucket b"),
            ("HEAD", "/b", "HeadBucket b"),
            ("GET", "/b", " b"),
            ("GET", "/b/o?acl", " b/o"),
            ("GET", "/", ""),
        ] {
            let request = request(method, target, "s3");
            assert_eq!(request.to_string(), expected, "{method} {target}");
            assert_eq!(request.region, "eu-west-1");
        }
    }

    #[test]
    fn a_query_is_decoded_once() {
        let request = request(
            "GET",
            "/b?list-type=2&prefix=a%2Bb%2525&start-after=c+d",
            "s3",
        );
        assert_eq!(request.query("prefix"), Some("a+b%25"));
        assert_eq!(request.query("start-after"), Some("c d"));
    }

    #[test]
    fn the_query_protocol_names_its_operation_in_the_body() {
        let mut request = request("POST", "/", "sts");
        request.receive(b"Version=2011-06-15&Action=GetCallerIdentity".to_vec());
        assert_eq!(request.to_string(), "GetCallerIdentity");
    }
}
