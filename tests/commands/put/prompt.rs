//! The hidden prompt of `put` and `set`, at a terminal of the test's own.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

use crate::support::{PROGRAM, Running, Sandbox, Screen, Terminal, at_terminal};

const PEM: &str =
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\ntouch pwned\n-----END PRIVATE KEY-----\n";

/// The program at a terminal, once it asks.
#[track_caller]
fn asked(sandbox: &Sandbox, args: &[&str]) -> (Terminal, Running) {
    let (mut terminal, running) =
        Terminal::start(|setsid| sandbox.run([setsid, &[PROGRAM], args].concat()));
    terminal.shows("(not shown): ");
    (terminal, running)
}

#[track_caller]
fn typed(sandbox: &Sandbox, args: &[&str], text: impl AsRef<[u8]>) -> (String, Option<i32>) {
    let (mut terminal, running) = asked(sandbox, args);
    assert!(!terminal.echoes());
    terminal.enter(text);
    let mut running = running;
    while running.is_running() {
        // What it writes must be taken from it.
        terminal.rest();
    }
    let status = running.wait().code();
    terminal.is_as_it_was();
    (terminal.rest(), status)
}

#[test]
fn what_is_typed_is_stored_and_not_shown() {
    let sandbox = Sandbox::local();
    for (text, stored) in [
        ("hunter2-typed\n", "hunter2-typed"),
        ("hunter2-typed\r", "hunter2-typed"),
        ("wrong\x15hunter2-typoo\x7f\x08ed\n", "hunter2-typed"),
        ("hunter2-typed wrong\x17\x7f\n", "hunter2-typed"),
        ("gr\u{fc}\u{fc}\x7fn\n", "gr\u{fc}n"),
        ("hunter2-typed\x04", "hunter2-typed"),
        ("a\x16\x15b\n", "a\x15b"),
        ("\x7f\x17a\x7f\x7f\x17b\n", "b"),
        ("\x1b[200~hunter2-pasted\x1b[201~\n", "hunter2-pasted"),
        ("a\x1b[200~b\x1b[201~c\n", "abc"),
        ("\x1b[A\n", "\x1b[A"),
    ] {
        let (shown, status) = typed(&sandbox, &["put", "s"], text);
        assert_eq!(status, Some(0), "{text:?} {shown}");
        assert!(shown.starts_with("\nsaved s"), "{shown:?}");
        assert!(!shown.contains("hunter"), "{shown:?}");
        sandbox.run(["get", "s"]).stdout(stored).ok();
    }
    sandbox.put("db", "{}");
    let (shown, status) = typed(&sandbox, &["set", "db", "password"], "hunter2\n");
    let seen = (status, shown.contains("hunter"));
    assert_eq!(seen, (Some(0), false), "{shown}");
    sandbox.prints("get db", r#"{"password":"hunter2"}"#);
}

#[test]
fn a_line_longer_than_a_terminals_own_is_stored_whole() {
    let sandbox = Sandbox::local();
    let line = "0123456789abcdef".repeat(2000);
    let (mut terminal, mut running) = asked(&sandbox, &["put", "s"]);
    for piece in line.as_bytes().chunks(1000) {
        terminal.enter(piece);
        thread::sleep(Duration::from_millis(5));
    }
    terminal.enter("\n");
    while running.is_running() {
        terminal.rest();
    }
    assert_eq!(running.wait().code(), Some(0));
    sandbox.run(["get", "s"]).stdout(line).ok();
}

#[test]
fn a_pasted_block_is_refused_and_none_of_it_reaches_the_shell() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "{}");
    let many = "touch pwned\n".repeat(300);
    let bracketed = format!("\x1b[200~{PEM}\x1b[201~");
    for paste in [
        PEM,
        "one-line\nand a part of the next",
        "one-line\r\nand-another\r\n",
        "\nafter an empty one\n",
        "one-line\n\n",
        &many,
        &bracketed,
        "\x1b[200~only the first line of a bracketed paste\n",
        "\x1b[200~a\x1b[201~\x1b[200~b\n",
    ] {
        for args in [&["put", "s"][..], &["set", "db", "field"]] {
            let (shown, status) = typed(&sandbox, args, paste);
            assert_eq!(status, Some(2), "{paste:?} {shown}");
            let command = args.join(" ");
            assert_eq!(
                shown,
                format!(
                    "\nlazycred: \x1b[31merror:\x1b[0m more than one line was pasted; nothing stored\n\
                     lazycred: \x1b[36mhint:\x1b[0m `lazycred {command} FILE` stores several lines from a file\n"
                )
            );
        }
    }
    sandbox.run(["get", "s"]).fails(3);
    sandbox.run(["get", "db"]).stdout("{}").ok();
}

