//! Keeps other threads out of Python while the interpreter ends.
//!
//! Before Python 3.14, a daemon thread that takes the GIL then is ended where it is. If
//! that is Python code that this module called, Rust's frames are unwound without the
//! GIL, which crashes. So a thread counts as inside where it may run Python code, and
//! the end waits for those inside, while those that come are held.

use std::cell::Cell;
use std::marker::PhantomData;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// In `STATE`, below the number of the process: the interpreter ends.
const ENDING: u64 = 1 << 31;
/// In `STATE`: how many threads are inside.
const COUNT: u64 = ENDING - 1;
/// The process, whether its interpreter ends, and how many threads are inside. One
/// number, since a fork may find a lock taken.
static STATE: AtomicU64 = AtomicU64::new(0);

/// How many milliseconds the end waits for the threads inside, and a thread is held: it
/// may own a lock that an `atexit` function wants.
const PATIENCE: u64 = 1000;

thread_local! {
    /// How many `Inside` this thread has made; none counts while it waits.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Whether this thread ends the interpreter; it may still call.
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// Has the interpreter say when it ends: after what was registered later than this.
pub(crate) fn prepare(py: Python<'_>) {
    static REGISTERED: PyOnceLock<()> = PyOnceLock::new();
    let register = || {
        let end = wrap_pyfunction!(end, py)?;
        let atexit = py.import("atexit")?;
        atexit.call_method1("register", (end,))?;
        PyResult::Ok(())
    };
    // Fails only where the interpreter ends already.
    REGISTERED.get_or_try_init(py, register).ok();
}

/// Waits until the threads inside have come out.
#[pyfunction]
fn end(py: Python<'_>) {
    ENDS.set(true);
    update(|state| Some(state | ENDING));
    for _ in 0..PATIENCE {
        if STATE.load(SeqCst) & COUNT == 0 {
            return;
        }
        py.detach(|| thread::sleep(Duration::from_millis(1)));
    }
}

/// Whether the interpreter ends.
pub(crate) fn is_near() -> bool {
    STATE.load(SeqCst) & ENDING != 0
}

/// A thread that has the GIL, or waits for it, and may run Python code.
pub(crate) struct Inside(PhantomData<*const ()>);

impl Inside {
    pub(crate) fn new(py: Python<'_>) -> Self {
        if DEPTH.get() == 0 && !enter() {
            py.detach(held);
        }
        DEPTH.set(DEPTH.get() + 1);
        Self(PhantomData)
    }

    /// Does some work without the GIL.
    #[expect(clippy::unused_self, reason = "there must be one")]
    pub(crate) fn outside<T: Send>(&self, py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
        let depth = DEPTH.replace(0);
        let done = py.detach(|| {
            leave();
            let done = work();
            if !enter() {
                held();
            }
            done
        });
        DEPTH.set(depth);
        done
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
        if DEPTH.get() == 0 {
            leave();
        }
    }
}

/// Counts this thread as inside, unless another thread ends the interpreter.
fn enter() -> bool {
    update(|state| (state & ENDING == 0 || ENDS.get()).then_some(state + 1))
}

/// Holds this thread, which usually ends so, before it counts as inside.
fn held() {
    thread::sleep(Duration::from_millis(PATIENCE));
    update(|state| Some(state + 1));
}

fn leave() {
    // The child of a fork counts anew.
    update(|state| (state & COUNT > 0).then(|| state - 1));
}

/// Changes the state, unless there is no new one; whether it did.
fn update(change: impl Fn(u64) -> Option<u64>) -> bool {
    let process = u64::from(process::id()) << 32;
    let changed = |state: u64| {
        // In the child of a fork the other threads are gone.
        let is_ours = state >> 32 == process >> 32;
        change(if is_ours { state } else { process })
    };
    STATE.fetch_update(SeqCst, SeqCst, changed).is_ok()
}
