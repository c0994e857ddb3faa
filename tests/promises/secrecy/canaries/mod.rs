//! Canaries: secrets, data keys and credentials that are looked for in all that a run
//! leaves, whatever goes wrong and wherever.
//!
//! Each way is a run that fails (or ends) at a stage of its own, with everything turned
//! on that makes programs talk. Searched are both streams, all files that it made or
//! changed, the whole of its /tmp and /dev/shm, and the command lines of all processes.

mod place;
mod ways;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::harness::leak::{self, Search};
use crate::support::{FakeAws, Fault, PROGRAM, full};
use place::{CommandLines, NEW, Place, VALUE};
use ways::{IN_A_BUCKET, IN_A_FOLDER};

/// The spellings that each canary is looked for in, of those that [`leak`] knows.
const SPELLINGS: [&str; 5] = [
    "as it is",
    "in base64",
    "in hexadecimal",
    "in JSON",
    "as a list of bytes",
];

/// A canary as text or code; `None` for bytes that JSON has no string for.
fn spelt(spelling: &str, canary: &[u8]) -> Option<Vec<u8>> {
    let text = match spelling {
        "as it is" => return Some(canary.to_vec()),
        "in base64" => STANDARD.encode([b"x", canary].concat()),
        "in hexadecimal" => {
            let digits = canary.iter().map(|byte| format!("{byte:02X}"));
            digits.collect::<Vec<_>>().concat()
        }
        "in JSON" => serde_json::Value::from(std::str::from_utf8(canary).ok()?).to_string(),
        _ => format!("{canary:?}"),
    };
    Some(text.into_bytes())
}

/// Where a canary is planted, but for the command lines.
const SPILLS: [&str; 6] = [
    "/tmp/a",
    "/dev/shm/b",
    "c",
    "core.1",
    "/dev/stdout",
    "/dev/stderr",
];

#[test]
fn each_kind_of_canary_is_found_in_each_spelling_wherever_a_run_could_leave_it() {
    let aws = FakeAws::start();
    let (bucket, folder) = (Place::in_bucket(&aws), Place::in_folder());
    let (Some(bucket), Some(folder)) = (bucket, folder) else {
        return;
    };
    let mut cells = BTreeSet::new();
    let mut all_kinds = BTreeSet::new();
    for mut place in [bucket, folder] {
        let search = place.search();
        let canaries = place.canaries();
        all_kinds.extend(canaries.iter().map(|(kind, _)| kind.clone()));
        for spelling in SPELLINGS {
            let lines = canaries.iter().filter_map(|(kind, canary)| {
                let is_text = std::str::from_utf8(canary).is_ok();
                Some((kind.as_str(), spelt(spelling, canary)?, is_text))
            });
            let lines: Vec<_> = lines.collect();
            let joined = |lines: &[&Vec<u8>]| -> Vec<u8> {
                lines
                    .iter()
                    .flat_map(|line| [line, &b"\n"[..]].concat())
                    .collect()
            };
            let whole = joined(&lines.iter().map(|(_, line, _)| line).collect::<Vec<_>>());
            // Standard error has to be text, and a command line has no NUL.
            let is_text = |line: &&(&str, Vec<u8>, bool)| line.2 || spelling != "as it is";
            let texts: Vec<_> = lines.iter().filter(is_text).collect();
            let text = joined(&texts.iter().map(|(_, line, _)| line).collect::<Vec<_>>());
            place.sandbox.write("whole", &whole);
            place.sandbox.write("text", &text);
            // Where there is nothing to escape, JSON is the text itself.
            let is_it = |found: &str, kind: &str| {
                let as_it_is = spelling == "in JSON" && found == format!("{kind} as it is");
                as_it_is || found == format!("{kind} {spelling}")
            };
            for spill in SPILLS {
                place.forget();
                let (file, planted) = match spill {
                    "/dev/stderr" => ("text", texts.clone()),
                    _ => ("whole", lines.iter().collect()),
                };
                let script = format!("cat {file} > {spill}");
                let run = place.run_of("/bin/sh", &["-c", &script]);
                let found = place.left_by(&run.may_leak().outcome());
                for (kind, ..) in planted {
                    let mut found_here = found.iter().filter_map(|line| line.split_once(" has "));
                    let is_found = found_here.any(|(_, found)| is_it(found, kind));
                    assert!(is_found, "{spill}: {kind} {spelling}: {found:?}");
                    cells.insert(((*kind).to_owned(), spelling, spill));
                }
                place.forget();
                let nothing = place.run_of("/bin/true", &[]).outcome();
                assert_eq!(place.left_by(&nothing), Vec::<String>::new());
            }
            let watched = CommandLines::watch();
            let script = "sh -c 'sleep 0.3; :' \"$(cat text)\"";
            place
                .run_of("/bin/sh", &["-c", script])
                .may_leak()
                .outcome();
            let seen = watched.end();
            let found = seen.iter().flat_map(|line| search.find(line));
            let found: BTreeSet<_> = found.map(|(kind, how)| format!("{kind} {how}")).collect();
            for (kind, ..) in texts {
                let is_found = found.iter().any(|found| is_it(found, kind));
                assert!(is_found, "{kind} {spelling}: {found:?}");
                cells.insert(((*kind).to_owned(), spelling, "a command line"));
            }
        }
    }
    // Bytes that are no text are not in JSON, nor as they are in two of the places.
    let places = SPILLS.len() + 1;
    assert_eq!(all_kinds.len(), 10, "{all_kinds:?}");
    let all = all_kinds.len() * SPELLINGS.len() * places;
    let cannot = 2 * (places + 2);
    assert_eq!(cells.len(), all - cannot);
}

