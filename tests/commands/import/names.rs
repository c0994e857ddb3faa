//! `import`: one secret a member, or all as one; all names first.

use crate::support::{ALIAS, FakeAws, Sandbox, harness};

#[test]
fn each_member_is_a_secret_in_every_form() {
    let json = r#"{"a/b": "text\n", "n": 1.10, "o": {"x":  [1E+5]}}"#;
    for (file, text, expected) in [
        (
            "in.json",
            json,
            &[("a/b", "text\n"), ("n", "1.10"), ("o", r#"{"x":  [1E+5]}"#)][..],
        ),
        (
            "in.yml",
            "a/b: |\n  text\nnumber: 1.10\no: {x: [1.0E+5]}\n",
            &[
                ("a/b", "text\n"),
                ("number", "1.10"),
                ("o", r#"{"x":[1.0E+5]}"#),
            ],
        ),
        (".env", "A=\"x y\"\nB='$A'\n", &[("A", "x y"), ("B", "$A")]),
    ] {
        let sandbox = Sandbox::local();
        sandbox.write(file, text);
        let saved: Vec<_> = expected
            .iter()
            .map(|(name, _)| format!("saved {name}\n"))
            .collect();
        sandbox.run(["import", file]).stderr(&saved.concat()).ok();
        for (name, secret) in expected {
            sandbox.run(["get", name]).stdout(secret).ok();
        }
    }
}

#[test]
fn all_members_can_be_one_secret() {
    let sandbox = Sandbox::local();
    for (format, text, expected) in [
        ("json", "{\"a\" : 1.0}\n", "{\"a\" : 1.0}\n"),
        ("yaml", "a: x\nb: 1.0\n", r#"{"a":"x","b":1.0}"#),
        ("dotenv", "A=x\nB=\"y\"\n", r#"{"A": "x", "B": "y"}"#),
    ] {
        sandbox
            .run([
                "import",
                "-",
                "--as",
                "one",
                "--format",
                format,
                "--replace",
            ])
            .stdin(text)
            .stderr_has("saved one")
            .ok();
        sandbox.run(["get", "one"]).stdout(expected).ok();
    }
    // Its own name is taken then, too.
    let again = ["import", "-", "--as", "one", "--format", "json"];
    sandbox.run(again).stdin("{}").fails(6);
}

#[test]
fn a_name_that_is_taken_stops_all_before_the_first_write() {
    let fake = FakeAws::start();
    harness::store(&fake, "acme-secrets/prod/b", "before", 1);
    let sandbox = Sandbox::aws(&fake.url(), harness::S3_PATH, ALIAS);
    sandbox.write("in.json", r#"{"a": "1", "b": "2"}"#);
    sandbox.run(["import", "in.json"]).fails(6);
    assert_eq!(fake.operations(), ["GetObject", "GetObject"]);
    sandbox.says("import in.json --replace", "saved a\nsaved b\n");
    sandbox.prints("get b", "2");
}

#[test]
fn names_that_a_folder_cannot_hold_together_stop_all_before_the_first_write() {
    let sandbox = Sandbox::local();
    let refused = |text: &str, why: &str| {
        let stderr = format!(
            "lazycred: error: {why}\n\
             lazycred: hint: a folder cannot contain both a secret and others below its name; choose another name\n"
        );
        for more in [&[][..], &["--replace"]] {
            let args = [&["import", "-", "--format", "json"][..], more].concat();
            sandbox.run(args).stdin(text).stderr(&stderr).status(2);
        }
    };
    refused(
        r#"{"p": "1", "p/q": "2"}"#,
        "`p/q` cannot be stored: `p` would be stored too",
    );
    refused(
        r#"{"p/q/r": "1", "p.q": "3", "p": "2"}"#,
        "`p/q/r` cannot be stored: `p` would be stored too",
    );
    sandbox.run(["list"]).ok();
    sandbox.put("old", "x");
    sandbox.put("web/prod", "x");
    refused(
        r#"{"a": "1", "old/b": "2"}"#,
        "`old/b` cannot be stored: `old` already exists",
    );
    refused(
        r#"{"a": "1", "web": "2"}"#,
        "`web` cannot be stored: `web/` already exists",
    );
    sandbox.run(["list"]).stdout("old\nweb/prod\n").ok();
    std::fs::create_dir_all(sandbox.home().join("secrets/left/over")).unwrap();
    sandbox
        .run(["import", "-", "--format", "json"])
        .stdin(r#"{"left": "1", "p.q": "2"}"#)
        .stderr("saved left\nsaved p.q\n")
        .ok();
}

#[test]
fn a_name_that_version_2_cannot_have_stops_all_before_the_first_write() {
    let sandbox = Sandbox::local();
    sandbox.write(
        "two.json",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}"#,
    );
    sandbox.write("in.json", r#"{"good": "x", "not good": "y"}"#);
    let run = sandbox.run(["--config", "two.json", "import", "in.json"]);
    run.stderr_has("is not a valid name for a version 2 record")
        .status(2);
    sandbox.run(["list"]).stdout("").ok();
}

#[test]
fn what_is_ambiguous_is_refused_and_no_value_is_shown() {
    let sandbox = Sandbox::local();
    for (format, text) in [
        ("json", r#"{"a": "hunter2", "a": "hunter2"}"#),
        ("json", r#"["hunter2"]"#),
        ("json", "hunter2"),
        ("dotenv", "A=hunter2\nA=hunter2\n"),
        ("dotenv", "hunter2"),
        ("yaml", "a: hunter2\na: hunter2\n"),
        ("yaml", "a: &x hunter2\n"),
        ("yaml", "hunter2"),
    ] {
        let args = ["import", "-", "--format", format];
        let outcome = sandbox.run(args).stdin(text).fails(2);
        assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
    }
    sandbox.write("in.txt", "{}");
    sandbox.run(["import", "in.txt"]).fails(2);
    assert!(!sandbox.home().join("secrets").exists());
}

#[test]
fn what_is_wrong_with_the_file_is_told_before_its_format() {
    let sandbox = Sandbox::local();
    let import = |args: &str| sandbox.run(&format!("import {args}"));
    import("nosuch")
        .stderr(
            "lazycred: error: cannot read `nosuch`: no such file\n\
             lazycred: hint: a relative FILE starts at the working directory\n",
        )
        .status(1);
    import("A=hunter2")
        .never("hunter2")
        .stderr_has("hint: FILE holds the secrets; `-` reads them from standard input\n")
        .status(1);
    sandbox.write("there", "");
    import("there")
        .stderr_has("cannot tell the format")
        .status(2);
    import("- ").stderr_has("cannot tell the format").status(2);
    sandbox.write(".env", "A=hunter2\n");
    import(".env app")
        .stderr_has("`--as NAME` stores all members as one secret")
        .status(2);
}

#[test]
fn a_member_whose_name_has_an_equals_sign_is_refused_for_that() {
    let sandbox = Sandbox::local();
    sandbox.write("in.json", r#"{"a=hunter2": "x"}"#);
    sandbox
        .run("import in.json")
        .never("hunter2")
        .stderr(
            "lazycred: error: cannot import `in.json`: its member `a=…` has `=` in its name\n\
             lazycred: hint: --any-name accepts such names; --as NAME stores all members as one secret\n",
        )
        .status(2);
    sandbox.run("--quiet import in.json --any-name").ok();
    sandbox.prints("get a=hunter2", "x");
}
