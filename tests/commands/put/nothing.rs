//! Empty input is refused: whatever should have produced a secret has failed.

use crate::support::{FakeAws, PROGRAM, Sandbox};

const NOTHINGS: [&str; 3] = ["", "\n", "\r\n"];

fn told(what: &str) -> String {
    format!(
        "lazycred: error: the {what} is empty; nothing stored\n\
         lazycred: hint: check the command that produces it; --allow-empty stores it empty\n"
    )
}

#[test]
fn nothing_does_not_replace_a_good_secret() {
    let sandbox = Sandbox::local();
    sandbox.put("tok", "the good one");
    let said = told("secret `tok`");
    for nothing in NOTHINGS {
        let file = sandbox.write("nothing", nothing);
        for run in [
            sandbox.run(["put", "tok"]).stdin(nothing),
            sandbox.run(["put", "tok", "-"]).stdin(nothing),
            sandbox.run(["put", "tok", file.to_str().unwrap()]),
            sandbox.run(["put", "tok", "/dev/null"]),
            sandbox.run(["put", "tok", "--if-absent"]).stdin(nothing),
        ] {
            run.stderr(&said).status(2);
        }
        sandbox.run(["get", "tok"]).stdout("the good one").ok();
    }
    for script in [
        "cat missing 2>/dev/null | \"$0\" put tok",
        "echo \"$UNSET\" | \"$0\" put tok",
    ] {
        let shell = sandbox.run(["-c", script, PROGRAM]).program("/bin/sh");
        shell.stderr(&said).status(2);
    }
    sandbox.run(["get", "tok"]).stdout("the good one").ok();
}

