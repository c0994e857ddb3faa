//! `exec`: which variables the command sees.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{PROGRAM, Sandbox};

/// The variables that a command sees, without HOME and PATH.
#[track_caller]
fn seen(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let exec = format!("exec {line} -- env");
    let mut lines = sandbox.run(&exec).gives().lines();
    lines.retain(|line| !line.starts_with("HOME=") && !line.starts_with("PATH="));
    lines.sort();
    lines
}

#[test]
fn nested_fields_become_variables_and_numbers_stay_as_written() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"db": {"host": "h", "port": 5432}, "n": 1.10, "big": 12345678901234567890, "e": 1E+5, "t": true, "none": null, "list": [1, "a"], "empty": {}}"#);
    assert_eq!(
        seen(&sandbox, "db"),
        [
            "BIG=12345678901234567890",
            "DB_HOST=h",
            "DB_PORT=5432",
            "E=1E+5",
            "LIST=[1,\"a\"]",
            "N=1.10",
            "T=true"
        ]
    );
    let line = "--prefix my- --separator . --case lower --only my_db* db";
    assert_eq!(seen(&sandbox, line), ["my_db_host=h", "my_db_port=5432"]);
    let line = "--arrays index --null empty --only LIST* --only NONE db";
    assert_eq!(seen(&sandbox, line), ["LIST_0=1", "LIST_1=a", "NONE="]);
    assert_eq!(seen(&sandbox, "--except [!N]* db"), ["N=1.10"]);
}

#[test]
fn a_reference_picks_a_field_and_names_its_variable() {
    let sandbox = Sandbox::local();
    sandbox.put("web/api-token", "hunter2\n");
    sandbox.put(
        "db",
        r#"{"host": "h", "prod": {"user": "u"}, "hosts": ["a", 1.0], "none": null}"#,
    );
    for (line, expected) in [
        ("web/api-token", &["API_TOKEN=hunter2"][..]),
        ("T=web/api-token", &["T=hunter2"]),
        ("db#host", &["HOST=h"]),
        ("db#/prod/user", &["USER=u"]),
        ("db#/prod", &["USER=u"]),
        ("X=db#prod", &["X={\"user\":\"u\"}"]),
        ("DB_+=db#prod", &["DB_USER=u"]),
        ("db#hosts", &["HOSTS=[\"a\",1.0]"]),
        ("db#host HOST=db#/prod/user", &["HOST=u"]),
        ("db#host HOST=db#none", &[]),
    ] {
        assert_eq!(seen(&sandbox, line), expected, "{line}");
    }
}

#[test]
fn percent_escapes_reach_every_name() {
    let sandbox = Sandbox::local();
    sandbox.put("a#b@c%d", "x");
    assert_eq!(seen(&sandbox, "V=a%23b%40c%25d"), ["V=x"]);
    assert_eq!(seen(&sandbox, "V=a%23b%40c%d"), ["V=x"]);
    sandbox.put("A=b", "y");
    assert_eq!(seen(&sandbox, "V=A%3Db"), ["V=y"]);
}

#[test]
fn a_version_can_be_pinned() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    let folder = sandbox.home().join("secrets/.lazycred/versions/s.d");
    let mut kept = std::fs::read_dir(folder).unwrap();
    let kept = kept.next().unwrap().unwrap().file_name();
    let version = kept.to_str().unwrap().split_once('-').unwrap().1.to_owned();
    let expected = ["S=two", "V=one"];
    assert_eq!(seen(&sandbox, &format!("V=s@{version} s")), expected);
}

