//! `init -e NAME`: writes an environment, or adds it to a file.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::create::changes;
use crate::support::{FakeAws, Sandbox, at_terminal};

const AWS: &str = "--s3-path acme/prod/ --key-alias acme --region eu-west-1";
const MEMBERS: &str = r#"{"s3_path": "acme/prod/", "key_alias": "acme", "region": "eu-west-1"}"#;

fn text(sandbox: &Sandbox, file: &str) -> String {
    String::from_utf8(sandbox.read(file).unwrap_or_default()).unwrap()
}

#[test]
fn a_new_file_has_the_environment_and_nothing_else() {
    let sandbox = Sandbox::apart();
    let init = sandbox.run(&*format!("init -e prod {AWS}"));
    init.stderr_has("created .lazycred with environment prod\n")
        .ok();
    let expected = format!("{{\"environments\": {{\"prod\": {MEMBERS}}}}}\n");
    assert_eq!(text(&sandbox, ".lazycred"), expected);
    let file = sandbox.work().join(".lazycred");
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o644);
    // The variable is as good as the flag, and the file another.
    let init = sandbox.run(&*format!("init --config c.json {AWS} --format 2"));
    let init = init.env("LAZYCRED_ENVIRONMENT", "a \"b\"");
    init.stderr_has("created c.json with environment a \"b\"\n")
        .ok();
    let members = MEMBERS.replace('}', ", \"format\": 2}");
    let expected = format!("{{\"environments\": {{\"a \\\"b\\\"\": {members}}}}}\n");
    assert_eq!(text(&sandbox, "c.json"), expected);
}

#[test]
fn an_environment_is_added_and_all_else_keeps_its_order_and_spelling() {
    let before = "\u{feff}{\r\n  \"region\": \"eu-west-2\",\r\n  \"s3_path\" : \"own\\u002f\",  \"$schema\": [1,2]\r\n}\r\n";
    let sandbox = Sandbox::apart();
    let file = sandbox.write(".lazycred", before);
    let init = sandbox.run(&*format!("init -e prod {AWS}"));
    init.stderr_has("added environment prod to .lazycred\n")
        .any_stderr()
        .ok();
    let added = format!(",  \"environments\": {{\"prod\": {MEMBERS}}}\r\n}}");
    let expected = before.replace("\r\n}", &added);
    assert_eq!(text(&sandbox, ".lazycred"), expected);
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o644);
    assert_eq!(sandbox.files(), [".lazycred"]);
    // A second one, and the first once more: that is there.
    let local = sandbox.run("--quiet init -e dev --local").any_stderr();
    local.ok();
    let second = r#", "dev": {"s3_path": "file:secrets-dev/", "key_alias": "local:dev"}"#;
    let expected = expected.replace(&format!("{MEMBERS}}}"), &format!("{MEMBERS}{second}}}"));
    assert_eq!(text(&sandbox, ".lazycred"), expected);
    let again = sandbox.run(&*format!("init -e prod {AWS}"));
    again
        .stderr_has("environment prod is already in .lazycred, with these settings\n")
        .any_stderr()
        .ok();
    assert_eq!(text(&sandbox, ".lazycred"), expected);
    sandbox
        .run("--quiet put s -e dev")
        .any_stderr()
        .stdin("x")
        .ok();
    assert!(sandbox.read("secrets-dev/s").is_some());
    // Other settings are refused, one member more too.
    for more in ["--format 2", "--region us-east-1", "--s3-path other/"] {
        let line = format!("init -e prod {AWS}");
        let line = match more.split_once(' ').unwrap().0 {
            "--format" => format!("{line} {more}"),
            flag => {
                let words: Vec<&str> = line.split(' ').collect();
                let at = words.iter().position(|word| *word == flag).unwrap();
                line.replace(&format!("{flag} {}", words[at + 1]), more)
            }
        };
        sandbox
            .run(&*line)
            .stderr(
                "lazycred: error: environment `prod` of `.lazycred` already exists with different settings\n\
                 lazycred: hint: edit it, or remove it first\n",
            )
            .status(2);
    }
    assert_eq!(text(&sandbox, ".lazycred"), expected);
}