#[test]
fn a_paste_that_arrives_in_pieces_is_still_one_paste() {
    let sandbox = Sandbox::local();
    let (mut terminal, running) = asked(&sandbox, &["put", "s"]);
    for line in PEM.split_inclusive('\n') {
        terminal.enter(line);
        thread::sleep(Duration::from_millis(20));
    }
    terminal.shows("more than one line was pasted");
    assert_eq!(running.wait().code(), Some(2));
    terminal.is_as_it_was();
    sandbox.run(["get", "s"]).fails(3);
}

#[test]
fn enter_alone_and_ctrl_d_are_nothing() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "the good one");
    for text in ["\n", "\r", "\x04", "typed\x15\n"] {
        let (shown, status) = typed(&sandbox, &["put", "s"], text);
        assert_eq!(status, Some(2), "{text:?} {shown}");
        for said in [
            "nothing was typed; nothing stored",
            "--allow-empty stores it empty",
        ] {
            assert!(shown.contains(said), "{shown}");
        }
        sandbox.run(["get", "s"]).stdout("the good one").ok();
    }
}

#[test]
fn nobody_types_a_secret_that_cannot_be_stored_anyway() {
    let sandbox = Sandbox::local();
    sandbox.put("tok", "hunter2");
    sandbox.put("db", r#"{"user": "app"}"#);
    for (args, said, status) in [
        ("put tok --if-absent", "it already exists", 6),
        ("put a/../b", "a part of it is `.` or `..`", 2),
        ("set nosuch pw", "no secret named `nosuch`", 3),
        ("set tok pw", "it is not a JSON object", 5),
        ("set db /user/name", "`/user` is neither an object", 5),
        ("set db /", "a field's name cannot be empty", 2),
    ] {
        let mut screen = Screen::start(24, 200, sandbox.run(args));
        let ended = screen.ends();
        let shown = screen.unwrapped();
        assert_eq!(ended, status, "{shown}");
        assert!(shown.contains(said), "{shown}");
        assert!(!shown.contains("not shown"), "{shown}");
    }
}

#[test]
fn a_signal_at_the_prompt_leaves_the_terminal_as_it_was() {
    let sandbox = Sandbox::local();
    for (typed, signal) in [
        (Some("half\x03"), SIGINT),
        (Some("half\x1c"), SIGQUIT),
        (None, SIGINT),
        (None, SIGTERM),
        (None, SIGHUP),
        (None, SIGQUIT),
    ] {
        let (mut terminal, running) = asked(&sandbox, &["put", "s"]);
        match typed {
            Some(typed) => terminal.enter(typed),
            None => running.send(signal),
        }
        assert_eq!(running.wait().signal(), Some(signal as i32), "{typed:?}");
        terminal.is_as_it_was();
    }
    sandbox.run(["get", "s"]).fails(3);
}

#[test]
fn a_signal_that_was_ignored_stays_so_at_the_prompt() {
    let sandbox = Sandbox::local();
    let script = "trap '' HUP INT QUIT TERM TSTP; exec \"$0\" put s";
    let (mut terminal, running) = Terminal::start(|setsid| {
        sandbox.run([setsid, &["/bin/sh", "-c", script, PROGRAM]].concat())
    });
    terminal.shows("(not shown): ");
    let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let mask = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        u64::from_str_radix(line.unwrap().trim(), 16).unwrap()
    };
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP] {
        let bit = 1 << (signal as i32 - 1);
        let seen = (mask("SigIgn:") & bit, mask("SigCgt:") & bit);
        assert_eq!(seen, (bit, 0), "{signal}");
        running.send(signal);
    }
    terminal.enter("\x03\x1ahunter2\n");
    terminal.shows("saved s");
    assert_eq!(running.wait().code(), Some(0));
    terminal.is_as_it_was();
}

