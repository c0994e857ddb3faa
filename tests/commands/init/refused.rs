//! `init` writes no file that lazycred would refuse.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{FakeAws, Sandbox};

const ARN: &str = "arn:aws:kms:us-east-1:123456789012:alias/acme";

#[test]
fn what_a_found_file_may_not_say_is_not_written_to_one() {
    let outside = "a `file:` path that is absolute or has `..`";
    for (s3_path, alias, what) in [
        ("acme-secrets/prod/", ARN, "an ARN as `key_alias`"),
        ("file:/srv/secrets/", "local:dev", outside),
        ("file:../secrets/", "local:dev", outside),
        ("file:a/../../b", "local:dev", outside),
    ] {
        let sandbox = Sandbox::apart();
        let init = ["init", "--s3-path", s3_path, "--key-alias", alias];
        for config in [".lazycred", "./.lazycred"] {
            let args = [&init[..], &["--region", "us-east-1", "--config", config]].concat();
            sandbox
                .run(&args[..])
                .stderr(format!(
                    "lazycred: error: `{config}` is found by searching, and {what} is accepted only from a file that you name\n\
                     lazycred: hint: write another file with --config FILE, and name it with LAZYCRED_CONFIG=FILE\n"
                ))
                .status(2);
            assert_eq!(sandbox.files(), [""; 0]);
            assert!(!sandbox.local_wrapping_key_file("dev").exists());
        }
        // The hint, followed.
        let args = [&["--quiet"], &init[..], &["--config", "c.json"]].concat();
        sandbox.run(&args[..]).ok();
        let list = sandbox.run(["list"]).env("LAZYCRED_CONFIG", "c.json");
        let list = list.env("AWS_EC2_METADATA_DISABLED", "true").outcome();
        assert!(!list.stderr.contains("accepted only"), "{list}");
        // The home folder's own file may say all of it.
        let home = sandbox.home().to_owned();
        let args = [&["--quiet"], &init[..]].concat();
        sandbox.run(&args[..]).cwd(&home).ok();
        let list = sandbox.run(["list"]).cwd(&home);
        let list = list.env("AWS_EC2_METADATA_DISABLED", "true").outcome();
        assert!(!list.stderr.contains("accepted only"), "{list}");
    }
}

#[test]
fn what_no_file_may_say_is_refused_by_name_and_not_written() {
    for (s3_path, alias, region, said) in [
        ("bucket", "k", "r", "`s3_path` is `bucket`, without a `/`"),
        ("s3://b/x", "k", "r", "must not be a URL"),
        ("b/\r", "k", "r", "contains a control character"),
        (
            "file:~/s/",
            "local:dev",
            "r",
            "`~` and `$` are not expanded",
        ),
        ("file:", "local:dev", "r", "no folder after `file:`"),
        ("b/", "a b", "r", "`a b` is not a valid `key_alias`"),
        ("b/", "local:a/b", "r", "is not a valid `key_alias`"),
        ("b/", "k", "eu west", "is not a valid region"),
        ("b/", "k", "r\n", "--region is `r\\n`"),
        (
            "file:./",
            "local:dev",
            "r",
            "`.lazycred` cannot be in the folder of the records",
        ),
        ("file:x/..", "local:dev", "r", "found by searching"),
    ] {
        let sandbox = Sandbox::apart();
        let args = [
            "init",
            "--s3-path",
            s3_path,
            "--key-alias",
            alias,
            "--region",
            region,
        ];
        let refused = sandbox.run(&args[..]).stderr_has(said).status(2);
        assert_eq!(sandbox.files(), [""; 0], "{refused}");
        assert!(
            !sandbox.local_wrapping_key_file("dev").exists(),
            "{refused}"
        );
    }
}

#[test]
fn a_name_that_kms_would_refuse_is_refused_before_a_wrapping_key_is_made() {
    let long = "a".repeat(251);
    for alias in ["aws/s3", "alias/aws/lazycred", &long] {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), "fresh/", alias);
        sandbox.refuses("init --create", 2, "one cannot be created with that name");
        let made = fake
            .operations()
            .into_iter()
            .any(|known| known.starts_with("Create"));
        assert!(!made, "{alias}");
    }
}

#[test]
fn without_a_wrapping_key_it_says_that_nothing_can_be_stored() {
    let sandbox = Sandbox::new();
    let init = "init --s3-path acme/ --region eu-west-1";
    let said =
        "warning: no wrapping key is named, so nothing can be stored: pass --key-alias ALIAS\n";
    let init = sandbox.run(init).stderr_has(said).ok();
    assert!(!init.stderr.contains("lazycred put"), "{init}");
}

#[test]
fn what_cannot_be_a_folder_is_refused_for_a_store_and_nothing_is_made() {
    for (folder, what) in [
        ("notes", "not a folder"),
        ("notes/", "not a folder"),
        ("pipe", "not a folder"),
        ("notes/below/it", "in something that is not a folder"),
        ("nowhere", "a link that cannot be followed"),
        ("nowhere/", "a link that cannot be followed"),
        ("itself", "a link that cannot be followed"),
        ("other", "not a folder"),
    ] {
        let sandbox = Sandbox::apart();
        let work = sandbox.work().to_owned();
        sandbox.write("notes", "mine\n");
        nix::unistd::mkfifo(&work.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (to, link) in [
            ("gone", "nowhere"),
            ("itself", "itself"),
            ("notes", "other"),
        ] {
            symlink(to, work.join(link)).unwrap();
        }
        let s3_path = format!("file:{folder}");
        let args = ["init", "--s3-path", &s3_path, "--key-alias", "local:dev"];
        let outcome = sandbox.run(args).fails(2);
        let said = format!("is {what}\nlazycred: hint: name another folder with --s3-path");
        assert!(outcome.stderr.contains(&said), "{outcome}");
        assert!(!work.join(".lazycred").exists());
        assert!(!sandbox.local_wrapping_key_file("dev").exists());
    }
    // One that is there, or not yet, is taken.
    for folder in ["folder", "folder/new/one"] {
        let sandbox = Sandbox::apart();
        fs::create_dir(sandbox.work().join("folder")).unwrap();
        let s3_path = format!("file:{folder}/");
        let args = [
            "--quiet",
            "init",
            "--s3-path",
            &s3_path,
            "--key-alias",
            "local:dev",
        ];
        sandbox.run(args).ok();
        sandbox.put("db", "hunter2");
        sandbox.prints("get db", "hunter2");
    }
}
