//! At a terminal, work on many secrets is counted if it lasts, on a line that leaves no
//! trace; quick work and pipes show nothing of it.

use std::thread;
use std::time::Duration;

use crate::support::fake_aws::Gate;
use crate::support::{ALIAS, BUCKET, FakeAws, Fault, PROGRAM, Run, Sandbox, Screen};

const MEMBERS: &str = r#"{"a": "1", "b": "2", "c": "3"}"#;

fn aws() -> (FakeAws, Sandbox) {
    let fake = FakeAws::start();
    let mut sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.set("PROGRAM", PROGRAM);
    sandbox.write("in.json", MEMBERS);
    (fake, sandbox)
}

/// Holds back so many requests.
fn hold(fake: &FakeAws, operation: &str, requests: usize) -> Gate {
    let gate = Gate::default();
    fake.fault(operation, Fault::Hold(gate.clone()).times(requests));
    gate
}

/// Shows this while so many requests take their time, and then only what is expected.
#[track_caller]
fn counts(fake: &FakeAws, held: (&str, usize), run: Run, count: &str, left: &str) {
    let gate = hold(fake, held.0, held.1);
    let mut screen = Screen::start(24, 60, run);
    screen.shows(count);
    let waits = format!("{count} waiting for ");
    screen.shows(&waits);
    let shown = screen.text();
    let line = shown.lines().find(|line| line.contains(count)).unwrap();
    assert!(line.chars().count() <= 60, "{shown}");
    assert_eq!(shown.matches("waiting for").count(), 1, "{shown}");
    gate.open();
    let status = screen.ends();
    assert_eq!((status, &*screen.text()), (0, left));
}

const NONE_OF_3: &str = "0/3 [                    ]";

#[test]
fn an_import_counts_what_it_looks_up_and_what_it_stores() {
    let saved = "saved a\nsaved b\nsaved c\n";
    for held in [("GetObject", 3), ("Encrypt", 1)] {
        let (fake, sandbox) = aws();
        counts(&fake, held, sandbox.run("import in.json"), NONE_OF_3, saved);
    }
}

#[test]
fn messages_stand_above_the_count() {
    let (fake, sandbox) = aws();
    let gate = hold(&fake, "Encrypt", 1);
    let next = hold(&fake, "Encrypt", 1);
    let mut screen = Screen::start(24, 60, sandbox.run("import in.json"));
    screen.shows(NONE_OF_3);
    gate.open();
    screen.shows("1/3 [======");
    let shown = screen.text();
    assert!(shown.starts_with("saved a\n1/3 ["), "{shown}");
    next.open();
    assert_eq!(screen.ends(), 0);
    assert_eq!(screen.text(), "saved a\nsaved b\nsaved c\n");
}

#[test]
fn whoever_reads_several_secrets_counts_them() {
    let (fake, sandbox) = aws();
    sandbox.run("--quiet import in.json").ok();
    for (args, left) in [
        ("export a b c --format dotenv", "A='1'\nB='2'\nC='3'\n"),
        ("exec a b c -- /bin/echo it-runs", "it-runs\n"),
    ] {
        counts(&fake, ("Decrypt", 3), sandbox.run(args), NONE_OF_3, left);
    }
}

#[test]
fn a_list_into_a_file_and_a_long_one_are_counted() {
    let (fake, sandbox) = aws();
    sandbox.run("--quiet import in.json").ok();
    let list = || sandbox.shell("exec \"$PROGRAM\" list >names");
    counts(&fake, ("ListObjectsV2", 1), list(), "0 names listed", "");
    assert_eq!(sandbox.read("names").unwrap(), b"a\nb\nc\n");
    let long = || sandbox.shell("exec \"$PROGRAM\" list --long >rows");
    counts(&fake, ("GetObject", 3), long(), "0 records read", "");
    let rows = String::from_utf8(sandbox.read("rows").unwrap()).unwrap();
    assert_eq!(rows.lines().count(), 3, "{rows}");
    // The names themselves say how far it is.
    let gate = hold(&fake, "ListObjectsV2", 1);
    let mut screen = Screen::start(24, 60, sandbox.run("list"));
    screen.shows("waiting for S3");
    assert!(!screen.text().contains("listed"), "{}", screen.text());
    gate.open();
    assert_eq!(screen.ends(), 0);
    assert_eq!(screen.text(), "a\nb\nc\n");
}

#[test]
fn quick_work_draws_nothing_at_all() {
    let (_fake, sandbox) = aws();
    for (args, left) in [
        ("import in.json", "saved a\nsaved b\nsaved c\n"),
        ("export a b c --format dotenv", "A='1'\nB='2'\nC='3'\n"),
        (
            "rekey --all",
            "rekeyed a\nrekeyed b\nrekeyed c\nrekeyed 3 records\n",
        ),
    ] {
        let mut screen = Screen::start(24, 60, sandbox.run(args));
        assert_eq!(screen.ends(), 0);
        assert_eq!(screen.text(), left);
        let bytes = String::from_utf8_lossy(&screen.bytes);
        assert_eq!(bytes.replace('\r', ""), left, "not one control sequence");
    }
}

#[test]
fn pipes_dumb_terminals_and_quiet_runs_count_nothing() {
    let late = |gate: Gate| {
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(1500));
            gate.open();
        })
    };
    let (fake, sandbox) = aws();
    late(hold(&fake, "Encrypt", 1));
    let run = sandbox.run("import in.json").env("TERM", "xterm");
    run.stderr("saved a\nsaved b\nsaved c\n").ok();
    for (args, term, left) in [
        ("import in.json --replace", "dumb", "saved a"),
        ("--quiet import in.json --replace", "xterm", ""),
    ] {
        let opened = late(hold(&fake, "Encrypt", 1));
        let mut screen = Screen::start(24, 60, sandbox.run(args).env("TERM", term));
        assert_eq!(screen.ends(), 0);
        assert!(screen.text().starts_with(left), "{}", screen.text());
        let bytes = String::from_utf8_lossy(&screen.bytes);
        assert!(!bytes.contains("/3"), "{bytes:?}");
        opened.join().unwrap();
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_is_told_to_who_waits_there_and_nothing_of_it_is_left() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "hunter2");
    let pipe = sandbox.work().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (args, text, said) in [
        ("exec db --env-file pipe -- printenv A", "A=1\n", "1\n"),
        (
            "exec db --require-file pipe -- echo done",
            "PATH=\n",
            "done\n",
        ),
    ] {
        let mut screen = Screen::start(24, 60, sandbox.run(args));
        screen.shows("waiting for a program that writes to `pipe`…");
        std::fs::write(&pipe, text).unwrap();
        assert_eq!(screen.ends(), 0, "{}", screen.text());
        assert_eq!(screen.text(), said);
    }
    // Somebody has it open, and may ask at the same terminal.
    let script = format!(
        "exec 7<>pipe; (sleep 3; echo A=1 >&7) & \
         exec '{PROGRAM}' exec db --env-file pipe -- printenv A 7>&-"
    );
    let mut screen = Screen::start(24, 60, sandbox.shell(&script));
    assert_eq!(screen.ends(), 0, "{}", screen.text());
    assert_eq!(String::from_utf8_lossy(&screen.bytes), "1\r\n");
}
