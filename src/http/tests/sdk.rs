//! The client under a real service client of the AWS SDK.

use std::sync::mpsc;

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::primitives::Blob;

use super::*;

const ANSWER: &str = r#"{"KeyId": "alias/dev", "Plaintext": "aHVudGVyMg=="}"#;

fn kms(port: u16, body_limit: usize) -> aws_sdk_kms::Client {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .http_client(clients(Network::default(), body_limit).services)
        .build();
    aws_sdk_kms::Client::from_conf(config)
}

#[test]
fn a_body_that_is_cut_short_is_asked_for_again() {
    let (heard, requests) = mpsc::channel();
    let port = server(move |number, mut socket| {
        while let Some(request) = hear(&mut socket) {
            heard.send(request).unwrap();
            if number == 0 {
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n{ANSWER}");
                socket.write_all(answer.as_bytes()).unwrap();
                return;
            }
            say(&mut socket, ANSWER);
        }
    });
    let answer = run(async {
        let request = kms(port, 1000).decrypt().ciphertext_blob(Blob::new("x"));
        request.send().await.unwrap()
    });
    assert_eq!(answer.plaintext().unwrap().as_ref(), b"hunter2");
    assert_eq!(requests.try_iter().count(), 2);
}

#[test]
fn a_body_that_is_too_large_is_asked_for_once() {
    let (heard, requests) = mpsc::channel();
    let port = server(move |_, mut socket| {
        while let Some(request) = hear(&mut socket) {
            heard.send(request).unwrap();
            say(&mut socket, ANSWER);
        }
    });
    let error = run(async {
        let request = kms(port, 10).decrypt().ciphertext_blob(Blob::new("x"));
        request.send().await.unwrap_err()
    });
    assert_eq!(refusal(&error), Some(&Refusal::BodyTooLarge { limit: 10 }));
    assert_eq!(requests.try_iter().count(), 1);
}
