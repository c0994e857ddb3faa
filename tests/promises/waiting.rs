//! At a terminal, whatever takes longer than two seconds says what it waits for, and
//! leaves no trace of that.

use std::fs::File;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::support::fake_aws::Gate;
use crate::support::harness::Run;
use crate::support::{ALIAS, BUCKET, FakeAws, Fault, PROGRAM, Sandbox, at_terminal};

/// Erases the line that the cursor is in.
const ERASED: &str = "\u{1b}[2K";

fn aws() -> (FakeAws, Sandbox) {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.put("web", r#"{"TOKEN": "hunter2"}"#);
    (fake, sandbox)
}

/// Opens the gate when the program has waited long enough to say so.
fn open_later(gate: Gate) {
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(3));
        gate.open();
    });
}

/// What is shown while an operation takes three seconds.
#[track_caller]
fn shown(operation: &str, run: impl FnOnce(&Sandbox) -> Run) -> String {
    let (fake, sandbox) = aws();
    open_later(fake.hold(operation));
    let (shown, status) = at_terminal(run(&sandbox), "");
    assert_eq!(status, 0, "{shown:?}");
    shown
}

/// The words are there, once they are erased, and then what comes after them.
#[track_caller]
fn is_told(shown: &str, what: &str, after: &str) {
    let words = format!("waiting for {what}…");
    let (_, rest) = shown
        .rsplit_once(&words)
        .unwrap_or_else(|| panic!("{shown:?}"));
    let (between, _) = rest
        .split_once(after)
        .unwrap_or_else(|| panic!("{shown:?}"));
    assert!(between.contains(ERASED), "{shown:?}");
    let left = between.rsplit(ERASED).next().unwrap_or_default();
    assert!(left.trim().is_empty(), "{shown:?}");
}

#[test]
fn get_says_that_it_waits_for_s3() {
    let shown = shown("GetObject", |sandbox| sandbox.run("get web --field TOKEN"));
    is_told(&shown, &format!("S3 (s3://{BUCKET}/prod/web)"), "hunter2\n");
}

#[test]
fn put_says_that_it_waits_for_kms() {
    let shown = shown("Encrypt", |sandbox| {
        let file = sandbox.write("file", "hunter2");
        sandbox.run(["put", "web", file.to_str().unwrap()])
    });
    is_told(&shown, "KMS", "saved web");
}

#[test]
fn list_says_that_it_waits_for_s3() {
    let shown = shown("ListObjectsV2", |sandbox| sandbox.run("list"));
    is_told(&shown, &format!("S3 (s3://{BUCKET}/prod/)"), "web\n");
}

#[test]
fn the_line_is_gone_before_the_command_starts() {
    let shown = shown("Decrypt", |sandbox| {
        sandbox.run(["exec", "web", "--", "/bin/echo", "it-runs"])
    });
    is_told(&shown, "KMS", "it-runs\n");
}

#[test]
fn doctor_says_what_it_waits_for_between_its_findings() {
    let shown = shown("HeadBucket", |sandbox| sandbox.run("doctor"));
    let bucket = "\u{1b}[32mok\u{1b}[0m       bucket  ";
    // On a busy machine the next check is waited for too.
    let end = shown
        .find(bucket)
        .map_or(shown.len(), |at| at + bucket.len());
    is_told(&shown[..end], &format!("S3 ({BUCKET})"), bucket);
}

#[test]
fn a_slow_credential_process_is_waited_for_as_credentials() {
    let (_fake, mut sandbox) = aws();
    let script = "#!/bin/sh\nsleep 3\necho '{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"B\"}'\n";
    let program = sandbox.program("tool", script);
    let config = format!("[default]\ncredential_process = {}\n", program.display());
    sandbox.write(".aws/config", config);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        sandbox.set(name, "");
    }
    let (shown, status) = at_terminal(sandbox.run("get web --field TOKEN"), "");
    assert_eq!(status, 0, "{shown:?}");
    is_told(&shown, "credentials", "hunter2\n");
}

#[test]
fn a_writer_that_holds_the_folder_is_waited_for() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "hunter2");
    let lock = sandbox.home().join("secrets/.lazycred/lock");
    let lock = File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(3));
        drop(lock);
    });
    let (shown, status) = at_terminal(sandbox.run("rm s"), "");
    assert_eq!(status, 0, "{shown:?}");
    is_told(
        &shown,
        "another program that is writing to the folder",
        "removed s",
    );
}

