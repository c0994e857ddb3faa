//! What another process of the same user sees of lazycred while it waits: nothing.
//!
//! Root sees everything of every process, so where the tests are root's both processes
//! are nobody's. What nobody sees of lazycred is seen of `sleep` by the same means: else
//! it would be the looking that fails.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;

use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, geteuid};

use crate::support::{FakeAws, PROGRAM, Run, Running, Sandbox, full};

/// What the process that looks is told.
const LOOK_AT: &str = "LAZYCRED_TEST_LOOK_AT";

/// Ways that the Yama module closes for processes that are not relatives, whatever they are.
const BY_ATTACHING: [&str; 3] = ["mem", "attach", "seize"];

const WAYS: [&str; 12] = [
    "environ", "maps", "smaps", "auxv", "mem", "fd", "fdinfo", "cwd", "root", "exe", "attach",
    "seize",
];

/// Whether this process comes by what it should not, in one of the ways.
fn comes_by(way: &str, id: i32) -> bool {
    let path = format!("/proc/{id}/{way}");
    let pid = Pid::from_raw(id);
    match way {
        "mem" => File::open(path).is_ok_and(|memory| {
            let maps = fs::read_to_string(format!("/proc/{id}/maps"));
            let maps = maps.unwrap_or_default();
            let mut first = maps
                .split('-')
                .filter_map(|text| u64::from_str_radix(text, 16).ok());
            first
                .next()
                .is_none_or(|at| memory.read_exact_at(&mut [0; 64], at).is_ok())
        }),
        "fd" | "fdinfo" => fs::read_dir(path).is_ok_and(|open| open.count() > 0),
        "cwd" | "root" | "exe" => fs::read_link(path).is_ok(),
        "attach" | "seize" => {
            let held = if way == "attach" {
                ptrace::attach(pid)
            } else {
                ptrace::seize(pid, ptrace::Options::empty()).and_then(|()| ptrace::interrupt(pid))
            };
            let held = held.is_ok();
            if held {
                waitpid(pid, Some(WaitPidFlag::__WALL)).unwrap();
                ptrace::detach(pid, None).unwrap();
            }
            held
        }
        _ => fs::read(path).is_ok_and(|bytes| !bytes.is_empty()),
    }
}

/// Started by the test below, as another process. By itself it looks at nothing.
#[test]
fn a_process_that_looks_at_another() {
    let Some(id) = std::env::var(LOOK_AT).ok().and_then(|id| id.parse().ok()) else {
        return;
    };
    let seen = WAYS.into_iter().filter(|way| comes_by(way, id));
    let mut told = std::io::stdout();
    for way in seen {
        writeln!(told, "\nseen: {way}").unwrap();
    }
    writeln!(told, "\nlooked").unwrap();
}

/// A folder for processes of an ordinary user, which root's tests make nobody.
struct Ordinary {
    sandbox: Sandbox,
    becomes: Vec<String>,
}

impl Ordinary {
    fn new(sandbox: Sandbox) -> Option<Self> {
        let mut becomes = Vec::new();
        if geteuid().is_root() {
            let setpriv = full::tool("setpriv")?;
            let id = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
            becomes.push(setpriv.display().to_string());
            becomes.extend(id.map(str::to_owned));
            for folder in sandbox.home().ancestors().take(2) {
                fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
            }
        }
        let ordinary = Self { sandbox, becomes };
        let tried = ordinary.run(Path::new(PROGRAM), &["--version"]).outcome();
        if tried.status != 0 {
            full::or_skip(
                "a process of an ordinary user",
                "nobody may come to this folder",
            );
            return None;
        }
        Some(ordinary)
    }

    fn run(&self, program: &Path, words: &[&str]) -> Run {
        let mut all = self.becomes.clone();
        all.push(program.display().to_string());
        all.extend(words.iter().map(|&word| word.to_owned()));
        let first = all.remove(0);
        self.sandbox.run(all).program(first)
    }

    /// What another process of the user sees of this one, in order.
    #[track_caller]
    fn sees(&self, of: &Running) -> Vec<String> {
        // setpriv has become the program, which has done its first calls.
        let name = "promises::secrecy::other_processes::a_process_that_looks_at_another";
        let ours = std::env::current_exe().unwrap();
        let looks = self.run(&ours, &["--exact", name, "--nocapture", "--test-threads=1"]);
        let outcome = looks
            .env(LOOK_AT, of.pid().to_string())
            .any_stdout()
            .any_stderr()
            .status(0);
        let lines = outcome.lines();
        assert!(lines.iter().any(|line| line == "looked"), "{outcome}");
        let seen = lines.iter().filter_map(|line| line.strip_prefix("seen: "));
        seen.map(str::to_owned).collect()
    }
}

#[test]
fn nobody_of_the_same_user_reads_the_launchers_memory() {
    let server = FakeAws::stalled();
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    let Some(user) = Ordinary::new(sandbox) else {
        return;
    };

    // The same user, the same means, and a process that has not closed itself.
    let sleep = full::find("sleep").unwrap();
    let open = user.run(&sleep, &["60"]).spawn();
    let named = || fs::read_to_string(format!("/proc/{}/comm", open.pid())).unwrap();
    while named() != "sleep\n" {
        std::thread::yield_now();
    }
    let seen = user.sees(&open);
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let is_open = |way: &str| matches!(scope.trim(), "" | "0") || !BY_ATTACHING.contains(&way);
    let expected: Vec<_> = WAYS.into_iter().filter(|way| is_open(way)).collect();
    assert_eq!(seen, expected, "what is seen of another process");
    if expected.len() < WAYS.len() {
        full::skip("attaching to processes", "Yama forbids it for all of them");
    }
    drop(open);

    let waits = user
        .run(Path::new(PROGRAM), &["exec", "s", "--", "true"])
        .spawn();
    server.wait_for("*", 1);
    let limits = fs::read_to_string(format!("/proc/{}/limits", waits.pid())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let soft = core.and_then(|core| core.split_whitespace().nth(4));
    assert_eq!(soft, Some("0"), "{limits}");
    assert_eq!(
        user.sees(&waits),
        Vec::<String>::new(),
        "lazycred is open to others of its user"
    );
}
