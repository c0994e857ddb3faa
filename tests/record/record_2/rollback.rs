//! An old record that is put back is authentic; what notices it is asked for.

use super::{about, place, sealed, stored};
use crate::support::fake_aws::{ALIAS, FakeAws};
use crate::support::harness::{Run, record::About, store};

const NEW: &str = "a new hunter2";
const OLD: &str = "an old hunter2";

/// A fake with generation 2 at `web`, and the bytes of generation 1.
fn written_twice() -> (FakeAws, Vec<u8>) {
    let aws = FakeAws::start();
    let put = |secret: &str| {
        aws.run(["--quiet", "put", "web"])
            .file(".lazycred", r#"{"format": 2}"#)
            .stdin(secret)
            .status(0)
    };
    put(OLD);
    let first = aws.object(&place("web")).unwrap();
    put(NEW);
    (aws, first)
}

#[test]
fn an_old_record_opens_unless_a_generation_is_asked_for() {
    let (aws, first) = written_twice();
    let get = |least: &str| Run::new(["get", "web", "--min-gen", least]).aws(&aws);
    get("web=2").stdout(NEW).status(0);
    aws.put_object(&place("web"), &first);
    aws.prints("get web", OLD);
    get("web=1").stdout(OLD).status(0);
    let outcome = get("web=2")
        .stderr(
            "lazycred: error: cannot open `web` (s3://acme-secrets/prod/web): \
             it has generation 1, but at least 2 is required\n\
             lazycred: hint: an old record was put back, or the secret was removed and stored \
             again: check `lazycred history web`\n",
        )
        .status(4);
    assert_eq!(outcome.operations(), ["GetObject"], "KMS is not asked");
}

#[test]
fn exec_starts_nothing_with_an_old_record() {
    let (aws, first) = written_twice();
    store(&aws, &place("db"), r#"{"A": "1"}"#, 2);
    let exec = |least: &[&str]| {
        let args = [
            &["exec", "--pristine", "db", "T=web"],
            least,
            &["--", "/usr/bin/env"],
        ];
        Run::new(args.concat()).aws(&aws).may_leak()
    };
    let both = ["--min-gen", "web=2", "--min-gen", "db=1"];
    exec(&both).stdout(format!("A=1\nT={NEW}\n")).status(0);
    aws.put_object(&place("web"), &first);
    exec(&["--min-gen", "db=1"])
        .stdout(format!("A=1\nT={OLD}\n"))
        .status(0);
    let run = exec(&both).stderr_has("it has generation 1, but at least 2 is required");
    run.stdout("").status(125);
    exec(&["--min-gen", "web=1", "--min-gen", "web=2"])
        .stderr_has("at least 2 is required")
        .stdout("")
        .status(125);
}

#[test]
fn version_1_has_no_generation_that_could_be_enough() {
    let aws = FakeAws::start();
    store(&aws, &place("web"), "hunter2-hunter2", 1);
    let outcome = aws
        .run(["get", "web", "--min-gen", "web=1"])
        .stderr(
            "lazycred: error: cannot open `web` (s3://acme-secrets/prod/web): it is a \
             version 1 record, which has no generation, but at least 1 is required\n",
        )
        .status(4);
    assert_eq!(outcome.operations(), ["GetObject"]);
}

#[test]
fn a_generation_of_a_name_that_is_not_read_protects_nothing_and_is_refused() {
    let aws = FakeAws::start();
    let outcome = Run::new(["get", "web", "--min-gen", "wbe=2"])
        .aws(&aws)
        .stderr("lazycred: error: --min-gen `wbe=2`: this command does not read `wbe`\n")
        .status(2);
    assert_eq!(outcome.told(), [""; 0]);
    let outcome = Run::new(["exec", "web", "--min-gen", "wbe=2", "--", "/bin/true"])
        .aws(&aws)
        .stderr("lazycred: error: --min-gen `wbe=2`: this command does not read `wbe`\n")
        .status(125);
    assert_eq!(outcome.told(), [""; 0]);
    Run::new("get web --min-gen a=b=2")
        .aws(&aws)
        .stderr("lazycred: error: --min-gen `a=b=2`: this command does not read `a=b`\n")
        .status(2);
    for (args, status) in [
        ("get web --min-gen web", 2),
        ("get web --min-gen web=0", 2),
        ("exec web --min-gen web=x -- true", 125),
    ] {
        let run = Run::new(args).aws(&aws);
        run.stderr_has("expected NAME=N with N at least 1, as in `web/prod=7`")
            .status(status);
    }
    for least in [
        "web=",
        "web=-1",
        "web=+1",
        "=1",
        "web=1.5",
        "web=99999999999999999999",
    ] {
        let run = Run::new(["get", "web", "--min-gen", least]).aws(&aws);
        run.stderr_has("for `--min-gen`: ").status(2);
    }
}

#[test]
fn a_record_that_is_older_than_max_age_is_refused() {
    let aws = FakeAws::start();
    let old = About {
        created: "2020-01-01T00:00:00Z".into(),
        ..about("web", OLD)
    };
    aws.put_object(&place("web"), &sealed(&aws, ALIAS, &old, OLD));
    let get = |settings: &str| {
        let run = aws.run(["get", "web"]).file(".lazycred", settings);
        run.stdout("")
    };
    for age in ["90d", "12h"] {
        let why = format!(
            "it was created at 2020-01-01T00:00:00Z, longer ago than `max_age` ({age}) allows"
        );
        get(&format!(r#"{{"max_age": "{age}", "min_format": 2}}"#))
            .stderr_has(&why)
            .status(4);
    }
    get("{}").stdout(OLD).status(0);
    get(r#"{"max_age": "36500d", "min_format": 2}"#)
        .stdout(OLD)
        .status(0);
    let exec = ["exec", "web", "--", "/bin/echo", "ran"];
    aws.run(exec)
        .file(".lazycred", r#"{"max_age": "90d", "min_format": 2}"#)
        .stderr_has("longer ago than `max_age`")
        .status(125);
    // What is stored now is young.
    aws.run(["--quiet", "put", "web"]).stdin(NEW).status(0);
    get(r#"{"max_age": "1h", "min_format": 2}"#)
        .stdout(NEW)
        .status(0);
}

#[test]
fn when_it_was_made_cannot_be_made_to_look_younger() {
    let aws = FakeAws::start();
    let old = About {
        created: "2020-01-01T00:00:00Z".into(),
        ..about("web", OLD)
    };
    aws.put_object(&place("web"), &sealed(&aws, ALIAS, &old, OLD));
    let mut record = stored(&aws, "web");
    record["created"] = "2200-01-01T00:00:00Z".into();
    aws.put_object(&place("web"), record.to_string().as_bytes());
    aws.run(["get", "web"])
        .file(".lazycred", r#"{"max_age": "90d", "min_format": 2}"#)
        .stderr_has("it fails authentication")
        .status(4);
}

#[test]
fn a_version_under_another_wrapping_key_is_read_where_that_one_is_named() {
    let aws = FakeAws::start();
    aws.versioning(true);
    aws.wrapping_key(
        "old",
        crate::support::fake_aws::ACCOUNT,
        crate::support::fake_aws::REGION,
    );
    let record = sealed(&aws, "old", &about("web", OLD), OLD);
    let version = aws.put_object(&place("web"), &record);
    Run::new(["--quiet", "put", "web"])
        .aws(&aws)
        .stdin(NEW)
        .status(0);
    let get = |more: &[&str]| {
        let args = [&["get", "web"], more].concat();
        Run::new(args).aws(&aws)
    };
    get(&["--version", &version])
        .stderr_has(
            "its data key is wrapped by another wrapping key: alias/acme: IncorrectKeyException",
        )
        .status(4);
    let outcome = get(&["--version", &version, "--from", "old"])
        .stdout(OLD)
        .status(0);
    let told = outcome.told();
    assert_eq!(told[1..], ["Decrypt alias/acme", "Decrypt alias/old"]);
    let outcome = get(&["--from", "old"]).stderr_has("--version").status(2);
    assert_eq!(outcome.told(), [""; 0]);
    get(&["--version", &version, "--from", "local:dev"])
        .stderr_has("different kinds of wrapping key")
        .status(2);
}