#[test]
fn the_environment_names_secrets_too() {
    let mut sandbox = Sandbox::local();
    sandbox.put("db", r#"{"host": "h", "user": "u"}"#);
    sandbox.put("a b", "spaced");
    sandbox.set("LAZYCRED_SECRETS", "db\r\n'X=a b'\t\r\n");
    assert_eq!(
        seen(&sandbox, ""),
        ["HOST=h", "USER=u", "X=spaced"],
        "LAZYCRED_SECRETS is split at white space of any kind, and is not passed on"
    );
}

#[test]
fn what_is_inherited_can_be_kept_dropped_or_stripped() {
    let mut sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "new", "b": "first"}"#);
    sandbox.set("A", "old");
    sandbox.set("AWS_REGION", "eu-west-1");
    sandbox.set("AWS_PROFILE", "p");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "k");
    sandbox.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/");
    sandbox.set("LAZYCRED_LOG", "warn");
    let raw = OsStr::from_bytes(b"\xff\xfe");
    let exec = sandbox.run("exec s B=s#a --no-override --strip-credentials -- env");
    let kept = exec.env("RAW", raw).gives();
    let mut lines: Vec<&[u8]> = kept.stdout.split(|&byte| byte == b'\n').collect();
    lines.retain(|line| {
        !line.starts_with(b"HOME=") && !line.starts_with(b"PATH=") && !line.is_empty()
    });
    assert_eq!(
        lines,
        [
            &b"A=old"[..],
            b"AWS_REGION=eu-west-1",
            b"B=new",
            b"RAW=\xff\xfe"
        ]
    );
    let exec = sandbox.run("exec s --pristine --keep AWS_SECRET_ACCESS_KEY -- env");
    let expected = ["A=new", "AWS_SECRET_ACCESS_KEY=k", "B=first"];
    assert_eq!(exec.gives().lines(), expected);
}

#[test]
fn file_passes_the_exact_bytes_and_children_can_reopen_it() {
    let sandbox = Sandbox::local();
    let bytes = b"-----BEGIN-----\n\0\xff\n";
    sandbox.put("tls/cert", bytes);
    let script = "cat \"$CERT\"; sh -c 'cat \"$CERT\"'; ! (echo x > \"$CERT\") 2>/dev/null";
    let exec = sandbox.run(["exec", "--file", "CERT=tls/cert", "--", "sh", "-c", script]);
    exec.stdout([&bytes[..], bytes].concat()).ok();
    let large = vec![b'x'; 300_000];
    sandbox.put("large", &large);
    let outcome = sandbox
        .run(["exec", "--file", "F=large", "--", "sh", "-c", "wc -c < $F"])
        .gives();
    assert_eq!(outcome.text().trim(), "300000");
}

#[test]
fn a_dry_run_announces_what_exec_gives_and_never_a_value() {
    let mut sandbox = Sandbox::local();
    sandbox.set("USER", "me");
    sandbox.put("db", r#"{"db": {"host": "hunter2"}, "user": "hunter22"}"#);
    sandbox.prints(
        "exec db USER=db#/db/host --file F=db --dry-run",
        "DB_HOST\tdb\t/db/host\t7 bytes\n\
             F\tF=db\t\t47 bytes in a file\n\
             USER\tUSER=db#/db/host\t/db/host\t7 bytes, overrides db\n",
    );
    let json = sandbox.run(["exec", "db", "--dry-run", "--json"]).gives();
    let listed: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        listed,
        serde_json::json!([
            {"name": "DB_HOST", "reference": "db", "path": "/db/host", "bytes": 7, "overrides": null, "file": false, "refused": false},
            {"name": "USER", "reference": "db", "path": "/user", "bytes": 8, "overrides": "environment", "file": false, "refused": false},
        ])
    );
    sandbox.put("bad", r#"{"ld_preload": "/x"}"#);
    let refused = sandbox.run(["exec", "bad", "--dry-run"]).outcome();
    let expected = ("LD_PRELOAD\tbad\t/ld_preload\t2 bytes, refused\n", 125);
    assert_eq!((refused.text().as_str(), refused.status), expected);
}

#[test]
fn the_command_can_be_one_text_and_no_shell_reads_it() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    sandbox.prints(["exec", "s", "-c", "printf '%s|' 'a b' $S ;"], "a b|$S|;|");
    sandbox.run(["exec", "s", "-c", "'open"]).fails(125);
    sandbox.run(["exec", "s", "-c", "x", "--", "y"]).fails(125);
}

