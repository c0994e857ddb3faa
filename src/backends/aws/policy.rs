//! IAM policies for one prefix of one bucket, under one wrapping key.
//!
//! Pure: text in, document out. The caller must know the account and the ARN that
//! an alias stands for. Every policy names its resources; only a wrapping key's
//! own policy allows actions on `*`, which there means the wrapping key itself.
//!
//! Source: IAM, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html>.

mod tls;

pub(crate) use tls::demands_tls;

use serde::Serialize;
use serde_json::{Value, json};

use crate::base::escaped_in_json;
use crate::config::AccessPoint;

/// A policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Value>,
    action: Value,
    resource: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

/// The resources that a policy covers.
#[derive(Debug)]
pub(crate) struct Scope {
    /// `aws`, or that of other regions.
    pub(crate) partition: String,
    /// Bucket, or the access point in its place, and prefix, if records are in S3.
    pub(crate) records: Option<(String, String)>,
    /// The prefix of every record's path, as in a context.
    pub(crate) path: String,
    /// ARNs: the configured wrapping key, then those that only unwrap.
    pub(crate) wrapping_keys: Vec<String>,
    /// The ARN of the KMS key with which S3 encrypts objects, if one is named.
    pub(crate) sse: Option<String>,
    /// The record version that wrapping keys are bound to; 1 binds nothing.
    pub(crate) format: u8,
}

/// Who may do what with a wrapping key.
///
/// # Examples
///
/// ```
/// use lazycred::setup::{PolicyFor, Principals};
/// let who = Principals { readers: vec!["web".into()], ..Principals::default() };
/// let policy_for = PolicyFor::WrappingKey(who);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principals {
    /// Who may administer the wrapping key itself.
    pub owners: Vec<String>,
    /// Who may unwrap.
    pub readers: Vec<String>,
    /// Who may wrap.
    pub writers: Vec<String>,
    /// Who may rewrap.
    pub admins: Vec<String>,
}

/// What S3 does with a KMS key when objects are stored and read.
const WRITES: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

impl Policy {
    fn new(statement: Vec<Statement>) -> Self {
        Self {
            version: "2012-10-17",
            statement,
        }
    }

    /// Opens and lists records.
    pub(crate) fn reader(scope: &Scope) -> Self {
        let mut statements = scope.of_records(
            "ReadRecords",
            &["s3:GetObject", "s3:GetObjectVersion"],
            &["s3:ListBucket"],
        );
        let all = &scope.wrapping_keys;
        statements.extend(scope.of_wrapping_keys("UnwrapDataKeys", &["kms:Decrypt"], all));
        statements.extend(scope.of_sse(&["kms:Decrypt"]));
        Self::new(statements)
    }

    /// Stores records, without opening them.
    pub(crate) fn writer(scope: &Scope) -> Self {
        let mut statements = scope.of_records(
            "ReadAndWriteRecords",
            &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            &["s3:ListBucket"],
        );
        let configured = scope.wrapping_keys.get(..1).unwrap_or_default();
        statements.extend(scope.of_wrapping_keys("WrapDataKeys", &["kms:Encrypt"], configured));
        statements.extend(scope.of_sse(&WRITES));
        Self::new(statements)
    }

    /// Moves, removes and rewraps records, without opening them.
    pub(crate) fn admin(scope: &Scope) -> Self {
        let mut statements = scope.of_records(
            "ManageRecords",
            &[
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:DeleteObject",
            ],
            &["s3:ListBucket", "s3:ListBucketVersions"],
        );
        let all = &scope.wrapping_keys;
        let rewrap = ["kms:ReEncryptFrom", "kms:ReEncryptTo"];
        statements.extend(scope.of_wrapping_keys("MoveAndRekeyWithoutReading", &rewrap, all));
        if !all.is_empty() {
            statements.push(Statement::allow(
                "DescribeWrappingKeys",
                &["kms:DescribeKey"],
                all,
            ));
        }
        statements.extend(scope.of_sse(&WRITES));
        Self::new(statements)
    }

