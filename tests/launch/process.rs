//! `exec` as a process: what the command inherits, and how it all ends.

use std::fs;

use nix::sys::signal::Signal;

use crate::support::{FakeAws, PROGRAM, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    sandbox
}

#[test]
fn the_command_has_the_same_process_id_and_its_own_status() {
    let sandbox = sandbox();
    let running = sandbox
        .run(["exec", "s", "--", "sh", "-c", "echo $$; exit 7"])
        .spawn();
    let pid = running.pid();
    let outcome = running.wait();
    assert_eq!(
        (outcome.text().trim().parse(), outcome.status),
        (Ok(pid), 7)
    );
    sandbox
        .run(["exec", "s", "--", "sh", "-c", "kill -TERM $$"])
        .ended_by(Signal::SIGTERM);
}

#[test]
fn arguments_reach_the_command_as_they_are() {
    let sandbox = sandbox();
    let args = [
        "exec", "s", "--", "printf", "%s|", "", "a b", "*", "-c", "é",
    ];
    sandbox.run(args).stdout("|a b|*|-c|é|").ok();
}

#[test]
fn what_cannot_be_run_has_its_status_before_anything_is_fetched() {
    let sandbox = sandbox();
    for (command, status, message) in [
        ("no-such-command", 127, "not found on PATH"),
        ("./nope", 127, "no such file"),
        ("/etc/passwd", 126, "permission denied"),
        ("/etc", 126, "it is a folder"),
        ("/etc/passwd/x", 126, "not a directory"),
        ("", 127, "not found on PATH"),
    ] {
        sandbox
            .run(["exec", "not-even-there", "--", command])
            .stderr(format!(
                "lazycred: error: cannot run `{command}`: {message}\n"
            ))
            .status(status);
    }
    for (command, hint) in [
        ("cd", "a shell's own command"),
        ("echo hi", "a shell's own command"),
        ("ls;", "a shell's own command"),
        ("A=1", "`--set VAR=TEXT` sets a variable for COMMAND"),
    ] {
        let run = sandbox.run(["exec", "s", "--", command]);
        run.env("PATH", "/nowhere").stderr_has(hint).status(127);
    }
    for (text, message) in [
        ("#!/no/such/interpreter\n", "its interpreter does not exist"),
        (
            "echo no shell is tried\n",
            "it is neither a program nor a script with a `#!` line",
        ),
    ] {
        sandbox.program("script", text);
        sandbox
            .run(["exec", "s", "--", "./script"])
            .stderr(&format!(
                "lazycred: error: cannot run `./script`: {message}\n"
            ))
            .status(126);
    }
}

#[test]
fn a_secret_never_chooses_the_program() {
    let sandbox = sandbox();
    let evil = sandbox.program("evil/id", "#!/bin/sh\necho evil\n");
    let folder = evil.parent().unwrap().to_str().unwrap();
    sandbox.put("path", folder);
    let outcome = sandbox.run(["exec", "PATH=path", "--", "id", "-u"]).gives();
    assert_ne!(outcome.text(), "evil\n");
    let run = sandbox.run(["exec", "s", "--", "id", "-u"]);
    let relative = run.env("PATH", "evil:.:/usr/bin").gives();
    assert_ne!(relative.text(), "evil\n");
}

#[test]
fn signals_limits_and_descriptors_are_inherited_as_they_were() {
    let sandbox = sandbox();
    let probe = "grep -E '^Sig(Blk|Ign)' /proc/self/status; ulimit -c; umask; pwd; ls /proc/self/fd | tr '\\n' ' '; cat <&7";
    let script = |run: &str| {
        format!("ulimit -c 1000 2>/dev/null; umask 027; echo seven > seven; exec 7< seven; {run}")
    };
    for before in ["", "trap '' PIPE;", "trap '' TERM INT HUP;"] {
        let bare = sandbox.run([
            "-c",
            &script(&format!(
                "{before} exec sh -c \"{}\"",
                probe.replace('$', "\\$")
            )),
        ]);
        let through = format!(
            "{before} exec '{PROGRAM}' exec s -- sh -c \"{}\"",
            probe.replace('$', "\\$")
        );
        let through = sandbox.run(["-c", &script(&through)]);
        let expected = bare.program("/bin/sh").gives().text();
        assert!(expected.ends_with("seven\n"));
        assert_eq!(
            through.program("/bin/sh").gives().text(),
            expected,
            "{before}"
        );
    }
}

#[test]
fn standard_input_is_left_where_it_was() {
    let sandbox = sandbox();
    let script = format!("(head -c 3 >/dev/null; exec '{PROGRAM}' exec s -- cat) < input");
    sandbox.write("input", "abcdef");
    sandbox.shell(&script).stdout("def").ok();
}

/// Waits until a process has sent its first request.
#[test]
fn a_signal_while_fetching_ends_lazycred_at_once() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let server = FakeAws::stalled();
        let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
        let running = sandbox.run(["exec", "s", "--", "touch", "ran"]).spawn();
        server.wait_for("*", 1);
        running.send(signal);
        running.ended_by(signal);
        assert!(!sandbox.home().join("ran").exists());
    }
}

#[test]
fn an_ignored_signal_stays_ignored_while_fetching() {
    let server = FakeAws::stalled();
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    let script = format!("trap '' TERM; exec '{PROGRAM}' exec s --timeout 1 -- touch ran");
    let running = sandbox.shell(&script).spawn();
    server.wait_for("*", 1);
    running.send(Signal::SIGTERM);
    assert_eq!(running.wait().status, 125);
}

#[test]
fn the_first_process_of_a_container_ends_at_once_on_a_signal() {
    let Some(unshare) = crate::support::full::tool("unshare") else {
        return;
    };
    let sandbox = Sandbox::new();
    let run = sandbox.run(["--pid", "--fork", "--kill-child", "true"]);
    let can = run.program(&unshare).outcome();
    if can.status != 0 {
        crate::support::full::or_skip("a container", "no process-id namespace can be made");
        return;
    }
    for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
        let server = FakeAws::stalled();
        let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
        let args = [
            "--pid",
            "--fork",
            "--kill-child",
            PROGRAM,
            "exec",
            "s",
            "--",
            "touch",
            "ran",
        ];
        let running = sandbox.run(args).program(&unshare).spawn();
        server.wait_for("*", 1);
        running.send_to_child(signal);
        assert_eq!(running.wait().status, status);
    }
}

#[test]
fn what_the_caller_closed_is_closed_for_the_command_and_never_stored() {
    let sandbox = sandbox();
    let script = format!(
        "'{PROGRAM}' exec s -- sh -c 'for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && echo $fd; done > seen' 0<&- 1>&-"
    );
    sandbox.shell(&script).outcome();
    let seen = fs::read_to_string(sandbox.home().join("seen")).unwrap();
    // The loop's own standard output goes to the file.
    assert!(!seen.contains('0') && seen.contains('2'), "{seen}");
    let outcome = sandbox.shell(&format!("'{PROGRAM}' put s 0<&-")).fails(1);
    assert!(
        outcome
            .stderr
            .starts_with("lazycred: error: cannot read standard input"),
        "{outcome}"
    );
    sandbox.run(["get", "s"]).stdout("x").ok();
    sandbox.shell(&format!("'{PROGRAM}' get s 1>&-")).fails(1);
}
