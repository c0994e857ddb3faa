//! The bucket's store against scripted responses.

mod list;
mod remove;
mod versions;

use std::io::{Read, Write};
use std::sync::{Mutex, mpsc};

use super::*;
use crate::backends::aws::Aws;
use crate::base::test_support::run;
use crate::base::version::is_etag;

/// A response: its status, its headers and its body.
type Answer = (u16, &'static str, String);

/// A server that sends these responses in order; the receiver gets each request's
/// method, path, query and conditions.
fn server(answers: Vec<Answer>) -> (S3Store, mpsc::Receiver<String>) {
    let (send, asked) = mpsc::channel();
    let answers = Mutex::new(answers.into_iter());
    let port = crate::base::test_support::server(move |_, mut socket| {
        while let Some(request) = hear(&mut socket) {
            send.send(request).unwrap();
            let next = answers.lock().unwrap().next();
            let (status, headers, body) = next.expect("one more answer");
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}");
            write!(socket, "{head}\r\n\r\n{body}").unwrap();
        }
    });
    let bucket = Bucket {
        name: "acme".into(),
        prefix: "prod/".into(),
        owner: None,
        sse: None,
    };
    let aws = Aws::at(format!("http://127.0.0.1:{port}"));
    (S3Store::new(bucket, aws, 1000), asked)
}

fn hear(stream: &mut impl Read) -> Option<String> {
    let (head, _) = crate::base::test_support::hear(stream)?;
    let mut lines = head.lines();
    let mut said = lines.next()?.replace(" HTTP/1.1", "");
    for line in lines.filter(|line| line.to_ascii_lowercase().starts_with("if-")) {
        said = format!("{said} {line}");
    }
    Some(said)
}

fn place(store: &S3Store, name: &str) -> Place {
    store.place(&name.parse().unwrap()).unwrap()
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    (status, "", body)
}

#[test]
fn an_etag_is_told_from_a_version() {
    for etag in [
        "d41d8cd98f00b204e9800998ecf8427e",
        "\"d41d8cd98f00b204e9800998ecf8427e-12\"",
    ] {
        assert!(is_etag(etag), "{etag}");
    }
    for version in [
        "null",
        "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH",
        "01HZX3V4ZC9QK1W8T0E5M7N6P2",
        "d41d8cd98f00b204e9800998ecf8427e-",
    ] {
        assert!(!is_etag(version), "{version}");
    }
}