#[test]
fn json_that_is_broken_is_stored_with_a_warning_without_any_of_it() {
    let sandbox = Sandbox::local();
    let said = |name: &str| {
        format!(
            "saved {name}\nlazycred: warning: `{name}` starts with `{{`, but it is not valid JSON at line 1, column 12: `exec` refuses it unless `--format text`\n"
        )
    };
    for broken in ["{\"a\": \"hunt", "\u{feff}{\"a\": \"hunt", "{\"a\":hunter"] {
        sandbox.write("bad.json", broken);
        let column = if broken.ends_with("er") { 6 } else { 11 };
        let said = said("bad").replace("12", &column.to_string());
        sandbox.run("put bad bad.json").stderr(&said).ok();
        sandbox.run("rm bad --quiet").ok();
        sandbox.run("put bad").stdin(broken).stderr(&said).ok();
        sandbox.run("rm bad --quiet").ok();
        sandbox.run("put bad --quiet").stdin(broken).ok();
        sandbox.prints("get bad", broken);
        sandbox.run("rm bad --quiet").ok();
    }
    let import = "import - --format json";
    let run = sandbox.run(import).stdin(r#"{"bad": "{\"a\": hunter"}"#);
    run.stderr(said("bad").replace("12", "7")).ok();
    for good in ["{}", "x{", "[{", "{{x}} y"].iter().take(3) {
        sandbox.run("put good --quiet").stdin(good).ok();
        let put = sandbox.run("put good").stdin(good);
        put.any_stderr().never("warning").ok();
    }
}

#[test]
fn nothing_is_stored_where_that_is_said() {
    let sandbox = Sandbox::local();
    for nothing in NOTHINGS {
        let put = sandbox.run(["--quiet", "put", "tok", "--allow-empty"]);
        put.stdin(nothing).ok();
        sandbox.run(["get", "tok"]).stdout(nothing).ok();
    }
    for something in [" ", "\n\n", "\r", "\0", "\u{feff}"] {
        let put = sandbox.run(["--quiet", "put", "tok"]).stdin(something);
        put.ok();
        sandbox.run(["get", "tok"]).stdout(something).ok();
    }
}

#[test]
fn empty_input_is_not_a_field_value_but_an_empty_json_string_is() {
    let sandbox = Sandbox::local();
    let before = r#"{"a":"the good one"}"#;
    sandbox.put("db", before);
    for nothing in NOTHINGS {
        for more in [&[][..], &["--json"], &["-"]] {
            let args = [&["set", "db", "a"][..], more].concat();
            let said = told("value of `a`");
            sandbox.run(args).stdin(nothing).stderr(said).status(2);
        }
    }
    sandbox.run(["get", "db"]).stdout(before).ok();
    for (more, value) in [
        ("--json", r#""""#),
        ("--json", "\"\"\n"),
        ("--allow-empty", "\n"),
    ] {
        sandbox.put("db", before);
        let set = sandbox.run(["--quiet", "set", "db", "a", more]);
        set.stdin(value).ok();
        sandbox.run(["get", "db"]).stdout(r#"{"a":""}"#).ok();
    }
}

/// Runs the command that a message names, as a shell reads it.
fn undo(sandbox: &Sandbox, told: &str) {
    let (_, undo) = told.trim_end().split_once("undo: lazycred ").unwrap();
    let script = format!("\"$0\" --quiet {}", undo.strip_suffix(')').unwrap());
    let run = sandbox.run(["-c", &script, PROGRAM]).program("/bin/sh");
    run.ok();
}

#[test]
fn what_replaced_a_secret_says_how_to_undo_it() {
    let sandbox = Sandbox::local();
    let command = sandbox.run(["put", "web prod"]).stdin("one");
    command.stderr("saved web prod\n").ok();
    let put = sandbox.run(["put", "web prod"]).stdin("two");
    let told = put
        .stderr_has("saved web prod (replaced; undo: ")
        .status(0)
        .stderr;
    undo(&sandbox, &told);
    sandbox.run(["get", "web prod"]).stdout("one").ok();
}

#[test]
fn where_no_versions_are_kept_nothing_is_promised() {
    for versions in [false, true] {
        let aws = FakeAws::start();
        aws.versioning(versions);
        let put = || aws.run(["put", "tok"]).stdin("a secret");
        put().stderr("saved tok\n").status(0);
        let told = put().any_stderr().status(0).stderr;
        let undo = "saved tok (replaced; undo: lazycred rollback tok)\n";
        assert_eq!(told.starts_with(undo), versions, "{told}");
        assert!(versions || told == "saved tok\n", "{told}");
    }
}

#[test]
fn whatever_command_replaced_a_secret_says_how_to_undo_it() {
    let moved = "renamed a to b (its history stays under a: lazycred history a; ";
    let commands: [(&[&str], &str); 8] = [
        (&["cp", "a", "b", "--replace"], "copied a to b ("),
        (&["mv", "a", "b", "--replace"], moved),
        (
            &["import", "-", "--format", "json", "--replace"],
            "saved b (",
        ),
        (&["rollback", "b", "--to", "VERSION"], "rolled back b ("),
        (&["rollback", "b"], "rolled back b ("),
        (&["put", "b"], "saved b ("),
        (&["set", "b", "b"], "saved b ("),
        (&["unset", "b", "b"], "saved b ("),
    ];
    for (args, said) in commands {
        let sandbox = Sandbox::local();
        sandbox.put("a", "one");
        sandbox.put("b", "zero");
        sandbox.put("b", r#"{"b": "two"}"#);
        let history = sandbox.run(["history", "b"]).gives().lines();
        let oldest = history[1].split('\t').next().unwrap();
        let args = args.iter().map(|arg| arg.replace("VERSION", oldest));
        let told = sandbox
            .run(args.collect::<Vec<_>>())
            .stdin(r#"{"b": "three"}"#)
            .stderr(format!("{said}replaced; undo: lazycred rollback b)\n"))
            .status(0)
            .stderr;
        undo(&sandbox, &told);
        sandbox.run(["get", "b"]).stdout(r#"{"b": "two"}"#).ok();
    }
}
