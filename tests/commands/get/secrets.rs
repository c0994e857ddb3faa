//! `get`: a whole secret or one field.

use crate::support::Sandbox;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

#[test]
fn what_put_was_given_get_gives_byte_for_byte() {
    let large = vec![7; 200_000];
    let sandbox = Sandbox::local();
    for secret in [
        &b""[..],
        b"\n",
        b"hunter2\r\n",
        b"{\"a\": 1}",
        b"\0\xff\xfe",
        &large,
    ] {
        sandbox.put("s", secret);
        sandbox.run(["get", "s"]).stdout(secret).ok();
        let file = sandbox.write("in", secret);
        let put = |from| sandbox.run(["--quiet", "put", "t", from, "--allow-empty"]);
        put(file.to_str().unwrap()).ok();
        sandbox.run(["get", "t"]).stdout(secret).ok();
        put("-").stdin(secret).ok();
    }
}

#[test]
fn a_field_is_printed_as_text_or_as_json() {
    let sandbox = Sandbox::local();
    sandbox.put(
        "db",
        r#"{"user": "app\n", "n": 1.10, "deep": {"b": [1, 2]}, "twice": 1, "null": null}"#,
    );
    for (field, expected) in [
        ("user", "app\n"),
        ("n", "1.10"),
        ("deep", r#"{"b":[1,2]}"#),
        ("/deep/b/1", "2"),
        ("null", "null"),
    ] {
        sandbox.prints(["get", "db", "--field", field], expected);
    }
    sandbox.put("text", "hunter2");
    sandbox.put("twice", r#"{"a": 1, "a": 2}"#);
    for (name, field, status) in [
        ("db", "nope", 3),
        ("text", "a", 5),
        ("twice", "a", 5),
        ("db", "/user/x", 5),
    ] {
        let get = sandbox.run(["get", name, "--field", field]).outcome();
        assert_eq!(get.status, status, "{name} {field}");
    }
}

#[test]
fn a_missing_secret_is_named_and_hinted_at() {
    let sandbox = Sandbox::local();
    let folder = sandbox.home().join("secrets");
    sandbox
        .run(["get", "web/prod"])
        .stderr(&format!(
            "lazycred: error: no secret named `web/prod` (file://{}/web/prod)\n\
             lazycred: hint: `lazycred list` shows the names; `lazycred put web/prod FILE` stores it\n",
            folder.display()
        ))
        .status(3);
    assert!(!folder.exists(), "reading creates nothing");
}

#[test]
fn an_earlier_version_can_be_read_again() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "one");
    let record = fs::read(sandbox.home().join("secrets/db")).unwrap();
    sandbox.put("db", "two");
    let versions = sandbox.home().join("secrets/.lazycred/versions/db.d");
    let entries = fs::read_dir(versions).unwrap();
    let kept: Vec<_> = entries.map(|entry| entry.unwrap()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(kept[0].path()).unwrap(), record);
    let name = kept[0].file_name().into_string().unwrap();
    let version = name.split_once('-').unwrap().1;
    sandbox.prints(["get", "db", "--version", version], "one");
    sandbox.prints("get db", "two");
    sandbox.run(["get", "db", "--version", "nope"]).fails(3);
}

#[test]
fn an_output_file_is_its_owners_alone_and_no_link_is_followed() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "hunter2");
    let victim = sandbox.write("victim", "untouched");
    let out = sandbox.home().join("out");
    symlink(&victim, &out).unwrap();
    sandbox.run(["get", "s", "--output", "out"]).ok();
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    assert!(out.symlink_metadata().unwrap().is_file());
    let permissions = out.metadata().unwrap().mode() & 0o777;
    assert_eq!(
        (&*fs::read(&out).unwrap(), permissions),
        (&b"hunter2"[..], 0o600)
    );
    sandbox
        .run(["get", "s", "--output", "secrets"])
        .stderr(
            "lazycred: error: `secrets` is a folder\n\
             lazycred: hint: --output takes a file name; `-` is standard output\n",
        )
        .status(2);
    let pipe = sandbox.home().join("pipe");
    let made = std::process::Command::new("/usr/bin/mkfifo")
        .arg(&pipe)
        .status();
    assert!(made.unwrap().success());
    for special in ["pipe", "/dev/stdout", "/dev/null", "/proc/self/fd/1"] {
        sandbox.run(["get", "s", "--output", special]).fails(2);
    }
    sandbox.run("get s --output -").stdout("hunter2").ok();
}

