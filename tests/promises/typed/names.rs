//! Names that do not exist: the ones that are meant, and the way back.

use std::collections::BTreeSet;

use crate::promises::typed::hinted;
use crate::support::terminal::at_terminal;
use crate::support::versions::versioned;
use crate::support::{ALIAS, FakeAws, Fault, Sandbox};

const LIST: &str = "`lazycred list` shows the names";

/// A folder with some names.
fn folder() -> Sandbox {
    let sandbox = Sandbox::local();
    for name in ["web/prod", "web/dev", "db_credentials", "a b", "-x"] {
        let put = ["--quiet", "put", "--", name];
        sandbox
            .run(put)
            .stdin(r#"{"password": "hunter2", "db": {"host": "h"}}"#)
            .ok();
    }
    sandbox
}

#[test]
fn a_name_that_is_nearly_one_in_the_folder_leads_to_it() {
    let sandbox = folder();
    for (typed, meant) in [
        ("web/prdo", "web/prod"),
        ("web/prodd", "web/prod"),
        ("Web/Prod", "web/prod"),
        ("web.prod", "web/prod"),
        ("web_prod", "web/prod"),
        ("web/prod ", "web/prod"),
        ("prod", "web/prod"),
        ("acme/web/prod", "web/prod"),
        ("lazycred:web/prod", "web/prod"),
        ("db-credential", "db_credentials"),
        ("db_cred", "db_credentials"),
        ("a_b", "'a b'"),
        ("x", "-- -x"),
    ] {
        let hint = hinted(&sandbox, &["get", typed], 3);
        assert_eq!(hint, format!("did you mean `{meant}`? {LIST}"), "{typed}");
    }
    let hint = hinted(&sandbox, &["get", "nothing-like-it"], 3);
    assert_eq!(
        hint,
        format!("{LIST}; `lazycred put nothing-like-it FILE` stores it")
    );
}

#[test]
fn every_command_that_reads_a_name_says_which_is_meant_but_exec() {
    let sandbox = folder();
    let meant = format!("did you mean `web/prod`? {LIST}");
    for args in [
        &["get", "prod"][..],
        &["export", "prod", "-f", "json"],
        &["export", "prod#password", "-f", "json"],
        &["unset", "prod", "password"],
        &["rm", "prod"],
        &["history", "prod"],
        &["rollback", "prod", "--to", "1234567"],
        &["cp", "prod", "new"],
        &["mv", "prod", "new"],
        &["diff", "prod", "web/dev"],
        &["diff", "web/dev", "prod"],
    ] {
        assert_eq!(hinted(&sandbox, args, 3), meant, "{args:?}");
    }
    let plain = format!("{LIST}; `lazycred put prod FILE` stores it");
    for command in ["exec", "run"] {
        assert_eq!(
            hinted(&sandbox, &[command, "prod", "--", "true"], 125),
            plain
        );
        assert_eq!(hinted(&sandbox, &[command, "prod", "-n"], 125), plain);
    }
}

#[test]
fn only_a_command_that_could_use_a_new_secret_suggests_to_store_one() {
    let sandbox = folder();
    for args in [
        &["rm", "nothing"][..],
        &["history", "nothing"],
        &["cp", "nothing", "x"],
        &["mv", "nothing", "x"],
        &["diff", "nothing", "web/dev"],
        &["unset", "nothing", "f"],
    ] {
        assert_eq!(hinted(&sandbox, args, 3), LIST, "{args:?}");
    }
    let told = sandbox.run("doctor nothing").any_stdout().fails(1).text();
    assert!(told.contains(&format!("remedy: {LIST}\n")), "{told}");
}

#[test]
fn several_names_are_each_told_what_is_meant() {
    let sandbox = folder();
    sandbox.run("-q rm db_credentials").ok();
    let told = sandbox
        .run("rm prod db_credentials nothing")
        .fails(3)
        .stderr;
    let hints: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("lazycred: hint: "))
        .collect();
    let meant = format!("did you mean `web/prod`? {LIST}");
    let back = "it was removed or renamed: `lazycred rollback db_credentials` brings it back";
    assert_eq!(hints, [&meant, back, LIST]);
}

#[test]
fn a_removed_name_is_told_the_way_back_and_it_works() {
    let sandbox = folder();
    for (name, command) in [
        ("web/prod", "lazycred rollback web/prod"),
        ("a b", "lazycred rollback 'a b'"),
        ("-x", "lazycred rollback -- -x"),
        ("!echo", "lazycred rollback '!echo'"),
        ("{a,b}^c", "lazycred rollback '{a,b}^c'"),
    ] {
        let put = sandbox.run(["-q", "put", "--any-name", "--", name]);
        put.stdin("hunter2").ok();
        sandbox.run(["-q", "rm", "--", name]).ok();
        let hint = hinted(&sandbox, &["get", "--", name], 3);
        assert_eq!(
            hint,
            format!("it was removed or renamed: `{command}` brings it back")
        );
        let words = shell_words::split(command).unwrap();
        sandbox.run(&words[1..]).any_stderr().ok();
        sandbox.run(["get", "--", name]).any_stdout().ok();
    }
    sandbox.run("-q rm web/prod").ok();
    let hint = hinted(&sandbox, &["--config", ".lazycred", "get", "web/prod"], 3);
    let command = "lazycred rollback web/prod --config .lazycred";
    assert_eq!(
        hint,
        format!("it was removed or renamed: `{command}` brings it back")
    );
}

