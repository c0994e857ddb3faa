//! Keeps connections in step: nobody is answered before so many have come as far.
//!
//! What a client does depends on which of its connections is answered first: its next
//! handshake knows what the server prefers, its next request takes a connection that has
//! become idle. In step, nothing depends on that, as if the server were far away.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use crate::http::{Answer, Request};

/// After how long those that came go on without the others.
const PATIENCE: Duration = Duration::from_secs(30);

/// How far a connection has come.
#[derive(Clone, Copy)]
pub enum Stage {
    /// Its client has sent the first bytes of a handshake.
    Greeted,
    /// The handshake is over.
    Secured,
}

/// For each stage, how many connections are still awaited.
#[derive(Default)]
pub struct Gather {
    awaited: Mutex<[usize; 2]>,
    changed: Condvar,
}

impl Gather {
    /// `POST /_bench/gather?count=N`: the next N connections by TLS are kept in step.
    pub fn order(&self, request: &Request) -> Option<Answer> {
        let is_order = request.target.starts_with("/_bench/gather");
        let count = request.query("count").filter(|_| is_order)?;
        let status = match count.parse() {
            Ok(count) => {
                *self.awaited() = [count; 2];
                204
            }
            Err(_) => 400,
        };
        Some(Answer::new(status, "text/plain", ""))
    }

    /// Waits until all have come as far.
    pub fn wait(&self, stage: Stage) {
        let mut awaited = self.awaited();
        let at = stage as usize;
        match awaited[at] {
            0 => return,
            left => awaited[at] = left - 1,
        }
        self.changed.notify_all();
        let wait = self
            .changed
            .wait_timeout_while(awaited, PATIENCE, |awaited| awaited[at] > 0);
        if let Ok((mut awaited, over)) = wait
            && over.timed_out()
        {
            awaited[at] = 0;
        }
    }

    fn awaited(&self) -> MutexGuard<'_, [usize; 2]> {
        self.awaited.lock().unwrap_or_else(|held| held.into_inner())
    }
}
