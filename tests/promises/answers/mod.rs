//! An answer to every failure of AWS: one line that says what failed and why, and one
//! that says what to do.

mod table;

use std::collections::BTreeSet;

use self::table::{OF_CREDENTIALS, OF_INIT, OF_KMS, OF_S3};
use crate::support::fake_aws::{Answer, FakeAws, Fault, nowhere};
use crate::support::{ALIAS, BUCKET, Sandbox};

/// The program's own table.
const TABLE: &str = include_str!("../../../src/backends/aws/errors/table.rs");

/// One row of a table.
struct Row {
    operation: &'static str,
    status: u16,
    code: &'static str,
    message: &'static str,
    hint: &'static str,
}

fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().map(|line| {
        let cells: Vec<&str> = line.splitn(5, '|').map(str::trim).collect();
        Row {
            operation: cells[0],
            status: cells[1].parse().unwrap(),
            code: cells[2],
            message: cells[3],
            hint: cells[4],
        }
    })
}

/// The command that makes a request, and what its error starts with.
fn asking(operation: &str) -> (&'static str, String) {
    let web = format!("`web` (s3://{BUCKET}/prod/web): ");
    match operation {
        "GetObject" => ("get web", format!("cannot read {web}")),
        "PutObject" => ("put web", format!("cannot store {web}")),
        "DeleteObject" => ("rm web", format!("cannot remove {web}")),
        "ListObjectsV2" => (
            "list",
            format!("cannot list the secrets: s3://{BUCKET}/prod/: "),
        ),
        "ListObjectVersions" => ("history web", format!("cannot list the versions of {web}")),
        "Decrypt" => ("get web", format!("cannot unwrap the data key of {web}")),
        "Encrypt" => ("put web", format!("cannot wrap the data key of {web}")),
        "DescribeKey" => ("policy reader", "cannot look up the wrapping key: ".into()),
        "GetCallerIdentity" => ("policy bucket", "cannot identify the caller: ".into()),
        _ => ("init --create --yes", String::new()),
    }
}

/// What is printed is the error and its hint, and nothing else.
#[track_caller]
fn is_answered(stderr: &str, cause: &str, hint: &str) {
    let lines: Vec<&str> = stderr.lines().collect();
    let expected = [
        format!("lazycred: error: {cause}"),
        format!("lazycred: hint: {hint}"),
    ];
    assert_eq!(lines, expected);
    assert!(stderr.len() <= 900, "{stderr}");
}

#[track_caller]
fn each_is_answered(table: &'static str) {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.put("web", "hunter2");
    for row in rows(table) {
        let fault = Fault::Error(row.status, row.code, row.message);
        fake.fault(row.operation, fault.once());
        let (command, start) = asking(row.operation);
        let run = sandbox.run(command).stdin("x").any_stdout().fails(1);
        let cause = format!("{start}{}: {}", row.code, row.message);
        is_answered(&run.stderr, &cause, row.hint);
    }
}

#[test]
fn each_failure_of_s3_says_what_to_do() {
    each_is_answered(OF_S3);
}

#[test]
fn each_failure_of_credentials_says_what_to_do() {
    each_is_answered(OF_CREDENTIALS);
}

#[test]
fn each_failure_of_kms_says_what_to_do() {
    each_is_answered(OF_KMS);
}

#[test]
fn each_failure_of_setting_up_says_what_to_do() {
    for row in rows(OF_INIT) {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), "new-bucket/", "new");
        fake.fault(
            row.operation,
            Fault::Error(row.status, row.code, row.message),
        );
        let run = sandbox.run("init --create --yes").any_stdout().fails(1);
        let hint = format!("lazycred: hint: {}", row.hint);
        assert_eq!(run.stderr.lines().last(), Some(&*hint), "{}", row.code);
        assert!(run.stderr.contains(&format!(": {}: no\n", row.code)));
    }
}

#[test]
fn no_row_of_the_table_is_left_out_here() {
    let rows_here = [OF_S3, OF_CREDENTIALS, OF_KMS, OF_INIT]
        .into_iter()
        .flat_map(rows);
    let here: BTreeSet<&str> = rows_here.map(|row| row.code).collect();
    // Tested below, or by other tests.
    let others = [
        "HTTP",
        "Redirect",
        "PermanentRedirect",
        "TemporaryRedirect",
        "AuthorizationHeaderMalformed",
        "PreconditionFailed",
        "ConditionalRequestConflict",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "BandwidthLimitExceeded",
        "AlreadyExistsException",
        "InvalidAliasNameException",
    ];
    let codes = TABLE.lines().filter_map(|line| {
        let (_, rest) = line.split_once("&[\"")?;
        let (codes, _) = rest.split_once("\"]")?;
        Some(codes.split("\", \""))
    });
    let mut count = 0;
    for code in codes.flatten() {
        count += 1;
        let start = code.trim_end_matches('*');
        let is_here = here.iter().any(|known| known.starts_with(start));
        let is_other = others.iter().any(|other| code.starts_with(other));
        assert!(is_here || is_other, "{code}");
    }
    assert!(count > 90, "{count}");
}

