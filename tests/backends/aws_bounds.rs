//! Servers that say too much, or never come to an end, and sizes beyond reason.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::fake_aws::{ACCOUNT, Answer, FakeAws, Fault, REGION, record};
use crate::support::harness::{Run, Sandbox, place, store_under};

#[test]
fn a_largest_size_is_a_gibibyte_at_most() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    for bytes in "18446744073709551615 1073741825 99999999999999999999 -1 1G".split(' ') {
        let run = sandbox.run(["get", "s", &format!("--max-size={bytes}")]);
        run.stderr_has("at most 1073741824").status(2);
    }
    sandbox.run("get s --max-size 1073741824").stdout("x").ok();
    sandbox.run("get s --max-size 1").stdout("x").ok();
}

#[test]
fn a_long_error_answer_is_reported_briefly() {
    let long = |length: usize| "so very denied ".repeat(length / 15);
    for length in [1_000, 100_000, 30_000_000] {
        let words = long(length);
        for of_kms in [false, true] {
            for in_code in [false, true] {
                let (code, message) = if in_code {
                    (words.as_str(), "m")
                } else {
                    ("AccessDenied", words.as_str())
                };
                let answer = if of_kms {
                    Answer::kms(400, code, message)
                } else {
                    Answer::s3(400, code, message)
                };
                let server = FakeAws::holding(record(b"x"), move |_, operation| {
                    let is_of_kms = operation != "GetObject";
                    (of_kms == is_of_kms).then(|| answer.clone())
                });
                let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
                let outcome = sandbox.run(["get", "s"]).fails(1);
                assert!(
                    outcome.stderr.len() < 1000,
                    "{length}: {} bytes",
                    outcome.stderr.len()
                );
                assert!(outcome.stderr.contains("cannot "), "{}", outcome.stderr);
                let told = sandbox.run(["get", "s", "-v"]).outcome();
                assert!(
                    told.stderr.len() < 3000,
                    "{length}: {} bytes",
                    told.stderr.len()
                );
            }
        }
    }
}

#[test]
fn a_long_error_answer_is_not_held_whole() {
    let server =
        FakeAws::scripted(|_, _| Some(Answer::s3(403, "AccessDenied", &"x".repeat(60_000_000))));
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    let run = sandbox.run(["get", "s"]).after("ulimit -v 200000");
    run.stderr_has("HTTP 403").status(1);
}

#[test]
fn a_redirect_to_an_invalid_region_is_not_followed() {
    for region in ["eu west", "x.evil.test/", "", &"a".repeat(64)] {
        let region = region.to_owned();
        let server = FakeAws::scripted(move |_, _| {
            Some(
                Answer::s3(301, "PermanentRedirect", "elsewhere")
                    .header("x-amz-bucket-region", region.clone()),
            )
        });
        let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
        sandbox.run(["get", "s"]).fails(1);
        assert_eq!(server.operations(), ["GetObject"]);
    }
}

/// A page of a list that says that there is more behind a token.
fn page(name: Option<&str>, token: &str) -> Answer {
    let entry = name.map(|name| format!("<Contents><Key>{name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>"));
    Answer::new(
        200,
        format!(
            "<?xml version=\"1.0\"?><ListBucketResult><Name>acme</Name><IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>{}</ListBucketResult>",
            entry.unwrap_or_default()
        ),
    )
}

type Page = fn(usize) -> Answer;

#[test]
fn a_list_that_never_ends_is_noticed() {
    let kinds: [(&str, Page, usize); 5] = [
        ("the same token", |at| page(Some(&format!("n{at}")), "t"), 3),
        (
            "two tokens in turn",
            |at| page(Some(&format!("n{at}")), ["t", "u"][at % 2]),
            4,
        ),
        (
            "the same page by new tokens",
            |at| page(Some("n"), &format!("t{at}")),
            3,
        ),
        (
            "three pages in turn",
            |at| page(Some(["a", "b", "c"][at % 3]), &format!("t{at}")),
            5,
        ),
        ("empty pages", |at| page(None, &format!("t{at}")), 252),
    ];
    for (what, kind, most) in kinds {
        for args in ["list", "rekey", "upgrade --yes", "rekey --dry-run"] {
            let pages = AtomicUsize::new(0);
            let server =
                FakeAws::scripted(move |_, _| Some(kind(pages.fetch_add(1, Ordering::SeqCst))));
            let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
            let run = sandbox.run(args).any_stdout();
            run.stderr_has("the server's response is not valid")
                .status(1);
            assert!(
                server.operations().len() <= most,
                "{what}: {} pages",
                server.operations().len()
            );
        }
    }
}

#[test]
fn rekey_waits_where_the_request_without_a_wrapping_key_comes_too_often() {
    let aws = FakeAws::start();
    aws.wrapping_key("old", ACCOUNT, REGION);
    store_under(&aws, &place("db"), "hunter2-hunter2", 1, "old");
    let slower = Fault::Error(400, "ThrottlingException", "Rate exceeded");
    aws.fault("ReEncrypt", slower.at(2));
    let outcome = Run::new(["rekey"])
        .aws(&aws)
        .stderr("rekeyed db\nrekeyed 1 record\n")
        .status(0);
    let rewraps = outcome
        .operations()
        .into_iter()
        .filter(|one| *one == "ReEncrypt");
    assert_eq!(
        rewraps.count(),
        3,
        "with the wrapping key, and twice without"
    );
}