/// In the path of what `edit` keeps for its user.
const KEPT: &str = "/lazycred-kept-";

#[test]
fn at_least_60_failures_leave_no_canary_anywhere() {
    let lines = CommandLines::watch();
    let mut all = Vec::new();
    let mut faults = Vec::new();
    let (mut searched, mut kept) = (0, 0);
    for (words, stdin, status, fault) in IN_A_BUCKET {
        let aws = FakeAws::start();
        let Some(place) = Place::in_bucket(&aws) else {
            return;
        };
        fault(&aws);
        let outcome = place.loud(words, stdin).outcome();
        if outcome.status != status {
            faults.push(format!(
                "{words}: status {} for {status}: {outcome}",
                outcome.status
            ));
        }
        let mut found = place.left_by(&outcome);
        if outcome.stderr.contains(KEPT) {
            // What was typed in an editor and cannot be stored is not lost: the user is told where it is.
            found.retain(|line| !line.contains(KEPT));
            kept += 1;
        }
        faults.extend(found.iter().map(|found| format!("{words}: {found}")));
        all.push(place);
        searched += 1;
    }
    assert_eq!(kept, 1, "only `edit` keeps anything");
    for (words, stdin, status, break_it) in IN_A_FOLDER {
        let Some(mut place) = Place::in_folder() else {
            return;
        };
        break_it(&place);
        place.forget();
        let outcome = place.loud(words, stdin).outcome();
        if outcome.status != status {
            faults.push(format!(
                "{words}: status {} for {status}: {outcome}",
                outcome.status
            ));
        }
        let found = place.left_by(&outcome);
        faults.extend(found.iter().map(|found| format!("{words}: {found}")));
        all.push(place);
        searched += 1;
    }
    let lines = lines.end();
    let own = lines
        .iter()
        .filter(|line| leak::contains(line, PROGRAM.as_bytes()));
    assert!(own.count() >= 30, "few command lines of lazycred were seen");
    // What the bucket's data keys were is known to each place alone.
    let mut search = Search::default();
    for place in &all {
        place.add_to(&mut search);
    }
    let found = lines.iter().flat_map(|line| search.find(line));
    faults.extend(found.map(|found| format!("a command line: {found:?}")));
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(searched >= 60, "{searched}");
}

