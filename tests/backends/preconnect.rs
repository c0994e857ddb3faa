//! S3, KMS and STS are dialled before there is a request, and only if there will be.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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

#[test]
fn one_slow_record_among_many_keeps_no_other_from_being_asked_for() {
    const NAMES: usize = 200;
    let stored = record(br#"{"a": "b"}"#);
    let asked = Mutex::new(HashSet::new());
    let (others, seen) = std::sync::mpsc::channel();
    let server = FakeAws::scripted(move |request, operation| {
        if operation != "GetObject" {
            return Some(plain_kms(request));
        }
        asked.lock().unwrap().insert(request.path.clone());
        if request.path.ends_with("/s0") {
            // Until all others have been asked for, or nothing more comes.
            let mut known = 0;
            let mut last = Instant::now();
            while known < NAMES && last.elapsed() < Duration::from_secs(10) {
                let now = asked.lock().unwrap().len();
                if now > known {
                    (known, last) = (now, Instant::now());
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            others.send(known).unwrap();
        }
        Some(Answer::new(200, stored.clone()).header("etag", "\"1\""))
    });
    let sandbox = Sandbox::aws(&server.url(), "acme/prod/", "acme");
    let names: Vec<String> = (0..NAMES)
        .map(|number| format!("N{number}=s{number}#a"))
        .collect();
    let mut arguments = vec!["exec", "--timeout", "60"];
    arguments.extend(names.iter().map(String::as_str));
    arguments.extend(["--", "printenv", "N0", "N150"]);
    // The wait may be longer than a connection may stand still.
    let run = sandbox.run(arguments).env("AWS_MAX_ATTEMPTS", "10");
    run.stdout("b\nb\n").ok();
    assert_eq!(seen.recv().unwrap(), NAMES);
}

#[test]
fn sts_is_dialled_while_the_credentials_come_that_a_role_is_assumed_with() {
    for base in ["instance", "process", "two roles"] {
        let sts = Arc::new(FakeAws::scripted(|_, operation| {
            Some(Answer::role(operation, "FROMROLE"))
        }));
        let known = Arc::clone(&sts);
        // Metadata gives the credentials only once STS has a connection, and no request.
        let metadata = FakeAws::scripted(move |request, _| {
            const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
            Some(match &*request.path {
                "/latest/api/token" => {
                    Answer::new(200, "t").header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
                }
                ROLES => Answer::new(200, "machine"),
                _ => {
                    assert!(known.is_dialled(), "no credentials before this");
                    assert_eq!(known.operations().len(), 0);
                    Answer::credentials("FROMMACHINE")
                }
            })
        });
        let pair = Pair::start(FakeAws::is_dialled);
        let sandbox = &pair.sandbox;
        let script = sandbox.write(
            "credentials.sh",
            "until [ -e dialled ]; do sleep 0.01; done\n\
             echo '{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\"}'\n",
        );
        let role = |name: &str| format!("role_arn = arn:aws:iam::123456789012:role/{name}\n");
        let of_machine = "credential_source = Ec2InstanceMetadata\n";
        let profile = match base {
            "instance" => role("r") + of_machine,
            "process" => format!(
                "{}source_profile = k\n[profile k]\ncredential_process = /bin/sh {}\n",
                role("r"),
                script.display()
            ),
            _ => format!(
                "{}source_profile = k\n[profile k]\n{}{of_machine}",
                role("r"),
                role("q")
            ),
        };
        sandbox.write(
            ".aws/config",
            format!("[profile p]\nregion = eu-west-1\n{profile}"),
        );
        let run = sandbox
            .run("get s --field a --profile p")
            .unset("AWS_ACCESS_KEY_ID")
            .unset("AWS_SECRET_ACCESS_KEY")
            .env("AWS_EC2_METADATA_DISABLED", "false")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url())
            .env("AWS_ENDPOINT_URL_STS", sts.url())
            .stdout("b");
        std::thread::scope(|scope| {
            let run = scope.spawn(|| run.ok());
            if base == "process" {
                assert!(sts.is_dialled(), "{base}");
                assert_eq!(sts.operations().len(), 0);
                sandbox.write("dialled", "");
            }
            run.join().unwrap();
        });
        let roles = if base == "two roles" { 2 } else { 1 };
        assert_eq!(sts.operations(), vec!["AssumeRole"; roles], "{base}");
        assert_eq!(sts.connections(), 1, "{base}");
        assert_eq!((pair.opened(), pair.asked()), ((1, 1), (1, 1)), "{base}");
    }
}

#[test]
fn sts_is_not_dialled_where_no_role_is_assumed() {
    let sts = FakeAws::start();
    let pair = Pair::start(FakeAws::is_dialled);
    pair.sandbox.write(
        ".aws/config",
        "[profile p]\nregion = eu-west-1\naws_access_key_id = A\naws_secret_access_key = s\n",
    );
    for arguments in ["get s --field a", "get s --field a --profile p"] {
        let run = pair.sandbox.run(arguments);
        run.env("AWS_ENDPOINT_URL_STS", sts.url()).stdout("b").ok();
    }
    assert_eq!(sts.connections(), 0);
}
