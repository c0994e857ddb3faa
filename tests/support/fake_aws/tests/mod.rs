//! The fake against its own rules, asked over plain HTTP.

mod connections;
mod faults;
mod kms;
mod s3;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::FakeAws;
use crate::support::http::{Message, ask};

/// What a request is signed for; nobody checks the signature.
fn signed(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

/// An S3 request; the answer in short is its status and, for an error, its code.
fn s3(fake: &FakeAws, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Message {
    let authorization = signed("us-east-1", "s3");
    let headers = [&[("authorization", &*authorization)], headers].concat();
    ask(fake.port(), method, target, &headers, body.as_bytes()).unwrap()
}

/// A KMS request of a region: status and body.
fn kms_in(fake: &FakeAws, region: &str, action: &str, body: &Value) -> (u16, Value) {
    let target = format!("TrentService.{action}");
    let headers = [
        ("authorization", &*signed(region, "kms")),
        ("x-amz-target", &target),
    ];
    let body = body.to_string();
    let answer = ask(fake.port(), "POST", "/", &headers, body.as_bytes()).unwrap();
    let body = serde_json::from_slice(&answer.body).unwrap_or_default();
    (answer.status(), body)
}

fn kms(fake: &FakeAws, action: &str, body: &Value) -> (u16, Value) {
    kms_in(fake, "us-east-1", action, body)
}

/// `200`, `404 NoSuchKey`.
fn short(answer: &Message) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    let code = element(&body, "Code");
    format!("{} {}", answer.status(), code.unwrap_or_default())
        .trim()
        .to_owned()
}

/// The text of the first element of a name.
fn element(document: &str, name: &str) -> Option<String> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.to_owned())
}

/// All that comes back until the connection is closed, or why it ends.
fn raw(fake: &FakeAws, message: &str) -> Result<String, std::io::ErrorKind> {
    let mut stream = TcpStream::connect(("127.0.0.1", fake.port())).unwrap();
    let kind = |error: std::io::Error| error.kind();
    stream.write_all(message.as_bytes()).map_err(kind)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(kind)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// An S3 request as it goes over the wire; the connection is not kept.
fn wire(method: &str, target: &str, body: &str) -> String {
    let (authorization, length) = (signed("us-east-1", "s3"), body.len());
    format!(
        "{method} {target} HTTP/1.1\r\nauthorization: {authorization}\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// What the end of a fake complains of.
fn complaint(fake: FakeAws) -> String {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(fake)));
    match dropped {
        Ok(()) => String::new(),
        Err(said) => said
            .downcast::<String>()
            .map_or_else(|_| "?".into(), |said| *said),
    }
}