    /// A bucket's own policy: TLS only, no other accounts, and a history that only
    /// one role can erase.
    pub(crate) fn bucket(partition: &str, bucket: &str, account: &str, break_glass: &str) -> Self {
        let mut policy = Self::tls_only(partition, bucket);
        let both = both(partition, bucket);
        policy.statement.extend([
            Statement::deny("DenyOtherAccounts", json!("s3:*"), &both).when(json!({
                "StringNotEquals": {"aws:PrincipalAccount": account},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            })),
            Statement::deny(
                "DenyErasingHistory",
                json!([
                    "s3:DeleteObjectVersion",
                    "s3:PutBucketVersioning",
                    "s3:PutLifecycleConfiguration",
                    "s3:BypassGovernanceRetention",
                ]),
                &both,
            )
            .when(json!({"ArnNotLike": {"aws:PrincipalArn": break_glass}})),
        ]);
        policy
    }

    /// A wrapping key's own policy. Only `owners` can change it.
    pub(crate) fn wrapping_key(scope: &Scope, account: &str, who: &Principals) -> Self {
        const OWNERS: [&str; 14] = [
            "kms:Create*",
            "kms:Describe*",
            "kms:Enable*",
            "kms:List*",
            "kms:Put*",
            "kms:Update*",
            "kms:Revoke*",
            "kms:Disable*",
            "kms:Get*",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:ScheduleKeyDeletion",
            "kms:CancelKeyDeletion",
            "kms:RotateKeyOnDemand",
        ];
        let itself = ["*".to_owned()];
        let allow = |sid, actions: &[&str], principals: &[String]| {
            let principal = Some(json!({"AWS": one_or_all(principals)}));
            Statement {
                principal,
                ..Statement::allow(sid, actions, &itself)
            }
        };
        let bound = |statement: Statement| Statement {
            condition: scope.context(),
            ..statement
        };
        let mut users = [&*who.readers, &*who.writers, &*who.admins].concat();
        users.sort();
        users.dedup();
        let mut statements = vec![
            allow("Owners", &OWNERS, &who.owners),
            bound(allow("Readers", &["kms:Decrypt"], &who.readers)),
            bound(allow("Writers", &["kms:Encrypt"], &who.writers)),
            bound(allow(
                "Movers",
                &["kms:ReEncryptFrom", "kms:ReEncryptTo"],
                &who.admins,
            )),
            allow("Describe", &["kms:DescribeKey"], &users),
        ];
        if scope.format == 2 {
            let making = json!([
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncryptTo",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
            ]);
            // This also matches if there is no context.
            let other = json!({"StringNotEquals": {"kms:EncryptionContext:lazycred:v": "2"}});
            let deny = Statement::deny("NothingWithoutContext", making, &itself);
            statements.push(deny.when(other));
        }
        let elsewhere = json!({"StringNotEquals": {"kms:CallerAccount": account}});
        let deny = Statement::deny("NoOtherAccount", json!("kms:*"), &itself);
        statements.push(deny.when(elsewhere));
        Self::new(statements)
    }

    /// The policy as pretty-printed JSON.
    pub(crate) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        escaped_in_json(&text.expect("text and lists of it")) + "\n"
    }
}

impl Statement {
    fn allow(sid: &'static str, actions: &[&str], resources: &[String]) -> Self {
        Self {
            sid,
            effect: "Allow",
            principal: None,
            action: one_or_all(actions),
            resource: one_or_all(resources),
            condition: None,
        }
    }

    fn deny(sid: &'static str, action: Value, resources: &[String]) -> Self {
        Self {
            sid,
            effect: "Deny",
            principal: Some(json!("*")),
            action,
            resource: one_or_all(resources),
            condition: None,
        }
    }

    fn when(self, condition: Value) -> Self {
        Self {
            condition: Some(condition),
            ..self
        }
    }
}

