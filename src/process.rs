//! The process itself: what it inherited, how it protects itself, and how it
//! gives way to the command.
//!
//! Has `unsafe`: signal dispositions have no safe form. It knows no secret and no configuration. What it changes for lazycred's
//! own time is put back by [`hand_over`], so that the command gets what the
//! caller gave.

#![expect(unsafe_code, reason = "signal dispositions have no safe form")]

use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Pid, getpid, pipe2, read};

/// Whether SIGPIPE was ignored when the process started.
static SIGPIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Which of the three standard descriptors were closed then.
static WAS_CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// The soft limit of core files that the process started with, in bytes.
static CORE_LIMIT: AtomicU64 = AtomicU64::new(u64::MAX);

/// Runs before `main`, and so before Rust's runtime ignores SIGPIPE.
#[used]
// SAFETY: the loader calls what stands in this section as a C function; this
// one asks the system and stores bools.
#[unsafe(link_section = ".init_array")]
static REMEMBER: extern "C" fn() = remember;

extern "C" fn remember() {
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

fn is_ignored(signal: libc::c_int) -> bool {
    let mut now = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call only writes to `now`, and all
    // zeros is a valid `sigaction`.
    unsafe {
        libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Keeps other processes of the same user out of this one's memory, and its
/// memory out of core files. Where the system refuses, nothing is lost but that.
pub(crate) fn harden() {
    prctl::set_dumpable(false).ok();
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        CORE_LIMIT.store(soft, Ordering::Relaxed);
        setrlimit(Resource::RLIMIT_CORE, 0, hard).ok();
    }
    if getpid() == Pid::from_raw(1) {
        end_as_first_process();
    }
}

/// Process 1 has no default disposition that ends it, so a container would
/// wait for its time to be over. A signal that is ignored stays so.
fn end_as_first_process() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        if !is_ignored(signal) {
            let handler: extern "C" fn(libc::c_int) = end;
            // SAFETY: `end` makes nothing but a call that a handler may make.
            unsafe { libc::signal(signal, handler as libc::sighandler_t) };
        }
    }
}

extern "C" fn end(signal: libc::c_int) {
    // SAFETY: `_exit` may be called in a handler, and does not return.
    unsafe { libc::_exit(128 + signal) }
}

/// What signals did before; put back when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Replaced(Vec<(libc::c_int, libc::sigaction)>);

/// Gives signals a handler. What is ignored already stays so.
///
/// The handler must make no call but those that a handler may make.
fn handle(signals: &[libc::c_int], handler: extern "C" fn(libc::c_int)) -> Replaced {
    let mut before = Vec::new();
    for signal in signals.iter().copied() {
        if is_ignored(signal) {
            continue;
        }
        let mut old = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: all zeros is a valid `sigaction`, the handler may be called
        // at any time, and `old` is only taken where the call has written it.
        unsafe {
            let mut new = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
            new.sa_sigaction = handler as libc::sighandler_t;
            new.sa_flags = libc::SA_RESTART;
            if FAULTS.contains(&signal) {
                // One of our own comes again at once, and then ends us.
                new.sa_flags |= libc::SA_RESETHAND;
            }
            if libc::sigaction(signal, &raw const new, old.as_mut_ptr()) == 0 {
                before.push((signal, old.assume_init()));
            }
        }
    }
    Replaced(before)
}

impl Drop for Replaced {
    fn drop(&mut self) {
        for (signal, action) in &self.0 {
            // SAFETY: it is what the system gave.
            unsafe { libc::sigaction(*signal, action, ptr::null_mut()) };
        }
    }
}

/// Has SIGINT and SIGQUIT do nothing here, while a program in the foreground
/// decides what they mean. A handler, since a program that is started inherits
/// what is ignored, but no handler.
#[must_use = "they do something again when this is dropped"]
pub(crate) fn uninterrupted() -> Replaced {
    handle(&[libc::SIGINT, libc::SIGQUIT], nothing)
}

extern "C" fn nothing(_: libc::c_int) {}

/// What a process does to itself, though others can send it too.
#[rustfmt::skip]
const FAULTS: [libc::c_int; 6] = [
    libc::SIGILL, libc::SIGTRAP, libc::SIGBUS, libc::SIGFPE, libc::SIGSEGV, libc::SIGSYS,
];

