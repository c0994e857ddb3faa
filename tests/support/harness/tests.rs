//! The harness against programs whose behaviour is known.

use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::sys::signal::Signal;

use super::{Run, S3_PATH, Sandbox, record};
use crate::support::fake_aws::{Context, FakeAws};

fn sh(script: &str) -> Run {
    Run::new(["-c", script]).program("/bin/sh")
}

/// What a failed comparison says.
fn failure(run: impl FnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(run));
    let said = failed.expect_err("it should have failed");
    said.downcast::<String>()
        .map_or("?".to_owned(), |said| *said)
}

#[test]
fn output_and_status_are_compared_whole() {
    let err = sh("echo out; echo err >&2; exit 3").stdout("out\n");
    err.stderr("err\n").status(3);
    for (run, status, expected) in [
        (sh("echo out; exit 3"), 3, "stdout should be:\n  (nothing)"),
        (sh("printf 'a\\tb' >&2"), 0, "  | a\\tb (no newline)"),
        (sh("exit 3"), 0, "status should be 0"),
        (
            sh("exit 3").stdout("out\n"),
            3,
            "stdout should be:\n  | out",
        ),
        (
            sh("echo a >&2").stderr_has("b"),
            0,
            "stderr should have [\"b\"]",
        ),
        (sh("kill -9 $$"), 0, "signal: 9"),
    ] {
        let said = failure(|| drop(run.status(status)));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_signal_is_an_ending_of_its_own() {
    sh("kill -TERM $$").ended_by(Signal::SIGTERM);
    let running = Run::new(["600"]).program("/bin/sleep").spawn();
    running.send(Signal::SIGKILL);
    running.ended_by(Signal::SIGKILL);
}

#[test]
fn a_run_sees_nothing_of_the_environment_that_the_tests_have() {
    let mut run = Run::new(["-0"])
        .program("/usr/bin/env")
        .env("MORE", "1\n2")
        .unset("AWS_REGION");
    let expected = run.environment();
    assert_eq!(expected.len(), 10);
    let outcome = run.any_stdout().status(0);
    assert_eq!(outcome.variables(), expected);
    let run = Run::new(["-0"]).program("/usr/bin/env").local();
    let local = run.any_stdout().status(0);
    let names: Vec<_> = local.variables().into_keys().collect();
    assert_eq!(names, ["AWS_EC2_METADATA_DISABLED", "HOME", "PATH"]);
}

#[test]
fn secrets_are_stored_where_the_run_looks_for_them() {
    let fake = FakeAws::start();
    sh("")
        .aws(&fake)
        .secret("web", "hunter2")
        .secret_2("bound", "hunter3")
        .record("acme-secrets/raw", "{}")
        .status(0);
    assert_eq!(fake.object("acme-secrets/raw").unwrap(), b"{}");
    for (name, expected, pairs) in [("web", "hunter2", 0), ("bound", "hunter3", 7)] {
        let stored = fake.object(&format!("{S3_PATH}{name}")).unwrap();
        let opened = record::open(&stored, |wrapped| {
            let state = fake.state();
            let wrapped = state.kms.look_into(wrapped).unwrap();
            assert_eq!(wrapped.context.len(), pairs);
            wrapped.plaintext.clone()
        });
        assert_eq!(opened, expected.as_bytes());
    }
}

#[test]
fn a_local_store_is_ready_for_use() {
    let run = sh("")
        .local()
        .secret("web", "hunter2")
        .secret_2("a/b", "hunter3");
    let sandbox = run.status(0).sandbox;
    assert_eq!(sandbox.files(), [".lazycred", "secrets/a/b", "secrets/web"]);
    let file = std::fs::read_to_string(sandbox.local_wrapping_key_file("dev")).unwrap();
    for (path, expected) in [("secrets/web", "hunter2"), ("secrets/a/b", "hunter3")] {
        let stored = sandbox.read(path).unwrap();
        let opened = record::open(&stored, |wrapped| record::unwrap_locally(&file, wrapped));
        assert_eq!(opened, expected.as_bytes());
    }
}

#[test]
fn files_stay_for_the_next_run_in_the_same_sandbox() {
    let sandbox = Sandbox::apart();
    let cat = sh("cat a/b; echo more >> a/b").sandbox(&sandbox);
    cat.file("a/b", "x\n").stdout("x\n").status(0);
    let cat = sh("cat b").sandbox(&sandbox).cwd("a").stdout("x\nmore\n");
    cat.status(0);
}

#[test]
fn standard_input_is_what_the_test_says() {
    sh("cat").status(0);
    sh("cat").stdin("hunter2\0").stdout("hunter2\0").status(0);
    // Nobody reads it.
    sh("exit 4").stdin(vec![0; 1 << 20]).status(4);
    let read = sh("read line; echo $line").stdin_open().stdout("hi\n");
    let mut running = read.spawn();
    assert!(running.is_running());
    running.write_stdin(b"hi\n");
    running.status(0);
}

#[test]
fn a_run_may_have_another_name_or_a_shell_before_it() {
    let run = Run::new(["-c", "echo $0"]).program("/bin/sh").arg0("other");
    run.stdout("other\n").status(0);
    let run = Run::new(["a", "b c"]).program("/bin/echo");
    run.after("echo first").stdout("first\na b c\n").status(0);
}

#[test]
fn a_secret_that_shows_fails_the_test() {
    let run = |script: &str| sh(script).secret("web", r#"{"TOKEN": ["hunter2!"]}"#);
    for run in [
        run("echo hunter2! >&2").any_stderr(),
        run("printf hunter2! | od -An -tx1 | tr -d ' ' >&2").any_stderr(),
        run("echo wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY >&2").any_stderr(),
        sh("cat >&2").stdin("hunter2!").any_stderr(),
        sh("echo hunter2!").never("hunter2!").any_stdout(),
        sh("cat $HOME/.local/share/lazycred/dev.key")
            .local()
            .any_stdout(),
    ] {
        let said = failure(|| drop(run.status(0)));
        assert!(said.contains("holds a secret"), "{said}");
    }
    run("echo hunter2!").stdout("hunter2!\n").status(0);
    let run = run("echo hunter2! >&2").may_leak().stderr("hunter2!\n");
    run.status(0);
}

#[test]
fn what_one_run_is_given_shows_in_no_later_run_of_its_sandbox() {
    let sandbox = Sandbox::local();
    sandbox.put("web", r#"{"TOKEN": "hunter2!"}"#);
    let sh = |script: &str| sandbox.run(["-c", script]).program("/bin/sh");
    for script in [
        "echo hunter2! >&2",
        "cat .local/share/lazycred/dev.key",
        "cat .local/share/lazycred/dev.key >&2",
    ] {
        let said = failure(|| drop(sh(script).outcome()));
        assert!(said.contains("holds a secret"), "{said}");
    }
    sh("echo hunter2!").stdout("hunter2!\n").ok();
    let ordinary = sh("echo ordinary >&2").stdin("ordinary").may_leak();
    ordinary.outcome();
    sh("echo ordinary >&2").stderr("ordinary\n").ok();
}

#[test]
fn a_run_in_a_sandbox_has_its_variables_and_nothing_else() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MORE", "1");
    sandbox.set("MORE", "2");
    let env = sandbox.run(["-0"]).program("/usr/bin/env").gives();
    let variables = env.variables();
    let names: Vec<_> = variables.keys().collect();
    assert_eq!(names, ["HOME", "MORE", "PATH"]);
    assert_eq!(variables[OsStr::new("MORE")], "2");
    let run = sandbox.run(["-P"]).program("/bin/pwd");
    run.stdout(format!("{}\n", sandbox.home().display())).ok();
}

#[test]
fn output_is_seen_while_the_run_goes_on() {
    let read = sh("echo first; read line; echo second").stdin_open();
    let mut running = read.stdout("first\nsecond\n").spawn();
    running.wait_for_stdout("first\n");
    running.close_stdin();
    running.status(0);
    let mut ended = sh("exit 3").spawn();
    let said = failure(|| ended.wait_for_stdout("first"));
    assert!(said.contains("it did not write \"first\""), "{said}");
}

#[test]
fn a_data_key_of_the_fakes_must_not_show() {
    let fake = FakeAws::start();
    let data_key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    fake.wrap("acme", data_key.as_bytes(), &Context::new());
    let run = sh(&format!("echo {data_key}")).aws(&fake).any_stdout();
    let said = failure(|| drop(run.status(0)));
    assert!(said.contains("stdout holds a secret as it is"), "{said}");
}

#[test]
fn the_program_reads_what_the_harness_stores() {
    let run = |arguments: &[&str]| Run::new(arguments).secret("web", r#"{"TOKEN": "hunter2"}"#);
    let get = ["get", "web", "--field", "TOKEN"];
    let outcome = run(&get).stdout("hunter2").status(0);
    let asked = ["GetObject acme-secrets/prod/web", "Decrypt alias/acme"];
    assert_eq!(outcome.told(), asked);
    run(&get).local().stdout("hunter2").status(0);
    let mut run = run(&["exec", "web", "--", "env", "-0"]);
    let mut expected = run.environment();
    expected.insert("TOKEN".into(), "hunter2".into());
    assert_eq!(run.any_stdout().status(0).variables(), expected);
}

#[test]
fn the_program_stores_what_the_harness_reads() {
    let fake = FakeAws::start();
    let put = Run::new("--quiet put web").aws(&fake).stdin("hunter2");
    let outcome = put.status(0);
    let operations = ["GetObject", "Encrypt", "PutObject", "GetObject"];
    assert_eq!(outcome.operations(), operations);
    assert_eq!(outcome.requests[2].header("if-none-match"), Some("*"));
    let stored = fake.object(&format!("{S3_PATH}web")).unwrap();
    let opened = record::open(&stored, |wrapped| {
        let state = fake.state();
        state.kms.look_into(wrapped).unwrap().plaintext.clone()
    });
    assert_eq!(opened, b"hunter2");
}
