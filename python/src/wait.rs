//! Waits for calls without the GIL, and lets Python's signal handlers run meanwhile.

use std::mem;
use std::sync::{Arc, PoisonError};

use lazycred::Result;
use pyo3::prelude::*;

use crate::client::Client;
use crate::live::{Live, with_stack};
use crate::{errors, log, panics};

impl Client {
    /// Runs a call in this process's runtime, and waits without the GIL: gives its
    /// result, or the exception of what failed, or that of a signal's handler, which
    /// ends the call.
    pub(crate) fn call<T: Send, F>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(Arc<Live>) -> F,
    ) -> PyResult<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        let live = self.live(py)?;
        let mut call = Box::pin(call(Arc::clone(&live)));
        loop {
            let tick = || live.tick(call.as_mut());
            if let Some(done) = py.detach(|| heard(tick)).tell(py)? {
                return done.map_err(|error| errors::raised(py, &error));
            }
            // Outside of the runtime: a handler may call the same client.
            py.check_signals()?;
            if !live.is_ours() {
                // A handler has forked, and this is the child.
                mem::forget(call);
                return Err(errors::forked(py));
            }
        }
    }

    /// This process's runtime. Making it reads variables, which Python may change
    /// only with the GIL.
    fn live(&self, py: Python<'_>) -> PyResult<Arc<Live>> {
        let started = {
            let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(live) = live.as_ref().filter(|live| live.is_ours()) {
                return Ok(Arc::clone(live));
            }
            let config = self.config.clone();
            let started = heard(|| Live::start(config).map(Arc::new));
            if let Ok((Ok(Ok(started)), _)) = &started.0 {
                *live = Some(Arc::clone(started));
            }
            started
        };
        let started = started.tell(py)?;
        started.map_err(|error| errors::raised(py, &error))
    }
}

/// The result of some work, unless it panicked, and what the library told meanwhile.
pub(crate) struct Heard<T>(Result<(Result<T, panics::Panicked>, Vec<log::Told>)>);

/// Does some work with enough stack.
pub(crate) fn heard<T: Send>(work: impl FnOnce() -> T + Send) -> Heard<T> {
    Heard(with_stack(|| log::heard(|| panics::caught(work))))
}

impl<T> Heard<T> {
    /// Logs what the library told, and gives the result.
    pub(crate) fn tell(self, py: Python<'_>) -> PyResult<T> {
        let (done, told) = self.0.map_err(|error| errors::raised(py, &error))?;
        log::tell(py, told)?;
        done.map_err(|panicked| errors::internal(py, &panicked))
    }
}
