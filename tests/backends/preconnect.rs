//! S3 and KMS are dialled before there is a request, and only if there will be.

use std::sync::Arc;

use crate::support::Sandbox;
use crate::support::fake_aws::{Answer, FakeAws, plain_kms, record};

/// S3 and KMS on two ports.
struct Pair {
    s3: FakeAws,
    kms: Arc<FakeAws>,
    sandbox: Sandbox,
}

impl Pair {
    /// An S3 that gives a record only once `first` is true of KMS.
    fn start(first: impl Fn(&FakeAws) -> bool + Send + Sync + 'static) -> Self {
        let stored = record(br#"{"a": "b"}"#);
        let kms = Arc::new(FakeAws::scripted(|request, _| Some(plain_kms(request))));
        let known = Arc::clone(&kms);
        let s3 = FakeAws::scripted(move |_, operation| {
            assert!(first(&known), "no record before this");
            Some(match operation {
                "GetObject" => Answer::new(200, stored.clone()).header("etag", "\"1\""),
                _ => Answer::new(200, "").header("etag", "\"2\""),
            })
        });
        let mut sandbox = Sandbox::aws(&s3.url(), "acme/prod/", "acme");
        sandbox.set("AWS_ENDPOINT_URL_KMS", kms.url());
        Self { s3, kms, sandbox }
    }

    fn opened(&self) -> (usize, usize) {
        (self.s3.connections(), self.kms.connections())
    }

    fn asked(&self) -> (usize, usize) {
        (self.s3.operations().len(), self.kms.operations().len())
    }
}

#[test]
fn one_reference_is_two_connections_both_opened_before_the_record_is_there() {
    for arguments in [
        "exec s -- printenv A",
        "get s --field a",
        "exec s X=s#a --file F=s -- printenv A",
    ] {
        let pair = Pair::start(FakeAws::is_dialled);
        let outcome = pair.sandbox.run(arguments).outcome();
        assert_eq!(outcome.text().trim(), "b", "{}", outcome.stderr);
        assert_eq!((pair.opened(), pair.asked()), ((1, 1), (1, 1)));
    }
}

#[test]
fn twenty_references_are_at_most_twenty_connections_to_each() {
    let pair = Pair::start(FakeAws::is_dialled);
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let mut arguments = vec!["exec"];
    arguments.extend(names.iter().map(String::as_str));
    arguments.extend(["--", "printenv", "A"]);
    pair.sandbox.run(arguments).stdout("b\n").ok();
    assert_eq!(pair.asked(), (20, 20));
    let (s3, kms) = pair.opened();
    assert!(s3 <= 20 && kms <= 20, "{s3} and {kms}");
}

#[test]
fn both_are_dialled_while_a_program_still_looks_for_credentials() {
    let pair = Pair::start(|_| true);
    let sandbox = &pair.sandbox;
    let script = sandbox.write(
        "credentials.sh",
        "until [ -e dialled ]; do sleep 0.01; done\n\
         echo '{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\"}'\n",
    );
    let script = script.display();
    let config = format!("[default]\nregion = eu-west-1\ncredential_process = /bin/sh {script}\n");
    sandbox.write(".aws/config", config);
    std::thread::scope(|scope| {
        let get = sandbox.run("get s --field a").unset("AWS_ACCESS_KEY_ID");
        let get = get.unset("AWS_SECRET_ACCESS_KEY").stdout("b");
        let run = scope.spawn(|| get.ok());
        assert!(pair.s3.is_dialled() && pair.kms.is_dialled());
        assert_eq!(pair.asked(), (0, 0));
        sandbox.write("dialled", "");
        run.join().unwrap();
    });
    assert_eq!((pair.opened(), pair.asked()), ((1, 1), (1, 1)));
}

#[test]
fn a_write_dials_both_once() {
    let pair = Pair::start(FakeAws::is_dialled);
    let outcome = pair.sandbox.run(["set", "s", "a"]);
    let outcome = outcome.stdin("c").outcome();
    assert_eq!(pair.kms.operations(), ["Decrypt", "Encrypt"], "{outcome}");
    assert_eq!(pair.opened(), (1, 1));
}

#[test]
fn servers_that_are_not_needed_are_not_dialled() {
    let pair = Pair::start(|_| true);
    pair.sandbox.run(["list"]).outcome();
    pair.sandbox.run(["history", "s"]).outcome();
    assert_eq!(pair.opened().1, 0);
    let before = pair.opened();
    pair.sandbox.run(["get"]).outcome();
    pair.sandbox.run(["exec", "s", "--", "./missing"]).outcome();
    pair.sandbox.run(["get", "--help"]).outcome();
    assert_eq!(pair.opened(), before);

    // Where the wrapping key is a file, and where the store is a folder.
    let local = Sandbox::local();
    local.put("s", "x");
    let folder = local.home().join("secrets").display().to_string();
    for (s3_path, key_alias) in [
        ("acme/prod/", "local:dev"),
        (&format!("file:{folder}/"), "acme"),
    ] {
        let pair = Pair::start(|_| true);
        local
            .run(["get", "s", "--s3-path", s3_path, "--key-alias", key_alias])
            .env("AWS_ENDPOINT_URL_S3", pair.s3.url())
            .env("AWS_ENDPOINT_URL_KMS", pair.kms.url())
            .env("AWS_ACCESS_KEY_ID", "A")
            .env("AWS_SECRET_ACCESS_KEY", "s")
            .env("AWS_REGION", "us-east-1")
            .outcome();
        let expected = if key_alias == "acme" {
            // Nobody waited for it: it may be counted only after the command.
            pair.kms.is_dialled();
            (0, 1)
        } else {
            (1, 0)
        };
        assert_eq!(pair.opened(), expected, "{s3_path} {key_alias}");
    }
}

#[test]
fn a_connection_that_dies_between_dial_and_request_is_dialled_again() {
    let aws = FakeAws::start();
    aws.refuse_connections(1);
    // Where the request was on its way when it died, that was an attempt.
    let run = aws.run(["get", "web"]).env("AWS_MAX_ATTEMPTS", "2");
    run.secret("web", "hunter2").stdout("hunter2").status(0);
    assert_eq!(aws.operations(), ["GetObject", "Decrypt"]);
}
