//! What is asked of AWS, by what it is for.

use std::fmt;

/// What was being done when AWS refused, or could not be reached.
///
/// Shape: `Display` is its words, as they stand after "cannot":
/// `unwrap the data key of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Reading a record.
    Read,
    /// Storing a record.
    Store,
    /// Looking whether a record is stored as it should be.
    Check,
    /// Removing a record.
    Remove,
    /// Listing names.
    List,
    /// Listing the versions of a record.
    ListVersions,
    /// Wrapping a data key.
    Wrap,
    /// Unwrapping a data key.
    Unwrap,
    /// Wrapping a data key again, within KMS.
    Rewrap,
    /// Asking who the credentials are.
    Identify,
    /// Looking whether the bucket is there.
    LookAtBucket,
    /// Asking whether the bucket keeps versions.
    AskVersioning,
    /// Asking whether the bucket blocks public access.
    AskPublicAccess,
    /// Reading the bucket's policy.
    ReadPolicy,
    /// Asking who owns what is in the bucket.
    AskOwnership,
    /// Making the bucket.
    MakeBucket,
    /// Having the bucket keep versions.
    KeepVersions,
    /// Having the bucket block public access.
    BlockPublicAccess,
    /// Setting the bucket's policy.
    SetPolicy,
    /// Having the bucket's owner own what is in it.
    EnforceOwner,
    /// Looking at the wrapping key.
    LookAtWrappingKey,
    /// Using a wrapping key that is there.
    UseWrappingKey,
    /// Asking whether the wrapping key is rotated.
    AskRotation,
    /// Making the wrapping key.
    MakeWrappingKey,
    /// Pointing the alias to the wrapping key.
    PointAlias,
    /// Having the wrapping key rotated.
    Rotate,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Store => "store",
            Self::Check => "check",
            Self::Remove => "remove",
            Self::List => "list the secrets",
            Self::ListVersions => "list the versions of",
            Self::Wrap => "wrap the data key of",
            Self::Unwrap => "unwrap the data key of",
            Self::Rewrap => "rewrap the data key of",
            Self::Identify => "ask which account this is",
            Self::LookAtBucket => "look at the bucket",
            Self::AskVersioning => "ask whether the bucket keeps versions",
            Self::AskPublicAccess => "ask whether public access is blocked",
            Self::ReadPolicy => "read the bucket's policy",
            Self::AskOwnership => "ask who owns what is in the bucket",
            Self::MakeBucket => "make the bucket",
            Self::KeepVersions => "have the bucket keep versions",
            Self::BlockPublicAccess => "block public access",
            Self::SetPolicy => "set the bucket's policy",
            Self::EnforceOwner => "have the bucket's owner own what is in it",
            Self::LookAtWrappingKey => "look at the wrapping key",
            Self::UseWrappingKey => "use the wrapping key",
            Self::AskRotation => "ask whether the wrapping key is rotated",
            Self::MakeWrappingKey => "make the wrapping key",
            Self::PointAlias => "point the alias to the wrapping key",
            Self::Rotate => "have the wrapping key rotated",
        })
    }
}
