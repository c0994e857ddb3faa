//! An answer to every failure of AWS: one line that says what failed and why, and one
//! that says what to do.

mod table;
mod words;

use self::table::{OF_CREDENTIALS, OF_INIT, OF_KMS, OF_S3};
use crate::support::{ALIAS, Answer, BUCKET, FakeAws, Fault, Sandbox};

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

/// Whether a hint may be made from a row's, whose braces stand for any words.
fn may_be(hint: &str, template: &str) -> bool {
    let mut rest = hint;
    for (index, piece) in template.split('{').enumerate() {
        let piece = match index {
            0 => piece,
            _ => piece.split_once('}').unwrap().1,
        };
        match rest.find(piece) {
            Some(0) => rest = &rest[piece.len()..],
            Some(at) if index > 0 => rest = &rest[at + piece.len()..],
            _ => return false,
        }
    }
    true
}

#[test]
fn no_row_of_the_table_is_left_out_here() {
    let here: Vec<Row> = [OF_S3, OF_CREDENTIALS, OF_KMS, OF_INIT]
        .into_iter()
        .flat_map(rows)
        .collect();
    // Tested below, or by other tests: codes, and starts of hints.
    let others = [
        "HTTP",
        "Redirect",
        "PermanentRedirect",
        "TemporaryRedirect",
        "AuthorizationHeaderMalformed",
        "PreconditionFailed",
        "ConditionalRequestConflict",
        "AlreadyExistsException",
        "InvalidAliasNameException",
    ];
    let other_hints = [
        "{clock}",
        "allow {action} on it; ",
        "there is probably no such secret: ",
    ];
    let (mut count, mut left_out) = (0, Vec::new());
    for line in TABLE.lines() {
        let Some((_, rest)) = line.split_once("    row(") else {
            continue;
        };
        let (_, rest) = rest.split_once(", ").unwrap();
        let (codes, rest) = match rest.strip_prefix("&[") {
            Some(rest) => rest.split_once("], ").unwrap(),
            None => rest.split_once(", ").unwrap(),
        };
        let (words, hint) = rest.split_once("\", \"").unwrap();
        let words = words.trim_start_matches('"');
        let hint = hint.strip_suffix("\"),").unwrap();
        count += 1;
        if other_hints.iter().any(|other| hint.starts_with(other)) {
            continue;
        }
        let is_here = |is_code: &dyn Fn(&str) -> bool| {
            here.iter().any(|row| {
                is_code(row.code)
                    && row.message.to_lowercase().contains(words)
                    && may_be(row.hint, hint)
            })
        };
        // A missing permission, or any code: one of them is enough.
        if matches!(codes, "DENIED" | "") {
            if !is_here(&|code| codes.is_empty() || code.starts_with("AccessDenied")) {
                left_out.push(line.trim());
            }
            continue;
        }
        for code in codes.split(", ").map(|code| code.trim_matches('"')) {
            let start = code.trim_end_matches('*');
            let is_code = |known: &str| known == code || start != code && known.starts_with(start);
            let is_other = others.iter().any(|other| code.starts_with(other));
            if !is_other && !is_here(&is_code) {
                left_out.push(code);
                left_out.push(line.trim());
            }
        }
    }
    assert!(left_out.is_empty(), "{}", left_out.join("\n"));
    assert!(count > 60, "{count}");
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
fn a_denied_read_names_the_action_that_aws_names() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    for (action, hint) in [
        (
            "s3:GetObjectVersion",
            "allow s3:GetObjectVersion on it; without s3:ListBucket, S3 gives the same response for a missing name",
        ),
        (
            "s3:ListBucket",
            "there is probably no such secret: once s3:ListBucket is allowed on the bucket, S3 says so",
        ),
    ] {
        let words = format!(
            "User: arn:aws:iam::1:user/u is not authorized to perform: {action} on resource: \"x\""
        );
        fake.fault(
            "GetObject",
            Fault::Error(403, "AccessDenied", words.leak()).once(),
        );
        let run = sandbox.run("get web").fails(1);
        let end = format!("lazycred: hint: {hint}\n");
        assert!(run.stderr.ends_with(&end), "{}", run.stderr);
    }
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
    for (operation, status, code, helps) in [
        (
            "GetObject",
            503,
            "SlowDown",
            "S3 limits the requests per second for each prefix: spread the requests, or raise --timeout",
        ),
        (
            "Decrypt",
            400,
            "ThrottlingException",
            "KMS limits the requests per second of an account and region: spread the starts, raise --timeout, or request a higher quota (`aws service-quotas list-service-quotas --service-code kms`)",
        ),
    ] {
        let (fake, sandbox) = aws();
        fake.fault(operation, Fault::Error(status, code, "slow"));
        let run = sandbox.run("--timeout 1 get web").fails(1);
        assert!(run.stderr.contains(code), "{}", run.stderr);
        assert!(
            run.stderr.ends_with(&format!("hint: {helps}\n")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_hint_that_several_errors_share_is_given_once() {
    let (fake, sandbox) = aws();
    fake.fault("Decrypt", Fault::Error(400, "RequestExpired", "old"));
    sandbox.put("two", "x");
    let run = sandbox.run("exec web two none -- touch ran").fails(125);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{}", run.stderr);
    let renewal = "lazycred: hint: the credentials have expired; set ";
    assert_eq!(run.stderr.matches(renewal).count(), 1, "{}", run.stderr);
    assert!(lines[0].starts_with("lazycred: error: cannot unwrap the data key of `web` "));
    assert!(lines[1].starts_with("lazycred: error: cannot unwrap the data key of `two` "));
    assert!(lines[2].starts_with(renewal), "{}", run.stderr);
    assert!(lines[3].starts_with("lazycred: error: no secret named `none` "));
    assert!(lines[4].starts_with("lazycred: hint: `lazycred list` shows the names; "));
}

#[test]
fn an_account_that_is_none_is_never_shown() {
    for account in [
        "\u{9b}31m",
        "12345678901",
        "1234567890123",
        "12345678901x",
        "",
    ] {
        let server = FakeAws::scripted(move |_, asked| {
            (asked == "GetCallerIdentity").then(|| Answer::caller(account))
        });
        let sandbox = Sandbox::aws(&server.url(), "acme/", ALIAS);
        let run = sandbox.run("policy bucket").fails(1);
        is_answered(
            &run.stderr,
            "cannot identify the caller: STS answered with something that is no account",
            "the server does not behave like STS: check the endpoint and the proxy",
        );
    }
}
