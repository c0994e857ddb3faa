//! Explains failed requests by what is known of AWS here: regions, endpoints and the
//! profile.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::Aws;
use super::errors::{self, Around};
use crate::base::{Error, Operation, Place};
use crate::config::origin_of;

/// The services that the SDK asks for credentials.
const OF_CREDENTIALS: [&str; 3] = ["STS", "SSO", "SSO OIDC"];

impl Aws {
    /// A failed request, for the record at `place`.
    pub(crate) fn failed<E>(
        &self,
        operation: Operation,
        place: Option<&Place>,
        error: &SdkError<E, HttpResponse>,
    ) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        errors::failed(&self.around(operation), operation, place, error)
    }

    /// A failed request, from the code and the words of its response.
    pub(crate) fn answered(
        &self,
        operation: Operation,
        place: Option<&Place>,
        code: &str,
        cause: String,
    ) -> Error {
        let said = (code.to_owned(), cause);
        errors::answered(&self.around(operation), operation, place, said, None)
    }

    /// A response that broke off.
    pub(crate) fn broken_off(
        &self,
        operation: Operation,
        place: &Place,
        error: &(dyn StdError + 'static),
    ) -> Error {
        errors::broken_off(&self.around(operation), operation, place, error)
    }

    fn around(&self, operation: Operation) -> Around<'_> {
        let service = errors::service(operation);
        let region = match service {
            "S3" => self.bucket_region(),
            _ => self.wrapping_region().or(self.bucket_region()),
        };
        let for_credentials = OF_CREDENTIALS.iter().filter_map(|service| {
            let origin = origin_of(&self.endpoint(service)?)?;
            Some((origin, self.endpoint_source(service)?))
        });
        let mut for_credentials: Vec<(String, String)> = for_credentials.collect();
        // A refusal names the host alone.
        let hosts = for_credentials.iter().filter_map(|(origin, source)| {
            let (host, _) = origin.rsplit_once(':')?;
            let host = host.trim_matches(['[', ']']);
            Some((format!("`{host}`"), source.clone()))
        });
        let hosts: Vec<(String, String)> = hosts.collect();
        for_credentials.extend(hosts);
        Around {
            region,
            profile: self.chosen.as_deref(),
            bucket: self.bucket.as_deref(),
            renewal: self.renewal.as_deref(),
            source: self.endpoint_source(service),
            for_credentials,
        }
    }
}
