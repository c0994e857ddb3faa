//! The bucket's store against answers that are written down here.

mod list;
mod remove;
mod versions;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use super::get::is_etag;
use super::*;
use crate::aws::Aws;

/// A server that gives these answers in their order; what it was asked comes
/// back, method, path, query and conditions.
fn server(answers: Vec<(u16, &'static str, String)>) -> (S3Store, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, asked) = mpsc::channel();
    thread::spawn(move || {
        let mut answers = answers.into_iter();
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            while let Some(request) = hear(&mut socket) {
                send.send(request).unwrap();
                let (status, headers, body) = answers.next().expect("one more answer");
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n");
                socket
                    .write_all(format!("{head}{body}").as_bytes())
                    .unwrap();
            }
        }
    });
    let bucket = Bucket {
        name: "acme".into(),
        prefix: "prod/".into(),
        owner: None,
    };
    let aws = Aws::at(format!("http://{address}"));
    (S3Store::new(bucket, aws, 1000), asked)
}

fn hear(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut said = lines.next()?.replace(" HTTP/1.1", "");
    for line in lines {
        if line.to_ascii_lowercase().starts_with("if-") {
            said = format!("{said} {line}");
        }
    }
    Some(said)
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

fn place(store: &S3Store, name: &str) -> Place {
    store.place(&name.parse().unwrap()).unwrap()
}

fn error(status: u16, code: &str) -> (u16, &'static str, String) {
    (
        status,
        "",
        format!("<Error><Code>{code}</Code><Message>no</Message></Error>"),
    )
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
