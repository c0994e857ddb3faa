//! All that a process has is as its caller gave it, point by point: for the program of
//! the tests, the static one, and those that `LAZYCRED_TEST_PROGRAMS` names.

mod attributes;
mod bytes;
mod endings;
mod first_process;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::support::harness::{Arguments, Run, Sandbox};
use crate::support::{full, programs};

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

/// One of the programs, and a folder store with a secret `s` in it, which is `x`.
struct Scene {
    program: PathBuf,
    sandbox: Sandbox,
}

impl Scene {
    fn new(program: &Path) -> Self {
        let mut sandbox = Sandbox::local();
        sandbox.put("s", "x");
        // Whatever the working directory is.
        let file = sandbox.home().join(".lazycred");
        sandbox.set("LAZYCRED_CONFIG", file);
        Self {
            program: program.to_owned(),
            sandbox,
        }
    }

    /// `exec s`, and these words behind.
    fn exec(&self, words: impl Arguments) -> Run {
        let before = ["exec", "s", "--"].map(OsString::from);
        let all: Vec<OsString> = before.into_iter().chain(words.list()).collect();
        self.run(all)
    }

    fn run(&self, words: impl Arguments) -> Run {
        self.sandbox.run(words).program(&self.program)
    }

    /// A script of `sh`, in which `$LC` is the program; it stands in the environment.
    fn shell(&self, script: impl AsRef<OsStr>) -> Run {
        self.sandbox.shell(script).env("LC", &self.program)
    }
}

/// Something that is shown of a program, or `Err` with what this machine lacks for it.
type Point = (&'static str, fn(&Scene) -> Result<(), String>);

/// Shows all points of all programs, as far as this machine has what they need.
#[track_caller]
fn show(points: &[Point]) {
    for program in programs::all() {
        let mut shown = 0;
        for (what, point) in points {
            match point(&Scene::new(&program)) {
                Ok(()) => shown += 1,
                Err(lacking) => full::or_skip(what, &lacking),
            }
        }
        let all = shown == points.len();
        assert!(all || !full::wanted(), "{}: {shown}", program.display());
    }
}

#[test]
fn at_least_100_points_of_conformance_are_shown_of_each_program() {
    let all = [
        attributes::FACTS.len(),
        bytes::POINTS.len(),
        endings::POINTS.len(),
        first_process::POINTS.len(),
    ];
    assert!(all.iter().sum::<usize>() >= 100, "{all:?}");
}

#[test]
fn the_command_has_all_that_it_would_have_without_lazycred() {
    for program in programs::all() {
        let Scene { sandbox, .. } = Scene::new(&program);
        sandbox.write("tell", TELL);
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
            sandbox.shell(&script).any_stdout().stderr("").ok();
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