#[test]
fn a_count_says_what_it_waits_for_too() {
    let shown = shown("ReEncrypt", |sandbox| sandbox.run("rekey --all"));
    assert!(shown.contains("0/1 ["), "{shown:?}");
    is_told(&shown, "KMS", "rekeyed web");
}

#[test]
fn quiet_runs_pipes_and_dumb_terminals_show_nothing_of_it() {
    let quiet = thread::spawn(|| {
        let shown = shown("GetObject", |sandbox| {
            sandbox.run("--quiet get web --field TOKEN")
        });
        assert_eq!(shown, "hunter2\n");
    });
    let piped = thread::spawn(|| {
        let (fake, sandbox) = aws();
        open_later(fake.hold("GetObject"));
        let run = sandbox.run("get web --field TOKEN");
        run.env("TERM", "xterm").stdout("hunter2").ok();
    });
    let dumb = thread::spawn(|| {
        let shown = shown("GetObject", |sandbox| {
            let args = ["TERM=dumb", PROGRAM, "get", "web", "--field", "TOKEN"];
            sandbox.run(args).program("/usr/bin/env")
        });
        assert_eq!(shown, "hunter2\n");
    });
    quiet.join().unwrap();
    dumb.join().unwrap();
    piped.join().unwrap();
}

/// The error and its hint when two seconds are over; `exec` prints nothing else.
#[track_caller]
fn is_over(run: Run, status: i32, waiting: &str, hint: &str) {
    let web = format!("`web` (s3://{BUCKET}/prod/web)");
    let outcome = run.fails(status);
    let said = format!(
        "lazycred: error: timed out after 2 s trying to read {web}: still waiting for {waiting}\nlazycred: hint: {hint}; --timeout SECONDS allows more time\n"
    );
    assert_eq!(outcome.stderr, said);
}

#[test]
fn a_time_limit_says_what_was_still_waited_for() {
    let (get, exec) = ("--timeout 2 get web", "--timeout 2 exec web -- touch ran");
    let endpoint = "check that a server answers at the endpoint from AWS_ENDPOINT_URL";
    for (operation, service) in [("GetObject", "S3"), ("Decrypt", "KMS")] {
        for (command, status) in [(get, 1), (exec, 125)] {
            let (fake, sandbox) = aws();
            fake.fault(operation, Fault::Stall);
            is_over(sandbox.run(command), status, service, endpoint);
        }
    }
    let (_fake, mut sandbox) = aws();
    let silent = FakeAws::stalled();
    sandbox.set("AWS_ENDPOINT_URL_KMS", silent.url());
    let endpoint = "check that a server answers at the endpoint from AWS_ENDPOINT_URL_KMS";
    is_over(sandbox.run(get), 1, "KMS", endpoint);
}

#[test]
fn a_time_limit_names_a_proxy_or_credentials_that_never_come() {
    let (_fake, mut sandbox) = aws();
    let script = "#!/bin/sh\nexec sleep 600\n";
    let program = sandbox.program("tool", script);
    let config = format!("[default]\ncredential_process = {}\n", program.display());
    sandbox.write(".aws/config", config);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        sandbox.set(name, "");
    }
    let source = "check what the credentials come from: a role, a container, an instance or a `credential_process`";
    let run = sandbox.run("--timeout 2 get web");
    is_over(run, 1, "credentials", source);
    let run = sandbox
        .run("--timeout 2 exec web two -- touch ran")
        .fails(125);
    assert_eq!(
        run.stderr.matches("credentials").count(),
        3,
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.matches(source).count(), 1, "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 3, "{}", run.stderr);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = silent.local_addr().unwrap();
    let mut sandbox = Sandbox::aws("", &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.set("HTTPS_PROXY", format!("http://user:hunter2@{proxy}"));
    sandbox.never(b"hunter2");
    let run = sandbox.run("--timeout 2 get web").fails(1);
    let said = format!(": still waiting for S3 and the proxy {proxy}\n");
    let also = format!(": still waiting for the proxy {proxy}\n");
    assert!(
        run.stderr.contains(&said) || run.stderr.contains(&also),
        "{}",
        run.stderr
    );
    let hint = "hint: check the proxy, or name exceptions in NO_PROXY; --timeout SECONDS allows more time\n";
    assert!(run.stderr.ends_with(hint), "{}", run.stderr);
}
