//! What a server or the network says, and what is made of it.

use super::{asking, aws, is_answered};
use crate::support::fake_aws::{Answer, FakeAws, Fault, nowhere, record};
use crate::support::{ALIAS, BUCKET, Sandbox};

#[test]
fn an_answer_without_a_code_is_told_by_its_status() {
    let side = "the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems";
    let reading = "allow s3:GetObject on it; without s3:ListBucket, S3 gives the same response for a missing name";
    let alike = "the server does not behave like S3: check the endpoint and the proxy";
    let of_kms = alike.replace("S3", "KMS");
    let by_proxy = "the proxy wants a user name and password: put them into HTTPS_PROXY";
    for (operation, status, body, cause, hint) in [
        (
            "GetObject",
            403,
            "",
            "missing or not permitted: HTTP 403",
            reading,
        ),
        ("GetObject", 502, "", "HTTP 502", side),
        ("GetObject", 302, "", "HTTP 302", alike),
        ("GetObject", 407, "", "HTTP 407", by_proxy),
        ("Decrypt", 404, "no", "HTTP 404", &*of_kms),
    ] {
        let server = FakeAws::holding(record(b"x"), move |_, asked| {
            (asked == operation).then(|| Answer::new(status, body))
        });
        let sandbox = Sandbox::aws(&server.url(), &format!("{BUCKET}/prod/"), ALIAS);
        let run = sandbox.run("get web").fails(1);
        let (_, start) = asking(operation);
        let place = format!("127.0.0.1:{}", server.port());
        let hint = hint.replace("{place}", &place);
        is_answered(&run.stderr, &format!("{start}{cause}"), &hint);
    }
}

