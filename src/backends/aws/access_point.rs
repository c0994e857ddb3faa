//! Whether an access point that stands for the bucket can be reached.

use super::Aws;
use super::{endpoint, partition};
use crate::base::{Error, Result};
use crate::config::{AccessPoint, Config};

impl Aws {
    /// Refuses an access point whose region is in another partition than its ARN says,
    /// and one behind an endpoint that has no host names for access points.
    pub(super) fn check_access_point(&self, config: &Config, profile: &str) -> Result<()> {
        let Some(AccessPoint {
            partition, region, ..
        }) = config.access_point()
        else {
            return Ok(());
        };
        let of_region = partition::of_region(region);
        if partition != of_region {
            return Err(Error::usage_hint(
                format!(
                    "the access point in `s3_path` is in the partition `{partition}`, but its region, {region}, is in `{of_region}`"
                ),
                "copy the ARN from the S3 console, or from `aws s3control list-access-points`",
            ));
        }
        let Some(endpoint) = self.endpoint("S3") else {
            return Ok(());
        };
        if has_access_points(&endpoint) {
            return Ok(());
        }
        let source = endpoint::source_of("S3", endpoint::ENDPOINT, profile);
        Err(Error::usage_hint(
            format!(
                "`s3_path` is an access point's ARN, but {source} sends S3's requests to a server without access points"
            ),
            "name the bucket in `s3_path`, unset the endpoint, or set AWS_ENDPOINT_URL_S3 to an interface endpoint, https://accesspoint.vpce-ID.s3.REGION.vpce.amazonaws.com",
        ))
    }
}

/// Whether an endpoint is one of a VPC, and for access points: these have names below
/// it, as buckets have below S3.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>.
fn has_access_points(endpoint: &str) -> bool {
    let url: Option<hyper::Uri> = endpoint.parse().ok();
    let host = url.as_ref().and_then(hyper::Uri::host).unwrap_or_default();
    host.starts_with("accesspoint.vpce-") && host.contains(".vpce.amazonaws.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_endpoint_for_access_points_is_told_by_its_host() {
        for (endpoint, expected) in [
            (
                "https://accesspoint.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
                true,
            ),
            (
                "https://accesspoint.vpce-1-2.s3.cn-north-1.vpce.amazonaws.com.cn/",
                true,
            ),
            (
                "https://bucket.vpce-1-2.s3.us-east-1.vpce.amazonaws.com",
                false,
            ),
            ("https://accesspoint.vpce-1.example.test", false),
            ("http://127.0.0.1:5000", false),
            ("", false),
        ] {
            assert_eq!(has_access_points(endpoint), expected, "{endpoint}");
        }
    }
}
