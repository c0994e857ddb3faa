//! What is asked of AWS, request by request.

use std::sync::{Arc, Mutex};

use crate::support::fake_aws::{Answer, FakeAws, plain_kms, record};
use crate::support::harness::Sandbox;

fn aws(server: &FakeAws) -> Sandbox {
    Sandbox::aws(&server.url(), "acme/prod/", "acme")
}

#[test]
fn a_start_is_one_get_and_one_decrypt_for_each_record() {
    let server = FakeAws::holding(record(br#"{"a": "b"}"#), |_, _| None);
    let run = aws(&server).run(["exec", "s", "X=s#a", "--file", "F=s", "--", "printenv", "X"]);
    run.stdout("b\n").ok();
    assert_eq!(server.operations(), ["GetObject", "Decrypt"]);
}

#[test]
fn another_server_than_aws_is_sent_no_checksums() {
    let spoken = Arc::new(Mutex::new(Vec::new()));
    let server = FakeAws::scripted({
        let spoken = Arc::clone(&spoken);
        let stored = Mutex::new(None);
        move |request, operation| {
            spoken.lock().unwrap().extend(request.headers.clone());
            let mut stored = stored.lock().unwrap();
            Some(match (operation, &*stored) {
                ("PutObject", _) => {
                    *stored = Some(request.body.clone());
                    Answer::new(200, "").header("etag", "\"1\"")
                }
                ("GetObject", Some(record)) => {
                    Answer::new(200, record.clone()).header("etag", "\"1\"")
                }
                ("GetObject", None) => Answer::s3(404, "NoSuchKey", "none"),
                _ => plain_kms(request),
            })
        }
    });
    let sandbox = aws(&server);
    sandbox.run("put s").stdin("x").stderr("saved s\n").ok();
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
    let elsewhere = || {
        let answer = Answer::s3(301, "PermanentRedirect", "elsewhere");
        Some(answer.header("x-amz-bucket-region", "eu-west-1"))
    };
    let server = FakeAws::holding(record(b"x"), move |request, operation| {
        let is_here = operation != "GetObject" || request.region == "eu-west-1";
        if is_here { None } else { elsewhere() }
    });
    aws(&server)
        .run(["get", "s", "-v"])
        .stdout("x")
        .stderr_has(
            "\"bucket_region\": \"eu-west-1\" in the configuration file saves this round trip",
        )
        .ok();
    assert_eq!(server.operations(), ["GetObject", "GetObject", "Decrypt"]);
    let nowhere = FakeAws::scripted(move |_, _| elsewhere());
    let run = aws(&nowhere).run(["get", "s"]);
    run.stderr_has("PermanentRedirect: elsewhere").status(1);
    let outcome = aws(&nowhere).run("exec s -- touch ran").fails(125);
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
        let server = FakeAws::holding(record(b"x"), move |request, operation| match operation {
            "Decrypt" if request.target() == "alias/acme" => {
                Some(Answer::kms(400, "IncorrectKeyException", "another"))
            }
            "GetCallerIdentity" => Some(Answer::caller(account)),
            _ => None,
        });
        let said = if status == 0 {
            "warning: the data key of `s` (s3://acme/prod/s) is wrapped by arn:aws:kms"
        } else {
            "which is not in account 999999999999"
        };
        let run = aws(&server).run(["get", "s"]);
        run.any_stdout().stderr_has(said).status(status);
        assert_eq!(
            server.operations(),
            ["GetObject", "Decrypt", "Decrypt", "GetCallerIdentity"]
        );
    }
}
