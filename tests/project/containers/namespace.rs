//! In a root folder of its own: the first process, its environment, its end.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};

use nix::sys::signal::Signal;

use crate::support::containers::{Root, Told, of_aws};
use crate::support::fake_aws::{FakeAws, record};
use crate::support::harness::Run;
use crate::support::local_store::{self, VARIABLES};

/// Every reference that the examples have, as a manifest gives them.
pub(super) const MANIFEST: [(&str, &str); 2] = [
    ("LAZYCRED_SECRETS", "common web"),
    ("DB_PASSWORD", "lazycred:db_credentials#password"),
];

pub(super) fn with_store(mut run: Run, manifest: &[(&str, &str)]) -> Run {
    for (name, value) in local_store::settings("/secrets".as_ref(), "/data".as_ref()) {
        run = run.env(name, value);
    }
    for (name, value) in manifest {
        run = run.env(*name, *value);
    }
    run
}

#[test]
fn the_command_is_the_first_process_as_if_it_had_been_started_itself() {
    let Some(root) = Root::new() else { return };
    let itself = root.run(["/server", "tell"]).gives().text();
    let itself = Told::read(&itself);
    assert_eq!(itself.process[0], "process 1");
    let settings = local_store::settings("/secrets".as_ref(), "/data".as_ref());
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let ours = VARIABLES.into_iter().chain(settings);
    let ours = ours.map(|(name, value)| format!("{name}={value:?}"));
    let theirs = itself.variables.iter().map(|line| (*line).to_owned());
    let mut expected: Vec<_> = ours.chain(theirs).collect();
    expected.sort();
    for words in [
        "/lazycred-exec /server tell",
        "/lazycred exec --from-env DB_* -- /server tell",
    ] {
        let told = with_store(root.run(words), &MANIFEST).gives().text();
        let told = Told::read(&told);
        assert_eq!(told.process, itself.process);
        assert_eq!(told.variables, expected);
    }
}

#[test]
fn the_container_exits_with_the_commands_status() {
    let Some(root) = Root::new() else { return };
    for status in [0, 1, 7, 125, 255] {
        let text = status.to_string();
        let run = root.run(["/lazycred-exec", "/server", "exit", &text]);
        with_store(run, &MANIFEST).status(status);
    }
}

#[test]
fn without_all_its_secrets_the_command_does_not_start() {
    let Some(root) = Root::new() else { return };
    let run = root.run(["/lazycred-exec", "/server", "tell"]);
    with_store(run, &[("LAZYCRED_SECRETS", "common nope")])
        .stderr_has("`nope`")
        .status(125);
}

#[test]
fn a_command_that_is_not_in_the_image_is_127_and_one_that_cannot_run_126() {
    let Some(root) = Root::new() else { return };
    for (command, status, why) in [
        ("/nope", 127, "no such file"),
        ("sh", 127, "not found on PATH"),
        ("/secrets/common", 126, "permission denied"),
    ] {
        let said = format!("lazycred: error: cannot run `{command}`: {why}\n");
        let run = with_store(root.run(["/lazycred-exec", command]), &MANIFEST);
        run.stderr(&said).status(status);
    }
}

#[test]
fn a_secret_in_a_file_needs_no_disk() {
    let Some(root) = Root::new() else { return };
    let run = root.run(["/lazycred-exec", "/server", "read", "CREDENTIALS"]);
    let options = ("LAZYCRED_OPTIONS", "--file CREDENTIALS=db_credentials");
    let secret = r#"{"user": "app", "password": "hunter2"}"#;
    with_store(run, &[options]).stdout(secret.repeat(2)).ok();
}

#[test]
fn the_secrets_come_from_s3_and_kms_as_well() {
    let Some(root) = Root::new() else { return };
    let server = FakeAws::holding(record(br#"{"token": "hunter2"}"#), |_, _| None);
    let mut run = root.run(["/lazycred", "exec", "web", "--", "/server", "tell"]);
    for (name, value) in of_aws(&server.url()) {
        run = run.env(name, value);
    }
    let told = run.gives().text();
    assert!(told.contains("TOKEN=\"hunter2\"\n"), "{told}");
}

#[test]
fn a_signal_while_fetching_ends_the_container_at_once() {
    let Some(root) = Root::new() else { return };
    for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
        let server = FakeAws::stalled();
        let mut run = root.run(["/lazycred", "exec", "web", "--", "/server", "tell"]);
        for (name, value) in of_aws(&server.url()) {
            run = run.env(name, value);
        }
        let running = run.spawn();
        server.wait_for("*", 1);
        running.send_to_child(signal);
        let outcome = running.wait();
        assert_eq!((outcome.status, outcome.text().as_str()), (status, ""));
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn tls_needs_no_ca_files_and_a_signal_during_its_handshake_ends_it_at_once() {
    let Some(root) = Root::new() else { return };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let mut run = root.run(["/lazycred", "exec", "web", "--", "/server", "tell"]);
    for (name, value) in of_aws(&endpoint) {
        run = run.env(name, value);
    }
    let running = run.spawn();
    let mut hello = [0; 3];
    let (mut stream, _) = listener.accept().unwrap();
    stream.read_exact(&mut hello).unwrap();
    assert_eq!(hello, [22, 3, 1], "not a handshake");
    running.send_to_child(Signal::SIGTERM);
    let outcome = running.wait();
    assert_eq!((outcome.status, outcome.stderr.as_str()), (143, ""));
}

#[test]
fn a_signal_reaches_the_command_itself() {
    let Some(root) = Root::new() else { return };
    let run = root.run(["/lazycred-exec", "/server", "wait"]);
    let mut running = with_store(run, &MANIFEST).spawn();
    running.wait_for_stdout("waits\n");
    running.send_to_child(Signal::SIGTERM);
    let outcome = running.wait();
    assert_eq!((outcome.status, outcome.stderr.as_str()), (143, ""));
}
