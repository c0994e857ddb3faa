//! An answer to every failure of AWS: one line that says what failed and why, and one
//! that says what to do.

mod table;
mod words;

use std::collections::BTreeSet;

use self::table::{OF_CREDENTIALS, OF_INIT, OF_KMS, OF_S3};
use crate::support::{ALIAS, BUCKET, FakeAws, Fault, Sandbox};

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

/// A secret `web` in S3.
fn aws() -> (FakeAws, Sandbox) {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.put("web", "hunter2");
    (fake, sandbox)
}

#[track_caller]
fn each_is_answered(table: &'static str) {
    let (fake, sandbox) = aws();
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
    let (fake, sandbox) = aws();
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
        let (fake, sandbox) = aws();
        fake.fault(operation, Fault::Error(status, code, "slow"));
        let run = sandbox.run("--timeout 1 get web").fails(1);
        assert!(run.stderr.contains(code), "{}", run.stderr);
        let hint = format!(
            "hint: {service} throttles requests: try again later, or allow more time with --timeout SECONDS\n"
        );
        assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
    }
}
