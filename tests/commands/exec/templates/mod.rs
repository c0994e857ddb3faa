//! `--set` and `--template`: values made of parts.

use std::os::unix::fs::symlink;

use crate::support::{FakeAws, PROGRAM, Run, Sandbox};

mod refused;

const PASSWORD: &str = "hunter2 of/the @database";
const LITERAL: &str = "literal-swordfish";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    let db = format!(
        r#"{{"pw": "{PASSWORD}", "host": "db.internal", "none": null, "o": {{"a": [1]}}}}"#
    );
    sandbox.put("db", db);
    sandbox.put("token", "t0ken-canary\n");
    sandbox
}

/// What `exec` gives a variable `V`.
#[track_caller]
fn value(sandbox: &Sandbox, options: &[&str]) -> String {
    let args = [&["exec"], options, &["--", "printenv", "V"]].concat();
    sandbox.run(args).may_leak().gives().text()
}

/// What `exec` says that it does not start.
#[track_caller]
fn refused(sandbox: &Sandbox, options: &[&str]) -> String {
    let args = [&["exec"], options, &["--", "touch", "ran"]].concat();
    let outcome = sandbox.run(args).never(LITERAL).outcome();
    assert_eq!((outcome.status, &*outcome.text()), (125, ""), "{outcome}");
    assert!(!sandbox.home().join("ran").exists());
    outcome.stderr
}

#[test]
fn a_connection_string_is_made_of_a_host_and_an_encoded_password() {
    let sandbox = sandbox();
    let dsn = "V=postgres://app:{{db#pw|uri}}@{{ db#host }}/app?sslmode=require";
    assert_eq!(
        value(&sandbox, &["--set", dsn]),
        "postgres://app:hunter2%20of%2Fthe%20%40database@db.internal/app?sslmode=require\n"
    );
    for (text, expected) in [
        ("{{token}}", "t0ken-canary\n"),
        (
            "{{token|json}}{{db#o}}{{db#o|uri}}",
            "\"t0ken-canary\"{\"a\":[1]}%7B%22a%22%3A%5B1%5D%7D\n",
        ),
        ("{{{{x}} } { {{{{{{token}}}", "{{x}} } { {{t0ken-canary}\n"),
        ("a=b={{token}}", "a=b=t0ken-canary\n"),
    ] {
        assert_eq!(value(&sandbox, &["--set", &format!("V={text}")]), expected);
    }
    assert_eq!(value(&sandbox, &["token", "--set", "V=plain"]), "plain\n");
    assert_eq!(value(&sandbox, &["token", "--set", "V="]), "\n");
    let null = "V=<{{db#none}}>";
    assert_eq!(value(&sandbox, &["--null", "empty", "--set", null]), "<>\n");
    assert!(refused(&sandbox, &["--set", null]).contains("--set V: line 1: "));
}

#[test]
fn set_wins_over_every_reference_and_files_win_over_set() {
    let sandbox = sandbox();
    sandbox.write("t", "rendered");
    let from = |run: Run| {
        run.env("V", "lazycred:token")
            .env("LAZYCRED_SECRETS", "V=db#o")
    };
    let ranked: [(&[&str], &str); 6] = [
        (&["V=db#host"], "db.internal"),
        (&["V=db#host", "--from-env", "V"], "t0ken-canary"),
        (
            &[
                "V=db#host",
                "--from-env",
                "V",
                "--set",
                "V=1{{db#o}}",
                "--set",
                "V=2",
            ],
            "2",
        ),
        (&["--set", "V=2", "--pristine"], "2"),
        (&["--set", "V=2", "--no-override", "--from-env", "V"], "2"),
        (
            &["--set", "V=2", "--template", "V=t", "--no-override"],
            "/proc/self/fd/",
        ),
    ];
    for (options, expected) in ranked {
        let args = [
            &["exec", "token"],
            options,
            &["--", "/usr/bin/printenv", "V"],
        ]
        .concat();
        let shown = from(sandbox.run(args))
            .any_stderr()
            .may_leak()
            .outcome()
            .text();
        assert!(shown.starts_with(expected), "{options:?}: {shown}");
    }
    // What the user names is not refused.
    assert_eq!(
        value(&sandbox, &["--set", "V={{token}}", "--set", "LD_X=1"]),
        "t0ken-canary\n"
    );
}

