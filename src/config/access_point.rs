//! Access points of S3, which stand for a bucket: the ARNs in `s3_path`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>.

use super::region::is_region;
use super::wrapping_key::is_account;
use crate::base::{Error, OneLine, Result};

const EXAMPLE: &str = "an access point is `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/PREFIX`, ACCOUNT being 12 digits";

/// The parts of an access point's ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccessPoint<'a> {
    pub(crate) partition: &'a str,
    pub(crate) region: &'a str,
    account: &'a str,
    name: &'a str,
}

impl<'a> AccessPoint<'a> {
    /// The access point in the place of a store's bucket, if it is one.
    pub(crate) fn of(bucket: &'a str) -> Option<Self> {
        let [partition, _, region, account, resource] = parts(bucket)?;
        Some(Self {
            partition,
            region,
            account,
            name: resource.strip_prefix("accesspoint:")?,
        })
    }

    /// The ARN as IAM and the console write it.
    pub(crate) fn arn(&self) -> String {
        let Self {
            partition,
            region,
            account,
            name,
        } = self;
        format!("arn:{partition}:s3:{region}:{account}:accesspoint/{name}")
    }
}

/// Bucket and prefix of an `s3_path` that starts with an ARN. Both ways to write an
/// access point's ARN give the same bucket, so that version 2 records, which are
/// bound to it, open under both.
pub(super) fn split(s3_path: &str) -> Result<(String, String)> {
    let wrong = |what: &str, remedy: &str| {
        Error::usage_hint(
            format!("`s3_path` is `{}`, {what}", OneLine(s3_path)),
            remedy,
        )
    };
    let malformed = |what: &str| Err(wrong(what, EXAMPLE));
    let Some([partition, service, region, account, resource]) = parts(s3_path) else {
        return malformed("which is not a complete ARN");
    };
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if !partition.starts_with("aws") || !partition.bytes().all(is_plain) {
        return malformed(
            "an ARN whose partition is not `aws`, `aws-cn`, `aws-us-gov` or the like",
        );
    }
    match (service, region, account) {
        ("s3", "", "") => {
            return Err(wrong(
                "the ARN of a bucket",
                &format!("write `{}`", OneLine(resource)),
            ));
        }
        ("s3", "", _) => {
            return Err(wrong(
                "a Multi-Region Access Point, whose requests go to several buckets, so that one write could undo another",
                "use the ARN of an access point of one Region, or one of the buckets",
            ));
        }
        ("s3", _, _) => {}
        ("s3-object-lambda", _, _) => {
            return Err(wrong(
                "an Object Lambda Access Point, which may change records as they are read",
                "use the ARN of its supporting access point, or the bucket",
            ));
        }
        ("s3-outposts", _, _) => {
            return Err(wrong(
                "in S3 on Outposts, which lazycred does not support",
                "use a bucket or an access point of a Region",
            ));
        }
        _ => return malformed("an ARN that is not one of S3"),
    }
    if !is_region(region) {
        return malformed("an ARN whose region is not valid");
    }
    if !is_account(account) {
        return malformed("an ARN whose account is not 12 digits");
    }
    let named = ["accesspoint/", "accesspoint:"]
        .iter()
        .find_map(|start| resource.strip_prefix(start));
    let Some(named) = named else {
        return malformed("an ARN that is not an access point's");
    };
    let (name, prefix) = match named.split_once('/') {
        Some((name, prefix)) => (name, Some(prefix)),
        None => (named, None),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(1..=63).contains(&name.len()) || !name.bytes().all(is_plain) {
        return malformed("an ARN whose access point's name is not valid");
    }
    let Some(prefix) = prefix else {
        return Err(wrong(
            "without a `/` after the access point",
            &format!(
                "write `{}/PREFIX`, or `{0}/` for no prefix",
                OneLine(s3_path)
            ),
        ));
    };
    let bucket = format!("arn:{partition}:s3:{region}:{account}:accesspoint:{name}");
    Ok((bucket, prefix.to_owned()))
}

/// Partition, service, region, account and resource.
fn parts(arn: &str) -> Option<[&str; 5]> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    Some([
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_an_access_point_are_one() {
        for (partition, region) in [
            ("aws", "us-east-1"),
            ("aws-cn", "cn-north-1"),
            ("aws-us-gov", "us-gov-west-1"),
            ("aws-iso-b", "us-isob-east-1"),
            ("aws-eusc", "eusc-de-east-1"),
        ] {
            let start = format!("arn:{partition}:s3:{region}:123456789012:accesspoint");
            for (separator, prefix) in [("/", "a/b:c"), (":", "a/b:c"), ("/", ""), (":", "/x")] {
                let (bucket, rest) = split(&format!("{start}{separator}my-1/{prefix}")).unwrap();
                assert_eq!((&*bucket, &*rest), (&*format!("{start}:my-1"), prefix));
                let point = AccessPoint::of(&bucket).unwrap();
                assert_eq!((point.partition, point.region), (partition, region));
                assert_eq!(point.arn(), format!("{start}/my-1"));
            }
        }
        for bucket in ["acme", "acme-xyz-s3alias", "arn", "acme--use1-az4--x-s3"] {
            assert_eq!(AccessPoint::of(bucket), None, "{bucket}");
        }
    }

    #[test]
    fn any_other_arn_is_refused_by_its_cause() {
        for (arn, said) in [
            ("arn:", "not a complete ARN"),
            ("arn:aws:s3:us-east-1:123456789012", "not a complete ARN"),
            ("arn::s3:us-east-1:123456789012:accesspoint/a/", "partition"),
            (
                "arn:AWS:s3:us-east-1:123456789012:accesspoint/a/",
                "partition",
            ),
            ("arn:aws:s3:::acme/prod/", "the ARN of a bucket"),
            (
                "arn:aws:s3::123456789012:accesspoint/abc.mrap/",
                "Multi-Region",
            ),
            (
                "arn:aws:s3::123456789012:accesspoint:abc.mrap",
                "Multi-Region",
            ),
            (
                "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/a/",
                "Object Lambda",
            ),
            (
                "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1/accesspoint/a/",
                "Outposts",
            ),
            (
                "arn:aws:s3express:us-east-1:123456789012:bucket/a--x-s3/",
                "not one of S3",
            ),
            ("arn:aws:kms:us-east-1:123456789012:key/a", "not one of S3"),
            ("arn:aws:s3:us_east:123456789012:accesspoint/a/", "region"),
            ("arn:aws:s3:us-east-1:12345:accesspoint/a/", "12 digits"),
            ("arn:aws:s3:us-east-1::accesspoint/a/", "12 digits"),
            (
                "arn:aws:s3:us-east-1:123456789012:bucket/a/",
                "not an access point's",
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint",
                "not an access point's",
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint/",
                "name is not valid",
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint//x",
                "name is not valid",
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint/a.b/",
                "name is not valid",
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint:a:b/",
                "name is not valid",
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint/a",
                "without a `/`",
            ),
        ] {
            let error = split(arn).unwrap_err();
            assert!(error.to_string().contains(said), "{arn}: {error}");
            assert_eq!((error.exit_code(), error.hint().is_some()), (2, true));
        }
    }
}
