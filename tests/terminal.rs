//! The program at a terminal: a pseudo-terminal of the test's own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;

use nix::pty::openpty;

use crate::sandbox::{Run, Started};

/// What a terminal shows of a run that is typed at, and the run's status.
///
/// All three streams are the terminal; what is typed lies there from the start.
#[track_caller]
pub fn at_terminal(run: &Run<'_>, typed: &str) -> (String, i32) {
    let pair = openpty(None, None).unwrap();
    let mut terminal = File::from(pair.master);
    let end = |slave: &OwnedFd| slave.try_clone().unwrap();
    let mut command = run.command();
    command
        .env("TERM", "xterm")
        .stdin(end(&pair.slave))
        .stdout(end(&pair.slave))
        .stderr(end(&pair.slave));
    terminal.write_all(typed.as_bytes()).unwrap();
    let mut started = Started(command.spawn().unwrap());
    drop(command);
    drop(pair.slave);
    let mut shown = Vec::new();
    // It ends with an error once nobody has the other end.
    terminal.read_to_end(&mut shown).ok();
    let status = started.end().status;
    (String::from_utf8_lossy(&shown).replace('\r', ""), status)
}
