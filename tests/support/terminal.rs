//! The program at a terminal: a pseudo-terminal of the test's own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};

use crate::support::harness::{Run, Running};
use crate::support::pty::pty;

/// What a terminal shows of a run that is typed at, and the run's status.
///
/// All three streams are the terminal; the input is typed before the program starts.
#[track_caller]
pub fn at_terminal(run: Run, typed: &str) -> (String, i32) {
    let pty = pty();
    let mut terminal = pty.master;
    terminal.write_all(typed.as_bytes()).unwrap();
    let running = run.env("TERM", "xterm").terminal(pty.slave).spawn();
    let mut shown = Vec::new();
    // It ends with an error once nobody has the other end.
    terminal.read_to_end(&mut shown).ok();
    let status = running.wait().status;
    (String::from_utf8_lossy(&shown).replace('\r', ""), status)
}

/// A terminal that a test types at while a program runs there, which has it for
/// its controlling terminal: ^C at it is a signal.
pub struct Terminal {
    master: File,
    slave: OwnedFd,
    before: Termios,
    shown: Vec<u8>,
}

impl Terminal {
    /// Starts the program by `setsid`, which becomes it.
    #[track_caller]
    pub fn start(run: impl FnOnce(&[&str]) -> Run) -> (Self, Running) {
        let pty = pty();
        let before = tcgetattr(&pty.slave).unwrap();
        let run = run(&["--ctty"]).program("/usr/bin/setsid");
        let terminal = pty.slave.try_clone().unwrap();
        let running = run.env("TERM", "xterm").terminal(terminal).spawn();
        let terminal = Self {
            master: pty.master,
            slave: pty.slave,
            before,
            shown: Vec::new(),
        };
        (terminal, running)
    }

    pub fn enter(&mut self, text: impl AsRef<[u8]>) {
        self.master.write_all(text.as_ref()).unwrap();
    }

    /// Waits until something new has this in it.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            self.look(50);
            let shown = String::from_utf8_lossy(&self.shown).into_owned();
            if let Some((_, rest)) = shown.split_once(text) {
                self.shown = rest.as_bytes().to_vec();
                return;
            }
            assert!(Instant::now() < until, "no {text:?} in {shown:?}");
        }
    }

    /// All that was shown and not asked for yet.
    pub fn rest(&mut self) -> String {
        self.look(20);
        String::from_utf8_lossy(&self.shown).replace('\r', "")
    }

    fn look(&mut self, patience: u16) {
        let mut buffer = [0; 4096];
        let ready = |file: &File| {
            let mut ends = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
            poll(&mut ends, patience).unwrap_or(1) > 0
        };
        while ready(&self.master) {
            match self.master.read(&mut buffer) {
                Ok(count @ 1..) => self.shown.extend(&buffer[..count]),
                _ => return,
            }
        }
    }

    /// Whether it echoes input.
    pub fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.slave).unwrap().local_flags;
        modes.contains(LocalFlags::ECHO | LocalFlags::ICANON)
    }

    /// Checks that its modes are restored and no input is left for the shell.
    #[track_caller]
    pub fn is_as_it_was(&self) {
        let mut modes = tcgetattr(&self.slave).unwrap();
        assert_eq!(modes, self.before);
        modes.local_flags.remove(LocalFlags::ICANON);
        modes.control_chars[SpecialCharacterIndices::VMIN as usize] = 0;
        tcsetattr(&self.slave, SetArg::TCSANOW, &modes).unwrap();
        let mut waits = [0; 4096];
        let count = nix::unistd::read(&self.slave, &mut waits).unwrap();
        assert_eq!(String::from_utf8_lossy(&waits[..count]), "");
    }
}
