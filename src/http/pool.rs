//! Connections between two requests, by origin.
//!
//! A connection is here only when nothing is on it: who takes one has it
//! alone, and gives it back after the answer was read to its end. One whose
//! server has hung up is let go on the way out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::dial::Connection;
use super::origin::Origin;

/// How long a connection may lie still. Servers and NAT gateways forget
/// connections without a word; S3 closes after some seconds of its own.
const KEPT: Duration = Duration::from_secs(20);

/// The connections that wait for a request.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<HashMap<Origin, Vec<Connection>>>);

impl Pool {
    /// Takes the connection that was used last, if one is still open.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = waiting.get_mut(origin)?;
        while let Some(connection) = connections.pop() {
            if !connection.sender.is_closed() && connection.meter.last().elapsed() < KEPT {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, origin: Origin, connection: Connection) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(origin).or_default().push(connection);
    }
}
