//! `rekey --json` and `upgrade --json`: what became of each secret, for programs.

use serde_json::{Value, json};

use super::{run, set, store, two_wrapping_keys};
use crate::support::{ALIAS, FakeAws, Run, Sandbox, Screen};

/// The array on standard output: names and outcomes, and the errors.
#[track_caller]
fn told(run: Run, status: i32, stderr: &str) -> (Value, Vec<String>) {
    let outcome = run.any_stdout().stderr_has(stderr).status(status);
    let told: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
    let mut errors = Vec::new();
    let pairs = told.iter().map(|one| {
        assert_eq!(one.as_object().unwrap().len(), 3, "{one}");
        errors.extend(one["error"].as_str().map(str::to_owned));
        json!([one["name"], one["outcome"]])
    });
    (pairs.collect(), errors)
}

fn filled() -> FakeAws {
    let aws = two_wrapping_keys();
    store(&aws, "a", "old", 1);
    store(&aws, "b", ALIAS, 1);
    aws.put_object("acme-secrets/prod/c", b"{\"data\": 1}");
    aws.put_object("acme-secrets/prod/d", b"# notes");
    aws
}

#[test]
fn each_secret_is_told_with_what_became_of_it_and_a_failure_with_its_error() {
    let aws = filled();
    let dry = "rekey --from old --json -n";
    let (pending, errors) = told(run(&aws, dry), 4, "cannot open `c`");
    let all = json!([
        ["a", "pending"],
        ["b", "unchanged"],
        ["c", "failed"],
        ["d", "skipped"]
    ]);
    assert_eq!(pending, all);
    assert!(
        errors.len() == 1 && errors[0].starts_with("cannot open `c`"),
        "{errors:?}"
    );
    let summary = "rekeyed a\nlazycred: warning: skipped `d`: not a record\n\
                   rekeyed 1 record, 1 already up to date, 1 failed, skipped 1 that is not a record\n";
    let (done, again) = told(run(&aws, "rekey --from old --json"), 4, summary);
    let all = json!([
        ["a", "rekeyed"],
        ["b", "unchanged"],
        ["c", "failed"],
        ["d", "skipped"]
    ]);
    assert_eq!((done, again), (all, errors));
    // Messages and what to do next stay where they were.
    run(&aws, "rekey a --to old --json")
        .stdout("[\n  {\n    \"error\": null,\n    \"name\": \"a\",\n    \"outcome\": \"rekeyed\"\n  }\n]\n")
        .stderr(format!("rekeyed a\nrekeyed 1 record\n{}", set(1, "old", false)))
        .status(0);
    run(&aws, "--quiet rekey nothing --json")
        .stdout("[]\n")
        .status(0);
}

#[test]
fn upgrade_tells_the_same_and_asks_about_names_that_are_shown() {
    let aws = filled();
    let upgrade = "upgrade --json --yes";
    let (done, _) = told(run(&aws, upgrade), 4, "cannot open `c`");
    let names = done.as_array().unwrap().iter().map(|pair| pair[0].as_str());
    assert!(names.is_sorted(), "{done}");
    let of = |name: &str| {
        let pairs = done.as_array().unwrap().iter();
        pairs.filter(|pair| pair[0] == name).count()
    };
    assert_eq!(["a", "b", "c", "d"].map(of), [1; 4], "{done}");
    let sandbox = Sandbox::local();
    sandbox.put("db", "hunter2");
    let mut screen = Screen::start(
        24,
        80,
        sandbox.shell(&format!(
            "'{}' upgrade --json >told",
            crate::support::PROGRAM
        )),
    );
    screen.shows("[y/N] ");
    assert_eq!(screen.text(), "db\nupgrade 1 record to version 2? [y/N]\n");
    screen.types("n\r");
    assert_eq!(screen.ends(), 0);
    let pending: Value = serde_json::from_slice(&sandbox.read("told").unwrap()).unwrap();
    assert_eq!(
        pending,
        json!([{"name": "db", "outcome": "pending", "error": null}])
    );
}

#[test]
fn a_name_with_hidden_characters_is_escaped_and_read_back_as_it_is() {
    let sandbox = Sandbox::local();
    sandbox.put("a\u{202e}\nb", "hunter2");
    let shown = sandbox.run("rekey --all -n --json").gives().text();
    assert!(shown.contains(r#""a\u202e\nb""#), "{shown}");
    let told: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(told[0]["name"], "a\u{202e}\nb");
}
