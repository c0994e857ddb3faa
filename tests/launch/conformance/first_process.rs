//! As the first process of a process namespace, where the kernel sends no signal that
//! is not handled.

use std::fs;

use nix::sys::signal::Signal;
use nix::unistd::geteuid;

use super::{Point, Scene, show};
use crate::support::{FakeAws, Run, Sandbox, full};

pub const POINTS: [Point; 7] = [
    ("it is the first, and so is the command", |scene| {
        let run = first(
            scene,
            &scene.sandbox,
            &["exec", "s", "--", "sh", "-c", "echo $$"],
        )?;
        run.stdout("1\n").ok();
        Ok(())
    }),
    ("the command's status", |scene| {
        for status in [0, 7, 125, 255] {
            let exit = format!("exit {status}");
            let run = first(
                scene,
                &scene.sandbox,
                &["exec", "s", "--", "sh", "-c", &exit],
            )?;
            run.status(status);
        }
        Ok(())
    }),
    ("lazycred's own status", |scene| {
        first(scene, &scene.sandbox, &["exec", "nope", "--", "true"])?.fails(125);
        first(scene, &scene.sandbox, &["exec", "s", "--", "no-such"])?.fails(127);
        Ok(())
    }),
    ("what the command does about signals is its own", |scene| {
        let script = "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done";
        let run = first(
            scene,
            &scene.sandbox,
            &["exec", "s", "--", "sh", "-c", script],
        )?;
        let mut running = run.any_stdout().spawn();
        running.wait_for_stdout("up\n");
        running.send_to_child(Signal::SIGTERM);
        running.status(9);
        Ok(())
    }),
    (
        "it has no handler of lazycred's, and ignores nothing",
        |scene| {
            let words = [
                "exec",
                "s",
                "--",
                "sed",
                "-n",
                "/^Sig[BIC]/p",
                "/proc/self/status",
            ];
            let told = first(scene, &scene.sandbox, &words)?.gives().lines();
            assert_eq!(told.len(), 3, "{told:?}");
            // Those of real time are the C library's, and may come from whoever runs the tests.
            assert!(
                told.iter().all(|line| line.ends_with("0000000")),
                "{told:?}"
            );
            Ok(())
        },
    ),
    ("SIGTERM ends it at once while it waits", |scene| {
        is_ended(scene, Signal::SIGTERM, 143)
    }),
    ("SIGINT ends it at once while it waits", |scene| {
        is_ended(scene, Signal::SIGINT, 130)
    }),
];

/// A run as the first process of a namespace, or `Err` where none can be made.
fn first(scene: &Scene, sandbox: &Sandbox, words: &[&str]) -> Result<Run, String> {
    let unshare = full::find("unshare").ok_or("unshare is not installed")?;
    let mut options = vec!["--pid", "--fork", "--kill-child", "--mount-proc"];
    if !geteuid().is_root() {
        options.extend(["--user", "--map-root-user"]);
    }
    let tried = [&options[..], &["true"]].concat();
    let tried = sandbox.run(tried).program(&unshare).any_stderr().outcome();
    if tried.status != 0 {
        return Err(format!("no process namespace: {}", tried.stderr.trim()));
    }
    let program = scene.program.to_str().unwrap();
    let words = [&options[..], &[program], words].concat();
    Ok(sandbox.run(words).program(unshare))
}

fn is_ended(scene: &Scene, signal: Signal, status: i32) -> Result<(), String> {
    let server = FakeAws::stalled();
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    let run = first(scene, &sandbox, &["exec", "s", "--", "touch", "ran"])?;
    let running = run.spawn();
    server.wait_for("*", 1);
    running.send_to_child(signal);
    assert_eq!(running.wait().status, status);
    assert!(fs::metadata(sandbox.home().join("ran")).is_err());
    Ok(())
}

#[test]
fn as_the_first_process_of_a_container_it_starts_ends_and_heeds_signals() {
    show(&POINTS);
}
