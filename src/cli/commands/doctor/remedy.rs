//! The remedy for each failure.

use crate::config::StoreAddress;
use crate::setup::{On, Setup, arns, permission};
use crate::{Config, Error};

/// IAM's names for the resources that requests need.
#[derive(Debug)]
pub(super) struct Needs {
    bucket: String,
    objects: String,
    /// The ARN if known, else the name.
    pub(super) wrapping_key: String,
}

impl Needs {
    pub(super) fn of(config: &Config) -> Self {
        let (bucket, prefix) = match config.store() {
            StoreAddress::S3 { bucket, prefix } => (bucket.as_str(), prefix.as_str()),
            StoreAddress::Folder(_) => ("", ""),
        };
        let named = config.wrapping_key();
        let (bucket, objects_of) = arns("aws", bucket);
        Self {
            objects: format!("{objects_of}/{prefix}*"),
            bucket,
            wrapping_key: named.map_or_else(
                || "the record's wrapping key".to_owned(),
                ToString::to_string,
            ),
        }
    }

    /// Uses the partition of the regions in use.
    pub(super) fn within(&mut self, setup: &Setup) {
        let partition = format!("arn:{}:", setup.partition());
        for arn in [&mut self.bucket, &mut self.objects] {
            *arn = arn.replacen("arn:aws:s3:::", &format!("{partition}s3:::"), 1);
        }
    }
}

/// The remedy for a failure: its hint, or a permission with its ARN.
pub(super) fn of(error: &Error, needs: Option<&Needs>) -> String {
    if let (Error::Aws { operation, .. }, Some(needs)) = (error, needs)
        && error.is_denied()
        && let Some((action, on)) = permission(*operation)
    {
        let resource = match on {
            On::WrappingKey => &needs.wrapping_key,
            On::Bucket => &needs.bucket,
            On::Objects => &needs.objects,
            On::Anything => "*",
        };
        return format!(
            "allow {action} on {resource}; `lazycred policy KIND` prints a complete policy"
        );
    }
    error.hint().unwrap_or("`-v` shows each request".into())
}
