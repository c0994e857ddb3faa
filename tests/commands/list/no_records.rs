//! What lies among records and is none: listed, since a list opens nothing, and
//! passed over, counted and named by whatever opens them all.

use std::fs;

use crate::support::{FakeAws, Sandbox, place, store, stored};

/// Each of them as somebody else's tools leave it there.
const OTHERS: [(&str, &str); 8] = [
    (".gitkeep", ""),
    ("README.md", "# Secrets of the web team\n"),
    ("app.json", "{\"name\": \"app\"}"),
    ("list.json", "[{\"data\": \"x\"}]"),
    ("marked.json", "\u{feff}{\"data\": 1}"),
    ("null", "null"),
    ("state.tfstate", " {}\n"),
    ("token", "gAAAAAB"),
];

/// They are left alone, in the order of their names.
fn warnings() -> String {
    let line =
        |(name, _): &(&str, &str)| format!("lazycred: warning: skipped `{name}`: not a record\n");
    OTHERS.iter().map(line).collect()
}

fn names(more: &[&str]) -> String {
    let mut names: Vec<&str> = OTHERS.iter().map(|(name, _)| *name).collect();
    names.extend(more);
    names.sort_unstable();
    names.join("\n") + "\n"
}

fn in_folder() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("web/db", "hunter2");
    for (name, text) in OTHERS {
        sandbox.write(format!("secrets/{name}"), text);
    }
    sandbox
}

#[test]
fn commands_that_change_many_records_leave_other_files_in_a_folder_alone() {
    let sandbox = in_folder();
    sandbox.run(["list"]).stdout(names(&["web/db"])).ok();
    let long = sandbox.run(["list", "--long"]).gives().lines();
    let unknown = long.iter().filter(|line| line.ends_with("\t-\t-")).count();
    assert_eq!((long.len(), unknown), (OTHERS.len() + 1, OTHERS.len()));
    let counted = format!("skipped {} that are not records", OTHERS.len());
    sandbox
        .run(["rekey"])
        .stderr(format!(
            "{}rekeyed 0 records, 1 already up to date, {counted}\n",
            warnings()
        ))
        .ok();
    sandbox.run(["rekey", "--dry-run"]).stderr(warnings()).ok();
    sandbox
        .run(["rekey", "--all"])
        .stderr(format!(
            "{}rekeyed web/db\nrekeyed 1 record, {counted}\n",
            warnings()
        ))
        .ok();
    sandbox
        .run(["upgrade"])
        .stdout("web/db\n")
        .stderr(format!(
            "{}upgraded web/db\nupgraded 1 record, {counted}\n",
            warnings()
        ))
        .ok();
    sandbox.run(["--quiet", "rekey", "README"]).ok();
    for (name, text) in OTHERS {
        let seen = sandbox.read(format!("secrets/{name}")).unwrap();
        assert_eq!(seen, text.as_bytes());
        sandbox.run(["get", name]).fails(4);
    }
    sandbox
        .run(["doctor"])
        .stdout_has(
            "warning other files: `.gitkeep`, `README.md`, `app.json` and 5 more are not records",
        )
        .stdout_has("ok      read: opened `web/db`")
        .ok();
    // Nothing but them is no reason to fail either.
    fs::remove_dir_all(sandbox.home().join("secrets/web")).unwrap();
    sandbox
        .run(["doctor"])
        .stdout_has("ok      read: no secret is stored yet")
        .ok();
}

#[test]
fn damaged_records_are_failures_and_not_skipped() {
    for damage in [
        "{",
        "{\"data\": \"gAAA",
        "{\"data\": 5}",
        "{\"key\": null}",
        "\n{\"lazycred\": 2}",
        "{\"lazycred\": 3, \"x\": 1}",
        "{\"name\": \"app\"}}",
        "{\"d\\u0061ta\": \"\"}",
    ] {
        let sandbox = Sandbox::local();
        sandbox.put("z", "x");
        sandbox.write("secrets/a", damage);
        let rekey = sandbox.run(["rekey", "--all"]);
        rekey
            .stderr_has("cannot open `a`")
            .stderr_has("rekeyed 1 record, 1 failed\n")
            .status(4);
        let upgrade = sandbox.run(["upgrade"]).any_stdout();
        upgrade.stderr_has("cannot open `a`").status(4);
        let doctor = sandbox.run(["doctor"]);
        doctor.stdout_has("error   read: cannot open `a`").fails(1);
    }
}

#[test]
fn empty_folder_markers_in_a_bucket_are_not_listed() {
    let aws = FakeAws::start();
    store(&aws, &place("web/db"), "hunter2", 1);
    for (name, text) in OTHERS {
        aws.put_object(&place(name), text.as_bytes());
    }
    for folder in ["app/", "web/", "a/b/", ""] {
        aws.put_object(&format!("acme-secrets/prod/{folder}"), b"");
    }
    aws.put_object(&place("filled/"), b"x");
    let listed = names(&["web/db", "filled/"]);
    aws.run("list").stdout(&listed).status(0);
    let told = warnings().replace(
        "lazycred: warning: skipped `list.json`",
        "lazycred: warning: skipped `filled/`: not a record\nlazycred: warning: skipped `list.json`",
    );
    aws.says(
        "rekey --all",
        format!("{told}rekeyed web/db\nrekeyed 1 record, skipped 9 that are not records\n"),
    );
    aws.run("upgrade")
        .stdout("web/db\n")
        .stderr(format!(
            "{told}upgraded web/db\nupgraded 1 record, skipped 9 that are not records\n"
        ))
        .status(0);
    assert_eq!(stored(&aws, "web/db")["lazycred"], 2);
    for (name, text) in OTHERS {
        assert_eq!(aws.object(&place(name)).unwrap(), text.as_bytes());
    }
    aws.run("doctor")
        .stdout_has("read: opened `web/db`")
        .status(0);
}
