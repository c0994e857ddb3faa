//! Whether requests to S3 have checksums, where a variable or a profile decides that.
//!
//! The SDK passes over a value that it does not know, and does not tell a default
//! from a setting.

use std::str::FromStr;

use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};

use super::Aws;
use super::endpoint::source_of;
use crate::base::{Error, OneLine, Result};

/// A variable, and a profile's member of the same meaning.
type Names = (&'static str, &'static str);

const OF_REQUESTS: Names = (
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "request_checksum_calculation",
);
const OF_RESPONSES: Names = (
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "response_checksum_validation",
);

/// How much of an invalid value is shown, in characters.
const SHOWN: usize = 64;

impl Aws {
    /// Sets what is configured; else, for a server that is not AWS, only what S3
    /// requires, since others may not know more.
    pub(super) fn set_checksums(&self, builder: &mut Builder, elsewhere: bool) {
        let of_requests = self.checksum_setting(OF_REQUESTS);
        let of_responses = self.checksum_setting(OF_RESPONSES);
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

    /// Whether a request's checksum is sent only where S3 requires one.
    pub(crate) fn omits_checksums(&self) -> bool {
        let set = self.checksum_setting(OF_REQUESTS);
        let set = set.and_then(|text| text.parse().ok());
        let default = || {
            self.endpoint("S3")
                .map(|_| RequestChecksumCalculation::WhenRequired)
        };
        set.or_else(default) == Some(RequestChecksumCalculation::WhenRequired)
    }

    /// Refuses a value that the SDK would silently pass over.
    pub(super) fn check_checksums(&self, profile: &str) -> Result<()> {
        self.check_checksum::<RequestChecksumCalculation>(OF_REQUESTS, profile)?;
        self.check_checksum::<ResponseChecksumValidation>(OF_RESPONSES, profile)
    }

    fn check_checksum<T: FromStr>(&self, names: Names, profile: &str) -> Result<()> {
        let text = self.checksum_setting(names);
        let Some(text) = text.filter(|text| text.parse::<T>().is_err()) else {
            return Ok(());
        };
        let source = source_of("S3", names, profile);
        let shown: String = text.chars().take(SHOWN).collect();
        Err(Error::usage_hint(
            format!(
                "{source} is `{}`, which is neither when_supported nor when_required",
                OneLine(shown)
            ),
            "set it to one of them, or unset it",
        ))
    }

    fn checksum_setting(&self, (variable, of_profile): Names) -> Option<String> {
        let text = self.setting("S3", variable, of_profile);
        text.filter(|text| !text.is_empty())
    }
}
