//! `exec --env-file`: the user's own variables, plain or references.

mod given;

use std::os::unix::fs::symlink;

use crate::support::{FakeAws, PROGRAM, Run, Sandbox};

const VALUE: &str = "hunter2-of-the-database";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    let db = format!(r#"{{"pw": "{VALUE}", "user": "app", "none": null, "hosts": ["a"]}}"#);
    sandbox.put("db", db);
    sandbox.put("s", r#"{"x": "of-s"}"#);
    sandbox
}

/// The variables that a command sees, without HOME and PATH.
#[track_caller]
fn seen(run: Run) -> Vec<String> {
    let mut lines = run.gives().lines();
    lines.retain(|line| !line.starts_with("HOME=") && !line.starts_with("PATH="));
    lines.sort();
    lines
}

#[test]
fn plain_lines_and_references_are_set_under_the_names_in_the_file() {
    let sandbox = sandbox();
    sandbox.write(
        ".env",
        "\u{feff}# ours\r\nexport PORT=80 # the web's\r\nempty=\r\nDB_PW=lazycred:db#pw\r\n\
         HOSTS='lazycred:db#hosts'\r\nDB=lazycred:db#/user\r\nGONE=lazycred:db#none\r\na.b-c=no\r\n",
    );
    let bad = "exec --env-file .env -- true";
    let rule = "`.env`: line 8: what is before `=` is not a name of letters, digits, `_` and `.`";
    sandbox.refuses(bad, 125, rule);
    sandbox.write(
        ".env",
        "\u{feff}# ours\r\nexport PORT=80 # the web's\r\nempty=\r\nDB_PW=lazycred:db#pw\r\n\
         HOSTS='lazycred:db#hosts'\r\nDB=lazycred:db#/user\r\nGONE=lazycred:db#none\r\na.b=yes\r\n\
         LD_LIBRARY_PATH=\"/x\ny\"\n",
    );
    let expected = [
        "DB=app",
        "DB_PW=hunter2-of-the-database",
        "HOSTS=[\"a\"]",
        "LD_LIBRARY_PATH=/x",
        "PORT=80",
        "a.b=yes",
        "empty=",
        "y",
    ];
    for rules in ["", "--prefix P_ --case lower s --only p_x --except d*"] {
        let exec = format!("exec --env-file .env {rules} -- env");
        let mut lines = seen(sandbox.run(&exec).env("GONE", "inherited"));
        lines.retain(|line| line != "p_x=of-s");
        assert_eq!(lines, expected, "{rules}");
    }
}

#[test]
fn secrets_override_files_and_files_override_what_is_inherited() {
    let sandbox = sandbox();
    let x = |options: &str| {
        sandbox.write("a.env", "X=first\nY=lazycred:db#user\n");
        sandbox.write("b.env", "X=second\n");
        let run = sandbox.run(&format!("exec db {options} -- printenv X"));
        let run = run.env("X", "inherited");
        run.any_stderr().any_stdout().ok().text()
    };
    for (options, expected) in [
        ("--env-file a.env", "first\n"),
        ("--env-file a.env --env-file b.env", "second\n"),
        ("--env-file b.env --env-file a.env", "first\n"),
        ("--env-file b.env s", "of-s\n"),
        ("--env-file b.env X=db#user", "app\n"),
        ("--env-file b.env --pristine", "second\n"),
        ("--env-file b.env --pristine --keep X", "second\n"),
        ("--env-file b.env --no-override", "second\n"),
        ("--env-file b.env --no-override s", "second\n"),
        ("--env-file b.env --no-override X=db#user", "second\n"),
        ("--env-file b.env --no-override --pristine s", "second\n"),
        ("--no-override s", "inherited\n"),
    ] {
        assert_eq!(x(options), expected, "{options}");
    }
    assert!(x("--env-file b.env --no-override --file X=db").starts_with("/proc/self/fd/"));
    sandbox.write("none.env", "X=lazycred:db#none\n");
    let none = "exec s --no-override --env-file none.env -- printenv X";
    sandbox.run(none).env("X", "inherited").status(1);
    let variable = sandbox.run("exec --env-file b.env -- printenv X");
    variable.env("LAZYCRED_SECRETS", "s").stdout("of-s\n").ok();
}

#[test]
fn credentials_in_a_file_are_the_users_own() {
    let sandbox = sandbox();
    sandbox.write(".env", "AWS_PROFILE=mine\nLAZYCRED_X=kept\nPATH=/nowhere\n");
    let exec = "exec --strip-credentials --quiet --env-file .env s -- env";
    let run = sandbox.run(exec).env("AWS_PROFILE", "ours");
    let mut lines = run.env("AWS_ROLE_ARN", "ours").gives().lines();
    lines.retain(|line| !line.starts_with("HOME="));
    let expected = [
        "AWS_PROFILE=mine",
        "LAZYCRED_X=kept",
        "PATH=/nowhere",
        "X=of-s",
    ];
    assert_eq!(lines, expected);
    // Whoever expects lazycred to read them is told.
    sandbox.write("own.env", "LAZYCRED_SECRETS=nope\nLAZYCRED_S3_PATH=nope/\n");
    let own = sandbox.run("exec --env-file own.env s -- printenv LAZYCRED_S3_PATH");
    let warning = "lazycred: warning: `LAZYCRED_S3_PATH` of `own.env` is set only for the command: \
        lazycred reads its own environment\n";
    own.stdout("nope/\n").stderr(warning).ok();
}

#[test]
fn a_variable_of_a_file_hides_the_inherited_reference() {
    let sandbox = sandbox();
    symlink(PROGRAM, sandbox.home().join("lazycred-exec")).unwrap();
    sandbox.write(".env", "T=text\nU=lazycred:db#user\n");
    for inherited in ["lazycred:nope", "lazycred:", " lazycred:db#pw"] {
        let run = sandbox.run("exec --from-env * --env-file .env s -- printenv T U");
        let run = run.env("T", inherited).env("U", inherited);
        run.stdout("text\napp\n").ok();
        let run = sandbox.run("exec --env-file .env -- printenv T U");
        let run = run.env("T", inherited).env("U", inherited);
        run.stdout("text\napp\n").ok();
        let wrapped = sandbox.run("printenv T U").program("./lazycred-exec");
        let wrapped = wrapped.env("LAZYCRED_OPTIONS", "--env-file .env");
        wrapped.env("T", inherited).stdout("text\napp\n").ok();
    }
    let others = sandbox.run("exec --env-file .env s -- true");
    let said = "the value of `V` starts with `lazycred:`";
    others
        .env("V", "lazycred:db")
        .env("T", "lazycred:db")
        .stderr_has(said)
        .ok();
}

#[test]
fn a_reference_in_a_file_is_a_secret_given_and_a_plain_file_is_none() {
    let sandbox = sandbox();
    sandbox.write("plain.env", "A=1\n");
    sandbox.write("empty.env", "");
    sandbox.write("one.env", "A=lazycred:db#user\n");
    for file in ["plain.env", "empty.env"] {
        let exec = format!("exec --env-file {file} -- touch ran");
        sandbox.refuses(&exec, 125, "error: no secret given\n");
        let with = format!("exec --env-file {file} s -- printenv X");
        sandbox.prints(&with, "of-s\n");
    }
    sandbox.prints("exec --env-file one.env -- printenv A", "app\n");
    let both = "exec --env-file plain.env --env-file one.env -- printenv A";
    sandbox.prints(both, "app\n");
    // Nothing is a filter's there.
    sandbox.prints(
        "exec --env-file one.env --only A* s --only X -- printenv A",
        "app\n",
    );
}

#[test]
fn each_secret_is_fetched_once_wherever_it_is_referred_to() {
    let aws = FakeAws::start();
    let run = aws.run("exec db --env-file .env --file F=db#user -- printenv A B USER");
    let run = run.secret("db", format!(r#"{{"pw": "{VALUE}", "user": "app"}}"#));
    let run = run.file(".env", "A=lazycred:db#user\nB=lazycred:db#user\n");
    let outcome = run.stdout("app\napp\napp\n").ok();
    assert_eq!(outcome.operations(), ["GetObject", "Decrypt"]);
}

#[test]
fn a_dry_run_shows_plain_lines_without_a_reference_and_what_they_override() {
    let sandbox = sandbox();
    let text = format!("PLAIN={VALUE}\nX=abc\nOF=lazycred:db#user\nINHERITED=\n");
    sandbox.write(".env", text);
    sandbox
        .run("exec --env-file .env s --dry-run")
        .env("INHERITED", "x")
        .stdout(
            "INHERITED\t\t\t0 bytes, overrides environment\n\
             OF\tdb#user\t/user\t3 bytes\n\
             PLAIN\t\t\t23 bytes\n\
             X\ts\t/x\t4 bytes, overrides .env:2\n",
        )
        .ok();
    let json = sandbox.run("exec --env-file .env db#user --dry-run --json");
    let json: serde_json::Value = serde_json::from_slice(&json.gives().stdout).unwrap();
    let plain = &json[2];
    let expected = serde_json::json!({
        "name": "PLAIN", "reference": null, "path": "", "bytes": 23, "overrides": null,
        "file": false, "refused": false,
    });
    assert_eq!(*plain, expected);
    assert_eq!(json[1]["reference"], "db#user");
}

#[test]
fn what_a_file_overrides_is_logged_by_name_and_never_by_value() {
    let sandbox = sandbox();
    sandbox.write(".env", format!("A={VALUE}\nB=lazycred:db#pw\n"));
    let run = sandbox.run("exec -vv --env-file .env -- true").never(VALUE);
    let run = run.env("A", "canary-of-the-environment");
    let run = run.never("canary-of-the-environment");
    run.stderr_has("inherited variable A is overridden by `.env:1`")
        .ok();
}

#[test]
fn a_line_may_be_text_with_references_in_it() {
    let sandbox = sandbox();
    sandbox.write(
        ".env",
        "URL=lazycred:postgres://{{db#user}}:{{db#pw|uri}}@h/{{{{x}}\n\
         JSON='lazycred:{\"p\": {{db#pw|json}},\n\"h\": {{db#hosts}}}'\n\
         TEXT={{db#pw}}\nSAME=lazycred:x{{{{\n",
    );
    let mut expected = [
        "SAME=x{{".to_owned(),
        "TEXT={{db#pw}}".to_owned(),
        format!("URL=postgres://app:{VALUE}@h/{{{{x}}}}"),
        format!("JSON={{\"p\": \"{VALUE}\","),
        "\"h\": [\"a\"]}".to_owned(),
    ];
    expected.sort();
    let exec = "exec --pristine --env-file .env -- env";
    assert_eq!(seen(sandbox.run(exec)), expected);
    let dry = sandbox.run("exec --env-file .env --dry-run");
    let dry = dry.stdout_has("URL\tdb#user db#pw\t\t");
    dry.stdout_has("SAME\t\t\t3 bytes\n").ok();
    sandbox.write(
        ".env",
        format!("A=1\nB=\"lazycred:{VALUE}\n{{{{db#pw|url}}}}\"\nC=lazycred:{VALUE}{{{{db\n"),
    );
    sandbox
        .run("exec s --env-file .env -- touch ran")
        .never(VALUE)
        .stderr_has("`.env`: line 3: `{{db#pw|url}}`: after `|` only `uri` or `json` may follow")
        .stderr_has("`.env`: line 4: `{{` is not closed by `}}`")
        .status(125);
    sandbox.put("nul", "a\0b");
    sandbox.write(".env", "A=lazycred:x{{nul}}\n");
    sandbox.run("exec --env-file .env -- touch ran").fails(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn what_another_source_is_sure_to_override_is_not_fetched() {
    let sandbox = sandbox();
    sandbox.write(
        ".env",
        "A=lazycred:of-production\nB=lazycred:x{{of-production}}\n",
    );
    sandbox.write("own.env", "A=a\nB=b\n");
    let own = "exec --env-file .env --env-file own.env -- printenv A B";
    sandbox.prints(own, "a\nb\n");
    let given = "exec --env-file .env A=db#user --file B=db#user -- printenv A";
    sandbox.prints(given, "app\n");
    let dry = "exec --env-file .env --env-file own.env A=db#user --dry-run";
    let shown = "A\tA=db#user\t/user\t3 bytes, overrides own.env:1\n\
        B\t\t\t1 bytes, overrides of-production\n";
    sandbox.prints(dry, shown);
    for still in [
        "exec --env-file own.env --env-file .env -- true",
        "exec --env-file .env --no-override A=db#user B=db#user -- true",
        "exec --env-file .env db --prefix A -- true",
    ] {
        sandbox.refuses(still, 125, "no secret named `of-production`");
    }
}
