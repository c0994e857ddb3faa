//! What is asked of AWS, request by request.

use std::sync::{Arc, Mutex};

use crate::sandbox::Sandbox;
use crate::server::{Answer, Server, plain_kms, record};

fn aws(server: &Server) -> Sandbox {
    Sandbox::aws(&server.endpoint(), "acme/prod/", "acme")
}

#[test]
fn a_start_is_one_get_and_one_decrypt_for_each_record() {
    let stored = record(br#"{"a": "b"}"#);
    let server = Server::start(move |message, operation| {
        Some(match operation {
            "GetObject" => Answer::new(200, stored.clone()),
            _ => plain_kms(message, operation),
        })
    });
    aws(&server)
        .run(["exec", "s", "X=s#a", "--file", "F=s", "--", "printenv", "X"])
        .stdout("b\n")
        .ok();
    assert_eq!(server.asked(), ["GetObject", "Decrypt"]);
}

#[test]
fn another_server_than_aws_is_sent_no_checksums() {
    let spoken = Arc::new(Mutex::new(Vec::new()));
    let server = Server::start({
        let spoken = Arc::clone(&spoken);
        let stored = Mutex::new(None);
        move |message, operation| {
            spoken.lock().unwrap().extend(message.headers.clone());
            let mut stored = stored.lock().unwrap();
            Some(match (operation, &*stored) {
                ("PutObject", _) => {
                    *stored = Some(message.body.clone());
                    Answer::new(200, "").header("etag", "\"1\"")
                }
                ("GetObject", Some(record)) => {
                    Answer::new(200, record.clone()).header("etag", "\"1\"")
                }
                ("GetObject", None) => Answer::s3(404, "NoSuchKey", "none"),
                _ => plain_kms(message, operation),
            })
        }
    });
    let sandbox = aws(&server);
    sandbox
        .run(["put", "s"])
        .stdin("x")
        .stderr("saved s\n")
        .ok();
    sandbox.run(["get", "s"]).stdout("x").ok();
    let spoken = spoken.lock().unwrap();
    assert!(spoken.iter().any(|(name, _)| name == "if-none-match"));
    for (name, value) in &*spoken {
        let told = format!("{name}: {value}").to_lowercase();
        let words = ["checksum", "trailer", "aws-chunked"];
        assert!(!words.iter().any(|word| told.contains(word)), "{told}");
    }
}

#[test]
fn a_bucket_of_another_region_is_followed_once() {
    let stored = record(b"x");
    let server = Server::start(move |message, operation| {
        let here = message
            .header("authorization")
            .is_some_and(|text| text.contains("/eu-west-1/s3/"));
        Some(match operation {
            "GetObject" if here => Answer::new(200, stored.clone()),
            "GetObject" => Answer::s3(301, "PermanentRedirect", "elsewhere")
                .header("x-amz-bucket-region", "eu-west-1"),
            _ => plain_kms(message, operation),
        })
    });
    let outcome = aws(&server).run(["get", "s", "-v"]).outcome();
    assert_eq!((outcome.status, outcome.text().as_str()), (0, "x"));
    assert!(outcome.stderr.contains(
        "\"bucket_region\": \"eu-west-1\" in the configuration file saves this round trip"
    ));
    assert_eq!(server.asked(), ["GetObject", "GetObject", "Decrypt"]);
    let nowhere = Server::start(|_, _| {
        Some(
            Answer::s3(301, "PermanentRedirect", "elsewhere")
                .header("x-amz-bucket-region", "eu-west-1"),
        )
    });
    let outcome = aws(&nowhere).run(["get", "s"]).outcome();
    assert_eq!((outcome.status, outcome.text().as_str()), (1, ""));
    assert!(
        outcome.stderr.contains("PermanentRedirect: elsewhere"),
        "{}",
        outcome.stderr
    );
    let outcome = aws(&nowhere)
        .run(["exec", "s", "--", "touch", "ran"])
        .outcome();
    assert_eq!((outcome.status, outcome.text().as_str()), (125, ""));
    assert_eq!(
        outcome
            .stderr
            .lines()
            .filter(|line| line.starts_with("lazycred: error: "))
            .count(),
        1
    );
}

#[test]
fn a_wrapping_key_of_another_account_is_refused_and_a_re_pointed_alias_is_warned_of() {
    for (account, status) in [("123456789012", 0), ("999999999999", 4)] {
        let stored = record(b"x");
        let server = Server::start(move |message, operation| {
            let by_alias = String::from_utf8_lossy(&message.body).contains("alias/acme");
            Some(match operation {
                "GetObject" => Answer::new(200, stored.clone()),
                "Decrypt" if by_alias => Answer::kms(400, "IncorrectKeyException", "another"),
                "Decrypt" => plain_kms(message, operation),
                _ => Answer::caller(account),
            })
        });
        let outcome = aws(&server).run(["get", "s"]).outcome();
        assert_eq!(outcome.status, status, "{}", outcome.stderr);
        let said = if status == 0 {
            "warning: `s` (s3://acme/prod/s) is wrapped by arn:aws:kms"
        } else {
            "which is not in account 999999999999"
        };
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        assert_eq!(
            server.asked(),
            ["GetObject", "Decrypt", "Decrypt", "GetCallerIdentity"]
        );
    }
}