#[test]
fn called_as_lazycred_exec_all_arguments_are_the_command() {
    let mut sandbox = Sandbox::local();
    sandbox.put("db", r#"{"host": "h"}"#);
    let link = sandbox.home().join("lazycred-exec");
    std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
    sandbox.set("LAZYCRED_SECRETS", "db");
    sandbox.set("LAZYCRED_OPTIONS", "--prefix 'DB_'");
    let sh = sandbox.run(["sh", "-c", "echo $DB_HOST; env | grep -c LAZYCRED; exit 7"]);
    let outcome = sh.program(&link).outcome();
    let seen = (outcome.text(), outcome.status, &*outcome.stderr);
    assert_eq!(seen, ("h\n0\n".to_owned(), 7, ""));
    let run = sandbox.run(["env"]).program(&link);
    run.env("LAZYCRED_SECRETS", "nope").fails(125);
}

#[test]
fn dotenv_and_text_are_read_when_they_are_asked_for() {
    let sandbox = Sandbox::local();
    sandbox.put("env", "A=1 # one\nexport B='$A'\nC=\"${A}x\"\n");
    let expected = ["A=1", "B=$A", "C=${A}x"];
    assert_eq!(seen(&sandbox, "env --format dotenv"), expected);
    sandbox.put("tpl", "{{ .Values }}\n");
    let expected = ["TPL={{ .Values }}"];
    assert_eq!(seen(&sandbox, "tpl --format text"), expected);
    for line in ["tpl", "env --format json", "tpl --format dotenv"] {
        let exec = format!("exec {line} -- env");
        sandbox.run(&exec).fails(125);
    }
}

#[test]
fn a_secret_that_cannot_become_variables_stops_exec_before_the_command_runs() {
    let sandbox = Sandbox::local();
    let fits = vec![b'x'; 131_072 - "FITS=\0".len()];
    let large = vec![b'x'; 131_072 - "LARGE=".len()];
    for (name, secret) in [
        ("nul", &b"{\"a\": \"\\u0000\"}"[..]),
        ("nul_byte", b"a\0b"),
        ("clash", br#"{"a": {"b": 1}, "a_b": 2}"#),
        ("twice", br#"{"a": 1, "a": 2}"#),
        ("typo", br#"{"a": 1"#),
        ("one", br#"{"a": 1}"#),
        ("null", br#"{"a": null}"#),
        ("code", br#"{"bash_env": "/x"}"#),
        ("fits", &fits),
        ("large", &large),
    ] {
        sandbox.put(name, secret);
    }
    let clash = "the fields `/a/b` and `/a_b` both become the variable `A_B`";
    let too_large = "each `NAME=value` must be under 131072 bytes; too large: `LARGE` (131073)";
    let code = "`BASH_ENV` of `code` can make another program run code";
    for (line, message) in [
        ("nul", "the field `/a` contains a NUL byte"),
        ("nul_byte", "it contains a NUL byte"),
        ("clash", clash),
        ("clash --only X", "both become the variable `A_B`"),
        ("twice", "the field `/a` appears twice"),
        ("typo", "it is not valid JSON at line 1, column 7"),
        ("one --only X*", "--only and --except leave no variable"),
        ("null --null error", "the field `/a` is null"),
        ("code", code),
        ("large", too_large),
    ] {
        sandbox.refuses(&format!("exec {line} -- touch ran"), 125, message);
        assert!(!sandbox.home().join("ran").exists());
    }
    sandbox.run("exec fits -- true").ok();
    sandbox.put("code", r#"{"bash_env": "x", "env": "prod"}"#);
    let expected = ["BASH_ENV=x", "ENV=prod"];
    assert_eq!(seen(&sandbox, "code --allow BASH_ENV"), expected);
    assert_eq!(seen(&sandbox, "code --except BASH*"), ["ENV=prod"]);
    let expected = ["LD_LIBRARY_PATH=prod"];
    assert_eq!(seen(&sandbox, "LD_LIBRARY_PATH=code#env"), expected);
}
