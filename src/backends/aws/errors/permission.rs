//! The IAM permission for each operation.

use crate::base::Operation;

/// The kind of resource that an IAM action applies to.
///
/// # Examples
///
/// ```
/// use lazycred::{Operation, setup::{On, permission}};
/// assert!(matches!(permission(Operation::Wrap), Some((_, On::WrappingKey))));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A wrapping key in KMS.
    WrappingKey,
    /// A bucket as a whole.
    Bucket,
    /// The records in a bucket.
    Objects,
    /// No particular resource.
    Anything,
}

impl On {
    /// The resource in words, which stand in hints in place of its ARN.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(lazycred::setup::On::Bucket.words(), "the bucket");
    /// ```
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::WrappingKey => "the wrapping key",
            Self::Bucket => "the bucket",
            Self::Objects => "the bucket's objects",
            Self::Anything => "*",
        }
    }
}

/// The IAM action for an operation, and the resource that it applies to.
///
/// # Examples
///
/// ```
/// use lazycred::{Operation, setup::{On, permission}};
/// assert_eq!(permission(Operation::Read), Some(("s3:GetObject", On::Objects)));
/// ```
#[must_use]
pub fn permission(operation: Operation) -> Option<(&'static str, On)> {
    Some(match operation {
        Operation::Identify => ("sts:GetCallerIdentity", On::Anything),
        Operation::Wrap => ("kms:Encrypt", On::WrappingKey),
        Operation::Unwrap => ("kms:Decrypt", On::WrappingKey),
        Operation::Rewrap => ("kms:ReEncryptFrom and kms:ReEncryptTo", On::WrappingKey),
        Operation::LookAtWrappingKey => ("kms:DescribeKey", On::WrappingKey),
        Operation::AskRotation => ("kms:GetKeyRotationStatus", On::WrappingKey),
        Operation::Rotate => ("kms:EnableKeyRotation", On::WrappingKey),
        Operation::PointAlias => ("kms:CreateAlias", On::WrappingKey),
        Operation::MakeWrappingKey => ("kms:CreateKey", On::Anything),
        Operation::List | Operation::LookAtBucket => ("s3:ListBucket", On::Bucket),
        Operation::ListVersions => ("s3:ListBucketVersions", On::Bucket),
        Operation::AskVersioning => ("s3:GetBucketVersioning", On::Bucket),
        Operation::AskPublicAccess => ("s3:GetBucketPublicAccessBlock", On::Bucket),
        Operation::ReadPolicy => ("s3:GetBucketPolicy", On::Bucket),
        Operation::AskOwnership => ("s3:GetBucketOwnershipControls", On::Bucket),
        Operation::MakeBucket => ("s3:CreateBucket", On::Bucket),
        Operation::KeepVersions => ("s3:PutBucketVersioning", On::Bucket),
        Operation::BlockPublicAccess => ("s3:PutBucketPublicAccessBlock", On::Bucket),
        Operation::SetPolicy => ("s3:PutBucketPolicy", On::Bucket),
        Operation::EnforceOwner => ("s3:PutBucketOwnershipControls", On::Bucket),
        Operation::Read | Operation::Check => ("s3:GetObject", On::Objects),
        Operation::Store => ("s3:PutObject", On::Objects),
        Operation::Remove => ("s3:DeleteObject", On::Objects),
        Operation::UseWrappingKey => return None,
    })
}

/// The kind of `lazycred policy` that allows an operation.
pub(super) fn kind(operation: Operation) -> Option<&'static str> {
    Some(match operation {
        Operation::Read | Operation::Unwrap | Operation::List => "reader",
        Operation::Store | Operation::Check | Operation::Wrap => "writer",
        Operation::Rewrap
        | Operation::Remove
        | Operation::ListVersions
        | Operation::LookAtWrappingKey => "admin",
        _ => return None,
    })
}
