//! `format`, `min_format` and `keys`: what is written, and what is read.

use serde_json::Value;

use super::{about, place, sealed, stored};
use crate::support::{ACCOUNT, ALIAS, FakeAws, Fault, REGION, Run, store};

/// Stores a secret with these settings in `.lazycred`.
#[track_caller]
fn put(aws: &FakeAws, settings: &str, secret: &[u8]) {
    aws.run(["--quiet", "put", "web", "--allow-empty"])
        .file(".lazycred", settings)
        .stdin(secret)
        .status(0);
}

fn version(record: &Value) -> u64 {
    record["lazycred"].as_u64().unwrap_or(1)
}

#[test]
fn version_2_is_written_only_where_it_is_asked_for_or_there_already() {
    for (settings, there, expected) in [
        ("{}", 0, 1),
        (r#"{"format": 1}"#, 0, 1),
        (r#"{"format": 2}"#, 0, 2),
        (r#"{"min_format": 2}"#, 0, 2),
        (r#"{"format": 1, "min_format": 2}"#, 0, 2),
        (r#"{"format": 2, "min_format": 1}"#, 1, 2),
        ("{}", 1, 1),
        ("{}", 2, 2),
        (r#"{"format": 1}"#, 2, 2),
    ] {
        let aws = FakeAws::start();
        if there > 0 {
            store(&aws, &place("web"), "hunter2", there);
        }
        put(&aws, settings, b"a newer one");
        let record = stored(&aws, "web");
        assert_eq!(version(&record), expected, "{settings} over {there}");
        if expected == 2 {
            assert_eq!(record["gen"], 1 + there / 2, "{settings} over {there}");
        }
    }
}

#[test]
fn a_removed_secret_leaves_no_version_behind_for_the_next() {
    let aws = FakeAws::start();
    put(&aws, r#"{"format": 2}"#, b"hunter2");
    aws.state().delete_object(&place("web"));
    put(&aws, "{}", b"hunter2");
    assert_eq!(version(&stored(&aws, "web")), 1);
    aws.state().delete_object(&place("web"));
    put(&aws, r#"{"format": 2}"#, b"hunter2");
    assert_eq!(stored(&aws, "web")["gen"], 1);
}

#[test]
fn eight_members_in_their_order_say_what_was_written() {
    let aws = FakeAws::start();
    for (generation, secret, kind) in [
        (1, &b"{\"a\": 1}\n"[..], "application/json"),
        (2, b"17", "application/json"),
        (3, b"{\"a\": 1", "text/plain"),
        (4, b"", "text/plain"),
        (5, b"\xff\0", "application/octet-stream"),
    ] {
        put(&aws, r#"{"format": 2}"#, secret);
        let text = String::from_utf8(aws.object(&place("web")).unwrap()).unwrap();
        let members: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
        let order = "lazycred gen created type tool token_sha256 wrapped_key token";
        let order: Vec<&str> = order.split(' ').collect();
        let names = members.into_iter().filter(|text| order.contains(text));
        assert!(names.collect::<Vec<_>>().starts_with(&order), "{text}");
        let record = stored(&aws, "web");
        assert_eq!(record.as_object().unwrap().len(), 8);
        assert_eq!(record["gen"], generation);
        assert_eq!(record["type"], kind);
        let tool = format!("lazycred/{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(record["tool"], tool);
        let run = Run::new(["get", "web"]).aws(&aws);
        run.stdout(secret).may_leak().status(0);
    }
}

#[test]
fn seven_pairs_are_bound_and_nothing_of_the_secret_is_among_them() {
    let aws = FakeAws::start();
    put(&aws, r#"{"format": 2}"#, b"hunter2-hunter2");
    let record = stored(&aws, "web");
    let requests = aws.requests();
    let encrypt = requests
        .iter()
        .find(|request| request.operation == "Encrypt");
    let context = encrypt.unwrap().json()["EncryptionContext"].clone();
    let expected = serde_json::json!({
        "lazycred:v": "2",
        "lazycred:path": "s3://acme-secrets/prod/web",
        "lazycred:gen": "1",
        "lazycred:created": record["created"],
        "lazycred:type": "text/plain",
        "lazycred:tool": record["tool"],
        "lazycred:token-sha256": record["token_sha256"],
    });
    assert_eq!(context, expected);
}

#[test]
fn a_name_that_version_2_cannot_bind_is_refused_before_anything_is_stored() {
    let aws = FakeAws::start();
    for name in [
        "a b",
        "a//b",
        "../a",
        "a/..",
        "./a",
        ".",
        "a/",
        "a\n",
        "a*",
        "\u{e9}",
        "/a",
        &"x".repeat(513),
    ] {
        aws.run(["put", name])
            .file(".lazycred", r#"{"format": 2}"#)
            .stdin("hunter2-hunter2")
            .stderr_has("is not a valid name for a version 2 record")
            .status(2);
    }
    let stored = aws.operations();
    assert!(!stored.contains(&"PutObject".to_owned()), "{stored:?}");
}

/// A run with a file that the user names, which may say more than one found.
fn named(aws: &FakeAws, args: &[&str], keys: &str) -> Run {
    let settings = format!(r#"{{"keys": {keys}}}"#);
    aws.run(args)
        .file("named.json", settings)
        .env("LAZYCRED_CONFIG", "named.json")
}

#[test]
fn keys_open_what_the_configured_wrapping_key_does_not() {
    let aws = FakeAws::start();
    for alias in ["old", "older"] {
        aws.wrapping_key(alias, ACCOUNT, REGION);
    }
    aws.put_object(
        &place("web"),
        &sealed(&aws, "older", &about("web", "hunter2"), "hunter2"),
    );
    let get = |keys: &str| named(&aws, &["get", "web"], keys);
    let outcome = get(r#"["alias/old", "older"]"#).stdout("hunter2").status(0);
    assert_eq!(
        outcome.told()[1..],
        [
            "Decrypt alias/acme",
            "Decrypt alias/old",
            "Decrypt alias/older"
        ]
    );
    get(r#"["old"]"#)
        .stderr_has("alias/acme: IncorrectKeyException")
        .stderr_has("alias/old: IncorrectKeyException")
        .stderr_has("otherwise `lazycred rekey web --from ALIAS` moves it, and all names that start with it, to alias/acme")
        .status(4);
    // One that is not there is no word about the record.
    let run = get(r#"["gone"]"#).stderr_has("alias/acme: IncorrectKeyException");
    run.stderr_has("alias/gone: NotFoundException").status(1);
    aws.state().kms.key("old").denied = vec!["Decrypt".into()];
    get(r#"["old"]"#)
        .stderr_has("alias/old: AccessDeniedException")
        .status(1);
    get(r#"["gone", "old", "older"]"#)
        .stdout("hunter2")
        .status(0);
    get(r#"["local:dev"]"#)
        .stderr_has("different kinds of wrapping key")
        .status(2);
}

#[test]
fn keys_are_for_reading_and_what_is_written_is_under_the_configured_one() {
    let aws = FakeAws::start();
    aws.wrapping_key("old", ACCOUNT, REGION);
    aws.put_object(
        &place("web"),
        &sealed(&aws, "old", &about("web", "hunter2"), "hunter2"),
    );
    let run = named(&aws, &["--quiet", "put", "web"], r#"["old"]"#);
    let outcome = run.stdin("a newer one").status(0);
    assert!(outcome.told().contains(&format!("Encrypt alias/{ALIAS}")));
    let run = Run::new(["get", "web"]).aws(&aws);
    run.stdout("a newer one").status(0);
}

#[test]
fn the_answers_for_all_keys_share_the_room_of_one() {
    let words: &str = "z".repeat(5000).leak();
    for code in ["IncorrectKeyException", "AccessDeniedException"] {
        let aws = FakeAws::start();
        let record = sealed(&aws, "acme", &about("web", "hunter2"), "hunter2");
        aws.put_object(&place("web"), &record);
        aws.fault("Decrypt", Fault::Error(400, code, words));
        let outcome = named(&aws, &["get", "web"], r#"["a", "b", "c"]"#).any_stderr();
        let stderr = outcome.outcome().stderr;
        for alias in ["acme", "a", "b", "c"] {
            assert!(
                stderr.contains(&format!("alias/{alias}: {code}: zzz")),
                "{stderr}"
            );
        }
        assert!(stderr.matches('z').count() <= 500, "{stderr}");
        assert!(stderr.len() <= 900, "{stderr}");
        assert_eq!(stderr.lines().count(), 2, "{stderr}");
    }
}

#[test]
fn keys_of_a_file_that_was_found_on_the_way_are_refused() {
    Run::new(["get", "web"])
        .file(".lazycred", r#"{"keys": ["old"]}"#)
        .stderr_has("was found by searching; `keys` is accepted only from a file that you name")
        .status(2);
}

#[test]
fn version_2_does_not_open_without_a_configured_wrapping_key() {
    let aws = FakeAws::start();
    store(&aws, &place("web"), "hunter2", 2);
    let outcome = Run::new(["get", "web"])
        .aws(&aws)
        .unset("LAZYCRED_KEY_ALIAS")
        .stderr_has("is a version 2 record, which opens only under a configured wrapping key")
        .status(2);
    assert_eq!(outcome.operations(), ["GetObject"]);
}
