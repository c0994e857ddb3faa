//! The remedy for each failure.

use crate::config::StoreAddress;
use crate::setup::{On, Setup, bucket_arns, permission};
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
        let (bucket, objects_of) = bucket_arns("aws", bucket);
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

/// The remedy for a failure: its hint, with the ARN where a permission is missing.
pub(super) fn of(error: &Error, needs: Option<&Needs>) -> String {
    if let Error::Missing { .. } = error {
        return "`lazycred list` shows the names".to_owned();
    }
    let Some(hint) = error.hint() else {
        return "`-v` shows each request".to_owned();
    };
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
        for words in [on.words(), "it"] {
            let plain = format!("allow {action} on {words}");
            if let Some(rest) = hint.strip_prefix(&plain) {
                return format!("allow {action} on {resource}{rest}");
            }
        }
    }
    hint
}
