//! Idle connections, and connections opened ahead of the first request, by
//! origin and allowed addresses.
//!
//! Every connection here is idle: whoever takes one has it exclusively, and
//! returns it after the complete response. Closed ones are dropped when taken.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use tokio::task::JoinHandle;

use super::dial::{Connection, Way};

/// How long a connection may be idle. Servers and NAT gateways drop idle connections
/// silently; S3 closes them after some seconds.
const KEPT: Duration = Duration::from_secs(20);

/// A dial without a request, in progress or finished.
pub(super) type Ahead = JoinHandle<Result<Connection, ConnectorError>>;

/// A connection waiting for a request.
#[derive(Debug)]
pub(super) enum Waiting {
    /// Used before.
    Idle(Connection),
    /// Not used yet, and possibly not open yet.
    Ahead(Ahead),
}

/// The connections waiting for a request.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<HashMap<Way, Lane>>);

/// Those for one way.
#[derive(Debug, Default)]
struct Lane {
    idle: Vec<Connection>,
    ahead: VecDeque<Ahead>,
}

impl Pool {
    /// Takes the open connection that was used last, else the one dialled first.
    pub(super) fn take(&self, way: &Way) -> Option<Waiting> {
        let mut lanes = self.lanes();
        let lane = lanes.get_mut(way)?;
        while let Some(connection) = lane.idle.pop() {
            if is_fresh(&connection) {
                return Some(Waiting::Idle(connection));
            }
        }
        lane.ahead.pop_front().map(Waiting::Ahead)
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, way: Way, connection: Connection) {
        let mut lanes = self.lanes();
        lanes.entry(way).or_default().idle.push(connection);
    }

    /// Dials until this many connections wait for one way.
    pub(super) fn fill(&self, way: &Way, connections: usize, dial: impl Fn() -> Ahead) {
        let mut lanes = self.lanes();
        let lane = lanes.entry(way.clone()).or_default();
        lane.idle.retain(is_fresh);
        let waiting = lane.idle.len() + lane.ahead.len();
        for _ in waiting..connections {
            lane.ahead.push_back(dial());
        }
    }

    /// Drops connections whose buffers may contain a secret.
    pub(super) fn hang_up(&self) {
        for lane in self.lanes().values_mut() {
            lane.idle.retain(|connection| !connection.confidential);
        }
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<Way, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection seems to be open, without asking the server.
pub(super) fn is_fresh(connection: &Connection) -> bool {
    !connection.sender.is_closed() && connection.meter.last().elapsed() < KEPT
}
