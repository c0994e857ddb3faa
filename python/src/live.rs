//! What a client has only within one process: a runtime, and the library's client.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::process;
use std::time::Duration;

use lazycred::{Client, Config, Error, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::fork::{self, Ticking};

/// How long a call waits before it looks for signals.
const TICK: Duration = Duration::from_millis(100);

/// A runtime, and a client of it. Several threads may wait in it at once.
pub(crate) struct Live {
    /// The process that made it. The child of a fork must not touch it: its sockets
    /// and its poll are shared with the parent.
    process: u32,
    /// Gone only while it is dropped.
    parts: Option<(Client, Runtime)>,
}

impl Live {
    pub(crate) fn start(config: &Config) -> Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_park(fork::leave)
            .on_thread_unpark(fork::enter)
            .build()
            .map_err(|source| Error::io("start a runtime", source))?;
        // With the GIL, so no fork comes.
        let client = runtime.block_on(Client::new(config.clone()))?;
        Ok(Self {
            process: process::id(),
            parts: Some((client, runtime)),
        })
    }

    /// Whether this process made it.
    pub(crate) fn is_ours(&self) -> bool {
        self.process == process::id()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.parts().0
    }

    fn parts(&self) -> &(Client, Runtime) {
        self.parts.as_ref().expect("only `drop` takes them")
    }

    /// Waits for a future for one tick at most.
    pub(crate) fn tick<T>(
        &self,
        mut call: Pin<&mut (impl Future<Output = T> + ?Sized)>,
    ) -> Option<T> {
        let (_, runtime) = self.parts();
        let _ticking = Ticking::new();
        let polled = poll_fn(|context| Ticking::poll(call.as_mut(), context));
        runtime.block_on(async { timeout(TICK, polled).await.ok() })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let Some((client, runtime)) = self.parts.take() else {
            return;
        };
        if !self.is_ours() {
            mem::forget((client, runtime));
            return;
        }
        drop(client);
        // Waits for nothing: a look-up of a host's address may hang.
        runtime.shutdown_background();
    }
}
