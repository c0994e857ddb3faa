//! Stacks: threads of Python may have less than a call needs.

use std::io;
use std::thread::{Builder, JoinHandle, scope};

use lazycred::{Error, Result, wipe};

/// How much stack a call needs, in bytes. Unoptimised code needs several times as much.
const NEEDED: usize = if cfg!(debug_assertions) {
    2 << 20
} else {
    512 << 10
};

/// Whether this thread has enough.
pub(crate) fn is_enough() -> bool {
    wipe::free_stack() >= NEEDED
}

/// Does some work with enough stack, and wipes what it leaves there.
pub(crate) fn with<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    let work = || {
        let done = work();
        wipe::stack_of_thread();
        done
    };
    if is_enough() {
        return Ok(work());
    }
    scope(|scope| {
        let done = builder().spawn_scoped(scope, work).map_err(error)?.join();
        Ok(done.expect("its panics are caught"))
    })
}

/// Starts a thread that has enough.
pub(crate) fn thread(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    builder().spawn(work).map_err(error)
}

/// What a thread has above the frame that asks is not free.
fn builder() -> Builder {
    Builder::new().stack_size(NEEDED + (64 << 10))
}

fn error(source: io::Error) -> Error {
    Error::io("start a thread", source)
}
