//! All that a process has is as its caller gave it: compared with the same
//! command started without lazycred, for the dynamic and the static program.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use crate::support::containers::static_program;
use crate::support::harness::{PROGRAM, Sandbox};

/// What the command tells of itself, a line a thing.
const TELL: &str = r"
grep -E '^(Umask|PPid|Tgid|TracerPid|Uid|Gid|FDSize|Groups|NSpid|Sig(Q|Pnd|Blk|Ign)|ShdPnd|Cap|NoNewPrivs|Seccomp|Speculation|Cpus_allowed|Mems_allowed|THP_enabled|CoreDumping)' /proc/$$/status | grep -v '^SigQ'
cut -d' ' -f4,5,6,7,18,19,40,41 /proc/$$/stat
cat /proc/$$/limits /proc/$$/oom_score_adj /proc/$$/coredump_filter /proc/$$/cgroup
readlink /proc/$$/cwd /proc/$$/root /proc/$$/ns/*
for number in 0 1 2 3 4 5 6 7 8 9; do readlink /proc/$$/fd/$number; done
ulimit -c; ulimit -n; umask; pwd
stat -c '%U %a' /proc/$$/environ
";

fn programs() -> Vec<PathBuf> {
    let mut programs = vec![PathBuf::from(PROGRAM)];
    programs.extend(static_program().map(Path::to_owned));
    programs
}

#[test]
fn the_command_has_all_that_it_would_have_without_lazycred() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    sandbox.write("tell", TELL);
    for program in programs() {
        for before in [
            "ulimit -c 1000; umask 027; exec 7< tell;",
            "trap '' PIPE HUP QUIT; ulimit -n 200; cd /usr;",
            "exec 5>/dev/null 3<&0 1>&1; nice -n 3 true;",
        ] {
            let home = sandbox.home().display();
            // A shell that waits, so that both commands have the same parent.
            let script = format!(
                "{before} sh {home}/tell > {home}/bare; '{}' exec s -- sh {home}/tell > {home}/through; :",
                program.display()
            );
            sandbox
                .shell(&script)
                .env("LAZYCRED_CONFIG", sandbox.home().join(".lazycred"))
                .any_stdout()
                .stderr("")
                .ok();
            let told = |file: &str| {
                let text = std::fs::read_to_string(sandbox.home().join(file)).unwrap();
                let own = |line: &&str| !line.starts_with("Tgid") && !line.starts_with("NSpid");
                let file = |line: &str| match line.split_once(":[") {
                    Some((kind @ ("pipe" | "socket"), _)) => kind.to_owned(),
                    _ => line.replace("/through", "/bare"),
                };
                text.lines().filter(own).map(file).collect::<Vec<_>>()
            };
            let (bare, through) = (told("bare"), told("through"));
            assert!(bare.len() >= 45, "{}", bare.len());
            assert_eq!(through, bare, "{before}");
        }
    }
}

#[test]
fn arguments_and_variables_are_bytes_and_stay_what_they_are() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    let raw = OsStr::from_bytes(b"\xff\xfe\x01 '\"\n");
    for program in programs() {
        let mut args: Vec<OsString> = ["exec", "s", "--", "printf", "%s|"]
            .map(OsString::from)
            .into();
        args.push(raw.to_owned());
        let expected = [raw.as_bytes(), b"|"].concat();
        sandbox.run(&args).program(&program).stdout(&expected).ok();
        let run = sandbox.run(["exec", "s", "--", "printenv", "RAW"]);
        let shown = run.program(&program).env("RAW", raw).gives();
        assert_eq!(shown.stdout, [raw.as_bytes(), b"\n"].concat());
    }
}

#[test]
fn what_is_refused_and_what_cannot_run_is_so_in_the_static_program_too() {
    let Some(program) = static_program() else {
        return;
    };
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    sandbox.put(
        "bad",
        r#"{"ld_preload": "/x", "bash_env": "/x", "path": "/x"}"#,
    );
    for (args, status) in [
        (&["exec", "bad", "--", "touch", "ran"][..], 125),
        (&["exec", "nope", "--", "touch", "ran"], 125),
        (&["exec", "s", "--", "/etc/passwd"], 126),
        (&["exec", "s", "--", "no-such-command"], 127),
        (&["exec", "s", "--", "sh", "-c", "exit 7"], 7),
    ] {
        let run = sandbox.run(args).program(program);
        run.any_stdout().any_stderr().status(status);
    }
    let killed = ["exec", "s", "--", "sh", "-c", "kill -TERM $$"];
    sandbox
        .run(killed)
        .program(program)
        .ended_by(Signal::SIGTERM);
    assert!(!sandbox.home().join("ran").exists());
}
