//! `import --dry-run`, and what `--json` says of an import.

use serde_json::{Value, json};

use crate::support::{ALIAS, FakeAws, Fault, Sandbox, Screen, harness};

#[test]
fn a_dry_run_says_what_would_be_stored_and_only_reads() {
    for (file, text, rows) in [
        (
            "in.json",
            r#"{"a/b": "text\n", "n": 1.10}"#,
            "a/b\t5\tcreate\nn\t4\tcreate\n",
        ),
        ("in.yaml", "a: x\nb: [1]\n", "a\t1\tcreate\nb\t3\tcreate\n"),
        (".env", "A=hunter2\nB=\n", "A\t7\tcreate\nB\t0\tcreate\n"),
    ] {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), harness::S3_PATH, ALIAS);
        sandbox.write(file, text);
        for flag in ["--dry-run", "-n"] {
            sandbox.prints(&["import", file, flag], rows);
        }
        assert_eq!(fake.operations(), ["GetObject"; 4]);
        sandbox.prints("list", "");
    }
}

#[test]
fn a_dry_run_in_a_folder_leaves_no_trace() {
    let sandbox = Sandbox::local();
    sandbox.write(".env", "A=x\nB=y\n");
    let before = sandbox.files();
    sandbox.prints("import .env --dry-run", "A\t1\tcreate\nB\t1\tcreate\n");
    sandbox.prints("import .env --as app --dry-run", "app\t20\tcreate\n");
    assert_eq!(sandbox.files(), before);
    assert!(!sandbox.home().join("secrets").exists());
}

#[test]
fn what_would_be_replaced_or_would_conflict_is_told_apart() {
    let sandbox = Sandbox::local();
    sandbox.put("B", "before");
    sandbox.write(".env", "A=x\nB=y\n");
    let record = sandbox.read("secrets/B");
    sandbox.prints("import .env -n --replace", "A\t1\tcreate\nB\t1\treplace\n");
    let run = sandbox
        .run("import .env -n")
        .stdout("A\t1\tcreate\nB\t1\tconflict\n");
    run.stderr_has("cannot store `B`").status(6);
    let run = sandbox.run("import .env -n --json --replace").gives();
    let rows: Value = serde_json::from_slice(&run.stdout).unwrap();
    let a = json!({"name": "A", "bytes": 1, "outcome": "create", "error": null});
    let b = json!({"name": "B", "bytes": 1, "outcome": "replace", "error": null});
    assert_eq!(rows, json!([a, b]));
    let run = sandbox
        .run("import .env -n --json")
        .any_stdout()
        .any_stderr();
    let rows: Value = serde_json::from_slice(&run.status(6).stdout).unwrap();
    assert_eq!(rows[1]["outcome"], "conflict");
    assert_eq!(sandbox.read("secrets/B"), record);
}