/// The signals that end a process which does nothing about them, but for SIGKILL;
/// those of real time, which have no names, are numbers 34 to 64.
#[rustfmt::skip]
pub(crate) const ENDING: [libc::c_int; 53] = [
    libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT, libc::SIGBUS, libc::SIGFPE,
    libc::SIGUSR1, libc::SIGSEGV, libc::SIGUSR2, libc::SIGPIPE, libc::SIGALRM, libc::SIGTERM, libc::SIGSTKFLT,
    libc::SIGXCPU, libc::SIGXFSZ, libc::SIGVTALRM, libc::SIGPROF, libc::SIGIO, libc::SIGPWR, libc::SIGSYS,
    34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
    63, 64,
];

/// Where [`tell`] writes; -1 while nobody is told.
static TOLD: AtomicI32 = AtomicI32::new(-1);

/// Signals that are told of instead of being obeyed, while this lives: for what
/// must be put in order first. None is blocked, and one that is ignored stays so.
#[derive(Debug)]
pub(crate) struct Caught {
    reader: OwnedFd,
    replaced: Replaced,
    _writer: OwnedFd,
}

impl Caught {
    /// # Errors
    ///
    /// The system's, if it has no descriptors left.
    pub(crate) fn new(signals: &[libc::c_int]) -> nix::Result<Self> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        TOLD.store(writer.as_raw_fd(), Ordering::Relaxed);
        Ok(Self {
            reader,
            replaced: handle(signals, tell),
            _writer: writer,
        })
    }

    /// The next one that came, if one did.
    pub(crate) fn next(&self) -> Option<libc::c_int> {
        let mut byte = [0];
        match read(&self.reader, &mut byte) {
            Ok(1) => Some(byte[0].into()),
            _ => None,
        }
    }

    /// What can be read from once one came.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        self.replaced = Replaced::default();
        TOLD.store(-1, Ordering::Relaxed);
    }
}

extern "C" fn tell(signal: libc::c_int) {
    let before = Errno::last_raw();
    let byte = signal.to_le_bytes()[0];
    // SAFETY: `write` may be called in a handler, and reads one byte.
    unsafe { libc::write(TOLD.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
    Errno::set_raw(before);
}

/// Does what a signal does to a process without handlers. Comes back only from
/// a signal that stops, once the process goes on.
pub(crate) fn obey(signal: libc::c_int) {
    let mut old = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: all zeros is the default disposition, and what is put back is
    // what the system gave.
    unsafe {
        let default = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        if libc::sigaction(signal, &raw const default, old.as_mut_ptr()) == 0 {
            libc::raise(signal);
            libc::sigaction(signal, old.as_ptr(), ptr::null_mut());
        }
    }
    if ENDING.contains(&signal) {
        // Process 1, which nothing ends by default.
        end(signal);
    }
}

/// Puts back what the command is to inherit. Handlers need nothing: the system
/// resets them when the command starts.
pub(crate) fn hand_over() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        setrlimit(
            Resource::RLIMIT_CORE,
            CORE_LIMIT.load(Ordering::Relaxed).min(hard),
            hard,
        )
        .ok();
    }
    let inherited = if SIGPIPE_WAS_IGNORED.load(Ordering::Relaxed) {
        libc::SIG_IGN
    } else {
        libc::SIG_DFL
    };
    set_sigpipe(inherited);
    keep_closed(libc::FD_CLOEXEC);
}

/// Has the command find closed what the caller closed.
fn keep_closed(flags: libc::c_int) {
    for descriptor in (0..3).filter(|at| was_closed(*at)) {
        let descriptor = libc::c_int::try_from(descriptor).unwrap_or_default();
        // SAFETY: the flag says only what becomes of the descriptor at execve.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, flags) };
    }
}

/// The command did not start after all: what comes is our own error message.
pub(crate) fn take_back() {
    set_sigpipe(libc::SIG_IGN);
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        setrlimit(Resource::RLIMIT_CORE, 0, hard).ok();
    }
}

fn set_sigpipe(disposition: libc::sighandler_t) {
    // SAFETY: neither of the two dispositions is a function.
    unsafe { libc::signal(libc::SIGPIPE, disposition) };
}
