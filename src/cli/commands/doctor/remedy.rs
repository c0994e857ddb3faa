//! Which remedy belongs to which failure.

use crate::config::StoreAddress;
use crate::setup::{On, Setup, permission};
use crate::{Config, Error, Operation};

/// What IAM calls the things that requests are about.
#[derive(Debug)]
pub(super) struct Needs {
    bucket: String,
    objects: String,
    /// The ARN, where it is known; else the name.
    pub(super) wrapping_key: String,
}

impl Needs {
    pub(super) fn of(config: &Config) -> Self {
        let (bucket, prefix) = match config.store() {
            StoreAddress::S3 { bucket, prefix } => (bucket.as_str(), prefix.as_str()),
            StoreAddress::Folder(_) => ("", ""),
        };
        let named = config.wrapping_key();
        Self {
            bucket: format!("arn:aws:s3:::{bucket}"),
            objects: format!("arn:aws:s3:::{bucket}/{prefix}*"),
            wrapping_key: named.map_or_else(
                || "the record's wrapping key".to_owned(),
                ToString::to_string,
            ),
        }
    }

    /// In the partition that the regions in use are in.
    pub(super) fn within(&mut self, setup: &Setup) {
        let partition = format!("arn:{}:", setup.partition());
        for arn in [&mut self.bucket, &mut self.objects] {
            *arn = arn.replacen("arn:aws:", &partition, 1);
        }
    }

    /// IAM's action and resource for what was being done.
    fn of_operation(&self, operation: Operation) -> Option<(&'static str, &str)> {
        let (action, on) = permission(operation)?;
        let resource = match on {
            On::WrappingKey => &self.wrapping_key,
            On::Bucket => &self.bucket,
            On::Objects => &self.objects,
            On::Anything => "*",
        };
        Some((action, resource))
    }
}

/// What to do about a failure: as its hint says, with the ARNs in it.
pub(super) fn of(error: &Error, needs: Option<&Needs>) -> String {
    if let (Error::Aws { operation, .. }, Some(needs)) = (error, needs)
        && error.is_denied()
        && let Some((action, resource)) = needs.of_operation(*operation)
    {
        return format!("allow {action} on {resource}; `lazycred policy` prints whole policies");
    }
    let fallback = || "`-v` shows each request".to_owned();
    error.hint().unwrap_or_else(fallback)
}
