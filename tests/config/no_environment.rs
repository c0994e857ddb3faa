//! Environments that are refused, or not there.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{Run, Sandbox};

const SECRET: &str = "of-the-only-store";

fn with(environments: &str) -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    let text = format!(
        r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", "environments": {environments}}}"#
    );
    sandbox.write(".lazycred", text);
    sandbox
}

fn file(sandbox: &Sandbox) -> String {
    sandbox.home().join(".lazycred").display().to_string()
}

#[track_caller]
fn refused(run: Run, message: &str, hint: &str) {
    run.stderr(format!(
        "lazycred: error: {message}\nlazycred: hint: {hint}\n"
    ))
    .status(2);
}

#[test]
fn an_unknown_name_is_refused_with_those_that_there_are() {
    let sandbox = with(r#"{"prod": {}, "dev": {}, "stag\u202eing": {}}"#);
    let file = file(&sandbox);
    let has = "it has `dev`, `prod`, `stag\\u{202e}ing`";
    let choose = "choose one of them with -e NAME or LAZYCRED_ENVIRONMENT=NAME";
    for (name, hint) in [
        ("prdo", "did you mean `prod`?"),
        ("Prod", "did you mean `prod`?"),
        ("staging", "did you mean `stag\\u{202e}ing`?"),
        ("devel", choose),
        ("x", choose),
        ("é", choose),
    ] {
        let message = format!("`{file}` has no environment `{name}`: {has}");
        refused(sandbox.run(["get", "s", "-e", name]), &message, hint);
        let message = format!(
            "`{file}` has no environment `{name}`, which LAZYCRED_ENVIRONMENT names: {has}"
        );
        let by_variable = sandbox.run("get s").env("LAZYCRED_ENVIRONMENT", name);
        let hint = match hint.strip_prefix("did you mean") {
            Some(_) => format!("{hint} Set LAZYCRED_ENVIRONMENT to that, or unset it"),
            None => format!("{hint}, or unset it"),
        };
        refused(by_variable, &message, &hint);
    }
    // Under exec it is a failure before the command starts.
    let exec = sandbox.run("exec -e prdo s -- true");
    exec.stderr_has("has no environment `prdo`").status(125);
    let none = Sandbox::local();
    let message = format!(
        "--environment is `prod`, but `{}` defines no environments",
        self::file(&none)
    );
    refused(
        none.run("list -e prod"),
        &message,
        "leave out --environment",
    );
    let by_variable = none.run("list").env("LAZYCRED_ENVIRONMENT", "prod");
    let message = message.replace("--environment", "LAZYCRED_ENVIRONMENT");
    refused(by_variable, &message, "unset LAZYCRED_ENVIRONMENT");
}

#[test]
fn a_long_list_of_long_names_stays_a_message() {
    let names: Vec<String> = (0..100)
        .map(|at| format!("\"{at:03}{}\": {{}}", "é".repeat(200)))
        .collect();
    let sandbox = with(&format!("{{{}}}", names.join(", ")));
    let long = "x".repeat(3000);
    let refused = sandbox.run(["list", "-e", &long]).fails(2);
    assert!(refused.stderr.len() < 900 + 200, "{refused}");
    assert!(refused.stderr.contains(" more\n"), "{refused}");
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "prod"];
    let eleven = names.map(|name| format!("\"{name}\": {{}}")).join(", ");
    let refused = with(&format!("{{{eleven}}}")).run("list -e nope").fails(2);
    let all = names.map(|name| format!("`{name}`")).join(", ");
    assert!(
        refused.stderr.contains(&format!(": it has {all}\n")),
        "{refused}"
    );
}

