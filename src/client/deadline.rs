//! Limits how long work may take.

use std::time::Duration;

use tokio::time::Instant;

use crate::backends::aws;
use crate::base::{Error, Result, waiting::Work};

/// Limits work to a time from now.
pub(crate) async fn within<T>(
    limit: Duration,
    action: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    until(Instant::now() + limit, limit, action, work).await
}

/// Limits work to a deadline; `limit` is what led to it. The error tells what AWS
/// said last, else what was still waited for.
pub(crate) async fn until<T>(
    deadline: Instant,
    limit: Duration,
    action: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let number = Work::new();
    // Each layer would hold it whole; its waits end when it is dropped.
    let mut work = Box::pin(number.of(work));
    aws::until(deadline, &mut work)
        .await
        .unwrap_or_else(|last| {
            let stuck = number.stuck(action).filter(|_| last.is_none());
            let (waiting, hint) = stuck.map(|stuck| (stuck.what, stuck.hint)).unzip();
            Err(Error::TimedOut {
                action: action.to_owned(),
                seconds: limit.as_secs_f64(),
                last,
                waiting,
                hint,
            })
        })
}
