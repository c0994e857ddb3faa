//! Answers as a test tells them, for what AWS would not say: requests are
//! recorded, and neither state nor faults are looked at.

use serde_json::json;

use super::{FakeAws, Request, sts};
use crate::support::harness::record;
use crate::support::http::Answer;

/// What is answered to a request of an operation; `None` keeps the connection
/// open and says nothing.
pub type Rule = dyn Fn(&Request, &str) -> Option<Answer> + Send + Sync;

/// The ARN in every answer of [`plain_kms`].
pub const WRAPPING_KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

impl FakeAws {
    /// Answers by a rule alone, which is given the request and its operation.
    pub fn scripted(
        rule: impl Fn(&Request, &str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::with(Some(Box::new(rule)))
    }

    /// Has one record at every path, and [`plain_kms`]; what a rule answers comes first.
    pub fn holding(
        stored: Vec<u8>,
        rule: impl Fn(&Request, &str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::scripted(move |request, operation| {
            rule(request, operation).or_else(|| {
                Some(match operation {
                    "GetObject" => Answer::new(200, stored.clone()),
                    "GetCallerIdentity" => {
                        Answer::caller(WRAPPING_KEY.split(':').nth(4).expect("an account"))
                    }
                    _ => plain_kms(request),
                })
            })
        })
    }

    /// Never answers.
    pub fn stalled() -> Self {
        Self::scripted(|_, _| None)
    }
}

/// Answers as the services write them.
impl Answer {
    /// An error as S3 writes it.
    pub fn s3(status: u16, code: &str, message: &str) -> Self {
        Self::new(
            status,
            format!(
                "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            ),
        )
    }

    /// What STS says to a caller of an account.
    pub fn caller(account: &str) -> Self {
        sts::caller(account)
    }

    /// Credentials, as a container or a machine is given them.
    pub fn credentials(id: &str) -> Self {
        Self::new(
            200,
            json!({"Code": "Success", "AccessKeyId": id, "SecretAccessKey": "s", "Token": "t",
                "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
                "Expiration": "2999-01-01T00:00:00Z"})
            .to_string(),
        )
    }

    /// A role's credentials, as STS gives them to whoever asks by an operation.
    pub fn role(operation: &str, id: &str) -> Self {
        sts::role(operation, id)
    }

    /// An error as STS writes it.
    pub fn sts(status: u16, code: &str, message: &str) -> Self {
        sts::error(status, code, message)
    }

    /// An error as KMS writes it.
    pub fn kms(status: u16, code: &str, message: &str) -> Self {
        Self::new(
            status,
            json!({"__type": code, "message": message}).to_string(),
        )
    }
}

/// A record whose data key is wrapped by writing it down, for [`plain_kms`].
pub fn record(secret: &[u8]) -> Vec<u8> {
    record::version_1(secret, |data_key, _| data_key.to_vec())
}

/// A KMS that returns its input unchanged.
pub fn plain_kms(request: &Request) -> Answer {
    let body = request.json();
    let answer = match &*request.operation {
        "Encrypt" => json!({"CiphertextBlob": body["Plaintext"], "KeyId": WRAPPING_KEY}),
        _ => json!({"Plaintext": body["CiphertextBlob"], "KeyId": WRAPPING_KEY}),
    };
    Answer::new(200, answer.to_string())
}
