//! The table: what to do about each response of AWS that is an error.
//!
//! Read it from the top: the first row that fits counts. `facts` decides whether a
//! row fits, and replaces the words in braces. What helps where AWS throttles is in
//! `base::error::throttling`.
//!
//! Source: the lists of errors in the API references of S3, KMS and STS, and their
//! common errors.

use crate::base::Operation;

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The requests that it is about.
    pub(super) at: At,
    /// The codes; none stands for any. One that ends with `*` is a start.
    pub(super) codes: &'static [&'static str],
    /// What AWS's own words contain, in lower case.
    pub(super) words: &'static str,
    /// What to do.
    pub(super) hint: &'static str,
}

/// Which requests a row is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Any,
    /// All, if this machine's clock is known to be wrong.
    WrongClock,
    S3,
    Kms,
    Only(&'static [Operation]),
    /// Those that one of `lazycred policy`'s kinds allows.
    InPolicy,
}

const DENIED: &[&str] = &["AccessDenied", "AccessDeniedException", "HTTP 403"];
const READING: At = At::Only(&[Operation::Read]);
const STORING: At = At::Only(&[Operation::Store]);
const MAKING: At = At::Only(&[Operation::MakeBucket]);
const POINTING: At = At::Only(&[Operation::PointAlias]);
const ROTATING: At = At::Only(&[Operation::Rotate, Operation::AskRotation]);

