//! `set`, and the errors that `unset` shares with it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{FakeAws, Fault, PROGRAM, Run, Sandbox, harness};

const PLACE: &str = "acme-secrets/prod/db";

#[test]
fn a_field_is_set_and_all_else_keeps_its_bytes() {
    let sandbox = Sandbox::local();
    sandbox.write("value", "from a file\r\n");
    for (line, value, expected) in [
        ("a", "x\n", "{\"b\" : 1.10,\n \"a\":\"x\"}\n"),
        ("a -", "x\n\n", "{\"b\" : 1.10,\n \"a\":\"x\\n\"}\n"),
        ("a --allow-empty", "", "{\"b\" : 1.10,\n \"a\":\"\"}\n"),
        ("b", "5432", "{\"b\" : \"5432\",\n \"a\":null}\n"),
        ("b --json", "1E+5\n", "{\"b\" : 1E+5,\n \"a\":null}\n"),
        (
            "b --json",
            "{\"c\": [1, 2.0]}\n",
            "{\"b\" : {\"c\": [1, 2.0]},\n \"a\":null}\n",
        ),
        (
            "/c/d~1e/f",
            "x",
            "{\"b\" : 1.10,\n \"a\":null,\n \"c\":{\"d/e\":{\"f\":\"x\"}}}\n",
        ),
        ("a value", "", "{\"b\" : 1.10,\n \"a\":\"from a file\"}\n"),
    ] {
        sandbox.put("db", "{\"b\" : 1.10,\n \"a\":null}\n");
        let set = sandbox.run(&format!("set db {line}"));
        set.stdin(value).stderr_has("saved db").ok();
        let shown = sandbox.run(["get", "db"]).gives().text();
        assert_eq!(shown, expected, "{line}");
    }
}

