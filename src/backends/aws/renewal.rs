//! Says how to get fresh credentials where AWS answers that they have expired: that
//! depends on their source, which an answer does not tell.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// How to get fresh credentials, as the end of a hint. It goes with each refusal.
#[derive(Debug, Clone)]
pub(super) struct Renewal(Arc<str>);

impl Renewal {
    pub(super) fn new(how: &str) -> Self {
        Self(how.into())
    }
}

impl Intercept for Renewal {
    fn name(&self) -> &'static str {
        "Renewal"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response_mut();
        if answer.status().is_client_error() {
            answer.add_extension(self.clone());
        }
        Ok(())
    }
}

/// The hint on an answer with this code, if it is that the credentials have expired.
pub(super) fn hint(answer: Option<&HttpResponse>, code: &str) -> Option<String> {
    if !matches!(code, "ExpiredToken" | "ExpiredTokenException") {
        return None;
    }
    let Renewal(how) = answer?.extension()?;
    Some(format!("the credentials have expired; {how}"))
}
