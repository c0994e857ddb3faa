//! The process itself: what it inherits, how it protects itself, and what the command
//! inherits from it.
//!
//! `hand_over` undoes what lazycred changed, so that the command inherits everything
//! as the caller set it.

#![expect(unsafe_code, reason = "signal dispositions have no safe form")]

use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::base::system;

/// Whether SIGPIPE was ignored when the process started.
static SIGPIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Which of the three standard descriptors were closed when it started.
static WAS_CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// The soft limit of core files, in bytes, before [`harden`] lowered it.
static CORE_LIMIT: OnceLock<u64> = OnceLock::new();

/// Records what Rust's runtime is about to change, so it must be called before the
/// runtime starts. It only makes system calls and stores bools.
///
/// # Examples
///
/// ```
/// lazycred::launch::process::remember();
/// ```
pub extern "C" fn remember() {
    SIGPIPE_WAS_IGNORED.store(is_ignored(libc::SIGPIPE), Ordering::Relaxed);
    for (descriptor, closed) in (0..).zip(&WAS_CLOSED) {
        // SAFETY: reading a descriptor's flags changes nothing.
        let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
        closed.store(flags == -1, Ordering::Relaxed);
    }
}

/// Whether the caller had closed standard input (0), output (1) or error (2), where
/// Rust's runtime opens `/dev/null`.
///
/// # Examples
///
/// ```
/// lazycred::launch::process::remember();
/// assert!(!lazycred::launch::process::was_closed(1));
/// ```
#[must_use]
pub fn was_closed(descriptor: usize) -> bool {
    WAS_CLOSED[descriptor].load(Ordering::Relaxed)
}

/// Whether the process ignores a signal.
///
/// # Examples
///
/// ```
/// assert!(!lazycred::launch::process::is_ignored(libc::SIGTERM));
/// ```
#[must_use]
pub fn is_ignored(signal: libc::c_int) -> bool {
    let mut now = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call only writes to `now`, and all
    // zeros is a valid `sigaction`.
    unsafe {
        libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// The path by which the system started the program, if it tells. It is relative to the
/// working directory at that time, and may lead to another file by now.
///
/// # Examples
///
/// ```
/// let path = lazycred::launch::process::started_as();
/// assert!(path.is_none_or(|path| path.file_name().is_some()));
/// ```
#[must_use]
pub fn started_as() -> Option<PathBuf> {
    system::started_as()
}

/// Keeps the process out of core files, and on Linux out of debuggers. A
/// [`Command`](crate::launch::Command) starts with the limit that was there before.
///
/// # Examples
///
/// ```
/// lazycred::launch::process::harden();
/// ```
pub fn harden() {
    system::deny_debuggers();
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        CORE_LIMIT.get_or_init(|| soft);
        setrlimit(Resource::RLIMIT_CORE, 0, hard).ok();
    }
}

/// Restores what the command inherits; execve itself resets signal handlers.
pub(crate) fn hand_over() {
    limit_core_files(|before| before);
    let inherited = if SIGPIPE_WAS_IGNORED.load(Ordering::Relaxed) {
        libc::SIG_IGN
    } else {
        libc::SIG_DFL
    };
    set_sigpipe(inherited);
    // What the caller had closed is closed for the command.
    for (descriptor, closed) in (0..).zip(&WAS_CLOSED) {
        if closed.load(Ordering::Relaxed) {
            // SAFETY: the flag only takes effect at execve.
            unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
}

/// Undoes [`hand_over`], so that an error can be printed.
pub(crate) fn take_back() {
    set_sigpipe(libc::SIG_IGN);
    limit_core_files(|_| 0);
}

/// Sets the soft limit, if [`harden`] lowered it.
fn limit_core_files(soft: impl FnOnce(u64) -> u64) {
    if let (Some(before), Ok((_, hard))) = (CORE_LIMIT.get(), getrlimit(Resource::RLIMIT_CORE)) {
        setrlimit(Resource::RLIMIT_CORE, soft(*before).min(hard), hard).ok();
    }
}

fn set_sigpipe(disposition: libc::sighandler_t) {
    // SAFETY: neither of the two dispositions is a function.
    unsafe { libc::signal(libc::SIGPIPE, disposition) };
}
