//! Keeps forks out of polls.
//!
//! What a call does between two waits may hold a lock of a crate that is one for the
//! whole process, and the child of a fork would wait for it without end. So `os.fork`
//! waits until no thread is within a poll, and threads that come meanwhile wait until
//! it is done. A poll needs no GIL, and is short: the longest seals a large secret.

use std::cell::Cell;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::ending::Inside;
use crate::gate::Gate;

/// Closed while a thread forks.
static GATE: Gate = Gate::new();

/// How long one side waits for the other, at most.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    /// Whether this thread runs a call's tick.
    static TICKS: Cell<bool> = const { Cell::new(false) };
    /// Whether it counts as within a poll.
    static POLLS: Cell<bool> = const { Cell::new(false) };
    /// Whether it closed the gate.
    static FORKS: Cell<bool> = const { Cell::new(false) };
}

/// Has Python say when it forks.
pub(crate) fn prepare(py: Python<'_>) {
    static REGISTERED: PyOnceLock<()> = PyOnceLock::new();
    let register = || {
        let after = wrap_pyfunction!(after, py)?;
        let hooks = PyDict::new(py);
        hooks.set_item("before", wrap_pyfunction!(before, py)?)?;
        hooks.set_item("after_in_parent", &after)?;
        hooks.set_item("after_in_child", &after)?;
        let os = py.import("os")?;
        os.call_method("register_at_fork", (), Some(&hooks))?;
        PyResult::Ok(())
    };
    // Fails only where the interpreter ends already.
    REGISTERED.get_or_try_init(py, register).ok();
}

#[pyfunction]
fn before(py: Python<'_>) {
    let inside = Inside::new(py);
    // Without the GIL: another thread that forks needs it to open the gate.
    let is_closed = inside.outside(py, || {
        let is_closed = until(|| GATE.close());
        if is_closed {
            until(|| GATE.is_empty());
        }
        is_closed
    });
    FORKS.set(is_closed);
}

#[pyfunction]
fn after() {
    reopen();
}

/// Opens the gate if this thread closed it: other hooks of a fork may call too.
pub(crate) fn reopen() {
    if FORKS.replace(false) {
        GATE.open();
    }
}

/// Waits until something is so, but not for ever; whether it is.
fn until(is_so: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    while !is_so() {
        if begin.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_micros(100));
    }
    true
}

/// This thread begins to work.
pub(crate) fn enter() {
    if TICKS.get() && !POLLS.replace(true) && !until(|| GATE.enter()) {
        GATE.enter_anyway();
    }
}

/// This thread is about to wait.
pub(crate) fn leave() {
    if POLLS.replace(false) {
        GATE.leave();
    }
}

/// A tick of a call in this thread.
pub(crate) struct Ticking(PhantomData<*const ()>);

impl Ticking {
    pub(crate) fn new() -> Self {
        TICKS.set(true);
        Self(PhantomData)
    }

    /// Polls a call, within which no fork comes.
    pub(crate) fn poll<F>(call: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output>
    where
        F: Future + ?Sized,
    {
        // The thread that also runs the runtime's tasks stays within until it waits.
        let was_within = POLLS.get();
        enter();
        let done = call.poll(context);
        if !was_within {
            leave();
        }
        done
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        leave();
        TICKS.set(false);
    }
}
