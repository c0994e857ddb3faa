//! What the tests are at, told once a minute: libtest is silent for as long as
//! the slowest test takes, and so is whoever installs something.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_mins(1);

/// The tests that have begun, by the names that libtest gives their threads.
static BEGUN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What takes its time just now.
static DOING: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Notes that this thread's test has begun.
pub fn begin() {
    static TELLS: Once = Once::new();
    TELLS.call_once(|| drop(thread::spawn(tell)));
    if let Some(test) = thread::current().name() {
        let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
        begun.insert(test.to_owned());
    }
}

/// Something that takes its time; it is over when this is dropped.
#[must_use = "it is over when this is dropped"]
pub struct Doing(String);

/// Begins what takes its time. Shape: `installing moto under target/`.
pub fn doing(what: impl Into<String>) -> Doing {
    begin();
    let what = what.into();
    let mut doing = DOING.lock().unwrap_or_else(PoisonError::into_inner);
    doing.push(what.clone());
    Doing(what)
}

impl Drop for Doing {
    fn drop(&mut self) {
        let mut doing = DOING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = doing.iter().position(|what| *what == self.0) {
            doing.remove(at);
        }
    }
}

fn tell() {
    let start = Instant::now();
    let all = count();
    loop {
        thread::sleep(EVERY);
        let begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner).len();
        let doing = DOING.lock().unwrap_or_else(PoisonError::into_inner);
        let line = line(start.elapsed(), begun, all, &doing);
        // Past libtest, which keeps what a passing test prints to itself.
        std::io::stderr().write_all(line.as_bytes()).ok();
    }
}

fn line(since: Duration, begun: usize, all: usize, doing: &[String]) -> String {
    let minutes = since.as_secs() / 60;
    let doing = match doing {
        [] => String::new(),
        doing => format!("; {}", doing.join(", ")),
    };
    let all = if all == 0 {
        String::new()
    } else {
        format!("of {all} ")
    };
    format!("after {minutes} min about {begun} {all}tests have begun{doing}\n")
}

/// How many tests this run has, as libtest lists them; 0 if it does not say.
fn count() -> usize {
    let Ok(program) = std::env::current_exe() else {
        return 0;
    };
    let mut list = Command::new(program);
    list.args(std::env::args_os().skip(1)).arg("--list");
    list.env_clear().stdin(Stdio::null());
    let listed = list.output().map(|output| output.stdout);
    let listed = String::from_utf8(listed.unwrap_or_default());
    let listed = listed.unwrap_or_default();
    listed
        .lines()
        .filter(|line| line.ends_with(": test"))
        .count()
}

#[test]
fn the_line_says_how_far_the_tests_are_and_what_takes_its_time() {
    let minutes = Duration::from_secs(125);
    let seen = line(minutes, 312, 549, &[]);
    assert_eq!(seen, "after 2 min about 312 of 549 tests have begun\n");
    assert_eq!(
        line(minutes, 3, 549, &["installing moto".to_owned()]),
        "after 2 min about 3 of 549 tests have begun; installing moto\n"
    );
    let seen = line(minutes, 312, 0, &[]);
    assert_eq!(seen, "after 2 min about 312 tests have begun\n");
    assert!(count() >= 1);
}
