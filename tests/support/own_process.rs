//! What the test process arranges for itself, before it starts any other.
//!
//! The only module of the tests with `unsafe`. Knows no test.

#![expect(unsafe_code, reason = "none of it has a safe form")]

use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd as _;
use std::ptr;
use std::sync::Once;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{getpid, getsid};

/// How many files a process may have open where nobody has set another limit.
const USUAL_FILES: u64 = 1024;

/// Has everything that is started from now on start as it would at a login,
/// whatever the tests were started from.
///
/// It has no terminal but the one that a test gives it: a shell would stop, or
/// ask at the user's own. It ignores no signal, though `nohup` has us ignore
/// SIGHUP, and a shell's `&` SIGINT; what these are for us does not change. Its
/// files are readable as they usually are, and as many as usual may be open.
pub fn set_up() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        leave_terminal();
        heed_signals();
        umask(Mode::from_bits_truncate(0o022));
        if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
            let usual = hard.min(USUAL_FILES).max(soft);
            setrlimit(Resource::RLIMIT_NOFILE, usual, hard).ok();
        }
    });
}

/// Gives up the terminal. ^C there still ends us: we are in the same process group.
fn leave_terminal() {
    let Ok(terminal) = File::open("/dev/tty") else {
        return;
    };
    // A session's leader would take it from all the others too.
    if getsid(None) != Ok(getpid()) {
        // SAFETY: it takes no argument, and changes nothing in memory.
        unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCNOTTY) };
    }
}

/// What is ignored is ignored by what we start, and what is handled is not: so
/// a handler that does nothing takes the place of each.
fn heed_signals() {
    for signal in 1..32 {
        // Rust's runtime ignores SIGPIPE, and gives it back by itself.
        if signal == libc::SIGPIPE {
            continue;
        }
        let mut now = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: the first call only writes to `now`, and all zeros is a valid
        // `sigaction`; the second has a handler that makes no call at all.
        unsafe {
            if libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) == 0
                && now.assume_init().sa_sigaction == libc::SIG_IGN
            {
                let mut new: libc::sigaction = MaybeUninit::zeroed().assume_init();
                new.sa_sigaction = nothing as *const () as libc::sighandler_t;
                new.sa_flags = libc::SA_RESTART;
                libc::sigaction(signal, &raw const new, ptr::null_mut());
            }
        }
    }
}

extern "C" fn nothing(_: libc::c_int) {}

/// Has this run when all tests are over, as the last thing that they do.
pub fn at_exit(run: extern "C" fn()) {
    // SAFETY: it only notes the function, which needs no argument.
    unsafe { libc::atexit(run) };
}
