//! What the threat model says that others can do: it is so, and no more.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::geteuid;

use crate::support::{FakeAws, full, place, store};

const SECRET: &str = r#"{"TOKEN": "hunter2-that-others-see"}"#;

#[test]
fn who_writes_the_bucket_copies_a_record_of_version_1_to_another_name_and_not_one_of_version_2() {
    let aws = FakeAws::start();
    for (version, opens) in [(1, true), (2, false)] {
        store(&aws, &place("db"), SECRET, version);
        let record = aws.object(&place("db")).unwrap();
        aws.put_object(&place("web"), &record);
        let get = aws.run("get web");
        if opens {
            get.stdout(SECRET).ok();
        } else {
            get.fails(4);
        }
    }
}

#[test]
fn the_commands_variables_are_read_by_the_same_user_and_by_no_other() {
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    let script = "echo ready; read -r line";
    let run = aws.run(["exec", "db", "--", "sh", "-c", script]);
    let mut running = run.stdin_open().any_stdout().spawn();
    running.wait_for_stdout("ready");
    let environ = format!("/proc/{}/environ", running.pid());
    let seen = fs::read(&environ).unwrap();
    let secret = b"TOKEN=hunter2-that-others-see\0";
    assert!(seen.windows(secret.len()).any(|part| part == secret));
    let line = fs::read(format!("/proc/{}/cmdline", running.pid())).unwrap();
    assert!(!String::from_utf8_lossy(&line).contains("hunter2"));
    if geteuid().is_root() {
        let mut other = Command::new("/bin/cat");
        let read = other.arg(&environ).env_clear().uid(65534).gid(65534);
        let read = read.output().unwrap();
        let said = String::from_utf8_lossy(&read.stderr).into_owned();
        assert!(
            read.stdout.is_empty() && said.contains("Permission denied"),
            "{said}"
        );
    } else {
        full::skip("as another user", "only root becomes another");
    }
    running.close_stdin();
    running.wait();
}
