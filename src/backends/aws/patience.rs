//! Asks STS for credentials again for as long as it throttles that: our own requests
//! are repeated by `ask`, those for credentials are the SDK's.

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::time::sleep;

use super::errors::last;
use super::retry::{after_throttling, note};
use crate::base::{LastResponse, throttling};

/// How often STS has throttled one request.
#[derive(Debug)]
pub(super) struct Patience {
    operation: &'static str,
    throttled: u32,
}

impl Patience {
    pub(super) fn new(operation: &'static str) -> Self {
        Self {
            operation,
            throttled: 0,
        }
    }

    /// Waits for a random time after a throttled attempt. The caller's own time limit
    /// ends it, and names this response.
    pub(super) async fn wait(&mut self, response: LastResponse) {
        note(self.operation, Some(response));
        sleep(after_throttling(self.throttled)).await;
        self.throttled += 1;
    }

    /// After another answer than throttling.
    pub(super) fn end(self) {
        note(self.operation, None);
    }
}

/// The response, if STS throttled the request.
pub(super) fn throttled<E>(error: &SdkError<E, HttpResponse>) -> Option<LastResponse>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let is_throttled = error.code().is_some_and(throttling::is_throttling);
    is_throttled.then(|| last(error))
}
