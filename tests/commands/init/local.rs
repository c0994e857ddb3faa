//! `init`: the configuration and the local wrapping key that it makes.

use crate::support::Sandbox;
use std::fs;
use std::os::unix::fs::MetadataExt;

#[test]
fn init_makes_the_configuration_world_readable_under_any_umask() {
    let sandbox = Sandbox::new();
    let script = format!(
        "umask 077; '{}' --quiet init --local",
        crate::support::PROGRAM
    );
    sandbox.shell(&script).ok();
    let file = sandbox.home().join(".lazycred");
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o644);
    let text = fs::read_to_string(&file).unwrap();
    let expected = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\"}\n";
    assert_eq!(text, expected);
    let wrapping_key = sandbox.home().join(".local/share/lazycred/dev.key");
    assert_eq!(wrapping_key.metadata().unwrap().mode() & 0o777, 0o600);
    let before = fs::read(&wrapping_key).unwrap();
    sandbox
        .run(["init", "--local"])
        .stderr_has(".lazycred is already there, with these settings\nnext: ")
        .ok();
    assert_eq!(fs::read(&wrapping_key).unwrap(), before);
}

#[test]
fn init_never_replaces_a_configuration() {
    let sandbox = Sandbox::local();
    let args = [
        "init",
        "--s3-path",
        "acme/prod/",
        "--key-alias",
        "acme",
        "--region",
        "eu-west-1",
    ];
    sandbox
        .run(args)
        .stderr(
            "lazycred: error: `.lazycred` already exists with different contents\n\
             lazycred: hint: edit it, or remove it first\n",
        )
        .status(2);
    fs::remove_file(sandbox.home().join(".lazycred")).unwrap();
    let created = "created .lazycred\nnext: `lazycred init --create` ";
    sandbox.run(args).stderr_has(created).ok();
    assert_eq!(
        fs::read_to_string(sandbox.home().join(".lazycred")).unwrap(),
        "{\"s3_path\": \"acme/prod/\", \"key_alias\": \"acme\", \"region\": \"eu-west-1\"}\n"
    );
    Sandbox::new().run(["init"]).fails(2);
}

#[test]
fn init_makes_no_second_wrapping_key_by_the_name_of_one_that_wrapped_records() {
    let sandbox = Sandbox::apart();
    sandbox.run("--quiet init --local").ok();
    sandbox.put("s", "hunter2");
    let key_file = sandbox.local_wrapping_key_file("dev");
    let kept = fs::read(&key_file).unwrap();
    fs::remove_file(&key_file).unwrap();
    let config = sandbox.work().join(".lazycred");
    for has_config in [true, false] {
        if !has_config {
            fs::remove_file(&config).unwrap();
        }
        let folder = sandbox.work().join("secrets");
        sandbox
            .run("init --local")
            .stderr(format!(
                "lazycred: error: `{}` holds records that `local:dev` wrapped, but there is no `{}`, and a new one would not open them\n\
                 lazycred: hint: copy there the `dev.key` that wrapped them; for a new store, name another folder with --s3-path file:FOLDER/\n",
                folder.display(),
                key_file.display()
            ))
            .status(2);
        assert!(!key_file.exists() && config.exists() == has_config);
    }
    // What the hint says works.
    sandbox
        .run("--quiet init --local --s3-path file:new/ --config new.json")
        .ok();
    fs::remove_file(&key_file).unwrap();
    fs::write(&key_file, kept).unwrap();
    sandbox.run("--quiet init --local").ok();
    sandbox.run("get s").stdout("hunter2").ok();
    // A file that is no record, and one under another wrapping key, are no obstacles.
    fs::remove_file(&key_file).unwrap();
    let other = "--quiet init --local --key-alias local:new --config other.json";
    sandbox.run(other).ok();
    fs::remove_dir_all(sandbox.work().join("secrets")).unwrap();
    sandbox.write("secrets/README", "no record");
    sandbox.run("--quiet init --local").ok();
}
