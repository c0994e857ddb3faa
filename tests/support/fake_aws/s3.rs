//! S3, path style: who may do what with which object, and the answers.
//!
//! As AWS documents it: rights before existence, conditions on the current
//! version, errors as XML. Listings are in `list`.

use super::bucket::{Bucket, Elsewhere, Version, Versioning};
use super::list;
use super::request::Request;
use super::state::State;
use crate::support::http::Answer;

/// An error that S3 answers with: status, code, message, and more headers.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    headers: Vec<(&'static str, String)>,
    /// Further elements of the document.
    elements: String,
}

pub type Outcome = Result<Answer, Refusal>;

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            headers: Vec::new(),
            elements: String::new(),
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn denied() -> Self {
        Self::new(403, "AccessDenied", "Access Denied")
    }

    /// The answer; one to HEAD has no body.
    pub fn answer(self, request: &Request) -> Answer {
        let mut answer = Answer::empty(self.status);
        for (name, value) in self.headers {
            answer = answer.header(name, value);
        }
        if request.method == "HEAD" || self.status == 304 {
            return answer;
        }
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
             {}</Error>",
            self.code,
            escape(&self.message),
            self.elements,
        );
        answer.body("application/xml", document)
    }
}

/// Performs a request.
pub fn answer(state: &mut State, request: &Request) -> Answer {
    dispatch(state, request).unwrap_or_else(|refusal| refusal.answer(request))
}

fn dispatch(state: &mut State, request: &Request) -> Outcome {
    if request.operation == "CreateBucket" {
        return create(state, request);
    }
    let Some(bucket) = state.buckets.get_mut(request.bucket()) else {
        let message = "The specified bucket does not exist";
        return Err(Refusal::new(404, "NoSuchBucket", message));
    };
    check_region(bucket, request)?;
    let owner = request.header("x-amz-expected-bucket-owner");
    if owner.is_some_and(|owner| owner != bucket.owner) {
        return Err(Refusal::denied());
    }
    match &*request.operation {
        "GetObject" | "HeadObject" => get(bucket, request),
        "PutObject" => put(bucket, request),
        "DeleteObject" => delete(bucket, request),
        "HeadBucket" => Ok(Answer::empty(200).header("x-amz-bucket-region", &*bucket.region)),
        _ if !bucket.listable && request.operation.starts_with("List") => Err(Refusal::denied()),
        "ListObjectsV2" => list::objects(bucket, request),
        "ListObjectVersions" => list::versions(bucket, request),
        _ => setting(bucket, request),
    }
}

fn create(state: &mut State, request: &Request) -> Outcome {
    if let Some(bucket) = state.buckets.get(request.bucket()) {
        let code = if bucket.owner == state.caller {
            "BucketAlreadyOwnedByYou"
        } else {
            "BucketAlreadyExists"
        };
        return Err(Refusal::new(409, code, "The bucket name is not available."));
    }
    let mut bucket = Bucket::new(&request.region, &state.caller);
    if let Some(ownership) = request.header("x-amz-object-ownership") {
        let document = format!(
            "<OwnershipControls><Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule></OwnershipControls>"
        );
        bucket
            .settings
            .insert("ownershipControls".into(), document.into());
    }
    state.buckets.insert(request.bucket().to_owned(), bucket);
    Ok(Answer::empty(200).header("location", format!("/{}", request.bucket())))
}

fn check_region(bucket: &Bucket, request: &Request) -> Result<(), Refusal> {
    if request.region == bucket.region {
        return Ok(());
    }
    let region = &bucket.region;
    Err(match bucket.elsewhere {
        Elsewhere::Redirect => Refusal::new(
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint.",
        )
        .header("x-amz-bucket-region", region),
        Elsewhere::Malformed => {
            let message = format!(
                "The authorization header is malformed; the region '{}' is wrong; expecting '{region}'",
                request.region
            );
            let mut refusal = Refusal::new(400, "AuthorizationHeaderMalformed", message);
            refusal.elements = format!("<Region>{region}</Region>");
            refusal
        }
    })
}

fn get(bucket: &Bucket, request: &Request) -> Outcome {
    let path = request.object();
    let version = match request.query("versionId") {
        Some(id) => numbered(bucket, path, id)?,
        None => bucket.current(path).ok_or_else(|| missing(bucket, path))?,
    };
    let matches = |condition: &str| condition == "*" || condition == version.etag;
    if !request.header("if-match").is_none_or(matches) {
        return Err(unmet("If-Match"));
    }
    if request.header("if-none-match").is_some_and(matches) {
        let answer = Answer::empty(304).header("etag", &*version.etag);
        return Ok(id_header(answer, bucket, version));
    }
    let answer = Answer::empty(200)
        .header("etag", &*version.etag)
        .header("last-modified", version.modified.http());
    let answer = id_header(answer, bucket, version);
    let body = version.body.clone().unwrap_or_default();
    Ok(answer.body(&version.content_type, body))
}