/// Signals that end a program, and those that leave a core file first.
const SIGNALS: [Signal; 7] = [
    Signal::SIGQUIT,
    Signal::SIGABRT,
    Signal::SIGSEGV,
    Signal::SIGBUS,
    Signal::SIGXCPU,
    Signal::SIGTERM,
    Signal::SIGKILL,
];

/// How large a core file of a process may be, as its soft limit says.
fn largest_core(pid: u32) -> String {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    line.unwrap().split_whitespace().nth(4).unwrap().to_owned()
}

#[test]
fn a_run_that_is_killed_while_it_holds_a_secret_leaves_no_core_file() {
    // Where the system writes none by that name, another test could not fail.
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let Some(control) = Place::new() else { return };
    let running = control.run_of("/bin/sleep", &["60"]).spawn();
    Place::wait_until_named(&running, "sleep");
    running.send(Signal::SIGABRT);
    drop(running.wait());
    let left = control.sandbox.files();
    if !left.iter().any(|file| file.starts_with("core")) {
        let reason = format!("the system writes none here: {}", pattern.trim());
        full::skip("core files", &reason);
    }
    for signal in SIGNALS {
        for (words, operation) in [
            ("exec s later -- true", "GetObject"),
            ("put new file", "PutObject"),
            ("set s user", "PutObject"),
        ] {
            let aws = FakeAws::start();
            let Some(place) = Place::in_bucket(&aws) else {
                return;
            };
            let stall = Fault::Stall.once();
            match operation {
                "GetObject" => aws.fault(operation, stall.on("later")),
                _ => aws.fault(operation, stall),
            }
            let mut running = place.loud(words, NEW).spawn();
            let wanted = if operation == "GetObject" { 2 } else { 1 };
            aws.wait_for(operation, wanted);
            assert_eq!(largest_core(running.pid()), "0", "{words}");
            // Rust's runtime takes the first SIGSEGV for an overflow of the stack, which
            // would come again.
            while running.is_running() {
                running.send(signal);
                thread::sleep(Duration::from_millis(20));
            }
            let outcome = running.wait();
            assert_eq!(outcome.signal(), Some(signal as i32), "{outcome}");
            let found = place.left_by(&outcome);
            assert!(found.is_empty(), "{signal}: {words}: {found:?}");
            let core = |file: &String| file.starts_with("core");
            let files = place.sandbox.files();
            assert!(!files.iter().any(core), "{signal}: {words}: {files:?}");
        }
    }
}

const PANICS: &str = "LAZYCRED_TEST_PANICS_WITH";

/// Started by the test below, as another process. By itself it does nothing.
#[test]
fn a_program_that_panics() {
    let Ok(secret) = std::env::var(PANICS) else {
        return;
    };
    // All that it could say is in the message; the hook is the program's own.
    let said = format!("{secret} {:?}", secret.as_bytes());
    let arguments =
        std::iter::once("lazycred".into()).chain(std::iter::from_fn(move || panic!("{said}")));
    lazycred::cli::main(arguments);
}

#[test]
fn a_panic_whose_message_is_a_secret_says_where_and_no_more() {
    let Some(place) = Place::new() else { return };
    let name = "promises::secrecy::canaries::a_program_that_panics";
    let ours = std::env::current_exe().unwrap();
    let words = ["--exact", name, "--nocapture", "--test-threads=1"];
    let run = place.run_of(ours.to_str().unwrap(), &words).may_leak();
    let run = run.env(PANICS, VALUE).env("RUST_BACKTRACE", "full");
    let outcome = run.status(125);
    let here = Path::new(file!()).file_name().unwrap().to_str().unwrap();
    let said = &outcome.stderr;
    assert!(
        said.starts_with("lazycred: error: ") && said.contains(here),
        "{said}"
    );
    let found = place.left_by(&outcome);
    assert!(found.is_empty(), "{found:?}");
    let files = place.sandbox.files();
    assert!(
        !files.iter().any(|file| file.starts_with("core")),
        "{files:?}"
    );
}
