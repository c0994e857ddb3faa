//! Connections to S3 and KMS that are opened before there is a request.
//!
//! TCP and TLS take two round trips and more, and need a host only: they run
//! while credentials are looked for and while the record is fetched. Where a
//! service is, its own rules in the SDK say, asked for what the client of that
//! service will ask them for.

use aws_sdk_s3::config::endpoint::ResolveEndpoint as _;
use aws_smithy_types::endpoint::Endpoint;
use futures_util::FutureExt;

use super::Aws;

impl Aws {
    /// Has connections wait for requests about a bucket in `region`.
    pub(crate) fn dial_s3(&self, bucket: &str, region: Option<&str>, connections: usize) {
        self.dial(self.s3_endpoint(bucket, region), connections);
    }

    /// Has connections wait for requests to KMS.
    pub(crate) fn dial_kms(&self, connections: usize) {
        self.dial(self.kms_endpoint(), connections);
    }

    /// Where no endpoint is known there is nothing to dial; the request tells why.
    fn dial(&self, endpoint: Option<Endpoint>, connections: usize) {
        if let Some(endpoint) = endpoint {
            self.clients.dial_ahead(endpoint.url(), connections);
        }
    }

    fn s3_endpoint(&self, bucket: &str, region: Option<&str>) -> Option<Endpoint> {
        use aws_sdk_s3::config::endpoint::{DefaultResolver, Params};
        let endpoint = self.endpoint("S3");
        let params = Params::builder()
            .bucket(bucket)
            .set_region(region.map(str::to_owned))
            .set_use_fips(self.sdk.use_fips())
            .set_use_dual_stack(self.sdk.use_dual_stack())
            .force_path_style(endpoint.is_some())
            .set_endpoint(endpoint)
            .build();
        let resolver = DefaultResolver::new();
        resolver
            .resolve_endpoint(&params.ok()?)
            .now_or_never()?
            .ok()
    }

    fn kms_endpoint(&self) -> Option<Endpoint> {
        use aws_sdk_kms::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
        let params = Params::builder()
            .set_region(self.wrapping_region.clone())
            .set_use_fips(self.sdk.use_fips())
            .set_use_dual_stack(self.sdk.use_dual_stack())
            .set_endpoint(self.endpoint("KMS"))
            .build();
        let resolver = DefaultResolver::new();
        resolver
            .resolve_endpoint(&params.ok()?)
            .now_or_never()?
            .ok()
    }
}
