//! Waits for calls without the GIL, and lets Python's signal handlers run meanwhile.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;

use lazycred::Result;
use pyo3::prelude::*;

use crate::client::Client;
use crate::ending::Inside;
use crate::errors::{self, Failure};
use crate::live::Live;
use crate::{fork, log, panics, stack};

impl Client {
    /// Runs a call in this process's runtime, and waits without the GIL: gives its
    /// result, or the exception of what failed, or that of a signal's handler, which
    /// ends the call.
    pub(crate) fn call<T, F>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(Arc<Live>) -> F + Send + 'static,
    ) -> PyResult<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        fork::reopen();
        let inside = Inside::new(py);
        let live = self.live(py)?;
        let call = Call::new(Arc::clone(&live), call);
        let mut call = call.map_err(|error| errors::raised(py, &error))?;
        let mut told = Vec::new();
        let done = loop {
            let ticked = inside.outside(py, || call.tick());
            told.extend(ticked.told);
            match ticked.done {
                Ok(None) => {}
                Ok(Some(done)) => {
                    call.end();
                    break Ok(done);
                }
                Err(failure) => {
                    call.end();
                    if failure.may_be_of_credentials() {
                        self.begin_anew(&live);
                    }
                    break Err(failure.raised(py));
                }
            }
            // Outside of the runtime: a handler may call the same client.
            let signals = py.check_signals();
            if !live.is_ours() {
                // A handler has forked, and this is the child.
                mem::forget(call);
                return Err(signals.err().unwrap_or_else(|| errors::forked(py)));
            }
            if let Err(raised) = signals {
                inside.outside(py, || call.end());
                break Err(raised);
            }
        };
        // Only now: a handler may take its time, or fail, and a call must not.
        log::tell(py, told)?;
        done
    }

    /// Has the next call read credentials anew, from variables and files that may have
    /// changed.
    fn begin_anew(&self, failed: &Arc<Live>) {
        let mut live = self.locked();
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, failed)) {
            *live = None;
        }
    }

    /// This process's runtime. Making it reads variables, which Python may change
    /// only with the GIL.
    fn live(&self, py: Python<'_>) -> PyResult<Arc<Live>> {
        let started = {
            let mut live = self.locked();
            if let Some(live) = live.as_ref().filter(|live| live.is_ours()) {
                return Ok(Arc::clone(live));
            }
            let started = heard(|| Live::start(&self.config).map(Arc::new));
            if let Ok(started) = &started.done {
                *live = Some(Arc::clone(started));
            }
            started
        };
        started.tell(py)
    }
}

/// A call under way.
enum Call<T, F> {
    /// In the thread that waits for it.
    Here(Arc<Live>, Pin<Box<F>>),
    /// In one thread of ours from its begin to its end: processes that it starts end
    /// with the thread.
    There(Receiver<Heard<Option<T>>>, JoinHandle<()>),
}

impl<T, F> Call<T, F>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    fn new(live: Arc<Live>, call: impl FnOnce(Arc<Live>) -> F + Send + 'static) -> Result<Self> {
        if stack::is_enough() {
            return Ok(Self::here(live, call));
        }
        // It goes on only when a tick was taken, and ends when nobody takes them.
        let (ticks, taken) = mpsc::sync_channel(0);
        let thread = stack::thread(move || {
            let mut call = Self::here(live, call);
            loop {
                let ticked = call.tick();
                let is_last = !matches!(ticked.done, Ok(None));
                if ticks.send(ticked).is_err() || is_last {
                    break;
                }
            }
        })?;
        Ok(Self::There(taken, thread))
    }

    /// Not inlined, since it needs stack.
    #[inline(never)]
    fn here(live: Arc<Live>, call: impl FnOnce(Arc<Live>) -> F) -> Self {
        let call = Box::pin(call(Arc::clone(&live)));
        Self::Here(live, call)
    }

    /// Waits for one tick at most.
    fn tick(&mut self) -> Heard<Option<T>> {
        match self {
            Self::Here(live, call) => heard(|| live.tick(call.as_mut()).transpose()),
            Self::There(ticks, _) => ticks.recv().expect("its panics are caught"),
        }
    }

    /// Stops what is still under way, which may take a tick.
    fn end(self) {
        match self {
            Self::Here(live, call) => drop((call, live)),
            Self::There(ticks, thread) => {
                drop(ticks);
                thread.join().ok();
            }
        }
    }
}

/// What some work gave, and what the library told meanwhile.
pub(crate) struct Heard<T> {
    done: Result<T, Failure>,
    told: Vec<log::Told>,
}

/// Does some work with enough stack.
pub(crate) fn heard<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Heard<T> {
    match stack::with(|| log::heard(|| panics::caught(work))) {
        Ok((done, told)) => Heard {
            done: done
                .map_err(Failure::Panicked)
                .and_then(|done| done.map_err(Failure::Error)),
            told,
        },
        Err(error) => Heard {
            done: Err(Failure::Error(error)),
            told: Vec::new(),
        },
    }
}

impl<T> Heard<T> {
    /// Logs what the library told, and gives the result.
    pub(crate) fn tell(self, py: Python<'_>) -> PyResult<T> {
        log::tell(py, self.told)?;
        self.done.map_err(|failure| failure.raised(py))
    }
}
