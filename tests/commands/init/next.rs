//! The next steps that `init` ends with: each command in them works.

use std::path::Path;

use crate::support::{ALIAS, BUCKET, FakeAws, PROGRAM, Sandbox};

/// The commands that are named after `next: `.
fn commands(stderr: &str) -> Vec<String> {
    let lines = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("next: "));
    let quoted = lines.flat_map(|line| line.split('`').skip(1).step_by(2));
    let commands = quoted.filter(|text| text.starts_with("lazycred "));
    commands.map(str::to_owned).collect()
}

/// Runs them as a shell would, in their order.
#[track_caller]
fn work(sandbox: &Sandbox, stderr: &str) -> Vec<String> {
    let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
    sandbox.write("secret.txt", "hunter2-hunter2");
    let named = commands(stderr);
    for command in &named {
        let script = command
            .replace("NAME", "web/prod")
            .replace("FILE", "secret.txt")
            .replace("COMMAND", "sh -c 'test $PROD = hunter2-hunter2'");
        let run = sandbox
            .shell(&script)
            .env("PATH", format!("{programs}:/usr/bin:/bin"));
        run.any_stdout().any_stderr().ok();
    }
    named
}

#[test]
fn the_next_steps_in_a_folder_work() {
    for config in ["", " --config c.json", " --config 'it is.json'"] {
        let sandbox = Sandbox::apart();
        let init = format!("'{PROGRAM}'{config} init --local");
        let stderr = sandbox.shell(&init).any_stderr().ok().stderr;
        let named = work(&sandbox, &stderr);
        let put = format!("lazycred put NAME FILE{config}");
        let exec = format!("lazycred exec NAME{config} -- COMMAND");
        assert_eq!(named, [put, exec]);
        let file = sandbox.local_wrapping_key_file("dev");
        let keep = format!("next: keep a copy of `{}`, ", file.display());
        assert!(stderr.contains(&keep), "{stderr}");
        assert!(stderr.contains("next: commit `"), "{stderr}");
    }
}

#[test]
fn the_next_steps_in_aws_work_with_and_without_create() {
    for create in ["", " --create"] {
        let fake = FakeAws::start();
        let mut sandbox = Sandbox::aws(&fake.url(), "", "");
        sandbox.set("HOME", sandbox.work().join("home"));
        let init = "init --s3-path fresh/p/ --key-alias new --region us-east-1";
        let stderr = sandbox
            .run(&*format!("{init}{create}"))
            .any_stderr()
            .ok()
            .stderr;
        let named = work(&sandbox, &stderr);
        let mut expected = vec![
            "lazycred init --create",
            "lazycred doctor --write",
            "lazycred policy reader",
            "lazycred policy writer",
            "lazycred put NAME FILE",
            "lazycred exec NAME -- COMMAND",
        ];
        if !create.is_empty() {
            expected.remove(0);
        }
        assert_eq!(named, expected);
        assert!(
            stderr.ends_with("next: commit `.lazycred`, which holds no secret\n"),
            "{stderr}"
        );
    }
}

#[test]
fn the_home_folders_own_file_is_not_one_to_commit() {
    let home = Sandbox::new();
    let stderr = home.run("init --local").any_stderr().ok().stderr;
    assert!(!stderr.contains("next: commit"), "{stderr}");
}

#[test]
fn a_profile_is_not_written_and_the_next_steps_say_so() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "", "");
    sandbox.write(".aws/config", "[profile dev]\nregion = us-east-1\n");
    let init = format!("init --profile dev --s3-path {BUCKET}/ --key-alias {ALIAS}");
    let said = "next: set AWS_PROFILE=dev, since `.lazycred` names no profile\n";
    sandbox.run(&*init).stderr_has(said).ok();
    let text = String::from_utf8(sandbox.read(".lazycred").unwrap()).unwrap();
    assert!(!text.contains("dev"), "{text}");
}

#[test]
fn an_access_point_is_not_followed_by_a_command_that_would_refuse_it() {
    let sandbox = Sandbox::apart();
    let s3_path = "arn:aws:s3:us-east-1:123456789012:accesspoint/my-1/prod/";
    let init = format!("init --s3-path {s3_path} --key-alias {ALIAS} --region us-east-1");
    let stderr = sandbox.run(&*init).any_stderr().ok().stderr;
    assert!(!stderr.contains("init --create"), "{stderr}");
    assert!(
        stderr.contains("next: `lazycred doctor --write` checks the setup\n"),
        "{stderr}"
    );
}

#[test]
fn quiet_says_nothing_of_it() {
    let sandbox = Sandbox::apart();
    sandbox.run("--quiet init --local").ok();
    sandbox.run("--quiet init --local").ok();
}
