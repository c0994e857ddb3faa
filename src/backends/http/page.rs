//! Web pages that come instead of a service's response.
//!
//! A firewall or a filter in between says so with a page of HTML, which must not pass
//! for S3's refusal, or for a record.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::config::Origin;

/// The headers that S3, KMS and STS put into each response, and those who speak as S3 does.
const IDS: [&str; 4] = [
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amz-id-2",
    "x-minio-deployment-id",
];

/// How much of a page's title is shown, in characters.
const TITLE: usize = 80;

/// A web page that no AWS service sent.
#[derive(Debug)]
pub struct Page {
    origin: Origin,
    status: u16,
    title: Option<String>,
}

impl Page {
    /// Fails if a response is a web page. A 429, by which a server asks for another
    /// attempt, is left to speak for itself.
    pub(super) fn check(answer: &HttpResponse, origin: &Origin) -> Result<(), ConnectorError> {
        let status = answer.status().as_u16();
        let body = answer.body().bytes().unwrap_or_default();
        let headers = answer.headers();
        let kind = headers.get("content-type").unwrap_or_default();
        let is_from_aws = IDS.iter().any(|name| headers.contains_key(*name));
        if status == 429 || is_from_aws || !is_html(kind, body) {
            return Ok(());
        }
        let page = Box::new(Self {
            origin: origin.clone(),
            status,
            title: title(body),
        });
        Err(if matches!(status, 500 | 502..=504) {
            ConnectorError::io(page)
        } else {
            ConnectorError::other(page, None)
        })
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        format!(
            "a proxy or firewall answered in place of {}, not AWS: have it allow that host, or check HTTPS_PROXY, NO_PROXY and the endpoint",
            self.origin
        )
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status;
        write!(f, "HTTP {status} and a web page instead of an answer")?;
        match &self.title {
            Some(title) => write!(f, ": {title}"),
            None => Ok(()),
        }
    }
}

impl Error for Page {}

/// Whether a body is a web page: by its own start, since some servers call everything HTML.
fn is_html(kind: &str, body: &[u8]) -> bool {
    let kind = kind.trim_start().to_ascii_lowercase();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = body.trim_ascii_start();
    let starts = |tag: &str| {
        body.get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    starts("<!doctype html")
        || starts("<html")
        || (kind.starts_with("text/html") && starts("<") && !starts("<?xml"))
}

/// A page's title on one line, shortened.
fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]);
    // Keeps each character's place.
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let words: Vec<&str> = text[start..end].split_whitespace().collect();
    let title: String = words.join(" ").chars().take(TITLE).collect();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::base::chain;

    fn checked(status: u16, header: (&'static str, &'static str), body: &str) -> Option<String> {
        let status = StatusCode::try_from(status).unwrap();
        let mut answer = HttpResponse::new(status, SdkBody::from(body));
        answer.headers_mut().insert(header.0, header.1);
        let origin = Origin::of(&"https://s3.test/x".parse().unwrap()).unwrap();
        Page::check(&answer, &origin)
            .err()
            .map(|error| chain(&error))
    }

    #[test]
    fn a_page_is_known_by_its_start_and_by_what_it_lacks() {
        let html = ("content-type", "text/html; charset=utf-8");
        let other = ("content-type", "application/octet-stream");
        let id = ("x-amz-request-id", "1");
        for (status, header, body, is_page) in [
            (403, html, "<center>no</center>", true),
            (200, other, "\u{feff}\r\n<!DOCTYPE HTML><p>", true),
            (302, other, "<HTML lang=en>", true),
            (200, html, "", false),
            (200, html, "{\"data\": \"<html>\"}", false),
            (403, html, "<?xml version=\"1.0\"?><Error/>", false),
            (200, other, "<ListBucketResult/>", false),
            (403, id, "<html>", false),
            (429, html, "<html>", false),
            (503, html, "<html>", true),
        ] {
            assert_eq!(checked(status, header, body).is_some(), is_page, "{body}");
        }
    }

    #[test]
    fn a_pages_title_is_told_and_a_gateways_may_be_tried_again() {
        let html = ("content-type", "text/html");
        let page = |title: &str| format!("<html><head><TITLE x=y>{title}</Title>");
        let told = checked(403, html, &page(" Web Page\n  Blocked ")).unwrap();
        assert_eq!(
            told,
            "other: HTTP 403 and a web page instead of an answer: Web Page Blocked"
        );
        let told = checked(502, html, &page("İ€")).unwrap();
        assert!(
            told.starts_with("io error: ") && told.ends_with("an answer: İ€"),
            "{told}"
        );
        let told = checked(403, html, &page(&"x".repeat(1000))).unwrap();
        assert!(told.len() < 300, "{told}");
    }
}
