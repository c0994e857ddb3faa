//! Waits for a call without the GIL, and lets Python's signal handlers run meanwhile.

use std::mem;
use std::sync::Arc;

use lazycred::Result;
use pyo3::prelude::*;

use crate::live::Live;
use crate::{errors, log, panics};

/// The result of a call, or the exception of what failed or of a signal's handler,
/// which ends the call.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    live: &Arc<Live>,
    call: impl Future<Output = Result<T>> + Send,
) -> PyResult<T> {
    let mut call = Box::pin(call);
    loop {
        let tick = || panics::caught(|| live.tick(call.as_mut()));
        let (done, events) = py.detach(|| log::heard(tick));
        log::tell(py, events)?;
        match done {
            Err(panicked) => return Err(errors::internal(py, &panicked)),
            Ok(Some(done)) => return done.map_err(|error| errors::raised(py, &error)),
            // Outside of the runtime: a handler may call the same client.
            Ok(None) => py.check_signals()?,
        }
        if !live.is_ours() {
            // A handler has forked, and this is the child.
            mem::forget(call);
            return Err(errors::forked(py));
        }
    }
}
