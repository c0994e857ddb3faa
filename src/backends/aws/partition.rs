//! The partition of AWS that an ARN or a region belongs to.
//!
//! The SDK keeps its table of partitions private; the host that it resolves for
//! KMS in a region shows which one that is.

use aws_sdk_kms::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use futures_util::FutureExt;

use super::Aws;
use crate::config::{Config, StoreAddress};

impl Aws {
    /// The partition of new ARNs: that of the configured ones, else the region's.
    pub(crate) fn partition(&self) -> &str {
        let region = self.wrapping_region().or(self.bucket_region());
        let of_region = || of_region(region.unwrap_or_default());
        self.partition.as_deref().unwrap_or_else(of_region)
    }
}

/// The partition in an ARN.
pub(crate) fn of_arn(arn: &str) -> Option<&str> {
    let (partition, _) = arn.strip_prefix("arn:")?.split_once(':')?;
    partition.starts_with("aws").then_some(partition)
}

/// The partition in a configuration's ARNs: the wrapping key's, else that of the
/// access point that serves as bucket.
pub(super) fn configured(config: &Config) -> Option<String> {
    let wrapping_key = config.wrapping_key.as_ref().map(ToString::to_string);
    let bucket = match &config.store {
        StoreAddress::S3 { bucket, .. } => of_arn(bucket),
        StoreAddress::Folder(_) => None,
    };
    let partition = wrapping_key.as_deref().and_then(of_arn).or(bucket);
    partition.map(str::to_owned)
}

/// The partition of a region, by the host of its KMS.
pub(super) fn of_region(region: &str) -> &'static str {
    let host = host_of_kms(region).unwrap_or_default();
    let suffixes = [
        (".amazonaws.com.cn", "aws-cn"),
        (".amazonaws.eu", "aws-eusc"),
        (".c2s.ic.gov", "aws-iso"),
        (".sc2s.sgov.gov", "aws-iso-b"),
        (".cloud.adc-e.uk", "aws-iso-e"),
        (".csp.hci.ic.gov", "aws-iso-f"),
    ];
    let known = suffixes.iter().find(|(suffix, _)| host.ends_with(suffix));
    match known {
        Some((_, partition)) => partition,
        // These share their suffix with everybody else's.
        None if region.starts_with("us-gov-") => "aws-us-gov",
        None => "aws",
    }
}

fn host_of_kms(region: &str) -> Option<String> {
    let params = Params::builder().region(region).build().ok()?;
    let resolver = DefaultResolver::new();
    let endpoint = resolver.resolve_endpoint(&params).now_or_never()?.ok()?;
    let host = endpoint.url().strip_prefix("https://")?;
    Some(host.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_the_partition_that_its_host_shows() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("eu-central-1", "aws"),
            ("mars-north-7", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
            ("", "aws"),
        ] {
            assert_eq!(of_region(region), partition, "{region}");
        }
        assert_eq!(of_arn("arn:aws-cn:kms:cn-north-1:1:key/x"), Some("aws-cn"));
        assert_eq!(of_arn("alias/acme"), None);
        assert_eq!(of_arn("arn:"), None);
    }
}