impl Scope {
    fn of_records(&self, sid: &'static str, objects: &[&str], listing: &[&str]) -> Vec<Statement> {
        let Some((bucket, prefix)) = &self.records else {
            return Vec::new();
        };
        let (arn, objects_of) = bucket_arns(&self.partition, &literal(bucket));
        let prefix = literal(prefix);
        let list = Statement::allow("ListPrefix", listing, std::slice::from_ref(&arn));
        vec![
            Statement::allow(sid, objects, &[format!("{objects_of}/{prefix}*")]),
            list.when(json!({"StringLike": {"s3:prefix": format!("{prefix}*")}})),
        ]
    }

    fn of_wrapping_keys(
        &self,
        sid: &'static str,
        actions: &[&str],
        arns: &[String],
    ) -> Option<Statement> {
        let statement = Statement::allow(sid, actions, arns);
        (!arns.is_empty()).then_some(Statement {
            condition: self.context(),
            ..statement
        })
    }

    /// What S3 does for a caller with the KMS key that it encrypts objects with. The
    /// caller itself may not: it could be a wrapping key.
    fn of_sse(&self, actions: &[&str]) -> Option<Statement> {
        let arn = self.sse.as_ref()?;
        let region = arn.split(':').nth(3).unwrap_or_default();
        let by_s3 = json!({"StringLike": {"kms:ViaService": format!("s3.{region}.*")}});
        let statement = Statement::allow("EncryptionInS3", actions, std::slice::from_ref(arn));
        Some(statement.when(by_s3))
    }

    /// The condition that version 2 binds a data key with.
    fn context(&self) -> Option<Value> {
        let path = format!("{}*", literal(&self.path));
        (self.format == 2).then(|| {
            json!({
                "StringLike": {"kms:EncryptionContext:lazycred:path": path},
                "StringEquals": {"kms:EncryptionContext:lazycred:v": "2"},
            })
        })
    }
}

/// IAM's name of a bucket, or of the access point in its place, and that to which `/` and
/// an object's path are added.
///
/// # Examples
///
/// ```
/// use lazycred::setup::bucket_arns;
/// let (bucket, objects) = bucket_arns("aws-cn", "acme-secrets");
/// assert_eq!(bucket, "arn:aws-cn:s3:::acme-secrets");
/// assert_eq!(objects, bucket);
/// ```
#[must_use]
pub fn bucket_arns(partition: &str, bucket: &str) -> (String, String) {
    if let Some(point) = AccessPoint::of(bucket) {
        let arn = point.arn();
        return (arn.clone(), format!("{arn}/object"));
    }
    let arn = format!("arn:{partition}:s3:::{bucket}");
    (arn.clone(), arn)
}

/// A bucket and its objects.
fn both(partition: &str, bucket: &str) -> [String; 2] {
    let arn = format!("arn:{partition}:s3:::{}", literal(bucket));
    [arn.clone(), format!("{arn}/*")]
}

fn one_or_all<T: Serialize>(items: &[T]) -> Value {
    match items {
        [one] => json!(one),
        all => json!(all),
    }
}

/// Text escaped so that IAM sees no wildcard and no policy variable.
fn literal(text: &str) -> String {
    let code = |character| match character {
        '*' | '?' | '$' => format!("${{{character}}}"),
        other => other.to_string(),
    };
    text.chars().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_never_taken_for_a_pattern() {
        let scope = Scope {
            partition: "aws".into(),
            records: Some(("b".into(), "a*/${x}?".into())),
            path: String::new(),
            wrapping_keys: Vec::new(),
            sse: None,
            format: 1,
        };
        let policy = serde_json::to_value(Policy::reader(&scope)).unwrap();
        let resource = &policy["Statement"][0]["Resource"];
        assert_eq!(resource, "arn:aws:s3:::b/a${*}/${$}{x}${?}*");
    }
}