#[test]
fn on_s3_names_are_looked_up_at_a_terminal_only() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), "acme-secrets/prod/", ALIAS);
    sandbox.put("web/prod", "hunter2");
    aws.forget();
    let plain = format!("{LIST}; `lazycred put web/prdo FILE` stores it");
    assert_eq!(hinted(&sandbox, &["get", "web/prdo"], 3), plain);
    assert_eq!(aws.operations(), ["GetObject"]);
    aws.forget();
    let (shown, status) = at_terminal(sandbox.run("get web/prdo").env("NO_COLOR", "1"), "");
    assert_eq!(status, 3);
    let meant = format!("lazycred: hint: did you mean `web/prod`? {LIST}\n");
    assert!(shown.ends_with(&meant), "{shown}");
    let asked: BTreeSet<String> = aws.operations().into_iter().collect();
    let expected = ["GetObject", "ListObjectVersions", "ListObjectsV2"];
    assert_eq!(asked, expected.map(str::to_owned).into());
    assert_eq!(aws.operations().len(), 3, "{:?}", aws.operations());
    aws.forget();
    for command in ["exec", "run"] {
        let (shown, status) = at_terminal(sandbox.run([command, "web/prdo", "--", "true"]), "");
        assert!(status == 125 && !shown.contains("did you mean"), "{shown}");
    }
    assert_eq!(aws.operations(), ["GetObject", "GetObject"]);
}

#[test]
fn what_was_removed_in_a_bucket_is_told_at_a_terminal() {
    let aws = versioned();
    let sandbox = Sandbox::aws(&aws.url(), "acme-secrets/prod/", ALIAS);
    sandbox.put("db", "hunter2");
    sandbox.run("-q rm db").ok();
    let (shown, _) = at_terminal(sandbox.run("get db").env("NO_COLOR", "1"), "");
    let back = "hint: it was removed or renamed: `lazycred rollback db` brings it back\n";
    assert!(shown.ends_with(back), "{shown}");
}

#[test]
fn a_list_that_fails_or_takes_long_leaves_the_plain_hint() {
    for fault in [Fault::Denied, Fault::Stall] {
        let aws = FakeAws::start();
        let sandbox = Sandbox::aws(&aws.url(), "acme-secrets/prod/", ALIAS);
        sandbox.put("web/prod", "hunter2");
        aws.fault("ListObjectsV2", fault.clone());
        aws.fault("ListObjectVersions", fault);
        let (shown, status) = at_terminal(sandbox.run("get web/prdo").env("NO_COLOR", "1"), "");
        let plain = format!("lazycred: hint: {LIST}; `lazycred put web/prdo FILE` stores it\n");
        assert!(status == 3 && shown.ends_with(&plain), "{shown}");
        assert_eq!(shown.matches("lazycred: error: ").count(), 1, "{shown}");
    }
}

#[test]
fn a_reference_typed_for_a_name_is_answered_with_the_command() {
    let sandbox = folder();
    for (args, meant) in [
        (&["get", "db#field"][..], "lazycred get db --field field"),
        (
            &["get", "web/prod#/a b"],
            "lazycred get web/prod --field '/a b'",
        ),
        (
            &["get", "db@v1#f"],
            "lazycred get db --field f --version v1",
        ),
        (
            &["diff", "db@v1", "web/dev"],
            "lazycred diff db --version v1",
        ),
        (&["unset", "db#f", "g"], "lazycred unset db f"),
    ] {
        let expected = format!("a NAME is taken as it is typed; did you mean `{meant}`?");
        assert_eq!(hinted(&sandbox, args, 3), expected);
    }
    let expected = "a NAME is taken as it is typed: `db` alone names the secret";
    assert_eq!(hinted(&sandbox, &["rm", "db#f"], 3), expected);
}

#[test]
fn a_field_that_is_nearly_one_is_told_first() {
    let sandbox = folder();
    for (typed, meant) in [
        ("pasword", "password"),
        ("PASSWORD", "password"),
        (".password", "password"),
        ("db.host", "/db/host"),
        ("db/host", "/db/host"),
        ("/db/hots", "/db/host"),
    ] {
        let expected = format!("did you mean `{meant}`? ");
        let hint = hinted(&sandbox, &["get", "web/prod", "-f", typed], 3);
        if typed == "/db/hots" {
            assert_eq!(hint, "the only field of `/db` is `host`");
            continue;
        }
        assert!(hint.starts_with(&expected), "{hint}");
        assert!(
            hint.ends_with("the fields of the secret are `password`, `db`"),
            "{hint}"
        );
    }
    let hint = hinted(&sandbox, &["unset", "web/prod", "pasword"], 3);
    assert!(hint.starts_with("did you mean `password`? "), "{hint}");
    let hint = hinted(&sandbox, &["exec", "web/prod#pasword", "--", "true"], 125);
    assert!(hint.starts_with("did you mean `password`? "), "{hint}");
}

