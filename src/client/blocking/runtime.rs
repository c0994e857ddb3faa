//! The runtime of a blocking client. Dropping it does not wait: a hanging name
//! look-up would delay the caller.

use std::ops::Deref;

use tokio::runtime::{Builder, Runtime};

use crate::base::{Error, Result};

/// A current-thread runtime of its own.
#[derive(Debug)]
pub(super) struct Own(Option<Runtime>);

impl Own {
    pub(super) fn start() -> Result<Self> {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| Error::io("start a runtime", error))
    }
}

impl Deref for Own {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("only `drop` takes it")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn dropping_it_does_not_wait_for_a_look_up_that_hangs() {
        let (say, begun) = mpsc::channel();
        let (let_go, hangs) = mpsc::channel();
        let (tell, outcome) = mpsc::channel();
        let runtime = Own::start().unwrap();
        runtime.spawn_blocking(move || {
            say.send(()).unwrap();
            let was_let_go = hangs.recv_timeout(Duration::from_secs(20)).is_ok();
            tell.send(was_let_go).unwrap();
        });
        begun.recv().unwrap();
        drop(runtime);
        let_go.send(()).ok();
        assert!(outcome.recv().unwrap(), "it was waited for");
    }
}
