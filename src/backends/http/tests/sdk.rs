//! The client under a real service client of the AWS SDK.

use std::sync::mpsc;

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::primitives::Blob;

use super::*;

#[test]
fn a_body_that_is_too_large_is_not_requested_again() {
    let (heard, requests) = mpsc::channel();
    let port = server(move |_, mut socket| {
        while let Some(request) = hear(&mut socket) {
            heard.send(request).unwrap();
            say(&mut socket, r#"{"KeyId": "alias/dev", "Plaintext": ""}"#);
        }
    });
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .endpoint_url(url(port))
        .http_client(clients(Network::default(), 10).services)
        .build();
    let decrypt = aws_sdk_kms::Client::from_conf(config).decrypt();
    let error = run(decrypt.ciphertext_blob(Blob::new("x")).send()).unwrap_err();
    assert_eq!(refusal(&error), Some(&Refusal::BodyTooLarge { limit: 10 }));
    assert_eq!(requests.try_iter().count(), 1);
}
