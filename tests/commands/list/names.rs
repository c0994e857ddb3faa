//! `list`: what there is.

use serde_json::{Value, json};

use crate::support::versions::{put, versioned};
use crate::support::{FakeAws, Fault, Moto, Run, Sandbox, place, store};

#[test]
fn list_prints_full_names_in_byte_order_and_makes_one_request() {
    let names = ["é", "web/prod", "a b", "web-x", "web/dev", "Z", "web/a\nb"];
    let sorted = "Z\na b\nweb-x\nweb/a\\nb\nweb/dev\nweb/prod\né\n";
    let mut run = Run::new(["list"]);
    for name in names {
        run = run.secret(name, "hunter2");
    }
    let outcome = run
        .record("acme-secrets/elsewhere", "x")
        .stdout(sorted)
        .status(0);
    assert_eq!(outcome.operations(), ["ListObjectsV2"]);
    let mut run = Run::new(["list", "web/"]).local();
    for name in ["web/prod", "web-x", "web/a/b", "a"] {
        run = run.secret(name, "hunter2");
    }
    run.stdout("web/a/b\nweb/prod\n").status(0);
    Run::new(["list", "nope"]).secret("a", "hunter2").status(0);
    Run::new(["list", "--json"]).stdout("[]\n").status(0);
}

#[test]
fn a_list_of_many_takes_one_request_a_thousand_names() {
    let aws = FakeAws::start();
    let names: Vec<String> = (0..2001).map(|number| format!("web/{number:04}")).collect();
    for name in names.iter().map(String::as_str).chain(["other"]) {
        aws.put_object(&place(name), b"x");
    }
    let expected = names.join("\n") + "\n";
    let list = aws.run(["list", "web/"]);
    let outcome = list.stdout(expected).status(0);
    assert_eq!(outcome.operations(), ["ListObjectsV2"; 3]);
    let prefixes = outcome
        .requests
        .iter()
        .map(|request| request.query("prefix"));
    assert!(prefixes.eq([Some("prod/web/"); 3]));
}

#[test]
fn a_list_that_breaks_off_says_so_behind_what_came_before_it() {
    let aws = FakeAws::start();
    for number in 0..1001 {
        aws.put_object(&place(&format!("{number:04}")), b"x");
    }
    aws.fault("ListObjectsV2", Fault::Denied.at(2));
    let hint = "hint: allow s3:ListBucket on the bucket";
    let first: Vec<String> = (0..1000).map(|number| format!("{number:04}")).collect();
    let list = aws.run(["list"]).stdout(first.join("\n") + "\n");
    let said = "cannot list the secrets: s3://acme-secrets/prod/: AccessDenied: ";
    list.stderr_has(said).stderr_has(hint).status(1);
    aws.fault("ListObjectsV2", Fault::Denied.at(2));
    let list = aws.run(["list", "--json"]).any_stdout();
    let outcome = list.stderr_has(hint).status(1);
    let cut: Result<Value, _> = serde_json::from_str(&outcome.text());
    assert!(cut.unwrap_err().is_eof());
}

#[test]
fn moto_lists_page_after_page_too() {
    let Some(moto) = Moto::shared() else {
        return;
    };
    let bucket = moto.fresh_bucket();
    let names: Vec<String> = (0..1001).map(|number| format!("web/{number:04}")).collect();
    for name in &names {
        moto.put_object(&bucket, &format!("app/{name}"), b"x");
    }
    moto.put_object(&bucket, "application", b"x");
    let sandbox = Sandbox::aws(&moto.endpoint(), &format!("{bucket}/app/"), "unused");
    assert_eq!(sandbox.run(["list"]).gives().lines(), names);
    assert_eq!(sandbox.run("list web/100").gives().lines(), ["web/1000"]);
}

#[test]
fn json_lists_sizes_and_times_and_long_adds_versions_and_formats_with_one_get_per_name() {
    let aws = versioned();
    let first = put(&aws, "a", "hunter2");
    let second = store(&aws, &place("b"), "hunter2", 2);
    let size = |name| aws.object(&place(name)).unwrap().len();
    let (a, b) = (size("a"), size("b"));
    let times = ["a", "b"].map(|name| {
        let versions = aws.versions(&place(name));
        versions[0].modified.iso().replace(".000", "")
    });
    let parsed = |args: &[&str]| {
        let outcome = aws.run(args).any_stdout().status(0);
        let document: Value = serde_json::from_str(&outcome.text()).unwrap();
        (document, outcome)
    };
    let (short, _) = parsed(&["list", "--json"]);
    let mut expected = json!([
        {"name": "a", "size": a, "modified": times[0]},
        {"name": "b", "size": b, "modified": times[1]},
    ]);
    assert_eq!(short, expected);
    let (long, outcome) = parsed(&["list", "--json", "--long"]);
    for (index, version) in [&first, &second].into_iter().enumerate() {
        expected[index]["version"] = version.as_str().into();
        expected[index]["format"] = (index + 1).into();
    }
    assert_eq!(long, expected);
    let mut operations = outcome.operations();
    operations.sort_unstable();
    assert_eq!(operations, ["GetObject", "GetObject", "ListObjectsV2"]);
    let [at_a, at_b] = &times;
    let lines = format!("a\t{a}\t{at_a}\t{first}\t1\nb\t{b}\t{at_b}\t{second}\t2\n");
    aws.run("list --long").stdout(lines).status(0);
}

#[test]
fn a_long_list_names_what_is_damaged_and_shows_what_is_no_record() {
    let aws = FakeAws::start();
    put(&aws, "a", "hunter2");
    aws.put_object("acme-secrets/prod/cut", b"{\"data\": \"gAA");
    aws.put_object("acme-secrets/prod/notes.txt", b"not a record");
    put(&aws, "z", "hunter2");
    // Gone between the list and the look.
    aws.before("GetObject", |state| {
        state.delete_object("acme-secrets/prod/z");
    });
    let list = aws.run("list --long --json").any_stdout();
    let outcome = list.stderr_has("cannot open `cut`").status(4);
    assert_eq!(outcome.stderr.matches("error: ").count(), 1, "{outcome}");
    let document: Value = serde_json::from_str(&outcome.text()).unwrap();
    let rows = document.as_array().unwrap().iter();
    let rows: Vec<_> = rows.map(|row| (&row["name"], &row["format"])).collect();
    let (one, null) = (json!(1), Value::Null);
    let named = |name| json!(name);
    let expected = [("a", &one), ("cut", &null), ("notes.txt", &null)];
    let expected = expected.map(|(name, format)| (named(name), format));
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(name, it)| (name.clone(), it))
        .collect();
    assert_eq!(rows, expected);
}
