//! The partition of AWS that an ARN or a region belongs to.
//!
//! The SDK keeps its partition table private, but the KMS host that it resolves
//! for a region shows which partition that is.

use aws_sdk_kms::config::endpoint::Params;
use aws_smithy_types::endpoint::Endpoint;

use crate::config::Config;

/// The endpoint that an SDK resolves for these parameters, if any.
macro_rules! resolved {
    ($sdk:ident, $params:expr) => {{
        use futures_util::FutureExt as _;
        use $sdk::config::endpoint::{DefaultResolver, ResolveEndpoint as _};
        let resolve = |params| {
            let resolver = DefaultResolver::new();
            resolver.resolve_endpoint(&params).now_or_never()?.ok()
        };
        $params.build().ok().and_then(resolve)
    }};
}
pub(super) use resolved;

/// The partition in an ARN.
pub(crate) fn of_arn(arn: &str) -> Option<&str> {
    let (partition, _) = arn.strip_prefix("arn:")?.split_once(':')?;
    partition.starts_with("aws").then_some(partition)
}

/// The partition in the configured ARNs: the wrapping key's, else that of the
/// access point used as the bucket.
pub(super) fn configured(config: &Config) -> Option<String> {
    let wrapping_key = config.wrapping_key.as_ref().map(ToString::to_string);
    let bucket = config.access_point().map(|point| point.partition);
    let partition = wrapping_key.as_deref().and_then(of_arn).or(bucket);
    partition.map(str::to_owned)
}

/// The partition of a region, by the host of its KMS.
pub(super) fn of_region(region: &str) -> &'static str {
    let endpoint = resolved!(aws_sdk_kms, Params::builder().region(region));
    let url = endpoint.as_ref().map_or("", Endpoint::url);
    let host = url.trim_end_matches('/');
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
        // GovCloud shares its suffix with the standard partition.
        None if region.starts_with("us-gov-") => "aws-us-gov",
        None => "aws",
    }
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