/// The version with an id, if it is one that has bytes.
fn numbered<'a>(bucket: &'a Bucket, path: &str, id: &str) -> Result<&'a Version, Refusal> {
    if id != "null" && !(id.starts_with("v.") && id.len() == 32) {
        let message = "Invalid version id specified";
        return Err(Refusal::new(400, "InvalidArgument", message));
    }
    let Some(version) = bucket.version(path, id) else {
        let message = "The specified version does not exist.";
        return Err(if bucket.listable {
            Refusal::new(404, "NoSuchVersion", message)
        } else {
            Refusal::denied()
        });
    };
    if version.is_delete_marker() {
        let message = "The specified method is not allowed against this resource.";
        let refusal = Refusal::new(405, "MethodNotAllowed", message);
        return Err(refusal.header("x-amz-delete-marker", "true"));
    }
    Ok(version)
}

fn missing(bucket: &Bucket, path: &str) -> Refusal {
    if !bucket.listable {
        return Refusal::denied();
    }
    let refusal = Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
    match bucket.newest(path) {
        Some(marker) => refusal
            .header("x-amz-delete-marker", "true")
            .header("x-amz-version-id", &marker.id),
        None => refusal,
    }
}

fn put(bucket: &mut Bucket, request: &Request) -> Outcome {
    let path = request.object();
    let current = bucket.current(path);
    match request.header("if-none-match") {
        Some("*") if current.is_some() => return Err(unmet("If-None-Match")),
        None | Some("*") => {}
        Some(_) => {
            let message = "A header you provided implies functionality that is not implemented";
            return Err(Refusal::new(501, "NotImplemented", message));
        }
    }
    match_current(current, request)?;
    let content_type = request.header("content-type");
    let content_type = content_type.unwrap_or("binary/octet-stream");
    let version = bucket.put(path, &request.body, content_type).clone();
    let answer = Answer::empty(200).header("etag", &*version.etag);
    Ok(id_header(answer, bucket, &version))
}

fn delete(bucket: &mut Bucket, request: &Request) -> Outcome {
    let path = request.object();
    match_current(bucket.current(path), request)?;
    let mut answer = Answer::empty(204);
    if let Some(id) = request.query("versionId") {
        if bucket
            .delete_version(path, id)
            .is_some_and(|version| version.is_delete_marker())
        {
            answer = answer.header("x-amz-delete-marker", "true");
        }
        return Ok(answer.header("x-amz-version-id", id));
    }
    if let Some(marker) = bucket.delete(path) {
        answer = answer
            .header("x-amz-delete-marker", "true")
            .header("x-amz-version-id", &*marker.id);
    }
    Ok(answer)
}

/// `If-Match` of a write: nothing there is 404, something else 412.
fn match_current(current: Option<&Version>, request: &Request) -> Result<(), Refusal> {
    let Some(wanted) = request.header("if-match") else {
        return Ok(());
    };
    match current {
        None => Err(Refusal::new(
            404,
            "NoSuchKey",
            "The specified key does not exist.",
        )),
        Some(version) if wanted != "*" && version.etag != wanted => Err(unmet("If-Match")),
        Some(_) => Ok(()),
    }
}

fn unmet(condition: &str) -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    let mut refusal = Refusal::new(412, "PreconditionFailed", message);
    refusal.elements = format!("<Condition>{condition}</Condition>");
    refusal
}

fn id_header(answer: Answer, bucket: &Bucket, version: &Version) -> Answer {
    match bucket.versioning {
        Versioning::Off => answer,
        Versioning::On | Versioning::Suspended => answer.header("x-amz-version-id", &*version.id),
    }
}

fn setting(bucket: &mut Bucket, request: &Request) -> Outcome {
    let name = request.query.first().map(|(name, _)| name.clone());
    let name = name.unwrap_or_default();
    if name == "versioning" {
        return Ok(versioning(bucket, request));
    }
    if request.method == "PUT" {
        bucket.settings.insert(name, request.body.clone());
        return Ok(Answer::empty(200));
    }
    let missing = match &*name {
        "policy" => "NoSuchBucketPolicy",
        "encryption" => "ServerSideEncryptionConfigurationNotFoundError",
        "ownershipControls" => "OwnershipControlsNotFoundError",
        _ => "NoSuchPublicAccessBlockConfiguration",
    };
    match bucket.settings.get(&name) {
        Some(document) => Ok(Answer::empty(200).body("application/xml", document.clone())),
        None => Err(Refusal::new(
            404,
            missing,
            "The configuration was not found",
        )),
    }
}

fn versioning(bucket: &mut Bucket, request: &Request) -> Answer {
    if request.method == "PUT" {
        let document = String::from_utf8_lossy(&request.body);
        bucket.versioning = if document.contains("<Status>Enabled</Status>") {
            Versioning::On
        } else {
            Versioning::Suspended
        };
        return Answer::empty(200);
    }
    let status = match bucket.versioning {
        Versioning::Off => "",
        Versioning::On => "<Status>Enabled</Status>",
        Versioning::Suspended => "<Status>Suspended</Status>",
    };
    let document = format!("<VersioningConfiguration>{status}</VersioningConfiguration>");
    Answer::empty(200).body("application/xml", document)
}

/// Text as it stands in XML; what XML cannot hold is coded by number, as S3 does.
pub fn escape(text: &str) -> String {
    let code = |character: char| match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        _ if character.is_ascii_control() => format!("&#x{:x};", u32::from(character)),
        _ => character.to_string(),
    };
    text.chars().map(code).collect()
}
