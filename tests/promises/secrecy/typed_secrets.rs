//! A secret that was typed as an argument is neither repeated nor stored.

use std::fs;

use crate::support::harness::Sandbox;

const SECRET: &str = "hunter2-typed";

#[test]
fn a_file_that_cannot_be_read_is_not_repeated() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "{}");
    fs::create_dir(sandbox.home().join("folder")).unwrap();
    let long = SECRET.repeat(400);
    let slashed = format!("{SECRET}/x");
    for file in [SECRET, &slashed, &long, "folder"] {
        for args in [&["put", "tok", file][..], &["set", "db", "a", file]] {
            let run = sandbox.run(args).never(SECRET);
            let said = "lazycred: error: cannot read FILE (its name is not shown: it may be the secret itself, which is never an argument): ";
            run.stderr_has(said).status(1);
        }
    }
}

#[test]
fn an_assignment_in_the_place_of_an_options_file_is_not_repeated() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "{}");
    fs::create_dir(sandbox.home().join("a=folder")).unwrap();
    let output = "(its name is not shown: it may be secret itself)";
    let config = "the file (its name is not shown: it may be secret itself), named by ";
    for end in ["", "/x", "/", "/.."] {
        let assigned = format!("TOKEN={SECRET}{end}");
        let run = |args: [&str; 4]| sandbox.run(args).never(SECRET);
        let named = run(["--config", &assigned, "get", "db"]);
        named.stderr_has(config).status(2);
        let variable = sandbox.run("get db").env("LAZYCRED_CONFIG", &assigned);
        variable.never(SECRET).stderr_has(config).status(2);
        if !end.is_empty() {
            let outcome = run(["get", "db", "--output", &assigned]).outcome();
            assert!(outcome.stderr.contains(output), "{outcome}");
            assert_eq!(outcome.status, if end == "/x" { 1 } else { 2 });
        }
    }
    for text in [
        format!("two words {SECRET}"),
        format!("postgres://{SECRET}@db/app"),
    ] {
        let run = sandbox.run(["--config", &text, "get", "db"]);
        run.never(SECRET).stderr_has(config).status(2);
    }
    // One that is there is named.
    let run = sandbox.run("get db --output a=folder");
    run.stderr_has("`a=folder` is a folder").status(2);
    let run = sandbox.run("--config a=folder get db");
    run.stderr_has("/a=folder`, named by --config").status(2);
}

#[test]
fn an_argument_too_many_is_not_repeated() {
    let sandbox = Sandbox::local();
    for args in [
        &["put", "tok", "file", SECRET][..],
        &["put", "tok", "correct", "horse", SECRET],
        &["set", "db", "field", "file", SECRET],
        &["--quiet", "put", "tok", "file", SECRET],
    ] {
        let run = sandbox.run(args).never(SECRET);
        run.stderr_has(
            "lazycred: error: unexpected extra argument, not shown because it may be a secret\n",
        )
        .stderr_has("lazycred: hint: usage: lazycred ")
        .status(2);
    }
}

#[test]
fn a_name_with_an_equals_sign_is_neither_stored_nor_repeated() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"a": "x"}"#);
    let assigned = format!("db={SECRET}");
    sandbox.write("members.json", format!(r#"{{"{assigned}": "x"}}"#));
    for args in [
        &["put", &assigned][..],
        &["set", "db", &assigned],
        &["set", &assigned, "a"],
        &["cp", "db", &assigned],
        &["mv", "db", &assigned],
        &["import", "members.json"],
        &["import", "members.json", "--as", &assigned],
        &["edit", &assigned],
    ] {
        let run = sandbox.run(args).env("EDITOR", "true");
        let is_field = args[0] == "set" && args[1] == "db";
        let said = if args == ["import", "members.json"] {
            "its member `db=…` has `=` in its name\n".to_owned()
        } else {
            let what = if is_field { "a field" } else { "a name" };
            format!(
                "lazycred: error: refusing `db=…` as {what}: the part after `=` may be a secret\n"
            )
        };
        run.stdin("from standard input")
            .never(SECRET)
            .stderr_has(&said)
            .status(2);
    }
    sandbox.run(["list"]).stdout("db\n").ok();
    sandbox.run(["get", "db"]).stdout(r#"{"a": "x"}"#).ok();
}

#[test]
fn a_name_with_an_equals_sign_is_taken_where_that_is_said() {
    let sandbox = Sandbox::local();
    sandbox.write("members.json", r#"{"i=1": "x"}"#);
    let quiet = |args: &[&str]| {
        let run = sandbox.run([&["--quiet"], args, &["--any-name"]].concat());
        run.stdin(r#"{"a": 1}"#)
            .env("EDITOR", "sh -c 'echo new >\"$0\"'")
            .ok();
    };
    quiet(&["put", "p=1"]);
    quiet(&["set", "p=1", "f=1"]);
    quiet(&["cp", "p=1", "c=1"]);
    quiet(&["mv", "c=1", "m=1"]);
    quiet(&["edit", "e=1"]);
    quiet(&["import", "members.json"]);
    let listed = sandbox.run(["list"]).gives().lines();
    assert_eq!(listed, ["e=1", "i=1", "m=1", "p=1"]);
    sandbox.run(["rm", "p=1"]).any_stderr().ok();
}

#[test]
fn usage_errors_are_worded_as_lazycreds_own() {
    let sandbox = Sandbox::local();
    for args in [
        &["get", "--nope"][..],
        &["nope"],
        &["get"],
        &["put", "s", "--timeout", "x\x1b[31m"],
    ] {
        let outcome = sandbox.run(args).fails(2);
        assert!(outcome.stderr.starts_with("lazycred: error: "), "{outcome}");
        assert!(!outcome.stderr.contains('\x1b'), "{}", outcome.stderr);
    }
}

#[test]
fn a_missing_field_lists_the_fields_that_exist() {
    let sandbox = Sandbox::local();
    sandbox.put(
        "db",
        r#"{"db": {"host": "h", "port": 1}, "hosts": ["a", "b"], "e": {}}"#,
    );
    for (field, there) in [
        ("nope", "the fields of the secret are `db`, `hosts`, `e`"),
        ("/db/nope", "the fields of `/db` are `host`, `port`"),
        ("/db/nope/deeper", "the fields of `/db` are `host`, `port`"),
        ("/hosts/7", "`/hosts` is an array of 2 elements"),
        ("/e/x", "`/e` has no fields"),
    ] {
        for args in [
            &["get", "db", "--field", field][..],
            &["unset", "db", field],
        ] {
            let said = format!("lazycred: hint: {there}\n");
            sandbox.run(args).stderr_has(&said).status(3);
        }
    }
    let many: Vec<String> = (0..5000).map(|at| format!("\"field{at}\": {at}")).collect();
    sandbox.put("many", format!("{{{}}}", many.join(",")));
    let told = sandbox.run("get many --field nope").outcome().stderr;
    assert!(told.len() < 900 && told.contains(" more\n"), "{told}");
}