#[test]
fn a_name_in_a_template_is_told_like_any_other() {
    let sandbox = folder();
    sandbox.write("t", "{{web/prdo#password}} {{db_credentials#password}}");
    let meant = format!("did you mean `web/prod`? {LIST}");
    assert_eq!(hinted(&sandbox, &["render", "t"], 3), meant);
    sandbox.run("-q rm db_credentials").ok();
    sandbox.write("t", "{{db_credentials#password}}");
    let back = "it was removed or renamed: `lazycred rollback db_credentials` brings it back";
    assert_eq!(hinted(&sandbox, &["render", "t"], 3), back);
}

#[test]
fn a_slash_too_many_is_told() {
    let sandbox = folder();
    for (typed, hint) in [
        (
            "/web/prod",
            "did you mean `web/prod`? `lazycred list` shows the names",
        ),
        (
            "./web//prod",
            "did you mean `web/prod`? `lazycred list` shows the names",
        ),
        (
            "web/",
            "did you mean `web`? `lazycred list web/` shows the names in it",
        ),
        ("../web", "the parts between `/` must be file names"),
        ("/", "the parts between `/` must be file names"),
        (".lazycred/web", "choose a name that begins otherwise"),
        (
            "./.lazycred/web",
            "the parts between `/` must be file names",
        ),
    ] {
        assert_eq!(hinted(&sandbox, &["get", typed], 2), hint);
        assert_eq!(hinted(&sandbox, &["exec", typed, "--", "env"], 125), hint);
    }
    let aws = FakeAws::start();
    let hint = "`lazycred list web/` shows the names";
    let sandbox = Sandbox::aws(&aws.url(), "acme-secrets/prod/", ALIAS);
    assert_eq!(hinted(&sandbox, &["get", "web/"], 3), hint);
    assert_eq!(hinted(&sandbox, &["exec", "web/", "-n"], 125), hint);
}

#[test]
fn names_in_a_hint_are_escaped_and_short_enough() {
    let sandbox = Sandbox::local();
    for name in ["web/p\u{1b}[31mrod", &format!("web/{}", "x".repeat(230))] {
        sandbox.run(["-q", "put", name]).stdin("hunter2").ok();
    }
    let hint = hinted(&sandbox, &["get", "web/p\u{1b}[31mrdo"], 3);
    assert_eq!(hint, format!("did you mean `$'web/p\\033[31mrod'`? {LIST}"));
    let long = format!("other/web/{}", "x".repeat(230));
    let told = sandbox.run(["get", &long]).fails(3).stderr;
    assert!(
        told.len() <= 900 && told.contains("did you mean `web/xxx"),
        "{told}"
    );
}

#[test]
fn names_that_a_comma_joins_are_to_be_separated_by_spaces() {
    let sandbox = folder();
    let hint = "`web/prod,web/dev` is one name: separate references by spaces";
    let args = ["exec", "web/prod,web/dev", "--", "true"];
    assert_eq!(hinted(&sandbox, &args, 125), hint);
    let args = ["export", "web/prod,web/dev", "-f", "json"];
    assert_eq!(hinted(&sandbox, &args, 3), hint);
    let exec = sandbox.run("exec -- true");
    let exec = exec.env("LAZYCRED_SECRETS", "web/prod,web/dev");
    exec.stderr_has(hint).status(125);
    let exec = sandbox.run("exec --from-env V -- true");
    let exec = exec.env("V", "lazycred:web/prod,web/dev");
    exec.stderr_has(hint).status(125);
    sandbox.put("a,b", "x");
    sandbox.run("exec a,b -- printenv A_B").stdout("x\n").ok();
}

#[test]
fn a_path_without_a_final_slash_is_shown_to_be_continued_by_the_name() {
    let fake = FakeAws::start();
    fake.make_bucket("acme", "us-east-1");
    for (s3_path, said) in [
        ("acme/prod", true),
        ("acme/a/prod", true),
        ("acme/prod/", false),
        ("acme/", false),
    ] {
        let sandbox = Sandbox::aws(&fake.url(), s3_path, ALIAS);
        for args in [&["exec", "web", "--", "true"][..], &["get", "web"]] {
            let told = sandbox.run(args).outcome().stderr;
            assert!(told.contains("no secret named `web`"), "{told}");
            let hint = format!(
                "hint: `s3_path` has no final `/`, so the name continues it; with one, this is `s3://{s3_path}/web`\n"
            );
            assert_eq!(told.contains(&hint), said, "{told}");
        }
    }
}
