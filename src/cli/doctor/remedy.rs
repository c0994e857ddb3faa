//! Which remedy belongs to which failure.

use crate::aws;
use crate::config::{Config, StoreAddress, Variables, profile};
use crate::error::{Error, Operation};
use crate::setup::Setup;

/// What IAM calls the things that requests are about.
#[derive(Debug)]
pub(super) struct Needs {
    bucket: String,
    objects: String,
    /// The ARN, where it is known; else the name.
    pub(super) wrapping_key: String,
    /// Whether credentials may come from a machine's metadata.
    metadata: bool,
    /// The AWS profile in use.
    profile: String,
}

impl Needs {
    pub(super) fn of(config: &Config, variables: &Variables) -> Self {
        let (bucket, prefix) = match &config.store {
            StoreAddress::S3 { bucket, prefix } => (bucket.as_str(), prefix.as_str()),
            StoreAddress::Folder(_) => ("", ""),
        };
        let named = config.wrapping_key.as_ref();
        let disabled = variables.text("AWS_EC2_METADATA_DISABLED");
        Self {
            bucket: format!("arn:aws:s3:::{bucket}"),
            objects: format!("arn:aws:s3:::{bucket}/{prefix}*"),
            wrapping_key: named.map_or_else(
                || "the record's wrapping key".to_owned(),
                ToString::to_string,
            ),
            profile: profile(config, variables).to_owned(),
            metadata: !disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")),
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
        let in_kms = |action| Some((action, self.wrapping_key.as_str()));
        let on_bucket = |action| Some((action, self.bucket.as_str()));
        let on_objects = |action| Some((action, self.objects.as_str()));
        match operation {
            Operation::Identify => Some(("sts:GetCallerIdentity", "*")),
            Operation::Wrap => in_kms("kms:Encrypt"),
            Operation::Unwrap => in_kms("kms:Decrypt"),
            Operation::Rewrap => in_kms("kms:ReEncryptFrom and kms:ReEncryptTo"),
            Operation::LookAtWrappingKey => in_kms("kms:DescribeKey"),
            Operation::AskRotation => in_kms("kms:GetKeyRotationStatus"),
            Operation::List | Operation::LookAtBucket => on_bucket("s3:ListBucket"),
            Operation::AskVersioning => on_bucket("s3:GetBucketVersioning"),
            Operation::AskPublicAccess => on_bucket("s3:GetBucketPublicAccessBlock"),
            Operation::ReadPolicy => on_bucket("s3:GetBucketPolicy"),
            Operation::Read | Operation::Check => on_objects("s3:GetObject"),
            Operation::Store => on_objects("s3:PutObject"),
            Operation::Remove => on_objects("s3:DeleteObject"),
            _ => None,
        }
    }
}

impl Needs {
    /// What is wrong with the AWS profile, if that is what is wrong.
    fn of_profile(&self, cause: &str) -> Option<String> {
        let profile = &self.profile;
        if cause.contains("SSO token") {
            let login = format!("`aws sso login --profile {profile}` fetches a fresh token");
            return Some(login);
        }
        // The SDK's own words for a profile that is not there, the first time and later.
        let missing = ["was not defined", "initialization error already taken"];
        missing.iter().any(|words| cause.contains(words)).then(|| {
            format!(
                "the AWS profile `{profile}` cannot be used: `aws configure list-profiles` names those that there are, and --profile chooses one"
            )
        })
    }
}

/// What to do about a failure.
pub(super) fn of(error: &Error, needs: Option<&Needs>) -> String {
    let Error::Aws {
        operation, cause, ..
    } = error
    else {
        let fallback = || "`-v` shows what was tried".to_owned();
        return error.hint().unwrap_or_else(fallback);
    };
    let needed = needs.and_then(|needs| needs.of_operation(*operation));
    if let (true, Some((action, resource))) = (error.is_denied(), needed) {
        return format!("allow {action} on {resource}; `lazycred policy` prints whole policies");
    }
    if let Some(remedy) = needs.and_then(|needs| needs.of_profile(cause)) {
        return remedy;
    }
    let mut remedy = error.hint().unwrap_or_else(|| {
        "if AWS is not reachable directly from here, use HTTPS_PROXY, a VPC endpoint or AWS_ENDPOINT_URL; `-v` shows each request".to_owned()
    });
    if remedy == aws::NO_CREDENTIALS && needs.is_some_and(|needs| needs.metadata) {
        remedy.push_str("; in a container on EC2 the hop limit of IMDS must be 2 (`aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2`)");
    }
    remedy
}
