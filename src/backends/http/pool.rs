//! Connections between two requests, and those that are opened before there
//! is a request, by origin and by where its addresses may be.
//!
//! A connection is here only when nothing is on it: who takes one has it
//! alone, and gives it back after the answer was read to its end. One whose
//! server has hung up is let go on the way out.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use tokio::task::JoinHandle;

use super::dial::{Connection, Way};

/// How long a connection may lie still. Servers and NAT gateways forget
/// connections without a word; S3 closes after some seconds of its own.
const KEPT: Duration = Duration::from_secs(20);

/// A dial that is on its way, or over, without a request.
pub(super) type Ahead = JoinHandle<Result<Connection, ConnectorError>>;

/// What waits for a request.
#[derive(Debug)]
pub(super) enum Waiting {
    /// Used before.
    Idle(Connection),
    /// Not used yet, and perhaps not open yet.
    Ahead(Ahead),
}

/// The connections that wait for a request.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<HashMap<Way, Lane>>);

/// Those of one way.
#[derive(Debug, Default)]
struct Lane {
    idle: Vec<Connection>,
    ahead: VecDeque<Ahead>,
}

impl Pool {
    /// Takes the connection that was used last, if one is still open, else the
    /// one that was dialled first.
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

    /// Has so many connections of one way wait, those that do already included.
    pub(super) fn fill(&self, way: &Way, connections: usize, dial: impl Fn() -> Ahead) {
        let mut lanes = self.lanes();
        let lane = lanes.entry(way.clone()).or_default();
        lane.idle.retain(is_fresh);
        let waiting = lane.idle.len() + lane.ahead.len();
        for _ in waiting..connections {
            lane.ahead.push_back(dial());
        }
    }

    /// Lets go of connections whose buffers may hold something secret.
    pub(super) fn hang_up(&self) {
        for lane in self.lanes().values_mut() {
            lane.idle.retain(|connection| !connection.confidential);
        }
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<Way, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection is open as far as it is known without asking.
pub(super) fn is_fresh(connection: &Connection) -> bool {
    !connection.sender.is_closed() && connection.meter.last().elapsed() < KEPT
}