#[test]
fn a_template_is_rendered_into_a_sealed_file_of_its_own() {
    let sandbox = sandbox();
    sandbox.write(
        "app.conf",
        b"\xef\xbb\xbfpw={{db#pw|json}}\r\n\0\xff{{{{ {{token}}\n",
    );
    let script = "stat -Lc %a $V; cat $V; printf x 2>/dev/null >>$V || echo sealed";
    let args = [
        "exec",
        "--pristine",
        "--template",
        "V=app.conf",
        "--",
        "/bin/sh",
        "-c",
        script,
    ];
    let outcome = sandbox.run(args).may_leak().outcome();
    let expected = format!("400\n\u{feff}pw=\"{PASSWORD}\"\r\n\0");
    let expected = [expected.as_bytes(), b"\xff{{ t0ken-canary\nsealed\n"].concat();
    assert_eq!(outcome.stdout, expected, "{outcome}");
    // A pipe is a file as well.
    let script = format!(
        "echo '{{{{token}}}}' | '{PROGRAM}' exec --template V=/dev/fd/7 7<&0 </dev/null -- sh -c 'cat $V'"
    );
    sandbox
        .shell(&script)
        .may_leak()
        .stdout("t0ken-canary\n")
        .ok();
}

#[test]
fn each_record_is_fetched_once_for_all_its_uses() {
    let aws = FakeAws::start();
    let args = [
        "exec",
        "db#a",
        "V=db#a",
        "--file",
        "F=db",
        "--from-env",
        "E*",
        "--set",
        "S={{db#a}}{{db#a|uri}}",
        "--set",
        "T={{db}}",
        "--template",
        "G=t",
        "--",
        "sh",
        "-c",
        "echo $A$V$E1$E2$S$T; cat $F $G",
    ];
    Run::new(args)
        .aws(&aws)
        .secret("db", "{\"a\":1}")
        .file("t", "{{db#a}}\n")
        .env("E1", "lazycred:db#a")
        .env("E2", "lazycred:<{{db#a}}>")
        .may_leak()
        .stdout("111<1>11{\"a\":1}\n{\"a\":1}1\n")
        .ok();
    assert_eq!(aws.operations(), ["GetObject", "Decrypt"]);
}

#[test]
fn the_least_generation_holds_for_what_a_template_reads() {
    let aws = FakeAws::start();
    let run = |least: &str| {
        let args = [
            "exec",
            "--set",
            "V={{db}}",
            "--min-gen",
            least,
            "--",
            "printenv",
            "V",
        ];
        Run::new(args).aws(&aws).secret_2("db", "value")
    };
    run("db=1").may_leak().stdout("value\n").ok();
    run("db=9")
        .stderr_has("--set V: line 1: cannot open `db`")
        .status(125);
    run("other=1")
        .stderr_has("this command does not read `other`")
        .status(125);
}

#[test]
fn dry_run_lists_all_references_of_a_template() {
    let sandbox = sandbox();
    sandbox.write("t", "{{token}}\n");
    let options = "exec token --set A={{db#host}}:{{token}}{{db#host|uri}} --set TOKEN=text --template F=t --dry-run";
    let run = sandbox.run(options).env("A", "inherited");
    run.stdout(
        "A\tdb#host token\t\t35 bytes, overrides environment\n\
         F\ttoken\t\t13 bytes in a file\n\
         TOKEN\t\t\t4 bytes, overrides token\n",
    )
    .ok();
    let json = sandbox
        .run(format!("{options} --json").as_str())
        .env("A", "x")
        .gives();
    let shown: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        shown,
        serde_json::json!([
            {"name": "A", "reference": "db#host token", "path": "", "bytes": 35,
             "overrides": "environment", "file": false, "refused": false},
            {"name": "F", "reference": "token", "path": "", "bytes": 13,
             "overrides": null, "file": true, "refused": false},
            {"name": "TOKEN", "reference": null, "path": "", "bytes": 4,
             "overrides": "token", "file": false, "refused": false},
        ])
    );
}

#[test]
fn lazycred_exec_takes_templates_in_its_options() {
    let sandbox = sandbox();
    symlink(PROGRAM, sandbox.home().join("lazycred-exec")).unwrap();
    sandbox.write("t.conf", "{{token}}");
    let run = sandbox
        .run(["sh", "-c", "echo \"$A $B\"; cat $C"])
        .program("./lazycred-exec");
    run.env(
        "LAZYCRED_OPTIONS",
        "--set 'A=a {{db#host}}' --template C=t.conf",
    )
    .env("B", "lazycred:b {{token}}")
    .may_leak()
    .stdout("a db.internal b t0ken-canary\nt0ken-canary")
    .ok();
}

#[test]
fn no_text_of_a_template_is_logged() {
    let text = format!("{LITERAL} {{{{db#pw|uri}}}}");
    let set = format!("V={LITERAL}{{{{token|json}}}}");
    let args = [
        "exec",
        "-vv",
        "--set",
        &set,
        "--template",
        "F=t",
        "--",
        "true",
    ];
    let run = Run::new(args)
        .secret("db", format!(r#"{{"pw": "{PASSWORD}"}}"#))
        .secret("token", "t0ken-canary")
        .file("t", text);
    let run = run.env("V", "inherited").never(LITERAL).never("hunter2%20");
    let outcome = run.any_stderr().ok();
    let said = "inherited variable V is overridden by `token`";
    assert!(outcome.stderr.contains(said), "{outcome}");
}
