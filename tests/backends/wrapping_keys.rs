//! Which wrapping keys open a record, and whose bucket it may lie in.

use crate::support::fake_aws::{Answer, FakeAws, WRAPPING_KEY, record};
use crate::support::harness::Sandbox;

/// A server with one record, and what STS says of the caller.
fn server(account: &'static str, refuses_alias: bool) -> FakeAws {
    FakeAws::holding(record(b"x"), move |request, operation| match operation {
        "Decrypt" if refuses_alias && !request.target().is_empty() => {
            Some(Answer::kms(400, "IncorrectKeyException", "another"))
        }
        "GetCallerIdentity" => Some(Answer::caller(account)),
        _ => None,
    })
}

/// A configuration that the user names.
fn named(server: &FakeAws, members: &str) -> (Sandbox, String) {
    let mut sandbox = Sandbox::aws(&server.url(), "", "");
    sandbox.write(
        "named.json",
        format!("{{\"s3_path\": \"acme/\", \"region\": \"us-east-1\"{members}}}"),
    );
    sandbox.set("LAZYCRED_CONFIG", "named.json");
    let account = WRAPPING_KEY.split(':').nth(4).unwrap().to_owned();
    (sandbox, account)
}

#[test]
fn a_reader_needs_no_key_alias_and_the_account_is_checked_all_the_same() {
    for (account, status) in [("123456789012", 0), ("999999999999", 4)] {
        let server = server(account, false);
        let (sandbox, _) = named(&server, "");
        assert_eq!(sandbox.run(["get", "s"]).outcome().status, status);
        assert_eq!(
            server.operations(),
            ["GetObject", "Decrypt", "GetCallerIdentity"]
        );
    }
    let server = server("123456789012", false);
    let (sandbox, _) = named(&server, "");
    let run = sandbox.run(["put", "s"]).stdin("x");
    run.stderr_has("writing needs `key_alias`").status(2);
}

#[test]
fn the_configured_accounts_are_accepted_without_asking_sts() {
    let table = r#"0, "account": "123456789012"
        4, "account": "999999999999"
        0, "account": "999999999999", "key_accounts": ["123456789012"]
        0, "key_alias": "arn:aws:kms:us-east-1:123456789012:alias/acme"
        4, "key_alias": "arn:aws:kms:us-east-1:999999999999:alias/acme""#;
    for row in table.lines() {
        let server = server("000000000000", true);
        let (status, members) = row.trim().split_at(1);
        let (sandbox, _) = named(&server, members);
        let outcome = sandbox.run(["--quiet", "get", "s"]).outcome();
        assert_eq!(outcome.status.to_string(), status, "{members}");
        let asked = server.operations();
        assert!(
            !asked.iter().any(|one| one == "GetCallerIdentity"),
            "{members}"
        );
    }
}

#[test]
fn an_account_of_a_file_found_by_the_walk_is_the_buckets_owner_only() {
    let server = FakeAws::holding(record(b"x"), |request, operation| {
        let owner = request.header("x-amz-expected-bucket-owner");
        match operation {
            "GetObject" if owner != Some("123456789012") => {
                Some(Answer::s3(403, "AccessDenied", "another owner"))
            }
            "Decrypt" if !request.target().is_empty() => {
                Some(Answer::kms(400, "IncorrectKeyException", "another"))
            }
            "GetCallerIdentity" => Some(Answer::caller("999999999999")),
            _ => None,
        }
    });
    let sandbox = Sandbox::aws(&server.url(), "", "");
    sandbox.write(
        "p/.lazycred",
        r#"{"s3_path": "acme/", "key_alias": "acme", "account": "123456789012"}"#,
    );
    sandbox.run(["get", "s"]).cwd("p").fails(4);
    assert_eq!(
        server.operations(),
        ["GetObject", "Decrypt", "Decrypt", "GetCallerIdentity"]
    );
}

#[test]
fn a_pinned_wrapping_key_is_the_only_one() {
    let server = server("123456789012", true);
    let (sandbox, _) = named(&server, ", \"key_alias\": \"acme\", \"pin_key\": true");
    sandbox
        .run(["get", "s"])
        .stderr_has("hint: remove `pin_key` to accept other wrapping keys")
        .status(4);
    assert_eq!(server.operations(), ["GetObject", "Decrypt"]);
}

#[test]
fn the_wrapping_key_is_named_to_kms_in_each_form_that_the_configuration_has() {
    for key_alias in [
        "acme",
        "alias/acme",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "mrk-1234abcd12ab34cd56ef1234567890ab",
        "arn:aws:kms:us-east-1:123456789012:key/x",
    ] {
        let is_bare = key_alias == "acme";
        let sent = if is_bare { "alias/acme" } else { key_alias };
        let server = FakeAws::holding(record(b"x"), move |request, operation| {
            let is_other = operation != "GetObject" && request.target() != sent;
            is_other.then(|| Answer::kms(400, "ValidationException", "another"))
        });
        let (sandbox, _) = named(&server, &format!(", \"key_alias\": \"{key_alias}\""));
        sandbox.run(["get", "s"]).stdout("x").ok();
    }
}

#[test]
fn the_account_is_looked_up_once_for_any_number_of_records() {
    let server = server("123456789012", false);
    let (sandbox, _) = named(&server, "");
    sandbox.run("exec A=a B=b C=c -- true").ok();
    let asked = server.operations();
    let times = |wanted: &str| asked.iter().filter(|known| *known == wanted).count();
    assert_eq!((times("Decrypt"), times("GetCallerIdentity")), (3, 1));
}

#[test]
fn a_wrapping_key_file_contains_one_key_and_white_space_only() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "hunter2");
    let file = sandbox.local_wrapping_key_file("dev");
    let text = std::fs::read_to_string(&file).unwrap();
    let wrapping_key = text.trim_end();
    let (start, end) = wrapping_key.split_at(20);
    for (text, status) in [
        (format!("{wrapping_key}x"), 2),
        (format!("{wrapping_key}{wrapping_key}"), 2),
        (format!("{wrapping_key}\n{wrapping_key}\n"), 2),
        (format!("{wrapping_key}\nx"), 2),
        (format!("{wrapping_key}="), 2),
        (format!("!{wrapping_key}"), 2),
        (wrapping_key.replacen('=', "", 1), 2),
        (format!("{start} {end}"), 2),
        (wrapping_key.to_owned(), 0),
        (format!(" \t{wrapping_key}\r\n\n"), 0),
    ] {
        std::fs::write(&file, &text).unwrap();
        let run = sandbox.run(["get", "s"]);
        let outcome = run.any_stdout().any_stderr().status(status);
        let is_named = outcome.stderr.contains("is not a wrapping key file");
        assert_eq!(is_named, status == 2, "{outcome}");
    }
}
