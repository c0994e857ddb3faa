//! Pseudo-terminals that no other test's program gets.
//!
//! `openpty` gives descriptors that every program inherits which any thread starts
//! meanwhile; a test that compares descriptors would see them. Here each is opened with
//! `O_CLOEXEC` from the start. Knows no test.

use std::fs::File;
use std::os::fd::OwnedFd;

use nix::fcntl::{OFlag, open};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use rustix::termios::{Winsize, tcsetwinsize};

/// Both ends of a pseudo-terminal.
pub struct Pty {
    /// Where a test types and reads.
    pub master: File,
    /// The terminal itself, for a program's streams.
    pub slave: OwnedFd,
}

/// A terminal that has no size.
#[track_caller]
pub fn pty() -> Pty {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = posix_openpt(flags).expect("a pseudo-terminal");
    grantpt(&master).expect("our pseudo-terminal");
    unlockpt(&master).expect("our pseudo-terminal");
    let name = ptsname_r(&master).expect("a terminal's name");
    let slave = open(name.as_str(), flags, Mode::empty()).expect("a terminal");
    Pty {
        master: OwnedFd::from(master).into(),
        slave,
    }
}

/// A terminal of so many rows and columns.
#[track_caller]
pub fn sized(rows: u16, columns: u16) -> Pty {
    let pty = pty();
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&pty.slave, size).expect("a terminal has a size");
    pty
}

#[test]
fn no_other_program_gets_a_terminal_of_a_test() {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    use nix::unistd::isatty;
    let pty = sized(7, 33);
    for end in [&OwnedFd::from(pty.master.try_clone().unwrap()), &pty.slave] {
        assert_eq!(isatty(end), Ok(true));
    }
    let flags = |end: &dyn std::os::fd::AsFd| {
        let flags = fcntl(end.as_fd(), FcntlArg::F_GETFD).unwrap();
        FdFlag::from_bits_retain(flags)
    };
    assert_eq!(flags(&pty.master), FdFlag::FD_CLOEXEC);
    assert_eq!(flags(&pty.slave), FdFlag::FD_CLOEXEC);
    let size = rustix::termios::tcgetwinsize(&pty.master).unwrap();
    assert_eq!((size.ws_row, size.ws_col), (7, 33));
}