#[test]
fn what_cannot_be_changed_has_its_status_and_stays() {
    let sandbox = Sandbox::local();
    for (secret, args, status) in [
        (r#"{"a": 1}"#, &["set", "nope", "a"][..], 3),
        (r#"{"a": 1}"#, &["unset", "nope", "a"], 3),
        (r#"{"a": 1}"#, &["unset", "db", "b"], 3),
        (r#"{"a": 1}"#, &["unset", "db", "/b/c"], 3),
        (r#"{"a": 1}"#, &["set", "db", "/a/b"], 5),
        (r#"{"a": 1}"#, &["set", "db", "a", "--json"], 5),
        (r#"{"a": 1, "a": 2}"#, &["set", "db", "b"], 5),
        (r#"{"a": 1"#, &["set", "db", "b"], 5),
        ("hunter2", &["set", "db", "a"], 5),
        ("[1]", &["unset", "db", "/0"], 5),
        (r#"{"a": 1}"#, &["set", "db", "a", "no-such-file"], 1),
        (r#"{"a": 1}"#, &["set", "db", ""], 2),
        (r#"{"a": 1}"#, &["set", "db", "a", "--max-size", "9"], 2),
    ] {
        sandbox.put("db", secret);
        let command = sandbox.run(args).stdin("s3cr3t-value").any_stderr();
        let outcome = command.status(status);
        for hidden in ["s3cr3t-value", "hunter2"] {
            assert!(!outcome.stderr.contains(hidden), "{outcome}");
        }
        sandbox.run(["get", "db"]).stdout(secret).ok();
    }
    assert!(!sandbox.home().join("secrets/nope").exists());
    sandbox.write("latin-1", b"\xe9");
    for (args, status, why) in [
        ("unset db /b/c", 3, "no field `/b/c` in `db`"),
        ("unset db /a/c", 5, "`/a` is neither an object nor an array"),
        ("set db a latin-1 --json", 5, "not valid JSON at line 1"),
        ("set db a latin-1", 5, "the new value is not valid UTF-8"),
    ] {
        sandbox.run(args).stderr_has(why).status(status);
        sandbox.run(["get", "db"]).stdout(r#"{"a": 1}"#).ok();
    }
}

#[test]
fn a_name_without_a_secret_gets_the_command_that_creates_it_and_that_works() {
    for (name, put) in [
        ("new", "new"),
        ("web prod", "'web prod'"),
        ("-x", "-- -x"),
        ("a=b", "'a=b' --any-name"),
    ] {
        let mut sandbox = Sandbox::local();
        sandbox.set("PATH", Path::new(PROGRAM).parent().unwrap());
        let set = sandbox.run(&["set", "--any-name", "--", name, "a"][..]);
        let outcome = set.stdin("x").fails(3);
        let said = format!(
            "lazycred: hint: `echo '{{}}' | lazycred put {put}` creates it without fields, then set them; `lazycred list` shows the names\n"
        );
        assert!(outcome.stderr.ends_with(&said), "{outcome}");
        let command = format!("echo '{{}}' | lazycred put {put}");
        sandbox.shell(&command).stderr_has("saved").ok();
        let set = sandbox.run(&["--quiet", "set", "--any-name", "--", name, "a"][..]);
        set.stdin("x").ok();
        sandbox.prints(&["get", "--", name][..], "{\"a\":\"x\"}\n");
    }
    let sandbox = Sandbox::local();
    let unset = sandbox.run("unset new a").fails(3);
    let said = "lazycred: hint: `lazycred list` shows the names\n";
    assert!(unset.stderr.ends_with(said), "{unset}");
    sandbox.put("web/prod", "{}");
    let set = sandbox
        .run("--config .lazycred set web/prd a")
        .stdin("x")
        .fails(3);
    let said = "lazycred: hint: did you mean `web/prod`? `echo '{}' | lazycred put web/prd --config .lazycred` creates a new one\n";
    assert!(set.stderr.ends_with(said), "{set}");
}

#[test]
fn a_secret_without_fields_and_a_value_that_is_not_json_get_a_hint() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "hunter2");
    let object = "lazycred: hint: only a JSON object has fields: `lazycred put db FILE` replaces the secret with one, `lazycred edit db` changes it in an editor\n";
    for args in ["set db a", "unset db a"] {
        let outcome = sandbox.run(args).stdin("x").fails(5);
        assert!(outcome.stderr.ends_with(object), "{outcome}");
    }
    sandbox.put("db", "{}");
    let outcome = sandbox
        .run("set db a --json")
        .stdin("s3cr3t-value")
        .fails(5);
    let said = "lazycred: hint: without --json, the value is stored as a JSON string\n";
    assert!(outcome.stderr.ends_with(said), "{outcome}");
}

#[test]
fn a_field_without_a_name_stops_nothing_but_flattening() {
    let sandbox = Sandbox::local();
    let secret = r#"{"a": "x", "": {"": 1}}"#;
    sandbox.put("db", secret);
    let get = |field: &str| sandbox.run(["get", "db", "--field", field]).gives().text();
    assert_eq!([get("a"), get("/"), get("//")], ["x", r#"{"":1}"#, "1"]);
    sandbox.put("other", "{}");
    sandbox.prints("diff db other", "removed\t//\nremoved\t/a\n");
    for (args, expected) in [
        (&["set", "db", "a"][..], r#"{"a": "y", "": {"": 1}}"#),
        (&["set", "db", "//"], r#"{"a": "y", "": {"": "y"}}"#),
        (&["unset", "db", "a"], r#"{"": {"": "y"}}"#),
        (&["unset", "db", "/"], "{}"),
    ] {
        let changed = sandbox.run(args).stdin("y");
        changed.stderr_has("saved db").ok();
        let shown = sandbox.run(["get", "db"]).gives().text();
        assert_eq!(shown, expected, "{args:?}");
    }
    sandbox.put("db", secret);
    sandbox
        .run(["exec", "db", "--", "/bin/true"])
        .stderr_has("the field `/` has an empty name")
        .status(125);
}

#[test]
fn an_invalid_tilde_escape_in_a_pointer_is_a_usage_error() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"~2": "x", "~": "y"}"#);
    for pointer in ["/~2", "/~", "/a~/b", "/~0~"] {
        let reference = format!("db#{pointer}");
        let file = format!("V={reference}");
        for (args, status) in [
            (&["get", "db", "--field", pointer][..], 2),
            (&["set", "db", pointer], 2),
            (&["unset", "db", pointer], 2),
            (&["export", &reference, "--format", "json"], 2),
            (&["exec", &reference, "--", "/bin/true"], 125),
            (&["exec", "--file", &file, "--", "/bin/true"], 125),
        ] {
            let outcome = sandbox.run(args).stdin("z").outcome();
            let said =
                format!("`{pointer}` is not a valid JSON pointer: `~` must be followed by 0 or 1");
            assert!(outcome.stderr.contains(&said), "{args:?} {outcome}");
            assert_eq!(outcome.status, status, "{args:?}");
        }
        let exec = sandbox.run("exec -- /bin/true");
        exec.env("V", format!("lazycred:{reference}")).fails(125);
    }
    sandbox.run("get db --field /~02").stdout("x").ok();
    sandbox.run("get db --field ~2").stdout("x").ok();
}

#[test]
fn what_is_so_already_is_not_stored_again() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"a": "x"}"#);
    let record = fs::read(sandbox.home().join("secrets/db")).unwrap();
    sandbox.run(["set", "db", "a"]).stdin("x\n").ok();
    assert_eq!(fs::read(sandbox.home().join("secrets/db")).unwrap(), record);
}

#[test]
fn concurrent_sets_lose_no_field() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "{}");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let field = format!("field-{writer}");
                let run = sandbox.run(["set", "db", &field]).stdin("x");
                run.stderr_has("saved db").ok();
            });
        }
    });
    let shown = sandbox.run(["get", "db"]).gives().stdout;
    let fields: Value = serde_json::from_slice(&shown).unwrap();
    assert_eq!(fields.as_object().unwrap().len(), 8);
}

#[test]
fn a_change_is_made_again_on_what_somebody_else_wrote_meanwhile() {
    let fake = FakeAws::start();
    harness::store(&fake, PLACE, r#"{"a": 1, "b": 1}"#, 1);
    let other = "acme-secrets/prod/other";
    harness::store(&fake, other, r#"{"a": 2, "b": 2}"#, 1);
    let theirs = fake.object(other).unwrap();
    fake.before("PutObject", move |state| {
        state.put_object(PLACE, &theirs);
    });
    let set = fake.run(["set", "db", "a"]).stdin("ours");
    set.stderr_has("saved db").status(0);
    fake.prints("get db", r#"{"a": "ours", "b": 2}"#);
}

#[test]
fn a_conflict_that_outlasts_the_timeout_exits_with_6() {
    let fake = FakeAws::start();
    fake.fault("PutObject", Fault::Error(412, "PreconditionFailed", "no"));
    let outcome = Run::new(["set", "db", "a", "--timeout", "4"])
        .secret("db", r#"{"a": "before"}"#)
        .aws(&fake)
        .stdin("after-value")
        .stderr_has("cannot store `db` (s3://acme-secrets/prod/db): concurrent writes continued until the timeout")
        .status(6);
    let tries = outcome.operations();
    let tries = tries.iter().filter(|name| **name == "PutObject");
    assert!(tries.count() > 1);
}

#[test]
fn a_record_of_version_2_stays_one_and_its_generation_counts_on() {
    let fake = FakeAws::start();
    fake.versioning(true);
    Run::new(["set", "db", "a"])
        .secret_2("db", r#"{"a": "before"}"#)
        .aws(&fake)
        .stdin("after-value")
        .stderr_has("saved db")
        .status(0);
    let record: Value = serde_json::from_slice(&fake.object(PLACE).unwrap()).unwrap();
    let before = &fake.versions(PLACE)[0];
    let before: Value = serde_json::from_slice(before.body.as_ref().unwrap()).unwrap();
    let next = before["gen"].as_u64().unwrap() + 1;
    let seen = (&record["lazycred"], &record["gen"]);
    assert_eq!(seen, (&2.into(), &next.into()));
    assert_eq!(record["type"], "application/json");
}

#[test]
fn a_new_field_that_may_mean_one_below_is_stored_with_a_warning() {
    let sandbox = Sandbox::local();
    let warned = |field: &str, meant: &str| {
        format!(
            "lazycred: warning: `{field}` was stored as a top-level field of that name; did you mean `{meant}`?\n"
        )
    };
    let before = r#"{"db": {"port": 1}, "hosts": ["a"], "user": "app", "x.y": 1, "x": {}}"#;
    for (field, meant) in [
        ("db.port", Some("/db/port")),
        ("db/port", Some("/db/port")),
        ("db.user", Some("/db/user")),
        ("hosts.0", Some("/hosts/0")),
        ("user.name", None),
        ("hosts.name", None),
        ("other.port", None),
        ("x.y", None),
        ("/db/port", None),
        (".db", None),
    ] {
        sandbox.put("db", before);
        let run = sandbox.run(["set", "db", field]).stdin("x");
        let outcome = run.any_stderr().status(0);
        let saved = outcome
            .stderr
            .strip_prefix(&*meant.map_or_else(String::new, |meant| warned(field, meant)));
        assert!(
            saved.is_some_and(|saved| saved.starts_with("saved db")),
            "{outcome}"
        );
        sandbox.run(["set", "db", field, "--quiet"]).stdin("x").ok();
    }
}

#[test]
fn a_new_field_without_a_name_is_refused() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"b": []}"#);
    for field in ["/", "/a/", "//a", "/b/-/"] {
        sandbox
            .run(["set", "db", field])
            .stdin("x")
            .stderr(
                "lazycred: error: a field's name cannot be empty\n\
                 lazycred: hint: in a JSON pointer, a name follows each `/`, as in `/db/port`\n",
            )
            .status(2);
    }
    sandbox.prints("get db", r#"{"b": []}"#);
}
