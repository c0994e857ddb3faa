//! The tests themselves, as a stranger runs them: with any variables, home and
//! terminal. They pass, and touch nothing that is not theirs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::support::files::{files_below, rust_files_below};
use crate::support::pty::pty;
use crate::support::traps::Traps;
use crate::support::{Run, Sandbox, full};

/// The unit tests' program, if it is of these sources: `cargo test` builds it
/// before it runs anything.
fn unit_tests() -> Option<PathBuf> {
    let ours = std::env::current_exe().unwrap();
    let modified = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = files_below(&root.join("src"));
    let sources = sources.iter().filter_map(|path| modified(path)).max();
    let built = |path: &PathBuf| -> Option<(SystemTime, PathBuf)> {
        let name = path.file_name()?.to_str()?;
        let is_program = name.starts_with("lazycred-") && !name.contains('.');
        let at = modified(path).filter(|at| is_program && Some(*at) >= sources)?;
        Some((at, path.clone()))
    };
    let beside = files_below(ours.parent().unwrap());
    let mut built: Vec<_> = beside.iter().filter_map(built).collect();
    built.sort();
    let programs = built.into_iter().rev().map(|(_, path)| path);
    let mut programs = programs.filter(|program| {
        let list = Command::new(program).arg("--list").env_clear().output();
        list.is_ok_and(|list| String::from_utf8_lossy(&list.stdout).contains("store::s3::tests::"))
    });
    let found = programs.next();
    if found.is_none() {
        full::or_skip("the unit tests' program", "this run has not built it");
    }
    found
}

#[test]
fn unit_tests_touch_neither_what_a_user_has_set_nor_what_lies_at_home() {
    let Some(program) = unit_tests() else { return };
    let traps = Traps::new();
    traps.spring(traps.run(&program, &[]));
}

#[test]
fn what_runs_the_program_touches_neither_what_a_user_has_set_nor_what_lies_at_home() {
    let ours = std::env::current_exe().unwrap();
    let traps = Traps::new();
    let parts = "cache::files:: config::sources:: edit:: harness:: properties:: readme:: \
        secrets:: vectors::";
    traps.spring(traps.run(&ours, &known(parts)));
}

/// These filters, each of which some test's name has.
#[track_caller]
fn known(filters: &str) -> Vec<&str> {
    let filters: Vec<&str> = filters.split(' ').collect();
    let ours = Command::new(std::env::current_exe().unwrap());
    let listed = { ours }.arg("--list").env_clear().output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for filter in &filters {
        assert!(listed.contains(filter), "no test's name has {filter}");
    }
    filters
}

/// What depends on terminals, process groups and signals.
const TOUCHY: &str = "edit:: harness:: hostile_names:: process:: prompt::";

/// A shell's line that runs those tests, and says how they ended.
fn touchy(before: &str, behind: &str) -> String {
    let ours = std::env::current_exe().unwrap();
    let ours = ours.display();
    let parts = known(TOUCHY).join(" ");
    format!("{before} '{ours}' {parts} >out 2>&1 {behind}; echo $? >ended")
}

#[track_caller]
fn passes(sandbox: &Sandbox, run: Run) {
    run.outcome();
    let read = |name: &str| String::from_utf8(sandbox.read(name).unwrap_or_default()).unwrap();
    assert_eq!(read("ended"), "0\n", "{}", read("out"));
}

#[test]
fn the_tests_pass_in_the_foreground_and_in_the_background_of_a_terminal() {
    for (options, line) in [
        ("-c", touchy("", "")),
        ("-mc", touchy("", "</dev/tty & wait $!")),
    ] {
        let sandbox = Sandbox::new();
        let pty = pty();
        let args = ["--ctty", "sh", options, &line];
        let run = sandbox.run(args).program("/usr/bin/setsid").may_leak();
        let run = run.env("LAZYCRED_TEST_FULL", "0").env("TERM", "xterm");
        passes(&sandbox, run.terminal(pty.slave));
    }
}

#[test]
fn the_tests_pass_whatever_signals_are_ignored_and_limits_and_masks_are_set() {
    for before in [
        "trap '' HUP INT QUIT TERM CHLD TSTP; umask 077;",
        "exec <&-; umask 0; ulimit -Sn 64;",
    ] {
        let sandbox = Sandbox::new();
        let line = touchy(before, "");
        let run = sandbox.shell(&line).may_leak();
        passes(&sandbox, run.env("LAZYCRED_TEST_FULL", "0"));
    }
}

#[test]
fn what_is_left_out_is_told_once_at_the_end_and_fails_where_all_must_run() {
    let run = |full: &str, parts: &[&str]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(parts).stdin(Stdio::null());
        command.env_clear().env("LAZYCRED_TEST_FULL", full);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stderr),
            text(output.stdout),
        )
    };
    let parts = known("vectors::the_vectors_are post_quantum::");
    let (status, told, _) = run("0", &parts);
    assert_eq!(
        told,
        "left out of this run (LAZYCRED_TEST_FULL=1 makes it a failure):\n  \
         Go 1.25 (2 tests): it takes minutes more, so LAZYCRED_TEST_FULL=1 runs it\n  \
         Python's cryptography (1 test): LAZYCRED_TEST_FULL=0\n\n"
    );
    assert_eq!(status, Some(0));
    // Nothing is found where there is no PATH.
    let (status, told, failed) = run("1", &parts[1..]);
    assert_eq!((status, told.as_str()), (Some(101), ""));
    assert!(failed.contains("there is no Go 1.25"), "{failed}");
}

#[test]
fn what_a_test_needs_for_a_while_and_what_has_no_safe_form_is_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let may_be_unsafe = [
        "src/backends/aws/credential_process/child.rs",
        "src/base/system/linux.rs",
        "src/base/system/macos.rs",
        "src/base/wipe.rs",
        "src/cli/signals.rs",
        "src/launch/process.rs",
        "tests/project/layers.rs",
        "tests/support/containers/probe.rs",
        "tests/support/own_process.rs",
    ];
    let folder = "`temporary::folder()`, in src `test_support::folder()`";
    let in_memory = "`temporary::in_memory_or_skip()`, in src `test_support::in_memory()`";
    let only_in: [(&str, &[&str], &str); 6] = [
        ("tempfile::tempdir()", &[], folder),
        ("NamedTempFile::new()", &[], folder),
        (
            "tempdir_in(\"/dev/shm\")",
            &["src/base/test_support.rs"],
            in_memory,
        ),
        ("unsafe {", &may_be_unsafe, "`own_process`"),
        (
            "aws_config::defaults(",
            &["src/backends/aws/load.rs"],
            "`Aws::at`",
        ),
        // Programs of other tests would inherit it.
        ("openpty", &["tests/support/pty.rs"], "`pty::pty()`"),
    ];
    let below = |folder: &str| rust_files_below(&root.join(folder));
    for path in [below("src"), below("tests"), below("fuzz/src")].concat() {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        if name == "tests/project/strangers.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (word, may, instead) in only_in {
            let used = text.contains(word) && !may.contains(&name);
            assert!(!used, "{name}: instead of `{word}` use {instead}");
        }
    }
}
