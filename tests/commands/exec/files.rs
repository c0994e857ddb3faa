//! `--file`: secrets in memory files, for programs that read files.

use std::path::Path;

use crate::support::{PROGRAM, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("ssh_key", "-----BEGIN-----\nhunter2\n");
    sandbox.put("db", r#"{"key": "field\n"}"#);
    sandbox
}

#[test]
fn only_the_user_may_read_it_as_programs_demand_of_private_keys() {
    let sandbox = sandbox();
    for umask in ["000", "022", "077", "777"] {
        let script = format!(
            "umask {umask}; exec '{PROGRAM}' exec --file K=ssh_key --file F=db#key -- \
             sh -c 'stat -Lc %a $K $F; cat $K $F'"
        );
        let run = sandbox.shell(&script);
        run.stdout("400\n400\n-----BEGIN-----\nhunter2\nfield\n")
            .ok();
    }
}

#[test]
fn the_command_gets_no_file_that_another_overrides() {
    let sandbox = sandbox();
    sandbox.write("t", "{{db#key|json}}");
    let script = "cat $K; find /proc/$$/fd -lname '/memfd:*' | wc -l";
    for (options, expected) in [
        (
            "--file K=db#key --file K=ssh_key",
            "-----BEGIN-----\nhunter2\n1\n",
        ),
        ("--template K=t --file K=ssh_key", "\"field\\n\"1\n"),
        (
            "--file K=ssh_key --template K=t --file K=db#key",
            "\"field\\n\"1\n",
        ),
    ] {
        let mut words: Vec<&str> = ["exec"].into_iter().chain(options.split(' ')).collect();
        words.extend(["--", "sh", "-c", script]);
        sandbox.run(words).stdout(expected).ok();
    }
}

#[test]
fn a_private_key_is_taken_by_ssh_keygen() {
    if !Path::new("/usr/bin/ssh-keygen").exists() {
        crate::support::full::skip("ssh-keygen", "it is not installed");
        return;
    }
    let sandbox = sandbox();
    let made = sandbox.run(["-q", "-t", "ed25519", "-N", "", "-f", "key"]);
    made.program("/usr/bin/ssh-keygen").ok();
    sandbox.put("ssh_key", sandbox.read("key").unwrap());
    let script = "ssh-keygen -y -P '' -f $K | cut -d ' ' -f 1";
    let exec = sandbox.run(["exec", "--file", "K=ssh_key", "--", "sh", "-c", script]);
    exec.stdout("ssh-ed25519\n").ok();
}

#[test]
fn without_proc_file_fails_and_the_command_does_not_run() {
    let sandbox = sandbox();
    let hidden = |then: &str| {
        let script = format!("mount -t tmpfs none /proc && {then}");
        let run = sandbox.run(["--mount", "--user", "--map-root-user", "sh", "-c", &script]);
        run.program("/usr/bin/unshare").outcome()
    };
    let can = hidden("true");
    if can.status != 0 {
        crate::support::full::or_skip("a machine without /proc", can.stderr.trim());
        return;
    }
    let outcome = hidden(&format!(
        "exec '{PROGRAM}' exec --file K=ssh_key -- touch ran"
    ));
    assert_eq!((outcome.status, outcome.text().as_str()), (125, ""));
    assert!(
        outcome
            .stderr
            .starts_with("lazycred: error: cannot make the file of `K`: No such file or directory"),
        "{outcome}"
    );
    assert!(!sandbox.home().join("ran").exists());
    // Variables need no /proc.
    assert_eq!(
        hidden(&format!("exec '{PROGRAM}' exec db -- true")).status,
        0
    );
}

#[test]
fn a_child_that_does_not_inherit_it_opens_the_commands_own() {
    let sandbox = sandbox();
    let python = "import subprocess, os; print(subprocess.run(['cat', os.environ['K']], capture_output=True).stdout.decode(), end='')";
    if !Path::new("/usr/bin/python3").exists() {
        crate::support::full::skip("python3", "it is not installed");
        return;
    }
    for (variable, expected) in [
        ("K=$K", ""),
        ("K=/proc/$$/fd/${K##*/}", "-----BEGIN-----\nhunter2\n"),
    ] {
        let script = format!("{variable} python3 -c \"{python}\"; exit 0");
        let exec = sandbox.run(["exec", "--file", "K=ssh_key", "--", "sh", "-c", &script]);
        exec.stdout(expected).ok();
    }
}
