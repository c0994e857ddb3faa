//! Limits how long work may take.

use std::time::Duration;

use tokio::time::Instant;

use crate::backends::aws;
use crate::base::{Error, Result};

/// Limits work to a time from now.
pub(crate) async fn within<T>(
    limit: Duration,
    action: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    until(Instant::now() + limit, limit, action, work).await
}

/// Limits work to a deadline; `limit` is what led to it. The error tells what AWS
/// said last.
pub(crate) async fn until<T>(
    deadline: Instant,
    limit: Duration,
    action: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    // Each layer would hold it whole.
    let work = Box::pin(work);
    aws::until(deadline, work).await.unwrap_or_else(|last| {
        Err(Error::TimedOut {
            action: action.to_owned(),
            seconds: limit.as_secs_f64(),
            last,
        })
    })
}