#[test]
fn what_the_import_would_refuse_the_dry_run_refuses_alike() {
    let sandbox = Sandbox::local();
    sandbox.put("old", "x");
    for (text, status) in [
        (r#"{"p": "1", "p/q": "2"}"#, 2),
        (r#"{"old/b": "2"}"#, 2),
        (r#"{"a": "1", "a": "2"}"#, 2),
        (r#"{"a=b": "1"}"#, 2),
        ("[1]", 2),
        ("{}", 2),
    ] {
        let args = ["import", "-", "--format", "json"];
        let real = sandbox.run(&args[..]).stdin(text).fails(status);
        let dry = [&args[..], &["--dry-run"]].concat();
        let dry = sandbox.run(dry).stdin(text).fails(status);
        assert_eq!(real.stderr, dry.stderr);
    }
    let run = sandbox
        .run("import - --format json --allow-empty -n")
        .stdin("{}");
    run.ok();
    let run = sandbox
        .run("import - --format json --allow-empty -n --json")
        .stdin("{}");
    run.stdout("[]\n").ok();
}

#[test]
fn json_names_what_was_stored_and_its_versions() {
    let sandbox = Sandbox::local();
    sandbox.put("B", "before");
    sandbox.write(".env", "A=x\nB=yy\n");
    let run = sandbox.run("import .env --json --replace").any_stdout();
    let outcome = run.any_stderr().status(0);
    assert!(outcome.stderr.starts_with("saved A\nsaved B"), "{outcome}");
    let rows: Value = serde_json::from_slice(&outcome.stdout).unwrap();
    let version = |name: &str| -> Value {
        let history = sandbox.run(["history", name, "--json"]).gives();
        let history: Value = serde_json::from_slice(&history.stdout).unwrap();
        history[0]["version"].clone()
    };
    let expected = json!([
        {"name": "A", "bytes": 1, "outcome": "created", "error": null, "version": version("A")},
        {"name": "B", "bytes": 2, "outcome": "replaced", "error": null, "version": version("B")},
    ]);
    assert_eq!(rows, expected);
}

#[test]
fn where_an_import_fails_half_way_json_tells_what_became_of_each() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), harness::S3_PATH, ALIAS);
    sandbox.write("in.json", r#"{"a": "1", "b": "2", "c": "3"}"#);
    harness::store(&fake, "acme-secrets/prod/theirs", "theirs", 1);
    let theirs = fake.object("acme-secrets/prod/theirs").unwrap();
    fake.before("PutObject", move |state| {
        state.put_object("acme-secrets/prod/b", &theirs);
    });
    let outcome = sandbox
        .run("import in.json --json")
        .any_stdout()
        .any_stderr();
    let outcome = outcome.status(6);
    let rows: Value = serde_json::from_slice(&outcome.stdout).unwrap();
    let told = |rows: &Value| -> Vec<String> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| format!("{} {}", row["name"], row["outcome"]).replace('"', ""))
            .collect()
    };
    assert_eq!(told(&rows), ["a created", "b conflict", "c pending"]);
    assert!(rows[1]["error"].is_string() && rows[1]["version"].is_null());
    // Nothing is begun where a name is known to be taken.
    let again = sandbox
        .run("import in.json --json")
        .any_stdout()
        .any_stderr();
    let rows: Value = serde_json::from_slice(&again.status(6).stdout).unwrap();
    assert_eq!(told(&rows), ["a conflict", "b conflict", "c pending"]);
    fake.fault("PutObject", Fault::Error(403, "AccessDenied", "no"));
    let denied = sandbox.run("import in.json --json --replace").any_stdout();
    let rows: Value = serde_json::from_slice(&denied.any_stderr().status(1).stdout).unwrap();
    assert_eq!(told(&rows), ["a failed", "b pending", "c pending"]);
}

#[test]
fn names_with_control_characters_are_escaped_in_every_form() {
    let sandbox = Sandbox::local();
    let run = sandbox
        .run("import - --format json -n")
        .stdin("{\"a\\u001b[2J\\u202e\": \"x\"}");
    let shown = run.gives().text();
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    assert!(shown.ends_with("\t1\tcreate\n"), "{shown:?}");
}

#[test]
fn at_a_terminal_a_dry_run_fits_the_screen() {
    let sandbox = Sandbox::local();
    sandbox.put("B", "before");
    sandbox.write(".env", "A=x\nB=y\n");
    let table = "NAME  BYTES  OUTCOME\nA         1  create\nB         1  ";
    let (shown, status) = Screen::of(24, 60, sandbox.run("import .env -n --replace"));
    assert_eq!((shown, status), (format!("{table}replace\n"), 0));
    let mut screen = Screen::start(24, 60, sandbox.run("import .env -n"));
    assert_eq!(screen.ends(), 6);
    let shown = screen.marked();
    assert!(
        shown.contains("B         1  [red]conflict[/]\nlazycred: [red]error:[/]"),
        "{shown}"
    );
}
