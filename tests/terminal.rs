//! The program at a terminal: a pseudo-terminal of the test's own.

use std::fs::File;
use std::io::{Read, Write};

use nix::pty::openpty;

use crate::harness::Run;

/// What a terminal shows of a run that is typed at, and the run's status.
///
/// All three streams are the terminal; what is typed lies there from the start.
#[track_caller]
pub fn at_terminal(run: Run, typed: &str) -> (String, i32) {
    let pair = openpty(None, None).unwrap();
    let mut terminal = File::from(pair.master);
    terminal.write_all(typed.as_bytes()).unwrap();
    let running = run.env("TERM", "xterm").terminal(pair.slave).spawn();
    let mut shown = Vec::new();
    // It ends with an error once nobody has the other end.
    terminal.read_to_end(&mut shown).ok();
    let status = running.wait().status;
    (String::from_utf8_lossy(&shown).replace('\r', ""), status)
}
