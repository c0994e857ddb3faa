//! `diff`: what differs is told by its pointer, and its value only on demand.

use serde_json::{Value, json};

use crate::support::versions::{put, versioned};
use crate::support::{FakeAws, Moto, Run, Sandbox, place, store};

const OLD: &str =
    r#"{"db": {"host": "old-host-value", "port": 5432}, "gone": "gone-value", "list": [1, 2]}"#;
const NEW: &str =
    r#"{"list": [1,3], "db": {"port": 5432, "host": "new-host-value"}, "new": "added-value"}"#;

const TOLD: &str = "changed\t/db/host\nremoved\t/gone\nchanged\t/list\nadded\t/new\n";

#[test]
fn diff_names_fields_by_pointer_and_never_shows_values() {
    let aws = FakeAws::start();
    put(&aws, "a", OLD);
    store(&aws, &place("b"), NEW, 2);
    let diff = |more: &str| {
        let run = aws
            .run(&format!("diff a b {more}"))
            .never("old-host-value")
            .never("new-host-value");
        run.never("gone-value").never("added-value").stdout(TOLD)
    };
    diff("").status(0);
    diff("--exit-code").status(7);
    // Neither a hash of a value: two runs on other values print the same.
    put(&aws, "a", &OLD.replace("old-host-value", "another-host"));
    diff("").status(0);
}

#[test]
fn secrets_that_say_the_same_do_not_differ() {
    let aws = FakeAws::start();
    put(&aws, "a", r#"{"x": 1, "y": "\u0041"}"#);
    put(&aws, "b", "{\"y\":\"A\",\"x\":1}\n");
    aws.prints("diff a b --exit-code", "");
    aws.prints("diff a a --exit-code", "");
}

#[test]
fn show_prints_the_old_and_the_new_value_after_each_pointer() {
    let aws = FakeAws::start();
    put(&aws, "a", OLD);
    put(&aws, "b", NEW);
    let shown = "changed\t/db/host\t\"old-host-value\"\t\"new-host-value\"\n\
                 removed\t/gone\t\"gone-value\"\t\n\
                 changed\t/list\t[1,2]\t[1,3]\n\
                 added\t/new\t\t\"added-value\"\n";
    let diff = Run::new(["diff", "a", "b", "--show", "--exit-code"]);
    diff.aws(&aws).stdout(shown).status(7);
}

#[test]
fn json_has_each_change_and_on_demand_values_as_they_are_written() {
    let aws = FakeAws::start();
    put(
        &aws,
        "a",
        r#"{"n": 1.10, "big": 1e400, "gone": null, "s": "x"}"#,
    );
    put(
        &aws,
        "b",
        r#"{"n": 1.1, "big": 1e401, "s": "\u202e", "new\u001b": [1, "é"]}"#,
    );
    let plain: Value = serde_json::from_str(&aws.run("diff a b --json").gives().text()).unwrap();
    let expected = json!([
        {"path": "/big", "change": "changed"},
        {"path": "/gone", "change": "removed"},
        {"path": "/n", "change": "changed"},
        {"path": "/new\u{1b}", "change": "added"},
        {"path": "/s", "change": "changed"},
    ]);
    assert_eq!(plain, expected);
    let shown = r#"[
  {
    "path": "/big",
    "change": "changed",
    "old": 1e400,
    "new": 1e401
  },
  {
    "path": "/gone",
    "change": "removed",
    "old": null
  },
  {
    "path": "/n",
    "change": "changed",
    "old": 1.10,
    "new": 1.1
  },
  {
    "path": "/new\u001b",
    "change": "added",
    "new": [1,"é"]
  },
  {
    "path": "/s",
    "change": "changed",
    "old": "x",
    "new": "\u202e"
  }
]
"#;
    let diff = "diff a b --json --show --exit-code";
    aws.run(diff).stdout(shown).status(7);
    aws.prints("diff a a --json", "[]\n");
    // What is no JSON is a string; bytes that are no text are escaped in it.
    put(&aws, "text", "two\nlines");
    store(&aws, &place("bytes"), b"\xffx", 1);
    let texts = aws.run("diff text bytes --json --show").gives().text();
    let texts: Value = serde_json::from_str(&texts).unwrap();
    let expected = json!([{"path": "", "change": "changed", "old": "two\nlines", "new": "\\xffx"}]);
    assert_eq!(texts, expected);
}

#[test]
fn what_is_no_object_is_one_value_and_stays_on_one_line() {
    let aws = FakeAws::start();
    put(&aws, "a", "two\nlines\t\u{1b}[2J\u{9b}é");
    store(&aws, &place("b"), b"\xff\x00", 1);
    aws.run("diff a b").stdout("changed\t\n").status(0);
    let shown = "changed\t\ttwo\\nlines\\t\\u{1b}[2J\\u{9b}é\t\\xff\\u{0}\n";
    aws.run("diff a b --show").stdout(shown).status(0);
    put(&aws, "c", "{\"a\\nb\\u001b\": 1}");
    put(&aws, "d", "{}");
    aws.prints("diff d c", "added\t/a\\nb\\u{1b}\n");
}

#[test]
fn an_old_version_is_compared_with_the_current_one() {
    let aws = versioned();
    let old = put(&aws, "s", OLD);
    put(&aws, "s", NEW);
    aws.prints(&["diff", "s", "--version", &old], TOLD);
    aws.refuses("diff s --version -nope", 3, "no version `-nope` of `s`");
    aws.refuses("diff s", 2, "`lazycred diff` needs OTHER");
    aws.refuses(
        &["diff", "s", "t", "--version", &old],
        2,
        "cannot be used with",
    );
}

#[test]
fn a_secret_that_cannot_be_compared_is_named() {
    let aws = FakeAws::start();
    put(&aws, "a", OLD);
    put(&aws, "twice", r#"{"x": "hunter2-1", "x": "hunter2-2"}"#);
    aws.put_object("acme-secrets/prod/damaged", b"null");
    let run = |other: &str| aws.run(["diff", "a", other, "--exit-code"]);
    run("nope").stderr_has("no secret named `nope`").status(3);
    run("damaged").stderr_has("cannot open `damaged`").status(4);
    put(&aws, "again", r#"{"x": "hunter2-1", "x": "hunter2-2"}"#);
    let below = r#"{"x": [{"y": "hunter2-1", "y": "hunter2-2"}]}"#;
    put(&aws, "below", below);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    put(&aws, "deep", &deep);
    for (before, after, named) in [
        ("a", "twice", "twice"),
        ("twice", "a", "twice"),
        ("again", "twice", "again"),
        ("a", "below", "below"),
        ("below", "a", "below"),
        ("a", "deep", "deep"),
        ("deep", "a", "deep"),
    ] {
        let run = aws.run(&format!("diff {before} {after}"));
        run.never("hunter2-1")
            .never("hunter2-2")
            .stderr_has(&format!("cannot use `{named}`"))
            .status(5);
    }
}

#[test]
fn moto_and_a_folder_compare_alike() {
    let compare = |sandbox: &Sandbox| {
        sandbox.put("a", OLD);
        sandbox.put("b", NEW);
        sandbox.run("diff a b --exit-code").stdout(TOLD).status(7);
    };
    compare(&Sandbox::local());
    if let Some(moto) = Moto::shared() {
        moto.fresh_wrapping_key("test-diff");
        let s3_path = format!("{}/app/", moto.fresh_bucket());
        compare(&Sandbox::aws(&moto.endpoint(), &s3_path, "test-diff"));
    }
}