#[test]
fn ctrl_z_restores_the_terminal_and_fg_hides_the_prompt_again() {
    let sandbox = Sandbox::local();
    let script = "set -m; \"$0\" put s; echo is-stopped; read go; fg >/dev/null; echo is-done";
    let (mut terminal, running) = Terminal::start(|setsid| {
        sandbox.run([setsid, &["/bin/sh", "-c", script, PROGRAM]].concat())
    });
    terminal.shows("(not shown): ");
    terminal.enter("half\x1a");
    terminal.shows("is-stopped");
    assert!(terminal.echoes());
    terminal.enter("go\n");
    terminal.shows("secret `s` (not shown): ");
    assert!(!terminal.echoes());
    terminal.enter("hunter2\n");
    terminal.shows("is-done");
    running.wait();
    terminal.is_as_it_was();
    sandbox.run(["get", "s"]).stdout("hunter2").ok();
}

#[test]
fn get_ends_its_line_at_a_terminal_and_nowhere_else() {
    let sandbox = Sandbox::local();
    let with = "hunter2\n";
    for (secret, shown) in [("hunter2", with), (with, with), ("", "\n")] {
        sandbox.put("s", secret);
        let seen = at_terminal(sandbox.run(["get", "s"]), "");
        assert_eq!(seen, (shown.to_owned(), 0));
        sandbox.run(["get", "s"]).stdout(secret).ok();
    }
}

#[test]
fn a_file_argument_that_is_the_terminal_is_refused_because_it_would_echo() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "{}");
    let put = "FILE is a terminal; omit it to be prompted";
    let import = "is a terminal, which would echo the secrets";
    for (args, said) in [
        (&["put", "s", "/dev/tty"][..], put),
        (&["put", "s", "/dev/stdin"], put),
        (&["put", "s", "/dev/fd/0"], put),
        (&["put", "s", "/proc/self/fd/2"], put),
        (&["set", "db", "f", "/dev/tty"], put),
        (&["set", "db", "f", "/dev/stdin", "--json"], put),
        (&["import", "/dev/tty", "--format", "dotenv"], import),
        (&["import", "/dev/stdin", "--format", "json"], import),
        (&["import", "-", "--format", "yaml"], import),
    ] {
        let (mut terminal, running) =
            Terminal::start(|setsid| sandbox.run([setsid, &[PROGRAM], args].concat()));
        terminal.shows(said);
        assert_eq!(running.wait().code(), Some(2), "{args:?}");
        terminal.is_as_it_was();
    }
    sandbox.run(["get", "s"]).fails(3);
    // `-` is what leaving it out is, and is asked for.
    let (shown, status) = typed(&sandbox, &["put", "s", "-"], "hunter2\n");
    assert_eq!((status, shown.contains("hunter2")), (Some(0), false));
    // What is no terminal is read by those names.
    let run = sandbox.run(["put", "s", "/dev/stdin"]).stdin("piped");
    run.stderr_has("saved s").ok();
    sandbox.run(["get", "s"]).stdout("piped").ok();
}

#[test]
fn whatever_signal_ends_the_prompt_leaves_the_terminal_as_it_was() {
    use libc::{
        SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGIO, SIGPROF, SIGPWR, SIGSEGV, SIGSTKFLT,
        SIGSYS, SIGTRAP, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
    };
    let sandbox = Sandbox::local();
    let named = [
        SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT,
        SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS,
    ];
    for signal in named.into_iter().chain([34, 47, 64]) {
        let (mut terminal, running) = asked(&sandbox, &["put", "s"]);
        assert!(!terminal.echoes());
        let kill = format!("kill -{signal} {}", running.pid());
        let sent = Command::new("/bin/bash").args(["-c", &kill]).status();
        assert!(sent.unwrap().success(), "{signal}");
        assert_eq!(running.wait().signal(), Some(signal));
        assert!(terminal.echoes(), "{signal}");
        assert_eq!(terminal.rest(), "\n", "{signal}");
        terminal.is_as_it_was();
    }
    sandbox.run(["get", "s"]).fails(3);
}
