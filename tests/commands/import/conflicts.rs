//! `import` of names that exist already.

use crate::support::{ALIAS, FakeAws, Sandbox, harness};

const HINT: &str = "lazycred: hint: --replace replaces what exists; --dry-run shows all of it, and stores nothing\n";

fn aws(fake: &FakeAws) -> Sandbox {
    Sandbox::aws(&fake.url(), harness::S3_PATH, ALIAS)
}

#[test]
fn all_names_that_exist_are_named_at_once_and_nothing_is_written() {
    for (taken, said) in [
        (&["b"][..], "it already exists; nothing stored"),
        (
            &["a", "c"],
            "it already exists, as does `c`; nothing stored",
        ),
        (
            &["a", "b", "c"],
            "it already exists, as do `b` and `c`; nothing stored",
        ),
    ] {
        let fake = FakeAws::start();
        for name in taken {
            harness::store(&fake, &format!("acme-secrets/prod/{name}"), "before", 1);
        }
        let sandbox = aws(&fake);
        sandbox.write("in.json", r#"{"a": "1", "b": "2", "c": "3"}"#);
        let first = taken[0];
        let stderr = format!(
            "lazycred: error: cannot store `{first}` (s3://acme-secrets/prod/{first}): {said}\n{HINT}"
        );
        sandbox.run("import in.json").stderr(&stderr).status(6);
        assert_eq!(fake.operations(), ["GetObject"; 3]);
        let stdout = ["a", "b", "c"].map(|name| {
            let is_taken = taken.contains(&name);
            format!(
                "{name}\t1\t{}\n",
                if is_taken { "conflict" } else { "create" }
            )
        });
        let dry = sandbox.run("import in.json -n").stdout(stdout.concat());
        // What is done already is no advice.
        let (told, _) = stderr.split_once("; --dry-run").unwrap();
        dry.stderr(&format!("{told}\n")).status(6);
        assert_eq!(fake.operations(), ["GetObject"; 6]);
    }
}

#[test]
fn of_very_many_that_exist_some_are_named_and_the_others_counted() {
    let sandbox = Sandbox::local();
    let members: Vec<_> = (0..30)
        .map(|at| format!("\"name-{at:02}\": \"x\""))
        .collect();
    sandbox.write("in.json", format!("{{{}}}", members.join(", ")));
    sandbox.run("--quiet import in.json").ok();
    let outcome = sandbox.run("import in.json").fails(6);
    let said = "it already exists, as do `name-01`, `name-02`, `name-03`, `name-04`, `name-05` and 24 others; nothing stored\n";
    assert!(outcome.stderr.contains(said), "{outcome}");
    assert!(
        outcome.stderr.contains("cannot store `name-00` "),
        "{outcome}"
    );
    assert!(outcome.stderr.len() < 900, "{outcome}");
}

#[test]
fn a_name_that_cannot_be_looked_up_stops_it_before_the_first_write() {
    for args in [
        "import in.json",
        "import in.json --replace",
        "import in.json --dry-run",
    ] {
        let fake = FakeAws::start();
        fake.fault(
            "GetObject",
            crate::support::Fault::Error(403, "AccessDenied", "no"),
        );
        let sandbox = aws(&fake);
        let members: Vec<_> = (0..40).map(|at| format!("\"n{at}\": \"x\"")).collect();
        sandbox.write("in.json", format!("{{{}}}", members.join(", ")));
        let outcome = sandbox.run(args).fails(1);
        assert_eq!(outcome.stderr.matches("error:").count(), 1, "{outcome}");
        assert!(!fake.operations().iter().any(|name| name != "GetObject"));
    }
}

#[test]
fn a_member_that_is_too_large_stops_it_before_the_first_write() {
    let sandbox = Sandbox::local();
    // Escaped, the one secret is larger than the file.
    sandbox.write(".env", "A='\"\"\"\"\"\"\"\"\"\"\"\"'\n");
    for more in ["", " --dry-run"] {
        let run = sandbox.run(&format!("import .env --as one --max-size 24{more}"));
        run.stderr_has("`one` would have 33 bytes, more than 24")
            .status(2);
    }
    sandbox.run("list").ok();
}
