//! The process itself: what it inherited, how it protects itself, and how it makes
//! way for the command.
//!
//! Knows no secret and no configuration. What it changes while lazycred runs,
//! [`hand_over`] puts back, so that the command inherits what the caller gave.

#![expect(unsafe_code, reason = "signal dispositions have no safe form")]

mod line;

use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::getpid;

pub(crate) use self::line::end_what_a_shell_runs;

/// Whether SIGPIPE was ignored when the process started.
static SIGPIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Which of the three standard descriptors were closed when it started.
static WAS_CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// The soft limit of core files, in bytes, before [`harden`] lowered it.
static CORE_LIMIT: OnceLock<u64> = OnceLock::new();

/// Records what Rust's runtime is about to change. The program has it called before
/// the runtime starts; it makes system calls and stores bools, nothing else.
pub extern "C" fn remember() {
    SIGPIPE_WAS_IGNORED.store(is_ignored(libc::SIGPIPE), Ordering::Relaxed);
    for (descriptor, closed) in (0..).zip(&WAS_CLOSED) {
        // SAFETY: reading a descriptor's flags changes nothing.
        let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
        closed.store(flags == -1, Ordering::Relaxed);
    }
}

/// Whether the caller closed standard input (0), output (1) or error (2). Rust's
/// runtime has opened `/dev/null` there.
pub(crate) fn was_closed(descriptor: usize) -> bool {
    WAS_CLOSED[descriptor].load(Ordering::Relaxed)
}

pub(crate) fn is_ignored(signal: libc::c_int) -> bool {
    let mut now = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call only writes to `now`, and all
    // zeros is a valid `sigaction`.
    unsafe {
        libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// A command for a line written for `sh`. Its input is empty, its output is piped
/// to us, and it is killed when this process ends, however that happens. Where a
/// shell would only split the line, none is started.
pub(crate) fn of_line(line: &str) -> Command {
    ended_with_us(line::command(line))
}

/// The same, always by a shell: it runs scripts that have no `#!` line.
pub(crate) fn of_line_by_shell(line: &str) -> Command {
    ended_with_us(line::shell(line))
}

fn ended_with_us(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let parent = getpid().as_raw();
    let end_with_us = move || {
        // SAFETY: both calls are made of nothing but a system call, which is
        // all that may be done between fork and execve.
        let alone = unsafe {
            let asked = libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            asked == -1 || libc::getppid() != parent
        };
        if alone {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: what it does is safe there, as it says.
    unsafe { command.pre_exec(end_with_us) };
    command
}

/// How a program ended: `exited with status 3`.
pub(crate) fn how_it_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, signal) => format!("was killed by signal {}", signal.unwrap_or_default()),
    }
}

/// Keeps other processes of the same user out of this one's memory, and its memory
/// out of core files. A system that refuses is no error.
pub(crate) fn harden() {
    prctl::set_dumpable(false).ok();
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        CORE_LIMIT.get_or_init(|| soft);
        setrlimit(Resource::RLIMIT_CORE, 0, hard).ok();
    }
}

/// Restores what the command is to inherit. Signal handlers need no care: execve
/// resets them.
pub(crate) fn hand_over() {
    limit_core_files(|before| before);
    let inherited = if SIGPIPE_WAS_IGNORED.load(Ordering::Relaxed) {
        libc::SIG_IGN
    } else {
        libc::SIG_DFL
    };
    set_sigpipe(inherited);
    keep_closed(libc::FD_CLOEXEC);
}

/// Lets the command find closed what the caller had closed.
fn keep_closed(flags: libc::c_int) {
    for descriptor in (0..3).filter(|at| was_closed(*at)) {
        let descriptor = libc::c_int::try_from(descriptor).unwrap_or_default();
        // SAFETY: the flag says only what becomes of the descriptor at execve.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, flags) };
    }
}

/// Undoes [`hand_over`]: the command did not start, and an error is to be printed.
pub(crate) fn take_back() {
    set_sigpipe(libc::SIG_IGN);
    limit_core_files(|_| 0);
}

/// Sets the soft limit that [`harden`] lowered, if it ever did.
fn limit_core_files(soft: impl FnOnce(u64) -> u64) {
    if let (Some(before), Ok((_, hard))) = (CORE_LIMIT.get(), getrlimit(Resource::RLIMIT_CORE)) {
        setrlimit(Resource::RLIMIT_CORE, soft(*before).min(hard), hard).ok();
    }
}

fn set_sigpipe(disposition: libc::sighandler_t) {
    // SAFETY: neither of the two dispositions is a function.
    unsafe { libc::signal(libc::SIGPIPE, disposition) };
}
