//! Settings that cannot be meant, from wherever they come: named, and refused.

use crate::support::harness::{Run, Sandbox};

const KEY: (&str, &str) = ("LAZYCRED_KEY_ALIAS", "local:dev");

fn by_variable(sandbox: &Sandbox, s3_path: &str) -> Run {
    let run = sandbox.run(["list"]).cwd("/").env("HOME", "/nowhere");
    run.env("LAZYCRED_S3_PATH", s3_path).env(KEY.0, KEY.1)
}

#[test]
fn a_folder_that_only_a_shell_would_find_is_refused_wherever_it_is_said() {
    let sandbox = Sandbox::local();
    for path in [
        "file:~/secrets/",
        "file:~",
        "file:~me/s",
        "file:$HOME/s",
        "file:${XDG_DATA_HOME}/s",
        "file:s/$X",
    ] {
        let said = format!("`s3_path` is `{path}`, in which `~` and `$` are not expanded");
        let hint = "lazycred: hint: write the path itself, absolute or relative\n";
        let refused = |run: Run, source: &str| {
            run.stderr(format!("lazycred: error: {source}{said}\n{hint}"))
                .status(2);
        };
        refused(by_variable(&sandbox, path), "LAZYCRED_S3_PATH: ");
        refused(sandbox.run(["list", "--s3-path", path]), "");
        refused(
            sandbox.run(["init", "--s3-path", path, "--key-alias", "local:dev"]),
            "",
        );
        let text = format!(r#"{{"s3_path": "{path}", "key_alias": "local:dev"}}"#);
        let file = sandbox.write("project/.lazycred", text);
        refused(
            sandbox.run(["list"]).cwd("project"),
            &format!("`{}`: ", file.display()),
        );
        assert!(!sandbox.home().join("~").exists());
    }
    // A path without `file:` is no bucket's.
    for (path, hint) in [
        ("./secrets", "for a folder, write `file:./secrets`"),
        ("../s/", "for a folder, write `file:../s/`"),
        ("/srv/s", "for a folder, write `file:/srv/s`"),
        (".", "for a folder, write `file:.`"),
        (
            "~/s",
            "write `file:` and the whole path: `~` is not expanded",
        ),
    ] {
        let list = sandbox.run(["list", "--s3-path", path, "--key-alias", "local:dev"]);
        list.stderr(format!(
            "lazycred: error: `s3_path` is `{path}`, which looks like a folder\n\
             lazycred: hint: {hint}\n"
        ))
        .status(2);
    }
    // In a bucket they are names like any other, and so are they in the middle.
    by_variable(&sandbox, "file:/nowhere/a~b").ok();
}

#[test]
fn a_control_character_is_refused_and_its_source_is_named() {
    let sandbox = Sandbox::local();
    for (name, value, shown) in [
        ("LAZYCRED_S3_PATH", "a/b/\r", r"a/b/\r"),
        ("LAZYCRED_S3_PATH", "file:s\n", r"file:s\n"),
        ("LAZYCRED_KEY_ALIAS", "local:dev\r", r"local:dev\r"),
        ("AWS_REGION", "eu-west-1\r", r"eu-west-1\r"),
        ("AWS_DEFAULT_REGION", "eu-west-1\t", r"eu-west-1\t"),
    ] {
        let run = by_variable(&sandbox, "b/").env(name, value);
        let said =
            format!("the variable {name} is `{shown}`, which contains a control character\n");
        run.stderr_has(&said).status(2);
    }
    let file = sandbox.home().join(".lazycred").display().to_string();
    let named = sandbox
        .run(["list"])
        .env("LAZYCRED_CONFIG", format!("{file}\r"));
    let said = r".lazycred\r`, which contains a control character";
    named
        .stderr_has("LAZYCRED_CONFIG is `")
        .stderr_has(said)
        .status(2);
    for (flag, value) in [
        ("--s3-path", "b/\r"),
        ("--key-alias", "k\u{7f}"),
        ("--region", "eu-west-1\n"),
        ("--profile", "p\u{85}"),
        ("--config", "/nowhere/x\r"),
    ] {
        let run = sandbox.run(["list", flag, value]);
        let said = format!("lazycred: error: {flag} is `");
        run.stderr_has(&said)
            .stderr_has("which contains a control character")
            .status(2);
    }
    for member in ["s3_path", "key_alias", "region", "bucket_region", "profile"] {
        let mut text = serde_json::json!({"s3_path": "b/", "key_alias": "k"});
        text[member] = "x/y\r".into();
        let file = sandbox.write("c.json", text.to_string());
        let run = sandbox.run(["list", "--config", file.to_str().unwrap()]);
        let said = format!(
            "`{}`: `{member}` must be text without control characters\n",
            file.display()
        );
        run.stderr(format!("lazycred: error: {said}")).status(2);
    }
    sandbox
        .run(["init", "--s3-path", "b/", "--region", "r\r"])
        .fails(2);
}

#[test]
fn one_wrapping_key_pinned_and_others_allowed_is_a_contradiction() {
    let sandbox = Sandbox::local();
    let text = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "pin_key": true, "keys": ["local:old"]}"#;
    let file = sandbox.write(".lazycred", text);
    sandbox
        .run(["list"])
        .stderr(format!(
            "lazycred: error: `{}`: `pin_key` and `keys` cannot be combined\n\
             lazycred: hint: `pin_key` allows `key_alias` alone, `keys` allows others: remove one of them\n",
            file.display()
        ))
        .status(2);
    for fine in [
        r#""pin_key": false, "keys": ["local:old"]"#,
        r#""pin_key": true, "keys": []"#,
    ] {
        let text = format!(r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", {fine}}}"#);
        sandbox.write(".lazycred", text);
        sandbox.run(["list"]).ok();
    }
}

#[test]
fn max_age_without_min_format_is_a_warning() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let write = |more: &str| {
        let text = format!(
            r#"{{"s3_path": "file:secrets/", "key_alias": "local:dev", "max_age": "90d"{more}}}"#
        );
        sandbox.write(".lazycred", text)
    };
    for more in ["", r#", "format": 2"#, r#", "min_format": 1"#] {
        let file = write(more);
        let said = "`max_age` applies to version 2 records only, and version 1 records bypass it: add \"min_format\": 2";
        let warning = format!("lazycred: warning: `{}`: {said}\n", file.display());
        sandbox.run(["get", "a"]).stdout("x").stderr(warning).ok();
        sandbox.run(["--quiet", "get", "a"]).stdout("x").ok();
    }
    write(r#", "min_format": 2"#);
    sandbox.run(["list"]).stdout("a\n").ok();
}

#[test]
fn a_data_key_with_anything_behind_it_does_not_open_and_no_other_wrapping_key_is_blamed() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "hunter2");
    let record: serde_json::Value =
        serde_json::from_slice(&sandbox.read("secrets/a").unwrap()).unwrap();
    let wrapped = decode(record["key"].as_str().unwrap());
    for more in [
        &b"\xff"[..],
        b"\xff\xfe\0",
        b"\0",
        b" x\x80",
        b"!",
        b"!!!!",
        b"====",
        b"=",
        b"\n\n",
        b"\n",
        " é".as_bytes(),
        b"AAAA",
        b"A",
        b"%",
    ] {
        let mut changed = record.clone();
        changed["key"] = encode(&[&wrapped, more].concat()).into();
        sandbox.write("secrets/a", changed.to_string());
        let get = sandbox.run(["get", "a"]);
        let outcome = get.any_stdout().any_stderr().may_leak().outcome();
        // What is canonical base64 all the same is caught by its MAC.
        let told = [
            "was changed after `local:dev` wrapped it",
            "`local:dev` does not open its data key",
        ];
        let told = told.iter().any(|told| outcome.stderr.contains(told));
        assert_eq!(
            (outcome.status, &*outcome.text()),
            (4, ""),
            "{more:?}: {outcome}"
        );
        assert!(
            told && !outcome.stderr.contains("key_alias"),
            "{more:?}: {outcome}"
        );
    }
    let nameless = "does not name a local wrapping key";
    for (other, said) in [
        (&b"lazycred-local:\xff"[..], nameless),
        (b"lazycred-local:", nameless),
        (b"lazycred-local:dev", nameless),
        (b"lazycred-local::gAAA", nameless),
        (b"lazycred-local:\xff:gAAA", nameless),
        (b"lazycred-local:a b:gAAA", nameless),
        (b"lazycred-local:dev:", "`local:dev`"),
        (b"lazycred-local:dev:gAAA", "`local:dev`"),
        (b"lazycred-local:prod:gAAA", "`local:prod`"),
        (b"\x01\x02", "wrapped by AWS KMS"),
    ] {
        let mut changed = record.clone();
        changed["key"] = encode(other).into();
        sandbox.write("secrets/a", changed.to_string());
        sandbox.refuses("get a", 4, said);
    }
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_prefix_without_its_last_slash_is_taken_with_a_warning() {
    let sandbox = Sandbox::new();
    let init = "init --s3-path b/prod --key-alias k --region eu-west-1";
    sandbox
        .run(init)
        .stderr_has("lazycred: warning: `s3_path` does not end with `/`, so `db` is stored as `b/proddb`: `b/prod/` makes it a folder\n")
        .ok();
    let doctor = sandbox
        .run(["doctor"])
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let doctor = doctor.env("AWS_ENDPOINT_URL", crate::support::fake_aws::nowhere());
    let run = doctor.stdout_has("warning s3_path: names are appended directly to `prod`");
    run.any_stderr().outcome();
}

#[test]
fn the_schema_that_an_editor_wants_is_no_unknown_member() {
    let sandbox = Sandbox::local();
    let text = r#"{"$schema": "docs/lazycred.schema.json", "s3_path": "file:secrets/", "key_alias": "local:dev"}"#;
    sandbox.write(".lazycred", text);
    sandbox.run(["list"]).ok();
}

#[test]
fn a_folder_whose_own_place_is_taken_by_the_configuration_is_told_apart() {
    let sandbox = Sandbox::local();
    let text = r#"{"s3_path": "file:./", "key_alias": "local:dev"}"#;
    let file = sandbox.write(".lazycred", text);
    let put = sandbox.run(["put", "a"]).stdin("x");
    put.stderr(format!(
        "lazycred: error: `{}` is a file, but the store keeps its own files in a folder of that name\n\
         lazycred: hint: use a separate folder for `s3_path`, as in `file:secrets/`\n",
        file.display()
    ))
    .status(2);
}