const fn row(
    at: At,
    codes: &'static [&'static str],
    words: &'static str,
    hint: &'static str,
) -> Row {
    Row {
        at,
        codes,
        words,
        hint,
    }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    // Not from AWS at all.

    // The clock and the credentials.
    // A response to HEAD has no code.
    row(At::WrongClock, &["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "HTTP 403"], "", "{clock}"),
    row(At::Any, &["ExpiredToken", "ExpiredTokenException", "RequestExpired"], "", "the credentials have expired; {renewal}"),
    row(At::Any, &["InvalidAccessKeyId", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken", "InvalidTokenId"], "", "AWS does not know these credentials, or the region {region} is not enabled for their account; `aws configure list` shows which are used"),
    row(At::Any, &["SignatureDoesNotMatch"], "", "the secret access key does not belong to this access key id"),
    row(At::Any, &["InvalidSignatureException"], "", "the secret access key does not belong to this access key id, or this machine's clock is wrong"),
    row(At::Any, &["RequestTimeTooSkewed", "RequestInTheFuture"], "", "this machine's clock is wrong"),
    row(At::Any, &["MissingAuthenticationToken", "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException", "MissingSecurityHeader", "MissingSecurityElement", "AuthFailure", "InvalidSecurity"], "", "the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests"),
    row(At::Any, &["OptInRequired", "NotSignedUp", "SubscriptionRequiredException", "RegionDisabledException"], "", "enable the region {region} for the account, or finish its sign-up, in the AWS console"),
    row(At::Any, &["AccountProblem", "InvalidPayer"], "", "the AWS account has a problem, such as an unpaid bill: its owner must contact AWS Support"),
    row(At::Any, &["AllAccessDisabled"], "", "AWS has disabled all access: the bucket's owner must contact AWS Support"),

    // A missing permission. AWS's words name the policy that decided.
    row(At::Any, DENIED, "service control policy", "a service control policy of AWS Organizations must allow {action}, which no policy of this account can do"),
    row(At::Any, DENIED, "resource control policy", "a resource control policy of AWS Organizations must allow {action}, which no policy of this account can do"),
    row(At::Any, DENIED, "vpc endpoint policy", "the policy of the VPC endpoint must allow {action} on {on}"),
    row(At::Any, DENIED, "permissions boundary", "the permissions boundary of this identity must allow {action} on {on}"),
    row(At::Any, DENIED, "session policy", "the session policy, given when the role was assumed, must allow {action} on {on}"),
    row(At::Any, DENIED, "explicit deny in a resource-based policy", "the policy of {on} itself denies {action}, which no other policy can allow: change it"),
    row(At::Any, DENIED, "explicit deny in an identity-based policy", "a policy of this identity denies {action}, which no other policy can allow: change it"),
    row(At::Any, DENIED, "no resource-based policy allows", "the policy of {on} itself must allow {action}, since it is in another account"),
    row(At::Any, DENIED, "object lock", "Object Lock protects it: wait until its retention or legal hold has ended"),
    row(At::S3, DENIED, "kms:", "allow {action} on the wrapping key that S3 itself encrypts with (`sse`, or the bucket's default encryption)"),
    row(READING, DENIED, "perform: s3:listbucket", "there is probably no such secret: once s3:ListBucket is allowed on the bucket, S3 says so"),
    row(READING, DENIED, "", "allow {action} on it; without s3:ListBucket, S3 gives the same response for a missing name"),
    row(STORING, DENIED, "", "allow {action} on {on}; `lazycred policy {kind}` prints a complete policy; if the bucket's policy demands encryption headers, set `sse`"),
    row(At::InPolicy, DENIED, "", "allow {action} on {on}; `lazycred policy {kind}` prints a complete policy"),
    row(At::Any, DENIED, "", "allow {action} on {on}"),

    // The bucket.
    row(MAKING, &["BucketAlreadyExists"], "", "bucket names are global, and another account has this one: choose another `s3_path`"),
    row(MAKING, &["TooManyBuckets"], "", "the account has as many buckets as it may: use an existing one, or raise the quota in Service Quotas"),
    row(MAKING, &["IllegalLocationConstraintException", "InvalidLocationConstraint"], "", "set `bucket_region` to the region in which the bucket is to be created"),
    row(At::S3, &["OperationAborted"], "", "the bucket is being changed or was just deleted: try again in a few minutes"),
    row(At::S3, &["NoSuchBucket"], "", "name an existing bucket in `s3_path`, or create it with `lazycred init --create`"),
    row(At::S3, &["InvalidBucketName"], "", "a bucket's name, which is the part of `s3_path` before the first `/`, is 3 to 63 of a-z, 0-9, `-` and `.`"),
    row(At::S3, &["PermanentRedirect", "TemporaryRedirect", "Redirect", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "IllegalLocationConstraintException", "HTTP 301", "HTTP 307", "HTTP 400"], "", "the bucket seems to be in another region: set `bucket_region`; `aws s3api head-bucket --bucket {bucket}` shows it"),
    row(At::S3, &["MalformedPolicy"], "", "S3 does not accept the policy: `lazycred policy bucket` prints one to start from"),
    row(At::S3, &["NoSuchAccessPoint", "InvalidAccessPointAliasError", "NoSuchMultiRegionAccessPoint"], "", "`s3_path` must name an existing access point, in {region} unless its ARN names another region"),

    // The object.
    row(At::S3, &["InvalidObjectState"], "", "it is archived: `aws s3api restore-object --bucket {bucket} --key {path} --restore-request Days=1` makes it readable after some hours"),
    row(At::S3, &["EntityTooLarge", "MaxMessageLengthExceeded"], "", "the server stores no object of this size: store a smaller secret"),
    row(At::S3, &["KeyTooLongError", "KeyTooLong"], "", "S3 allows 1024 bytes for prefix and name together: use a shorter name"),
    row(At::S3, &["InvalidRequest", "MissingContentMD5", "InvalidArgument"], "content-md5", "the server demands a checksum, as Object Lock does: set AWS_REQUEST_CHECKSUM_CALCULATION=when_supported"),
    row(At::S3, &["InvalidRequest"], "checksum", "the server demands a checksum, as Object Lock does: set AWS_REQUEST_CHECKSUM_CALCULATION=when_supported"),
    row(At::S3, &["BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout"], "", "the request did not arrive whole: try again, and check for a proxy that changes requests"),
    row(At::S3, &["MissingContentLength", "HTTP 411"], "", "something on the way drops the Content-Length header: check the proxy and the endpoint"),
    row(At::S3, &["KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException", "KMS.*"], "", "the wrapping key that S3 itself encrypts with (`sse`, or the bucket's default encryption) cannot be used: enable it or set another"),
    row(At::S3, &["PreconditionFailed", "ConditionalRequestConflict"], "", "somebody wrote at the same time: try again"),
    row(At::S3, &["MethodNotAllowed", "HTTP 405"], "", "the server does not support this request for this object: check `s3_path` and the endpoint"),

    // The wrapping key.
    row(At::Kms, &["DisabledException"], "", "`aws kms enable-key --key-id {arn}{flags}`"),
    row(At::Kms, &["KMSInvalidStateException"], "pending deletion", "`aws kms cancel-key-deletion --key-id {arn}{flags}`, then `aws kms enable-key --key-id {arn}{flags}`"),
    row(At::Kms, &["KMSInvalidStateException"], "pending import", "its key material must be imported first: `aws kms get-parameters-for-import` starts that"),
    row(At::Kms, &["KMSInvalidStateException"], "unavailable", "its custom key store must be connected: `aws kms describe-custom-key-stores{flags}` shows the state"),
    row(At::Kms, &["KMSInvalidStateException"], "disabled", "`aws kms enable-key --key-id {arn}{flags}`"),
    row(At::Kms, &["KMSInvalidStateException"], "", "`aws kms describe-key --key-id {arn}{flags}` shows the state of the wrapping key"),
    row(At::Kms, &["CloudHsm*", "CustomKeyStore*", "Xks*"], "", "its custom key store must be connected: `aws kms describe-custom-key-stores{flags}` shows the state"),
    row(At::Kms, &["NotFoundException"], "", "check `key_alias` and `region`: the wrapping key must exist in {region}, in the account of the credentials"),
    row(ROTATING, &["UnsupportedOperationException"], "", "KMS rotates only symmetric wrapping keys whose key material it made itself: rotate this one by hand, or use another"),
    row(At::Kms, &["InvalidKeyUsageException", "UnsupportedOperationException"], "", "the wrapping key must be symmetric and for encryption (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT): set another `key_alias`"),
    row(At::Kms, &["IncorrectKeyException"], "", "its data key is under another wrapping key: set that as `key_alias`, or run `lazycred rekey --from ALIAS`"),
    row(At::Kms, &["InvalidCiphertextException"], "", "the data key was damaged or copied from another record: `lazycred history NAME` shows versions to go back to"),
    row(At::Kms, &["InvalidGrantTokenException", "InvalidGrantIdException", "DryRunOperationException"], "", "lazycred sends no grant token and no dry run: check for a proxy or endpoint that changes requests"),
    row(At::Kms, &["InvalidArnException", "ValidationException"], "", "check `key_alias`: an alias, the id of a wrapping key, or an ARN"),
    row(POINTING, &["AlreadyExistsException"], "", "the alias exists already: choose another `key_alias`, or run the command again to use it"),
    row(At::Kms, &["InvalidAliasNameException"], "", "an alias is letters, digits, `/`, `_` and `-`, and does not start with `aws/`: choose another `key_alias`"),
    row(At::Kms, &["LimitExceededException"], "", "a KMS quota of the account is used up: remove what is not needed, or raise it in Service Quotas"),
    row(At::Kms, &["MalformedPolicyDocumentException"], "", "KMS does not accept the policy: `lazycred policy key` prints one to start from"),
    row(At::Kms, &["KeyUnavailableException"], "", "the wrapping key is unavailable for the moment: try again later"),

    // The server itself.
    row(At::Any, &["NotImplemented", "HTTP 501"], "", "the server does not support this request: use one that does, as {service} itself"),
    row(At::Any, &["InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException", "KMSInternalException", "DependencyTimeoutException", "ServiceFailure", "HTTP 5*"], "", "the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems"),
    row(At::Any, &["UnknownOperationException", "InvalidAction", "SerializationException", "AccessControlListNotSupported", "HTTP 2*", "HTTP 3*", "HTTP 404"], "", "the server does not behave like {service}: check the endpoint and the proxy"),
    row(At::Any, &["HTTP 407"], "", "the proxy wants a user name and password: put them into HTTPS_PROXY"),

    // Anything else.
    row(At::Any, &[], "", "`-v` shows each request and its id, which AWS Support asks for"),
];
