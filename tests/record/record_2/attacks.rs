//! What somebody who may write to the bucket can try. Nothing of it gives a
//! byte, or starts a command.
//!
//! One row is one attack. All of them run through the program, against a store and
//! a KMS that enforce contexts and wrapping keys.

mod matrix;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fernet::Fernet;
use serde_json::{Value, json};

use matrix::{ASKED, Matrix, hash, with};

use super::{Context, about, place};
use crate::support::harness::record::{self, About};
use crate::support::{ACCOUNT, ALIAS, REGION, Run};

const SECRET: &str = r#"{"TOKEN": "hunter2-hunter2"}"#;

const HASH: &str = "the record is damaged: its `token_sha256` is not the hash of its `token`";

/// Sound records of other places.
fn records_of_other_places(matrix: &mut Matrix) {
    for (what, path) in [
        (
            "the record of another name",
            "s3://acme-secrets/prod/dev/web",
        ),
        (
            "the record of the name in capitals",
            "s3://acme-secrets/prod/Web",
        ),
        ("the record of another bucket", "s3://acme-backup/prod/web"),
        ("the record of another prefix", "s3://acme-secrets/dev/web"),
        ("the record of no prefix", "s3://acme-secrets/web"),
        ("the record of a folder", "file://web"),
    ] {
        let other = matrix.sealed(ALIAS, &About::new(path, SECRET.as_bytes()));
        matrix.by_kms(what, &other);
    }
}

/// Parts of another record of the same place.
fn parts_of_another_record(matrix: &mut Matrix) {
    let newer = About {
        generation: 2,
        ..about("web", SECRET)
    };
    let other = matrix.sealed(ALIAS, &newer);
    let token = matrix.with("token", other["token"].clone());
    matrix.locally("the token of another record", &token, HASH);
    let spliced = with(&token, "token_sha256", other["token_sha256"].clone());
    matrix.by_kms("token and hash of another record", &spliced);
    matrix.by_kms(
        "token, hash and generation of another record",
        &with(&spliced, "gen", 2),
    );
    let rewrapped = matrix.with("wrapped_key", other["wrapped_key"].clone());
    matrix.by_kms("the wrapped data key of another record", &rewrapped);
    let both = with(&rewrapped, "gen", 2);
    matrix.by_kms("wrapped data key and generation of another record", &both);
    let whole = with(&spliced, "wrapped_key", other["wrapped_key"].clone());
    matrix.by_kms("a newer record under the old generation", &whole);
}

/// Single members, edited.
fn edited_members(matrix: &mut Matrix) {
    for (what, member, value) in [
        ("a higher generation", "gen", json!(9)),
        ("a later time", "created", json!("2030-01-01T00:00:00Z")),
        ("another type", "type", json!("text/plain")),
        ("another tool", "tool", json!("lazycred/9.9.9")),
    ] {
        let edited = matrix.with(member, value);
        matrix.by_kms(what, &edited);
    }
    let mut blob = matrix.blob();
    *blob.last_mut().unwrap() ^= 1;
    let edited = matrix.with("wrapped_key", STANDARD.encode(blob));
    matrix.by_kms("one bit of the wrapped data key", &edited);
    let token = matrix.good["token"].as_str().unwrap().to_owned();
    let mut changed = token.clone();
    changed.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });
    let hashed = hash(&changed);
    let edited = matrix.with("token", changed);
    matrix.locally("one character of the token", &edited, HASH);
    matrix.by_kms(
        "one character of the token, and its hash",
        &with(&edited, "token_sha256", hashed),
    );
    let edited = matrix.with("token_sha256", "0".repeat(64));
    matrix.locally("another hash", &edited, HASH);
}