#[test]
fn a_secret_that_is_too_large_is_refused_by_whatever_reads_it() {
    let sandbox = Sandbox::local();
    sandbox.put("fits", r#"{"a": "12"}"#);
    sandbox.put("s", r#"{"a": "123"}"#);
    let path = format!("file://{}/secrets/s", sandbox.home().display());
    let said = format!(
        "lazycred: error: cannot open `s` ({path}): it has 12 bytes, more than 11\n\
         lazycred: hint: --max-size BYTES allows larger secrets\n"
    );
    for (args, status) in [
        (&["get", "s"][..], 4),
        (&["get", "s", "--field", "a"], 4),
        (&["set", "s", "a"], 4),
        (&["unset", "s", "a"], 4),
        (&["diff", "fits", "s"], 4),
        (&["export", "s", "--format", "json"], 4),
    ] {
        let args = [args, &["--max-size", "11"]].concat();
        let run = sandbox.run(args).stdin("x");
        run.stderr(&said).status(status);
    }
    let mut exec = ["exec", "s", "--max-size", "11", "--", "/bin/true"];
    sandbox.run(exec).stderr(&said).status(125);
    exec[1] = "fits";
    sandbox.run(exec).ok();
    if crate::support::temporary::in_memory_or_skip().is_some() {
        let edit = sandbox.run(["edit", "s", "--max-size", "11"]);
        edit.env("EDITOR", "true").stderr(&said).status(4);
    }
    sandbox.prints("get s --max-size 12", r#"{"a": "123"}"#);
}

#[test]
fn a_hint_that_shows_a_command_quotes_the_name_for_the_shell() {
    let sandbox = Sandbox::local();
    for (name, shown, argument) in [
        ("web prod", "web prod", "'web prod'"),
        ("-x", "-x", "-- -x"),
        ("$(id)", "$(id)", "'$(id)'"),
        ("a\nb", "a\\nb", "$'a\\nb'"),
    ] {
        let path = format!("file://{}/secrets/{shown}", sandbox.home().display());
        sandbox
            .run(["get", "--", name])
            .stderr(&format!(
                "lazycred: error: no secret named `{shown}` ({path})\n\
                 lazycred: hint: `lazycred list` shows the names; `lazycred put {argument} FILE` stores it\n"
            ))
            .status(3);
    }
}

#[test]
fn a_closed_standard_output_ends_get_quietly() {
    let sandbox = Sandbox::local();
    sandbox.put("s", vec![b'x'; 1 << 20]);
    let script = format!(
        "'{}' get s | head -c 1; echo \"${{PIPESTATUS[0]}}\"",
        crate::support::PROGRAM
    );
    let run = sandbox.run(["-c", &script]).program("/bin/bash");
    run.stdout("x0\n").ok();
}

#[test]
fn a_record_of_another_local_wrapping_key_says_what_it_needs() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "hunter2");
    sandbox
        .run(["get", "s", "--key-alias", "local:prod"])
        .stderr_has("hint: set `key_alias` to `local:dev`")
        .status(4);
    let wrapping_key = sandbox.home().join(".local/share/lazycred/dev.key");
    fs::set_permissions(&wrapping_key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(&wrapping_key).unwrap();
    let init = "--quiet init --local --s3-path file:new/ --config new.json";
    sandbox.run(init).ok();
    sandbox.run(["get", "s"]).fails(4);
}
