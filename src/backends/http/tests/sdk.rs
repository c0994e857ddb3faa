//! The client under a real service client of the AWS SDK.

use std::sync::mpsc;

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::error::SdkError;
use aws_sdk_kms::operation::decrypt::{DecryptError, DecryptOutput};
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

/// The answer to a Decrypt whose body must not be over `limit`, and how many requests
/// were made. The server cuts the first answer short if `cut` says so.
fn decrypted(cut: bool, limit: usize) -> (Result<DecryptOutput, SdkError<DecryptError>>, usize) {
    let (heard, requests) = mpsc::channel();
    let port = server(move |number, mut socket| {
        while let Some(request) = hear(&mut socket) {
            heard.send(request).unwrap();
            if cut && number == 0 {
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n{ANSWER}");
                socket.write_all(answer.as_bytes()).unwrap();
                return;
            }
            say(&mut socket, ANSWER);
        }
    });
    let answer = run(async {
        let request = kms(port, limit).decrypt().ciphertext_blob(Blob::new("x"));
        request.send().await
    });
    (answer, requests.try_iter().count())
}

#[test]
fn a_truncated_body_is_requested_again_and_one_that_is_too_large_is_not() {
    let (answer, requests) = decrypted(true, 1000);
    assert_eq!(answer.unwrap().plaintext().unwrap().as_ref(), b"hunter2");
    assert_eq!(requests, 2);
    let (answer, requests) = decrypted(false, 10);
    let error = answer.unwrap_err();
    assert_eq!(refusal(&error), Some(&Refusal::BodyTooLarge { limit: 10 }));
    assert_eq!(requests, 1);
}