/// Members too many, too few, twice, or of another form.
fn other_forms(matrix: &mut Matrix) {
    let damaged = |why: &str| format!("the record is damaged: {why}");
    let names: Vec<String> = matrix.good.as_object().unwrap().keys().cloned().collect();
    for name in &names {
        let mut lacking = matrix.good.clone();
        lacking.as_object_mut().unwrap().remove(name);
        let why = match &**name {
            "lazycred" => "it is not a record: its member `data` is missing".to_owned(),
            _ => damaged(&format!("its member `{name}` is missing")),
        };
        matrix.locally(format!("no `{name}`"), &lacking, &why);
        let again = format!("{{\"{name}\":{},", matrix.good[name]);
        let twice = matrix.good.to_string().replacen('{', &again, 1);
        let why = damaged(&format!("its member `{name}` appears twice"));
        matrix.locally(format!("`{name}` twice"), &twice, &why);
        let null = matrix.with(name, Value::Null);
        let why = match &**name {
            "lazycred" => "its member `lazycred` is not a version".to_owned(),
            _ => format!("its member `{name}` is not "),
        };
        matrix.locally(format!("`{name}` is null"), &null, &damaged(&why));
    }
    let digest = matrix.good["token_sha256"].as_str().unwrap().to_uppercase();
    let token = matrix.good["token"].as_str().unwrap();
    let newline = format!("{token}\n");
    for (member, value, why) in [
        ("extra", json!(1), "version 2 has no member `extra`"),
        ("alg", json!("none"), "version 2 has no member `alg`"),
        ("data", json!("gAAA"), "version 2 has no member `data`"),
        (
            "lazycred",
            json!("2"),
            "its member `lazycred` is not a version",
        ),
        (
            "lazycred",
            json!(1),
            "its member `lazycred` is not a version",
        ),
        ("gen", json!(0), "its member `gen` is not an integer"),
        ("gen", json!("1"), "its member `gen` is not an integer"),
        ("gen", json!(1.0), "its member `gen` is not an integer"),
        (
            "created",
            json!("2026-01-01T00:00:00+00:00"),
            "its member `created` is not a time",
        ),
        (
            "type",
            json!("text/html"),
            "its member `type` is not application/json, ",
        ),
        (
            "tool",
            json!("a\nb"),
            "its member `tool` is not 1 to 64 characters",
        ),
        (
            "token_sha256",
            json!(digest),
            "its member `token_sha256` is not 64 lower-case",
        ),
        (
            "token",
            json!(newline),
            "its member `token` is not a Fernet token in canonical base64",
        ),
        (
            "wrapped_key",
            json!("-_-_"),
            "its member `wrapped_key` is not canonical base64",
        ),
    ] {
        let edited = matrix.with(member, value.clone());
        matrix.locally(format!("`{member}` is {value}"), &edited, &damaged(why));
    }
    let newer = matrix.with("lazycred", 3);
    let why = "the record was written by a newer lazycred (format 3)";
    matrix.locally("a newer format", &newer, why);
}

/// What is no record, or half of one.
fn no_records(matrix: &mut Matrix) {
    let text = matrix.good.to_string();
    let half = &text[..text.len() / 2];
    let broken = "the record is damaged: not a JSON object at line 1, column ";
    matrix.locally("half of the record", &half, broken);
    let behind = format!("{text} x");
    matrix.locally("text behind the record", &behind, broken);
    matrix.locally(
        "a byte order mark before it",
        &format!("\u{feff}{text}"),
        broken,
    );
    let why = "the record is damaged: its `key` is null, which lazycred 0.2.3 stored if KMS failed, so nothing can decrypt it";
    matrix.locally(
        "what 0.2.3 left when KMS failed",
        &r#"{"data": "gAAA", "key": null}"#,
        why,
    );
}