#[test]
fn a_denied_read_may_be_of_a_missing_name() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    fake.fault(
        "GetObject",
        Fault::Error(403, "AccessDenied", "Access Denied"),
    );
    let run = sandbox.run("get web").fails(1);
    let (_, start) = asking("GetObject");
    is_answered(
        &run.stderr,
        &format!("{start}missing or not permitted: AccessDenied: Access Denied"),
        "allow s3:GetObject on it; without s3:ListBucket, S3 gives the same response for a missing name",
    );
}

#[test]
fn an_answer_that_both_wrapping_keys_get_is_said_once() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.put("web", "hunter2");
    fake.fault("Decrypt", Fault::Error(400, "AccessDeniedException", "no"));
    let run = sandbox.run("get web").fails(1);
    let (_, start) = asking("Decrypt");
    is_answered(
        &run.stderr,
        &format!(
            "{start}alias/{ALIAS} and the wrapping key that the record names: AccessDeniedException: no"
        ),
        "allow kms:Decrypt on the wrapping key; `lazycred policy reader` prints a complete policy",
    );
}

#[test]
fn throttling_that_does_not_end_says_so() {
    for (operation, status, code, service) in [
        ("GetObject", 503, "SlowDown", "S3"),
        ("Decrypt", 400, "ThrottlingException", "KMS"),
    ] {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
        sandbox.put("web", "hunter2");
        fake.fault(operation, Fault::Error(status, code, "slow"));
        let run = sandbox.run("--timeout 1 get web").fails(1);
        assert!(run.stderr.contains(code), "{}", run.stderr);
        let hint = format!(
            "hint: {service} throttles requests: try again later, or allow more time with --timeout SECONDS\n"
        );
        assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
    }
}

#[test]
fn an_answer_without_a_code_is_told_by_its_status() {
    let page = "<!DOCTYPE html>\n<html><head><title>Blocked by\n ACME</title></head><body>no</body></html>";
    let blocked = "HTTP 403 and a web page instead of an answer: Blocked by ACME";
    let by_proxy = |service: &str| {
        format!(
            "a proxy or gateway answered in place of {service}: check HTTPS_PROXY, NO_PROXY and the endpoint"
        )
    };
    let side = "the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems";
    let reading = "allow s3:GetObject on it; without s3:ListBucket, S3 gives the same response for a missing name";
    let alike = "the server does not behave like S3: check the endpoint and the proxy";
    for (operation, status, body, cause, hint) in [
        (
            "GetObject",
            403,
            "",
            "missing or not permitted: HTTP 403",
            reading,
        ),
        (
            "GetObject",
            403,
            page,
            &format!("missing or not permitted: {blocked}"),
            &by_proxy("S3"),
        ),
        (
            "GetObject",
            502,
            "<html>no</html>",
            "HTTP 502 and a web page instead of an answer",
            &by_proxy("S3"),
        ),
        ("GetObject", 502, "", "HTTP 502", side),
        ("GetObject", 302, "", "HTTP 302", alike),
        (
            "GetObject",
            407,
            "",
            "HTTP 407",
            "the proxy wants a user name and password: put them into HTTPS_PROXY",
        ),
        ("Decrypt", 403, page, blocked, &by_proxy("KMS")),
        (
            "Decrypt",
            404,
            "no",
            "HTTP 404",
            &alike.replace("S3", "KMS"),
        ),
    ] {
        let body = body.to_owned();
        let server = FakeAws::holding(crate::support::fake_aws::record(b"x"), move |_, asked| {
            (asked == operation).then(|| Answer::new(status, body.clone()))
        });
        let sandbox = Sandbox::aws(&server.url(), &format!("{BUCKET}/prod/"), ALIAS);
        let run = sandbox.run("get web").fails(1);
        let (_, start) = asking(operation);
        is_answered(&run.stderr, &format!("{start}{cause}"), hint);
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
        let stored = crate::support::fake_aws::record(b"x");
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