/// `docker run -e` sets a variable, `lazycred exec -e` does not.
#[test]
fn a_variable_where_an_environment_belongs_is_not_shown() {
    for sandbox in [Sandbox::local(), with(r#"{"prod": {}}"#)] {
        sandbox.put("s", SECRET);
        for line in ["exec s -e PW=hunter2 -- true", "get s -ePW=hunter2"] {
            let run = sandbox.run(line).never("hunter2");
            let run = run.stderr_has("`PW=…`");
            run.stderr_has("; `--set VAR=TEXT` sets a variable\n")
                .status(if line.starts_with("exec") { 125 } else { 2 });
        }
    }
}

#[test]
fn unknown_members_by_the_thousand_are_counted() {
    let names: Vec<String> = (0..3000)
        .map(|at| format!("\"e{at}\": {{\"x\": 1}}"))
        .collect();
    let sandbox = with(&format!("{{{}}}", names.join(", ")));
    let shown = sandbox.run("get s").stdout(SECRET).any_stderr().ok();
    let lines: Vec<&str> = shown.stderr.lines().collect();
    assert_eq!(lines.len(), 6, "{shown}");
    assert!(lines[5].ends_with("ignoring 2995 more members that are unknown"));
}

#[test]
fn no_choice_is_refused_where_the_file_has_no_store_of_its_own() {
    let sandbox = Sandbox::local();
    let text = r#"{"key_alias": "local:dev", "environments": {"prod": {"s3_path": "file:secrets/", "key_alias": "local:dev"}, "dev": {}}}"#;
    sandbox.write(".lazycred", text);
    let file = file(&sandbox);
    let message = format!(
        "`{file}` has no `s3_path` of its own, and no environment is chosen: it has `dev`, `prod`"
    );
    let hint = "choose one with -e NAME or LAZYCRED_ENVIRONMENT=NAME";
    refused(sandbox.run("list"), &message, hint);
    refused(
        sandbox.run("list").env("LAZYCRED_ENVIRONMENT", ""),
        &message,
        hint,
    );
    // Variables are not what the file means.
    let variables = sandbox
        .run("list")
        .env("LAZYCRED_S3_PATH", "file:x")
        .env("LAZYCRED_KEY_ALIAS", "local:dev");
    refused(variables, &message, hint);
    sandbox.run("list -e prod").ok();
    // A flag stands before all of it.
    sandbox.run("list --s3-path file:secrets/").ok();
    let message = format!("`{file}` has no `s3_path`");
    let hint = "add \"s3_path\": \"BUCKET/PREFIX/\", or pass --s3-path";
    sandbox.write(".lazycred", r#"{"environments": {}}"#);
    refused(sandbox.run("list"), &message, hint);
    sandbox.write(".lazycred", r#"{"environments": {"dev": {}}}"#);
    refused(sandbox.run("list -e dev"), &message, hint);
}

#[test]
fn one_that_is_chosen_where_no_file_is_used_is_refused() {
    let sandbox = with(r#"{"prod": {}}"#);
    let flags = "list --s3-path file:secrets/ --key-alias local:dev";
    let used = "no configuration file is used, since flags name the store and the wrapping key";
    refused(
        sandbox.run(&*format!("{flags} -e prod")),
        &format!("--environment is `prod`, but {used}"),
        "leave out --environment, or those flags",
    );
    refused(
        sandbox.run(flags).env("LAZYCRED_ENVIRONMENT", "prod"),
        &format!("LAZYCRED_ENVIRONMENT is `prod`, but {used}"),
        "unset LAZYCRED_ENVIRONMENT, or those flags",
    );
    let variables = |line: &str| {
        let run = sandbox.run(line).cwd("/").env("HOME", "/nowhere");
        run.env("LAZYCRED_S3_PATH", "file:/nowhere/s")
            .env("LAZYCRED_KEY_ALIAS", "local:dev")
    };
    let none =
        "there is no configuration file: no `.lazycred` in `/`, its parents or the home folder";
    refused(
        variables("list -e prod"),
        &format!("--environment is `prod`, but {none}"),
        "name a file with --config FILE, or leave out --environment",
    );
    refused(
        variables("list").env("LAZYCRED_ENVIRONMENT", "prod"),
        &format!("LAZYCRED_ENVIRONMENT is `prod`, but {none}"),
        "name a file with --config FILE, or unset LAZYCRED_ENVIRONMENT",
    );
    variables("list").env("LAZYCRED_ENVIRONMENT", "").ok();
}

#[test]
fn a_name_that_can_be_none_is_refused_by_its_source() {
    let sandbox = with(r#"{"prod": {}}"#);
    let said = |source: &str| format!("{source} is `prod\\r`, which contains a control character");
    let hint = "remove it; a `\\r` at the end comes from a file with DOS line endings";
    refused(
        sandbox.run(["list", "-e", "prod\r"]),
        &said("--environment"),
        hint,
    );
    let variable = sandbox.run("list").env("LAZYCRED_ENVIRONMENT", "prod\r");
    refused(variable, &said("the variable LAZYCRED_ENVIRONMENT"), hint);
    refused(
        sandbox.run(["list", "-e", ""]),
        "--environment is empty",
        "name an environment of the configuration file",
    );
    let bytes = OsStr::from_bytes(b"prod\xff");
    sandbox
        .run("list")
        .env("LAZYCRED_ENVIRONMENT", bytes)
        .stderr("lazycred: error: the variable LAZYCRED_ENVIRONMENT is not UTF-8\n")
        .status(2);
}

#[test]
fn the_chosen_one_is_checked_as_the_file_is_and_the_others_for_their_form() {
    let sandbox = with(
        r#"{"fine": {}, "path": {"s3_path": "no-slash"}, "alias": {"key_alias": "a b"},
            "region": {"s3_path": "b/", "region": "eu west"}}"#,
    );
    let file = file(&sandbox);
    sandbox.run("list").stdout("s\n").ok();
    sandbox.run("list -e fine").stdout("s\n").ok();
    for (name, said) in [
        (
            "path",
            "environment `path`: `s3_path` is `no-slash`, without a `/` after the bucket",
        ),
        (
            "alias",
            "environment `alias`: `a b` is not a valid `key_alias`",
        ),
    ] {
        let said = format!("lazycred: error: `{file}`, {said}\n");
        sandbox
            .run(["list", "-e", name])
            .stderr_has(&said)
            .status(2);
    }
    let said = format!(
        "`eu west`, from `region` in `{file}`, environment `region`, is not a valid region\n"
    );
    sandbox.run("list -e region").stderr_has(&said).status(2);
    // What has a wrong form is refused whichever is chosen.
    for (environments, said) in [
        (
            r#"{"fine": {}, "x": {"region": 5}}"#,
            "`region` of environment `x` must be a string that is not empty",
        ),
        (
            r#"{"fine": {}, "x": {"pin_key": "yes"}}"#,
            "`pin_key` of environment `x` must be true or false",
        ),
        (
            r#"{"fine": {}, "x": {"environments": {}}}"#,
            "`environments` of environment `x` must be at the top of the file, not in an environment",
        ),
        (
            r#"{"fine": {}, "x": 1}"#,
            "environment `x` must be an object of settings",
        ),
        (
            r#"{"fine": {}, "a\n": {}}"#,
            "the name of environment `a\\n` must be text that is not empty, without control characters",
        ),
        ("[]", "`environments` must be an object of objects"),
    ] {
        let sandbox = with(environments);
        let said = format!("lazycred: error: `{}`: {said}\n", self::file(&sandbox));
        for line in ["list", "list -e fine"] {
            let list = sandbox.run(line).stderr_has(&said).status(2);
            let is_example = list.stderr.contains("\nlazycred: hint: write it as ");
            let is_known = !said.contains("`environments` of");
            assert_eq!(is_example, is_known, "{list}");
        }
    }
    // Of two by one name, the last one counts, as with every member.
    let sandbox = with(
        r#"{"x": {"s3_path": "no-slash"}, "x": {"s3_path": "file:secrets/", "key_alias": "local:dev"}}"#,
    );
    sandbox.run("list -e x").stdout("s\n").ok();
}

#[test]
fn an_unknown_member_of_an_environment_is_a_warning_that_names_it() {
    let sandbox = with(r#"{"prod": {"colour": 1, "$schema": "x"}, "a\u202e": {"\u202e": []}}"#);
    let file = file(&sandbox);
    let warning = |member: &str| {
        format!(
            "lazycred: warning: `{file}`: ignoring the unknown member `environments.{member}`\n"
        )
    };
    let both = [warning("a\\u{202e}.\\u{202e}"), warning("prod.colour")].concat();
    for line in ["list", "list -e prod"] {
        sandbox.run(line).stdout("s\n").stderr(&both).ok();
    }
    sandbox.run("--quiet list -e prod").stdout("s\n").ok();
}

#[test]
fn what_a_found_file_may_not_give_its_chosen_environment_may_not_either() {
    let sandbox = Sandbox::local();
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let outside = "a `file:` path that is absolute or has `..`";
    for (member, what) in [
        (format!(r#""key_alias": "{arn}""#), "an ARN as `key_alias`"),
        (r#""s3_path": "file:/srv/s/""#.into(), outside),
        (r#""s3_path": "file:a/../../b/""#.into(), outside),
        (
            r#""key_accounts": ["111122223333"]"#.into(),
            "`key_accounts`",
        ),
        (r#""keys": ["local:other"]"#.into(), "`keys`"),
        (r#""profile": "p""#.into(), "`profile`"),
    ] {
        let text = format!(
            r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", "environments": {{"prod": {{{member}}}, "dev": {{}}}}}}"#
        );
        let file = sandbox
            .write("project/.lazycred", text)
            .display()
            .to_string();
        refused(
            sandbox.run("list -e prod").cwd("project"),
            &format!(
                "`{file}` was found by searching; {what}, in environment `prod`, is accepted only from a file that you name"
            ),
            &format!("to trust it: LAZYCRED_CONFIG={file}"),
        );
        sandbox.run("list").cwd("project").ok();
        sandbox.run("list -e dev").cwd("project").ok();
        let named = sandbox
            .run("list -e prod")
            .cwd("project")
            .env("LAZYCRED_CONFIG", &file);
        let named = named
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .any_stderr()
            .outcome();
        assert!(!named.stderr.contains("found by searching"), "{named}");
    }
    // Nor is a link followed below the folder of a found file, whichever names the store.
    let text = r#"{"environments": {"prod": {"s3_path": "file:s/", "key_alias": "local:dev"}}}"#;
    sandbox.write("project/.lazycred", text);
    std::os::unix::fs::symlink(
        sandbox.home().join("secrets"),
        sandbox.home().join("project/s"),
    )
    .unwrap();
    sandbox.put("s", SECRET);
    sandbox
        .run("get s -e prod")
        .cwd("project")
        .stderr_has("link")
        .fails(2);
}
