//! A damaged record that says which version it is: nothing replaces it but
//! `rm` and `rollback`, and every other command says so.

use crate::support::{ALIAS, BUCKET, FakeAws, Sandbox, place, store};

const OF_FORMAT_2: &str = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}"#;
const OF_FORMAT_1: &str = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev"}"#;

/// What damage makes of a sound record of version 2.
fn damages(sound: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8(sound.to_vec()).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    };
    let mut all = vec![
        ("cut by 3 bytes", sound[..sound.len() - 3].to_vec()),
        ("cut to a third", sound[..sound.len() / 3].to_vec()),
        ("a BOM before it", [b"\xef\xbb\xbf", sound].concat()),
        ("bytes that are no text", [sound, b"\xff\x00"].concat()),
    ];
    let edits = r#"without its token / "token" / "tokem"
        another hash / "token_sha256":" / "token_sha256":"0
        no version / "lazycred":2 / "lazycred":"2"
        an older number / "lazycred":2 / "lazycred":1
        its name in escapes / "lazycred":2 / "lazycre\u0064":0
        with the key that 0.2.3 left / { / {"key":null,
        with members of version 1 / { / {"data":5,"key":"aGk=","#;
    all.extend(edits.lines().map(|line| {
        let (what, change) = line.trim().split_once(" / ").unwrap();
        let (from, to) = change.split_once(" / ").unwrap();
        (what, changed(from, to))
    }));
    all
}

/// Every command that writes to `db`, and what it is given.
fn writers() -> Vec<(&'static str, &'static str)> {
    vec![
        ("put db", "new"),
        ("put db --no-verify", "new"),
        ("set db field", "new"),
        ("unset db field", ""),
        ("edit db", ""),
        ("import some.json --replace", ""),
        ("cp other db --replace", ""),
        ("mv other db --replace", ""),
        ("rekey db", ""),
        ("upgrade db --yes", ""),
    ]
}

/// A folder with a sound `other`, and `db` twice, of version 2.
fn folder() -> (Sandbox, Vec<u8>) {
    let sandbox = Sandbox::local();
    sandbox.write(".lazycred", OF_FORMAT_2);
    sandbox.write("some.json", r#"{"db": "imported"}"#);
    sandbox.put("other", r#"{"field": "other"}"#);
    sandbox.put("db", r#"{"field": "before"}"#);
    sandbox.put("db", r#"{"field": "sound"}"#);
    let sound = sandbox.read("secrets/db").unwrap();
    sandbox.write(".lazycred", OF_FORMAT_1);
    (sandbox, sound)
}

const HINT: &str = "hint: it is never overwritten: restore with `lazycred rollback db --to VERSION`, or remove it with `lazycred rm db`";

#[test]
fn no_command_replaces_a_damaged_record_of_version_2_and_each_names_what_does() {
    let (sandbox, sound) = folder();
    for (what, damaged) in damages(&sound) {
        sandbox.write("secrets/db", &damaged);
        for (args, stdin) in writers() {
            let run = sandbox.run(args).stdin(stdin).may_leak();
            run.env("EDITOR", "sh -c 'echo new > \"$0\"'")
                .stderr_has(HINT)
                .status(4);
            let now = sandbox.read("secrets/db").unwrap();
            assert_eq!(now, damaged, "{what}: {args:?}");
            assert!(sandbox.read("secrets/other").is_some(), "{args:?}");
        }
    }
}

#[test]
fn a_newer_format_and_the_last_generation_are_not_replaced() {
    let (sandbox, sound) = folder();
    let last = String::from_utf8(sound).unwrap();
    let last = last.replacen("\"gen\":2", "\"gen\":9007199254740991", 1);
    let newer = "written by a newer lazycred (format 3)";
    for (record, why) in [
        (r#"{"lazycred": 3}"#, newer),
        (
            &last,
            "it has the last possible generation, 9007199254740991, and cannot be replaced",
        ),
    ] {
        sandbox.write("secrets/db", record);
        let put = sandbox.run("put db").stdin("new");
        put.stderr_has(why).status(4);
        assert_eq!(sandbox.read("secrets/db").unwrap(), record.as_bytes());
    }
}

#[test]
fn rollback_and_rm_get_rid_of_the_damage() {
    let (sandbox, sound) = folder();
    for (_, damaged) in damages(&sound) {
        sandbox.write("secrets/db", sound.clone());
        sandbox.put("db", r#"{"field": "sound"}"#);
        sandbox.write("secrets/db", &damaged);
        let history = sandbox.run(["history", "db"]).gives().lines();
        let earlier = history[1].split('\t').next().unwrap();
        let run = sandbox.run(["rollback", "db", "--to", earlier]);
        run.any_stdout().any_stderr().ok();
        sandbox.run("get db").stdout(r#"{"field": "sound"}"#).ok();
        let stored = String::from_utf8(sandbox.read("secrets/db").unwrap()).unwrap();
        assert!(stored.starts_with("{\"lazycred\":2"), "{stored}");
        sandbox.write("secrets/db", &damaged);
        assert_eq!(sandbox.run(["rm", "db"]).outcome().status, 0);
        assert!(sandbox.read("secrets/db").is_none());
    }
}

#[test]
fn what_says_of_no_version_is_replaced_as_before_with_a_warning() {
    let sandbox = Sandbox::local();
    for damaged in [
        r#"{"data": "gAAA", "key": null}"#,
        r#"{"data": "gAAA", "key"#,
        r#"["lazycred"]"#,
        r#"{"lazy": "lazycred"}"#,
        "lazycred",
        "null",
        "",
    ] {
        sandbox.write("secrets/db", damaged);
        let run = sandbox.run(["put", "db"]).stdin("new");
        run.any_stdout().stderr_has("; replacing it").ok();
        sandbox.run(["get", "db"]).stdout("new").ok();
    }
}

#[test]
fn in_a_bucket_it_stays_too_for_one_who_writes_version_1() {
    let fake = FakeAws::start();
    store(&fake, &place("other"), "x", 1);
    store(&fake, &place("db"), "hunter2-hunter2", 2);
    let sound = fake.object(&place("db")).unwrap();
    let cut = &sound[..sound.len() - 3];
    fake.put_object(&place("db"), cut);
    let mut sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.set("EDITOR", "true");
    sandbox.write("some.json", r#"{"db": "imported"}"#);
    for (args, stdin) in writers() {
        let run = sandbox.run(args);
        run.stdin(stdin).may_leak().stderr_has(HINT).status(4);
        assert_eq!(fake.object(&place("db")).unwrap(), cut, "{args:?}");
    }
}

#[test]
fn an_import_that_meets_one_writes_nothing_before_it() {
    let (sandbox, sound) = folder();
    for (what, damaged) in damages(&sound) {
        sandbox.write("secrets/db", &damaged);
        sandbox.write("mixed.json", r#"{"aa": "1", "db": "2", "zz": "3"}"#);
        let import = ["import", "mixed.json", "--replace"];
        sandbox.run(import).fails(4);
        assert_eq!(sandbox.read("secrets/aa"), None, "{what}");
        assert_eq!(sandbox.read("secrets/db").unwrap(), damaged, "{what}");
    }
}