#[test]
fn what_would_be_refused_when_it_is_read_is_refused_before() {
    let arn = "arn:aws:kms:us-east-1:123456789012:alias/acme";
    let own = r#"{"s3_path": "own/", "key_alias": "own", "keys": [], "pin_key": true}"#;
    for (before, init, said) in [
        (
            own,
            format!("-e prod --s3-path b/ --key-alias {arn}"),
            "is found by searching, and an ARN as `key_alias` is accepted only",
        ),
        (
            own,
            "-e prod --s3-path bucket --key-alias k".into(),
            "`s3_path` is `bucket`, without a `/`",
        ),
        (
            own,
            "-e prod --s3-path b/ --key-alias k --region eu_west".into(),
            "`eu_west`, from --region, is not a valid region",
        ),
        (
            own,
            "-e prod --s3-path b/".into(),
            "`pin_key` needs a `key_alias` to pin",
        ),
        (
            "{",
            format!("-e prod {AWS}"),
            "is not a JSON object, at line 1, column 1",
        ),
        ("\u{fffd}", format!("-e prod {AWS}"), "is not a JSON object"),
        ("[]", format!("-e prod {AWS}"), "is not a JSON object"),
        (
            r#"{"environments": []}"#,
            format!("-e prod {AWS}"),
            "`environments` must be an object of objects",
        ),
        (
            r#"{"environments": {"dev": {"region": 5}}}"#,
            format!("-e prod {AWS}"),
            "`region` of environment `dev` must be",
        ),
        (
            r#"{"profile": "p"}"#,
            format!("-e prod {AWS}"),
            "`profile` is accepted only from a file that you name",
        ),
    ] {
        let sandbox = Sandbox::apart();
        sandbox.write(".lazycred", before);
        let init = sandbox.run(&*format!("init {init}"));
        init.stderr_has(said).status(2);
        assert_eq!(
            (text(&sandbox, ".lazycred"), sandbox.files().len()),
            (before.to_owned(), 1)
        );
    }
    let sandbox = Sandbox::apart();
    for name in ["", "a\nb"] {
        let args = ["init", "--local", "-e", name];
        sandbox.run(args).stderr_has("--environment is ").status(2);
    }
    // Larger than what is read.
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat((64 << 10) - 20));
    sandbox.write(".lazycred", &large);
    sandbox
        .run("init --local -e dev")
        .stderr_has("would be larger than 65536 bytes")
        .status(2);
    assert_eq!(text(&sandbox, ".lazycred"), large);
    assert!(!sandbox.local_wrapping_key_file("dev").exists());
}