#[test]
fn a_servers_words_stay_on_one_line_and_leave_room_for_the_hint() {
    let long = "x".repeat(1 << 16);
    for (words, shown) in [
        (
            "a\nlazycred: hint: run rm",
            "InternalError: a lazycred: hint: run rm\n",
        ),
        ("a\r\n\t b", "InternalError: a b\n"),
        (
            "\u{9b}31m\u{202e}b",
            "InternalError: \\u{9b}31m\\u{202e}b\n",
        ),
        ("\u{85}\u{2028}b", "InternalError: b\n"),
        (long.as_str(), "xxx…\n"),
    ] {
        let words = words.to_owned();
        let server = FakeAws::scripted(move |_, _| Some(Answer::s3(500, "InternalError", &words)));
        let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
        let run = sandbox.run("get web").fails(1);
        assert!(run.stderr.contains(shown), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
        assert!(run.stderr.len() <= 900, "{}", run.stderr.len());
        assert!(run.stderr.ends_with("shows AWS's known problems\n"));
    }
}

#[test]
fn control_characters_in_kms_words_never_reach_the_terminal() {
    for (words, shown) in [
        ("a\u{1b}[31mb\u{7}", "a\\u{1b}[31mb\\u{7}\n"),
        (&*"\u{1b}".repeat(600), "\\u{1b}…"),
    ] {
        let words = words.to_owned();
        let stored = record(b"x");
        let server = FakeAws::holding(stored, move |_, asked| {
            (asked == "Decrypt").then(|| Answer::kms(500, "KMSInternalException", &words))
        });
        let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
        let run = sandbox.run("get web").fails(1);
        assert!(run.stderr.contains(shown), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'));
        assert!(run.stderr.len() <= 900, "{}", run.stderr.len());
        assert!(run.stderr.ends_with("shows AWS's known problems\n"));
    }
}

#[test]
fn two_wrapping_keys_share_the_room_for_what_kms_says() {
    for (code, status, end) in [
        ("AccessDeniedException", 1, "prints a complete policy\n"),
        (
            "InvalidCiphertextException",
            4,
            "lists versions to go back to\n",
        ),
    ] {
        let server = FakeAws::holding(record(b"x"), move |request, asked| {
            let (code, letter) = match &*request.target() {
                "" => (code, "y"),
                _ => ("AccessDeniedException", "z"),
            };
            (asked == "Decrypt").then(|| Answer::kms(400, code, &letter.repeat(5000)))
        });
        let sandbox = Sandbox::aws(&server.url(), "acme/prod/", ALIAS);
        let run = sandbox.run("get web").fails(status);
        for letter in ["y", "z"] {
            assert!(run.stderr.contains(&letter.repeat(200)), "{}", run.stderr);
            assert!(!run.stderr.contains(&letter.repeat(240)), "{}", run.stderr);
        }
        assert!(run.stderr.len() <= 900, "{}", run.stderr.len());
        assert!(run.stderr.ends_with(end), "{}", run.stderr);
    }
}

#[test]
fn a_request_that_cannot_be_made_says_what_it_is_made_from() {
    let mut sandbox = Sandbox::aws("", "acme--x-s3/x", ALIAS);
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    let run = sandbox.run("get web").fails(1);
    let hint = "hint: check `s3_path`, `key_alias`, the regions and the endpoint, which the request is made from\n";
    assert!(run.stderr.ends_with(hint), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
}

#[test]
fn a_lost_answer_names_the_command_that_shows_what_happened() {
    let (fake, sandbox) = aws();
    for (operation, command, hint) in [
        (
            "PutObject",
            "put web",
            "check with `lazycred get web` before retrying",
        ),
        (
            "DeleteObject",
            "rm web",
            "check with `lazycred history web` before retrying",
        ),
    ] {
        fake.fault(operation, Fault::Error(500, "InternalError", "no"));
        fake.fault("GetObject", Fault::Error(500, "InternalError", "no").at(2));
        let run = sandbox.run(command).stdin("x").fails(1);
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
}

#[test]
fn a_connection_that_fails_names_what_set_its_endpoint() {
    let nowhere = nowhere();
    let profile = |text: &str| text.replace("URL", &nowhere);
    for (variables, profiles, command, source) in [
        (&["AWS_ENDPOINT_URL"][..], "", "get web", "AWS_ENDPOINT_URL"),
        (
            &["AWS_ENDPOINT_URL_S3"],
            "",
            "get web",
            "AWS_ENDPOINT_URL_S3",
        ),
        (
            &["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"],
            "",
            "list",
            "AWS_ENDPOINT_URL_S3",
        ),
        (
            &["AWS_ENDPOINT_URL_STS"],
            "",
            "policy bucket",
            "AWS_ENDPOINT_URL_STS",
        ),
        (
            &["AWS_ENDPOINT_URL_KMS"],
            "",
            "policy reader",
            "AWS_ENDPOINT_URL_KMS",
        ),
        (
            &[],
            "[default]\nendpoint_url = URL\n",
            "get web",
            "the AWS profile `default`",
        ),
        (
            &[],
            "[profile p]\nservices = s\n[services s]\ns3 =\n  endpoint_url = URL\n",
            "--profile p get web",
            "the AWS profile `p`",
        ),
        (
            &["AWS_ENDPOINT_URL_S3"],
            "[default]\nendpoint_url = http://localhost:1\n",
            "get web",
            "AWS_ENDPOINT_URL_S3",
        ),
    ] {
        let mut sandbox = Sandbox::new();
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "A"),
            ("AWS_SECRET_ACCESS_KEY", "B"),
            ("AWS_MAX_ATTEMPTS", "1"),
            ("AWS_REGION", "us-east-1"),
            ("LAZYCRED_S3_PATH", &format!("{BUCKET}/prod/")),
            ("LAZYCRED_KEY_ALIAS", ALIAS),
        ] {
            sandbox.set(name, value);
        }
        for variable in variables {
            sandbox.set(*variable, &nowhere);
        }
        sandbox.write(".aws/config", profile(profiles));
        sandbox.write(
            ".aws/credentials",
            "[p]\naws_access_key_id = A\naws_secret_access_key = B\n",
        );
        let run = sandbox.run(command).fails(1);
        let place = format!(" (endpoint from {source})\n");
        let hint = format!(
            "hint: check that a server answers there, or change the endpoint in {source}\n"
        );
        assert!(run.stderr.contains(&place), "{}", run.stderr);
        assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
    }
}
