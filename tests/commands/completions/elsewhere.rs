//! Pressing a key in somebody else's folder: nothing leaves this machine, no
//! program runs, and nobody waits.

use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::support::{FakeAws, Run, Sandbox, place, store};

fn asked(sandbox: &Sandbox, words: &[&str]) -> Run {
    let line = ["complete", "fish", "--", "lazycred"].into_iter();
    sandbox.run(line.chain(words.iter().copied()))
}

/// A user with credentials of every kind, and a bucket behind an endpoint.
fn user(aws: &FakeAws) -> Sandbox {
    let mut sandbox = Sandbox::aws(&aws.url(), "unused/", "unused");
    store(aws, &place("web"), "hunter2", 1);
    for name in [
        "LAZYCRED_S3_PATH",
        "LAZYCRED_KEY_ALIAS",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        sandbox.set(name, "");
    }
    let ran = sandbox.home().join("ran").display().to_string();
    let program = sandbox.program(
        "credentials",
        format!("#!/bin/sh\necho x >> {ran}\nexit 1\n"),
    );
    let profile = format!("[default]\ncredential_process = {}\n", program.display());
    sandbox.write(".aws/config", profile);
    sandbox
}

#[test]
fn in_somebody_elses_checkout_nothing_is_sent_and_nothing_runs() {
    let aws = FakeAws::start();
    let sandbox = user(&aws);
    let text = r#"{"s3_path": "acme-secrets/prod/", "key_alias": "acme", "region": "us-east-1"}"#;
    let file = sandbox.write("checkout/.lazycred", text);
    for words in [
        &["get", ""][..],
        &["exec", ""],
        &["exec", "X="],
        &["rm", "w"],
        &["cp", "a", ""],
    ] {
        let run = asked(&sandbox, words).cwd("checkout");
        run.stdout("values\n").ok();
        let below = asked(&sandbox, words)
            .cwd("checkout/.")
            .env("AWS_PROFILE", "default");
        below.stdout("values\n").ok();
    }
    assert_eq!((aws.told(), sandbox.read("ran")), (Vec::new(), None));
    // What the user named, or has at home, is asked.
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "abcdef"),
    ];
    let with_keys = |run: Run| {
        keys.iter()
            .fold(run, |run, (name, value)| run.env(*name, *value))
    };
    let named = asked(&sandbox, &["get", "w"]).env("LAZYCRED_CONFIG", &file);
    with_keys(named).stdout("values\nweb\n").ok();
    sandbox.write(".lazycred", text);
    with_keys(asked(&sandbox, &["get", "w"]))
        .stdout("values\nweb\n")
        .ok();
    assert_eq!(sandbox.read("ran"), None);
}

#[test]
fn the_names_of_a_folder_are_had_without_anything_of_aws() {
    let aws = FakeAws::start();
    let sandbox = user(&aws);
    let text = r#"{"s3_path": "file:s/", "key_alias": "acme", "region": "us-east-1"}"#;
    sandbox.write("checkout/.lazycred", text);
    sandbox.write("checkout/s/web", "{}");
    let get = asked(&sandbox, &["get", "w"]).cwd("checkout");
    get.stdout("values\nweb\n").ok();
    assert_eq!((aws.told(), sandbox.read("ran")), (Vec::new(), None));
    // Nor does a link there lead anywhere.
    std::os::unix::fs::symlink(sandbox.home(), sandbox.home().join("checkout/t")).unwrap();
    sandbox.write("checkout/.lazycred", text.replace("file:s/", "file:t/"));
    let get = asked(&sandbox, &["get", ""]).cwd("checkout");
    get.stdout("values\n").ok();
}

#[test]
fn completion_gives_up_within_two_seconds() {
    let sandbox = Sandbox::local();
    let pipe = sandbox.home().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let begun = Instant::now();
    let words = ["--config", pipe.to_str().unwrap(), "get", ""];
    asked(&sandbox, &words).stdout("values\n").ok();
    assert!(begun.elapsed() < Duration::from_secs(8));
}