#[test]
fn a_file_that_is_not_to_be_replaced_is_left() {
    let sandbox = Sandbox::apart();
    let real = sandbox.write("real.json", "{\"region\": \"r\"}\n");
    let file = sandbox.work().join(".lazycred");
    symlink("real.json", &file).unwrap();
    let hint = "hint: name the file itself with --config FILE\n";
    sandbox
        .run("init --local -e dev")
        .stderr_has(hint)
        .status(2);
    assert_eq!(text(&sandbox, "real.json"), "{\"region\": \"r\"}\n");
    sandbox
        .run("--quiet init --local -e dev --config real.json")
        .ok();
    // With the same settings, a link is as good.
    sandbox.run("--quiet init --local -e dev").ok();
    fs::remove_file(&file).unwrap();
    fs::rename(&real, &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    for name in ["dev", "new"] {
        sandbox.refuses(
            &format!("init --local -e {name}"),
            2,
            "could have been planted: it is world-writable",
        );
    }
}

#[test]
fn init_sees_that_the_file_is_there_before_it_asks() {
    let sandbox = Sandbox::apart();
    sandbox.run("--quiet init --local").ok();
    let (shown, status) = at_terminal(sandbox.run("init"), "acme/\nk\nr\nn\n");
    assert!(status == 2 && !shown.contains("store, BUCKET"), "{shown}");
    assert!(shown.contains(" `.lazycred` already exists\n"), "{shown}");
    let hint = " edit it, or remove it first; with -e NAME, an environment is added to it\n";
    assert!(shown.contains(hint), "{shown}");
    let other = "an environment that is not there yet is asked for";
    let (shown, status) = at_terminal(sandbox.run("init -e dev"), "file:dev/\n\n");
    assert!(
        status == 0 && shown.contains("store, BUCKET"),
        "{other}: {shown}"
    );
    let expected = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\", \"environments\": {\"dev\": {\"s3_path\": \"file:dev/\", \"key_alias\": \"local:dev\"}}}\n";
    assert_eq!(text(&sandbox, ".lazycred"), expected);
    let (shown, status) = at_terminal(sandbox.run("init -e dev"), "file:dev/\n\n");
    assert!(status == 2 && !shown.contains("store, BUCKET"), "{shown}");
    assert!(
        shown.contains("environment `dev` of `.lazycred` already exists\n"),
        "{shown}"
    );
    // Another obstacle is seen as early.
    let sandbox = Sandbox::apart();
    fs::create_dir(sandbox.work().join(".lazycred")).unwrap();
    let (shown, status) = at_terminal(sandbox.run("init"), "file:dev/\n\n");
    assert!(status == 2 && !shown.contains("store, BUCKET"), "{shown}");
}

#[test]
fn the_next_steps_choose_the_environment() {
    let sandbox = Sandbox::apart();
    let init = sandbox
        .run([
            "init",
            "--local",
            "-e",
            "it's dev",
            "--s3-path",
            "file:dev/",
        ])
        .any_stderr()
        .ok();
    let named = "`lazycred put NAME FILE -e 'it'\\''s dev'` stores a secret";
    assert!(init.stderr.contains(named), "{init}");
    assert!(init.stderr.contains("next: commit `.lazycred`"), "{init}");
    sandbox
        .run(["--quiet", "-e", "it's dev", "put", "s"])
        .stdin("x")
        .ok();
    // A name like a flag is one of a value that is joined to its own.
    let dash = sandbox.run("init --local -e=-x").any_stderr().ok();
    assert!(
        dash.stderr.contains("`lazycred put NAME FILE -e=-x`"),
        "{dash}"
    );
    sandbox.run("--quiet -e=-x put t").stdin("x").ok();
}

#[test]
fn create_makes_what_an_environment_lacks() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "", "");
    let new = "--quiet init --create --yes -e prod --s3-path fresh/p/ --key-alias new";
    sandbox.run(new).ok();
    assert_eq!(changes(&fake).len(), 7);
    // Of one that is there, without a word on its settings; of one that is not, they are asked for.
    let fake = FakeAws::start();
    let mut other = Sandbox::aws(&fake.url(), "", "");
    other.write(".lazycred", text(&sandbox, ".lazycred"));
    other.run("--quiet init --create --yes -e prod").ok();
    assert_eq!(changes(&fake).len(), 7);
    other.refuses("init --create --yes -e dev", 2, "no store given");
    other.set("LAZYCRED_ENVIRONMENT", "prod");
    other.run("--quiet init --create --yes").ok();
    let says = "--format is 2, but `";
    other.refuses("init --create --yes --format 2", 2, says);
}

#[test]
fn many_that_are_added_at_once_are_all_there() {
    let sandbox = Sandbox::apart();
    sandbox.write(".lazycred", "{}");
    let names: Vec<String> = (0..6).map(|at| format!("e{at}")).collect();
    let start = |name: &String| {
        sandbox
            .run([
                "--quiet",
                "init",
                "-e",
                name,
                "--s3-path",
                "file:s/",
                "--key-alias",
                "local:dev",
            ])
            .spawn()
    };
    let running: Vec<_> = names.iter().map(start).collect();
    for run in running {
        assert_eq!(run.wait().status, 0);
    }
    let file: serde_json::Value = serde_json::from_str(&text(&sandbox, ".lazycred")).unwrap();
    let mut there: Vec<&String> = file["environments"].as_object().unwrap().keys().collect();
    there.sort();
    assert_eq!(there, names.iter().collect::<Vec<_>>());
}
