//! Whether requests to S3 have checksums, where a variable or a profile decides that.
//!
//! The SDK does not tell a default from a setting.

use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};

use super::Aws;
use super::endpoint::Names;
use crate::base::Result;

const OF_REQUESTS: Names = (
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "request_checksum_calculation",
);
const OF_RESPONSES: Names = (
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "response_checksum_validation",
);

impl Aws {
    /// Sets what is configured; else, for a server that is not AWS, only what S3
    /// requires, since others may not know more.
    pub(super) fn set_checksums(&self, builder: &mut Builder, elsewhere: bool) {
        let of_requests = self.word(OF_REQUESTS);
        let of_responses = self.word(OF_RESPONSES);
        let of_requests = of_requests
            .and_then(|text| text.parse().ok())
            .or(elsewhere.then_some(RequestChecksumCalculation::WhenRequired));
        let of_responses = of_responses
            .and_then(|text| text.parse().ok())
            .or(elsewhere.then_some(ResponseChecksumValidation::WhenRequired));
        if of_requests.is_some() {
            builder.set_request_checksum_calculation(of_requests);
        }
        if of_responses.is_some() {
            builder.set_response_checksum_validation(of_responses);
        }
    }

    /// Refuses what the SDK would pass over.
    pub(super) fn check_checksums(&self) -> Result<()> {
        const WORDS: [&str; 2] = ["when_supported", "when_required"];
        self.check_word(OF_REQUESTS, WORDS)?;
        self.check_word(OF_RESPONSES, WORDS)
    }
}
