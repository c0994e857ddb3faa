//! Panics: the default report would show a payload, which may hold anything.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static PLACE: Cell<Option<(String, u32)>> = const { Cell::new(None) };
}

/// Where a call panicked: the source file's name and the line.
pub(crate) struct Panicked(pub(crate) String);

/// Notes where panics are, and prints nothing.
pub(crate) fn silence() {
    panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map(|at| {
            let name = at.file().rsplit(['/', '\\']).next().unwrap_or_default();
            (name.to_owned(), at.line())
        });
        PLACE.try_with(|noted| noted.set(place)).ok();
    }));
}

/// Does some work; its panic ends here.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        // Dropping a payload may panic again.
        std::mem::forget(payload);
        let place = PLACE.take();
        Panicked(place.map_or_else(String::new, |(file, line)| format!(" at {file}:{line}")))
    })
}
