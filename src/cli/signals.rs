//! Signal handling: signals that end the program are obeyed once its work is in
//! order, or left to the program in the foreground.

#![expect(unsafe_code, reason = "signal dispositions have no safe form")]

use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicUsize, Ordering};

use nix::errno::Errno;
use nix::unistd::{Pid, getpid, read};

pub(super) use super::system::ENDING;
use super::system::pipe;
use crate::launch::process::is_ignored;

/// Makes SIGTERM and SIGINT end process 1, which they do not by default: a
/// container would wait until it is killed. Ignored signals stay ignored.
pub(super) fn end_as_first_process() {
    if getpid() != Pid::from_raw(1) {
        return;
    }
    for signal in [libc::SIGTERM, libc::SIGINT] {
        if !is_ignored(signal) {
            let handler: extern "C" fn(libc::c_int) = end;
            // SAFETY: `end` only makes a call that is allowed in a handler.
            unsafe { libc::signal(signal, handler as libc::sighandler_t) };
        }
    }
}

extern "C" fn end(signal: libc::c_int) {
    // SAFETY: `_exit` is async-signal-safe and does not return.
    unsafe { libc::_exit(128 + signal) }
}

/// The previous dispositions of signals, restored on drop.
#[derive(Debug, Default)]
pub(super) struct Replaced(Vec<(libc::c_int, libc::sigaction)>);

/// Installs a handler for signals that are not ignored.
///
/// The handler must be async-signal-safe.
fn handle(signals: &[libc::c_int], handler: extern "C" fn(libc::c_int)) -> Replaced {
    let mut before = Vec::new();
    for signal in signals.iter().copied() {
        if is_ignored(signal) {
            continue;
        }
        let mut new = by_default();
        new.sa_sigaction = handler as libc::sighandler_t;
        new.sa_flags = libc::SA_RESTART;
        if FAULTS.contains(&signal) {
            // A fault of our own happens again at once, and then ends us.
            new.sa_flags |= libc::SA_RESETHAND;
        }
        before.extend(replace(signal, &new).map(|old| (signal, old)));
    }
    Replaced(before)
}

fn by_default() -> libc::sigaction {
    // SAFETY: all zeros is a valid `sigaction`, of the default disposition.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Sets a disposition whose handler, if any, is async-signal-safe; returns the
/// previous one.
fn replace(signal: libc::c_int, new: &libc::sigaction) -> Option<libc::sigaction> {
    let mut old = by_default();
    // SAFETY: both point to a `sigaction`, and the handler may run at any time.
    (unsafe { libc::sigaction(signal, new, &raw mut old) } == 0).then_some(old)
}

impl Drop for Replaced {
    fn drop(&mut self) {
        for (signal, action) in &self.0 {
            replace(*signal, action);
        }
    }
}

/// Makes SIGINT and SIGQUIT do nothing here while a program in the foreground
/// handles them. Uses a handler: a child would inherit ignored signals.
#[must_use = "dropping it restores the signals"]
pub(super) fn uninterrupted() -> Replaced {
    handle(&[libc::SIGINT, libc::SIGQUIT], nothing)
}

extern "C" fn nothing(_: libc::c_int) {}

/// What [`speak`] writes: its first byte and its length.
static WORDS: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Has SIGINT, SIGQUIT, SIGTERM and SIGHUP write this to standard error before they end
/// the program. Ignored signals stay ignored.
#[must_use = "dropping it restores the signals"]
pub(super) fn last_words(words: String) -> Replaced {
    // Kept until the process ends: a handler may read it at any time.
    let words = Box::leak(words.into_bytes().into_boxed_slice());
    LENGTH.store(0, Ordering::SeqCst);
    WORDS.store(words.as_mut_ptr(), Ordering::SeqCst);
    LENGTH.store(words.len(), Ordering::SeqCst);
    let signals = [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP];
    handle(&signals, speak)
}

extern "C" fn speak(signal: libc::c_int) {
    let (words, length) = (WORDS.load(Ordering::SeqCst), LENGTH.load(Ordering::SeqCst));
    // SAFETY: `write` is async-signal-safe, and reads words that live for ever.
    unsafe { libc::write(libc::STDERR_FILENO, words.cast_const().cast(), length) };
    if getpid() == Pid::from_raw(1) {
        end(signal);
    }
    replace(signal, &by_default());
    // SAFETY: it runs no handler of ours; the signal is pending until this one returns.
    unsafe { libc::raise(signal) };
}

/// Signals that a process raises by a fault, though others can send them.
#[rustfmt::skip]
const FAULTS: [libc::c_int; 6] = [
    libc::SIGILL, libc::SIGTRAP, libc::SIGBUS, libc::SIGFPE, libc::SIGSEGV, libc::SIGSYS,
];

/// The descriptor that [`tell`] writes to; -1 while nothing is caught.
static TOLD: AtomicI32 = AtomicI32::new(-1);

/// Catches signals until it is dropped, so that work can be put in order before they
/// are obeyed. Ignored signals stay ignored.
#[derive(Debug)]
pub(super) struct Caught {
    reader: OwnedFd,
    replaced: Replaced,
    _writer: OwnedFd,
}

impl Caught {
    pub(super) fn new(signals: &[libc::c_int]) -> nix::Result<Self> {
        let (reader, writer) = pipe()?;
        TOLD.store(writer.as_raw_fd(), Ordering::Relaxed);
        Ok(Self {
            reader,
            replaced: handle(signals, tell),
            _writer: writer,
        })
    }

    /// The next pending signal, if any.
    pub(super) fn next(&self) -> Option<libc::c_int> {
        let mut byte = [0];
        match read(&self.reader, &mut byte) {
            Ok(1) => Some(byte[0].into()),
            _ => None,
        }
    }

    /// Readable when a signal is pending.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
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
    // SAFETY: `write` is async-signal-safe, and reads one byte.
    unsafe { libc::write(TOLD.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
    Errno::set_raw(before);
}

/// Does what a signal does by default. Returns only if the signal stopped the
/// process and it was continued.
pub(super) fn obey(signal: libc::c_int) {
    if let Some(old) = replace(signal, &by_default()) {
        // SAFETY: it runs no handler of ours.
        unsafe { libc::raise(signal) };
        replace(signal, &old);
    }
    if ENDING.contains(&signal) {
        // Still here: process 1, which no signal ends by default.
        end(signal);
    }
}