/// What a former reader of the secret knows.
fn a_kept_data_key(matrix: &mut Matrix) {
    let kept = String::from_utf8(matrix.kept()).unwrap();
    let token = Fernet::new(&kept)
        .unwrap()
        .encrypt(br#"{"TOKEN": "of the attacker"}"#);
    let forged = matrix.with("token", token.clone());
    matrix.locally("a forged token under the old hash", &forged, HASH);
    let hashed = with(&forged, "token_sha256", hash(&token));
    matrix.by_kms("a forged token and its hash", &hashed);
    let free = matrix.aws.wrap(ALIAS, kept.as_bytes(), &Context::new());
    let free = with(&hashed, "wrapped_key", STANDARD.encode(free));
    matrix.by_kms(
        "a forged token, and its data key wrapped without a context",
        &free,
    );
    let first = json!({"data": token, "key": matrix.good["wrapped_key"]});
    matrix.by_kms("a forged token as version 1", &first);
    let parts = json!({"data": matrix.good["token"], "key": matrix.good["wrapped_key"]});
    matrix.by_kms("the good record as version 1", &parts);
}

/// Wrapping keys that are not the configured one.
fn other_wrapping_keys(matrix: &mut Matrix) {
    for (what, account) in [
        (
            "a wrapping key of an account that lets everybody in",
            "999988887777",
        ),
        ("another wrapping key of the same account", ACCOUNT),
    ] {
        let arn = matrix
            .aws
            .wrapping_key(&format!("of-{account}"), account, REGION);
        matrix.aws.state().kms.key(&arn).open_to = vec![ACCOUNT.to_owned()];
        let record = matrix.sealed(&arn, &about("web", SECRET));
        let why = "its data key is wrapped by another wrapping key";
        matrix.add(what, record.to_string(), why, ASKED);
        if account != ACCOUNT {
            let wrap = |data_key: &[u8], context: &_| matrix.aws.wrap(&arn, data_key, context);
            let first = record::version_1(SECRET.as_bytes(), wrap);
            let why = "its data key is not wrapped by the pinned wrapping key";
            let attack = matrix.add(
                "version 1 under it, where ours is pinned",
                first,
                why,
                ASKED,
            );
            attack.settings = r#"{"pin_key": true}"#;
        }
    }
    let file = record::local_wrapping_key();
    let wrap = |data_key: &[u8], context: &_| record::wrap_locally("dev", &file, data_key, context);
    let record = record::version_2(&about("web", SECRET), SECRET.as_bytes(), wrap);
    let why = "its data key is wrapped by the local wrapping key `local:dev`";
    matrix.add(
        "a local wrapping key that the attacker made",
        record,
        why,
        &[],
    );
}

/// Authentic records of the same place that are not the last: refused where the
/// reader says what it expects.
fn older_records(matrix: &mut Matrix) {
    let wrap = |data_key: &[u8], context: &_| matrix.aws.wrap(ALIAS, data_key, context);
    let first = record::version_1(SECRET.as_bytes(), wrap);
    let why = "it is a version 1 record, which `min_format` refuses";
    matrix
        .add("version 1, where version 2 is the least", &first, why, &[])
        .settings = r#"{"min_format": 2}"#;
    let why = "it is a version 1 record, which has no generation, but at least 1 is required";
    matrix
        .add(
            "version 1, where a generation is asked for",
            &first,
            why,
            &[],
        )
        .options = &["--min-gen", "web=1"];
    let old = matrix.good.clone();
    let why = "it has generation 1, but at least 2 is required";
    matrix
        .locally("the last generation but one", &old, why)
        .options = &["--min-gen", "web=2"];
    let why = "it was created at 2026-01-01T00:00:00Z, longer ago than `max_age` (1h) allows";
    matrix
        .locally("a record that is too old", &old, why)
        .settings = r#"{"max_age": "1h"}"#;
}

#[test]
fn each_attack_on_a_stored_record_is_refused_in_its_own_words_and_kms_sees_only_what_it_must() {
    let mut matrix = Matrix::new();
    let run = Run::new(["get", "web"]).aws(&matrix.aws);
    run.stdout(SECRET).status(0);
    for think in [
        records_of_other_places,
        parts_of_another_record,
        edited_members,
        other_forms,
        no_records,
        a_kept_data_key,
        other_wrapping_keys,
        older_records,
    ] {
        think(&mut matrix);
    }
    let (mut without_kms, mut said) = (0, std::collections::BTreeSet::new());
    for attack in &matrix.attacks {
        matrix.aws.put_object(&place("web"), &attack.record);
        let run = |command: &str, rest: &[&str]| {
            let arguments = [&[command, "web"][..], attack.options, rest].concat();
            Run::new(arguments)
                .aws(&matrix.aws)
                .file(".lazycred", attack.settings)
                .never("hunter2-hunter2")
                .stdout("")
        };
        let why = &attack.why;
        let cannot = "cannot open `web` (s3://acme-secrets/prod/web): ";
        let get = run("get", &[]).stderr_has(&format!("lazycred: error: {cannot}{why}"));
        let outcome = get.status(4);
        let told = outcome.told().into_iter();
        let kms: Vec<_> = told.filter(|line| !line.starts_with("GetObject")).collect();
        assert_eq!(kms, attack.kms, "{}", attack.what);
        let exec = run("exec", &["--", "/bin/echo", "ran"]).stderr_has(why);
        exec.status(125);
        without_kms += usize::from(attack.kms.is_empty());
        said.insert(why);
    }
    let whats: std::collections::BTreeSet<_> =
        matrix.attacks.iter().map(|attack| &attack.what).collect();
    assert_eq!(whats.len(), matrix.attacks.len(), "each is told once");
    let found = (whats.len(), without_kms, said.len());
    assert!(found.0 >= 75 && found.1 >= 45 && found.2 >= 40, "{found:?}");
}

#[test]
fn a_record_moved_within_a_folder_does_not_open() {
    let run = |args: &[&str]| Run::new(args).local();
    let put = run(&["--quiet", "put", "dev/web"])
        .env("LAZYCRED_CONFIG", "two.json")
        .file(
            "two.json",
            r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}"#,
        )
        .stdin(SECRET)
        .status(0);
    let record = put.sandbox.read("secrets/dev/web").unwrap();
    let get = |name| Run::new(["get", name]).local().sandbox(&put.sandbox);
    get("dev/web").stdout(SECRET).status(0);
    get("web")
        .record("secrets/web", record)
        .never("hunter2-hunter2")
        .stderr_has("it fails authentication: `local:dev` does not open its data key")
        .stdout("")
        .status(4);
}
