//! Operations of AWS.

use std::fmt;

/// The operation that AWS refused, or could not be reached for.
///
/// Shape: `Display` gives words that follow "cannot":
/// `unwrap the data key of`.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::Operation::Read.to_string(), "read");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Reading a record.
    Read,
    /// Storing a record.
    Store,
    /// Verifying that a record was stored.
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
    /// Identifying the owner of the credentials.
    Identify,
    /// Looking up the bucket.
    LookAtBucket,
    /// Reading the bucket's versioning setting.
    AskVersioning,
    /// Reading the bucket's public access block.
    AskPublicAccess,
    /// Reading the bucket's policy.
    ReadPolicy,
    /// Reading the bucket's object ownership setting.
    AskOwnership,
    /// Creating the bucket.
    MakeBucket,
    /// Turning on the bucket's versioning.
    KeepVersions,
    /// Turning on the bucket's public access block.
    BlockPublicAccess,
    /// Setting the bucket's policy.
    SetPolicy,
    /// Making the bucket's owner own its objects.
    EnforceOwner,
    /// Looking up the wrapping key.
    LookAtWrappingKey,
    /// Using an existing wrapping key.
    UseWrappingKey,
    /// Reading the wrapping key's rotation setting.
    AskRotation,
    /// Creating the wrapping key.
    MakeWrappingKey,
    /// Pointing the alias at the wrapping key.
    PointAlias,
    /// Turning on the wrapping key's rotation.
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
            Self::Identify => "identify the caller",
            Self::LookAtBucket => "look up the bucket",
            Self::AskVersioning => "read the bucket's versioning setting",
            Self::AskPublicAccess => "read the bucket's public access block",
            Self::ReadPolicy => "read the bucket's policy",
            Self::AskOwnership => "read the bucket's object ownership",
            Self::MakeBucket => "create the bucket",
            Self::KeepVersions => "turn on the bucket's versioning",
            Self::BlockPublicAccess => "block public access",
            Self::SetPolicy => "set the bucket's policy",
            Self::EnforceOwner => "make the bucket's owner own its objects",
            Self::LookAtWrappingKey => "look up the wrapping key",
            Self::UseWrappingKey => "use the wrapping key",
            Self::AskRotation => "read the wrapping key's rotation setting",
            Self::MakeWrappingKey => "create the wrapping key",
            Self::PointAlias => "point the alias at the wrapping key",
            Self::Rotate => "turn on the wrapping key's rotation",
        })
    }
}
