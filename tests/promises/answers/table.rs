//! Every failure of AWS, and the answer to it.

/// The operation; status, code and message of S3; the hint.
pub const OF_S3: &str = "\
GetObject     | 404 | NoSuchBucket              | The specified bucket does not exist | name an existing bucket in `s3_path`, or create it with `lazycred init --create`
GetObject     | 400 | InvalidBucketName         | The specified bucket is not valid. | a bucket's name, which is the part of `s3_path` before the first `/`, is 3 to 63 of a-z, 0-9, `-` and `.`
GetObject     | 403 | AllAccessDisabled         | All access to this object has been disabled. | AWS has disabled all access: the bucket's owner must contact AWS Support
GetObject     | 403 | AccountProblem            | There is a problem with your AWS account. | the AWS account has a problem, such as an unpaid bill: its owner must contact AWS Support
GetObject     | 403 | InvalidPayer              | All access has been disabled. | the AWS account has a problem, such as an unpaid bill: its owner must contact AWS Support
GetObject     | 403 | InvalidObjectState        | The operation is not valid for the object's storage class | it is archived: `aws s3api restore-object --bucket acme-secrets --key prod/web --restore-request Days=1` makes it readable after some hours
GetObject     | 405 | MethodNotAllowed          | The specified method is not allowed | the server does not support this request for this object: check `s3_path` and the endpoint
GetObject     | 400 | KeyTooLongError           | Your key is too long | S3 allows 1024 bytes for prefix and name together: use a shorter name
GetObject     | 400 | KeyTooLong                | Your key is too long | S3 allows 1024 bytes for prefix and name together: use a shorter name
GetObject     | 400 | KMS.DisabledException     | arn:aws:kms:us-east-1:1:key/x is disabled. | the wrapping key that S3 itself encrypts with (`sse`, or the bucket's default encryption) cannot be used: enable it or set another
GetObject     | 400 | KMS.KMSInvalidStateException | it is pending deletion. | the wrapping key that S3 itself encrypts with (`sse`, or the bucket's default encryption) cannot be used: enable it or set another
GetObject     | 400 | KMS.NotFoundException     | Key does not exist | the wrapping key that S3 itself encrypts with (`sse`, or the bucket's default encryption) cannot be used: enable it or set another
GetObject     | 400 | AuthorizationQueryParametersError | wrong | the bucket seems to be in another region: set `bucket_region`; `aws s3api head-bucket --bucket acme-secrets` shows it
GetObject     | 400 | IllegalLocationConstraintException | The eu-west-1 location constraint is incompatible | the bucket seems to be in another region: set `bucket_region`; `aws s3api head-bucket --bucket acme-secrets` shows it
GetObject     | 404 | NoSuchAccessPoint         | The specified accesspoint does not exist | `s3_path` must name an existing access point, in us-east-1 unless its ARN names another region
GetObject     | 400 | InvalidAccessPointAliasError | The alias is not valid | `s3_path` must name an existing access point, in us-east-1 unless its ARN names another region
GetObject     | 404 | NoSuchMultiRegionAccessPoint | It does not exist | `s3_path` must name an existing access point, in us-east-1 unless its ARN names another region
GetObject     | 500 | InternalError             | We encountered an internal error. | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
GetObject     | 503 | ServiceUnavailable        | Please try again. | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
GetObject     | 501 | NotImplemented            | A header is not implemented. | the server does not support this request: use one that does, as S3 itself
GetObject     | 418 | ATeapot                   | short and stout | `-v` shows each request and its id, which AWS Support asks for
ListObjectsV2 | 403 | AccessDenied              | Access Denied | allow s3:ListBucket on the bucket; `lazycred policy reader` prints a complete policy
ListObjectsV2 | 404 | NoSuchBucket              | no | name an existing bucket in `s3_path`, or create it with `lazycred init --create`
ListObjectsV2 | 409 | OperationAborted          | A conflicting operation is in progress. | the bucket is being changed or was just deleted: try again in a few minutes
ListObjectVersions | 403 | AccessDenied         | Access Denied | allow s3:ListBucketVersions on the bucket; `lazycred policy admin` prints a complete policy
PutObject     | 403 | AccessDenied              | Access Denied | allow s3:PutObject on the bucket's objects; `lazycred policy writer` prints a complete policy; if the bucket's policy demands encryption headers, set `sse`
PutObject     | 403 | AccessDenied              | User: arn:aws:iam::1:user/x is not authorized to perform: kms:GenerateDataKey on this resource | allow kms:GenerateDataKey on the wrapping key that S3 itself encrypts with (`sse`, or the bucket's default encryption)
PutObject     | 403 | AccessDenied              | User: arn:aws:iam::1:user/x is not authorized to perform: s3:PutObject with an explicit deny in a resource-based policy | the policy of the bucket's objects itself denies s3:PutObject, which no other policy can allow: change it
PutObject     | 400 | InvalidRequest            | Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters | the server demands a checksum, as Object Lock does: set AWS_REQUEST_CHECKSUM_CALCULATION=when_supported
PutObject     | 400 | InvalidRequest            | Missing required header for this request: x-amz-checksum-crc32 | the server demands a checksum, as Object Lock does: set AWS_REQUEST_CHECKSUM_CALCULATION=when_supported
PutObject     | 400 | MissingContentMD5         | Missing required header for this request: Content-MD5 | the server demands a checksum, as Object Lock does: set AWS_REQUEST_CHECKSUM_CALCULATION=when_supported
PutObject     | 400 | InvalidArgument           | Content-MD5 is missing | the server demands a checksum, as Object Lock does: set AWS_REQUEST_CHECKSUM_CALCULATION=when_supported
PutObject     | 400 | InvalidRequest            | something else | `-v` shows each request and its id, which AWS Support asks for
PutObject     | 400 | EntityTooLarge            | Your proposed upload exceeds the maximum | the server stores no object of this size: store a smaller secret
PutObject     | 400 | MaxMessageLengthExceeded  | Your request was too large. | the server stores no object of this size: store a smaller secret
PutObject     | 411 | MissingContentLength      | You must provide the Content-Length | something on the way drops the Content-Length header: check the proxy and the endpoint
PutObject     | 400 | BadDigest                 | The Content-MD5 did not match | the request did not arrive whole: try again, and check for a proxy that changes requests
PutObject     | 400 | InvalidDigest             | not valid | the request did not arrive whole: try again, and check for a proxy that changes requests
PutObject     | 400 | XAmzContentSHA256Mismatch | does not match | the request did not arrive whole: try again, and check for a proxy that changes requests
PutObject     | 400 | XAmzContentChecksumMismatch | does not match | the request did not arrive whole: try again, and check for a proxy that changes requests
PutObject     | 400 | IncompleteBody            | too few bytes | the request did not arrive whole: try again, and check for a proxy that changes requests
PutObject     | 400 | RequestTimeout            | Your socket connection was not read from | the request did not arrive whole: try again, and check for a proxy that changes requests
DeleteObject  | 403 | AccessDenied              | Access Denied | allow s3:DeleteObject on the bucket's objects; `lazycred policy admin` prints a complete policy
DeleteObject  | 403 | AccessDenied              | Access Denied because object protected by object lock. | Object Lock protects it: wait until its retention or legal hold has ended
";

/// The same for each way in which credentials, clock and account can be wrong.
pub const OF_CREDENTIALS: &str = "\
GetObject     | 400 | ExpiredToken              | The provided token has expired. | the credentials have expired; set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to fresh ones
Decrypt       | 400 | ExpiredTokenException     | The security token included in the request is expired | the credentials have expired; set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to fresh ones
Decrypt       | 400 | RequestExpired            | Request has expired. | the credentials have expired; set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to fresh ones
GetObject     | 403 | InvalidAccessKeyId        | The AWS Access Key Id you provided does not exist in our records. | AWS does not know these credentials, or the region us-east-1 is not enabled for their account; `aws configure list` shows which are used
Decrypt       | 400 | UnrecognizedClientException | The security token included in the request is invalid. | AWS does not know these credentials, or the region us-east-1 is not enabled for their account; `aws configure list` shows which are used
GetCallerIdentity | 403 | InvalidClientTokenId  | The security token included in the request is invalid. | AWS does not know these credentials, or the region us-east-1 is not enabled for their account; `aws configure list` shows which are used
GetObject     | 400 | InvalidToken              | The provided token is malformed or otherwise invalid. | AWS does not know these credentials, or the region us-east-1 is not enabled for their account; `aws configure list` shows which are used
GetObject     | 403 | InvalidTokenId            | The security token included in the request is invalid | AWS does not know these credentials, or the region us-east-1 is not enabled for their account; `aws configure list` shows which are used
GetObject     | 403 | SignatureDoesNotMatch     | The request signature we calculated does not match | the secret access key does not belong to this access key id
Decrypt       | 400 | InvalidSignatureException | The request signature we calculated does not match | the secret access key does not belong to this access key id, or this machine's clock is wrong
GetObject     | 403 | RequestTimeTooSkewed      | The difference between the request time and the current time is too large. | this machine's clock is wrong
Decrypt       | 400 | RequestInTheFuture        | It is not yet valid. | this machine's clock is wrong
Decrypt       | 400 | MissingAuthenticationToken | Request is missing Authentication Token | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
Decrypt       | 400 | MissingAuthenticationTokenException | Missing Authentication Token | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
Decrypt       | 400 | IncompleteSignature       | Authorization header requires 'Signature' parameter. | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
Decrypt       | 400 | IncompleteSignatureException | It is incomplete. | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
GetObject     | 400 | MissingSecurityHeader     | Your request is missing a required header. | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
GetObject     | 400 | MissingSecurityElement    | It is missing. | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
GetObject     | 403 | AuthFailure               | AWS was not able to validate the provided access credentials | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
GetObject     | 403 | InvalidSecurity           | The provided security credentials are not valid. | the signature did not arrive as it was sent: check the proxy and the endpoint for anything that changes requests
Decrypt       | 400 | OptInRequired             | The AWS Access Key Id needs a subscription for the service | enable the region us-east-1 for the account, or finish its sign-up, in the AWS console
GetObject     | 403 | NotSignedUp               | Your account is not signed up for the Amazon S3 service. | enable the region us-east-1 for the account, or finish its sign-up, in the AWS console
Decrypt       | 400 | SubscriptionRequiredException | needs a subscription | enable the region us-east-1 for the account, or finish its sign-up, in the AWS console
GetCallerIdentity | 403 | RegionDisabledException | STS is not activated in this region | enable the region us-east-1 for the account, or finish its sign-up, in the AWS console
GetCallerIdentity | 403 | AccessDenied          | denied | allow sts:GetCallerIdentity on *
";

/// The same for KMS.
pub const OF_KMS: &str = "\
Decrypt     | 400 | DisabledException         | arn:aws:kms:us-east-1:111122223333:key/1-2 is disabled. | `aws kms enable-key --key-id arn:aws:kms:us-east-1:111122223333:key/1-2 --region us-east-1`
Decrypt     | 400 | DisabledException         | it is disabled | `aws kms enable-key --key-id KEY_ID --region us-east-1`
Decrypt     | 400 | KMSInvalidStateException  | arn:aws:kms:us-east-1:111122223333:key/1-2 is pending deletion. | `aws kms cancel-key-deletion --key-id arn:aws:kms:us-east-1:111122223333:key/1-2 --region us-east-1`, then `aws kms enable-key --key-id arn:aws:kms:us-east-1:111122223333:key/1-2 --region us-east-1`
Decrypt     | 400 | KMSInvalidStateException  | arn:aws:kms:us-east-1:111122223333:key/1-2 is pending import. | its key material must be imported first: `aws kms get-parameters-for-import` starts that
Decrypt     | 400 | KMSInvalidStateException  | arn:aws:kms:us-east-1:111122223333:key/1-2 is unavailable. | its custom key store must be connected: `aws kms describe-custom-key-stores --region us-east-1` shows the state
Decrypt     | 400 | KMSInvalidStateException  | arn:aws:kms:us-east-1:111122223333:key/1-2 is disabled. | `aws kms enable-key --key-id arn:aws:kms:us-east-1:111122223333:key/1-2 --region us-east-1`
Decrypt     | 400 | KMSInvalidStateException  | it is updating. | `aws kms describe-key --key-id KEY_ID --region us-east-1` shows the state of the wrapping key
Decrypt     | 400 | CloudHsmClusterInvalidConfigurationException | no | its custom key store must be connected: `aws kms describe-custom-key-stores --region us-east-1` shows the state
Decrypt     | 400 | CustomKeyStoreInvalidStateException | no | its custom key store must be connected: `aws kms describe-custom-key-stores --region us-east-1` shows the state
Decrypt     | 400 | XksKeyNotFoundException   | no | its custom key store must be connected: `aws kms describe-custom-key-stores --region us-east-1` shows the state
Decrypt     | 400 | InvalidKeyUsageException  | key usage is SIGN_VERIFY | the wrapping key must be symmetric and for encryption (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT): set another `key_alias`
Encrypt     | 400 | UnsupportedOperationException | no | the wrapping key must be symmetric and for encryption (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT): set another `key_alias`
Encrypt     | 400 | NotFoundException         | Alias arn:aws:kms:us-east-1:111122223333:alias/acme is not found. | check `key_alias` and `region`: the wrapping key must exist in us-east-1, in the account of the credentials
Encrypt     | 400 | AccessDeniedException     | no | allow kms:Encrypt on the wrapping key; `lazycred policy writer` prints a complete policy
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y because no resource-based policy allows the kms:Encrypt action | the policy of the wrapping key itself must allow kms:Encrypt, since it is in another account
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y with an explicit deny in a service control policy | a service control policy of AWS Organizations must allow kms:Encrypt, which no policy of this account can do
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y with an explicit deny in a resource control policy | a resource control policy of AWS Organizations must allow kms:Encrypt, which no policy of this account can do
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y because no VPC endpoint policy allows the kms:Encrypt action | the policy of the VPC endpoint must allow kms:Encrypt on the wrapping key
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y because no permissions boundary allows the kms:Encrypt action | the permissions boundary of this identity must allow kms:Encrypt on the wrapping key
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y because no session policy allows the kms:Encrypt action | the session policy, given when the role was assumed, must allow kms:Encrypt on the wrapping key
Encrypt     | 400 | AccessDeniedException     | User: arn:aws:iam::1:user/x is not authorized to perform: kms:Encrypt on resource: y with an explicit deny in an identity-based policy | a policy of this identity denies kms:Encrypt, which no other policy can allow: change it
Encrypt     | 400 | IncorrectKeyException     | no | its data key is under another wrapping key: set that as `key_alias`, or run `lazycred rekey --from ALIAS`
Encrypt     | 400 | InvalidCiphertextException | no | the data key was damaged or copied from another record: `lazycred history NAME` shows versions to go back to
Decrypt     | 400 | InvalidGrantTokenException | no | lazycred sends no grant token and no dry run: check for a proxy or endpoint that changes requests
Decrypt     | 400 | InvalidGrantIdException   | no | lazycred sends no grant token and no dry run: check for a proxy or endpoint that changes requests
Decrypt     | 400 | DryRunOperationException  | no | lazycred sends no grant token and no dry run: check for a proxy or endpoint that changes requests
Encrypt     | 400 | InvalidArnException       | Invalid arn | check `key_alias`: an alias, the id of a wrapping key, or an ARN
Encrypt     | 400 | ValidationException       | 1 validation error detected | check `key_alias`: an alias, the id of a wrapping key, or an ARN
DescribeKey | 400 | NotFoundException         | no | check `key_alias` and `region`: the wrapping key must exist in us-east-1, in the account of the credentials
Decrypt     | 500 | KeyUnavailableException   | no | the wrapping key is unavailable for the moment: try again later
Decrypt     | 500 | KMSInternalException      | no | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
Decrypt     | 503 | DependencyTimeoutException | no | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
Decrypt     | 500 | InternalFailure           | no | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
Decrypt     | 500 | InternalServerError       | no | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
Decrypt     | 503 | ServiceUnavailableException | no | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
Decrypt     | 500 | ServiceFailure            | no | the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems
Decrypt     | 400 | UnknownOperationException | no | the server does not behave like KMS: check the endpoint and the proxy
Decrypt     | 400 | SerializationException    | no | the server does not behave like KMS: check the endpoint and the proxy
GetCallerIdentity | 400 | InvalidAction       | Could not find operation | the server does not behave like STS: check the endpoint and the proxy
";

/// The same for what `init --create` makes.
pub const OF_INIT: &str = "\
CreateKey           | 400 | LimitExceededException | no | a KMS quota of the account is used up: remove what is not needed, or raise it in Service Quotas
CreateKey           | 400 | AccessDeniedException | no | allow kms:CreateKey on *
CreateKey           | 400 | MalformedPolicyDocumentException | no | KMS does not accept the policy: `lazycred policy key` prints one to start from
EnableKeyRotation   | 400 | UnsupportedOperationException | no | KMS rotates only symmetric wrapping keys whose key material it made itself: rotate this one by hand, or use another
CreateBucket        | 409 | BucketAlreadyExists | no | bucket names are global, and another account has this one: choose another `s3_path`
CreateBucket        | 400 | TooManyBuckets | no | the account has as many buckets as it may: use an existing one, or raise the quota in Service Quotas
CreateBucket        | 400 | IllegalLocationConstraintException | no | set `bucket_region` to the region in which the bucket is to be created
CreateBucket        | 400 | InvalidLocationConstraint | no | set `bucket_region` to the region in which the bucket is to be created
CreateBucket        | 403 | AccessDenied | no | allow s3:CreateBucket on the bucket
PutBucketVersioning | 403 | AccessDenied | no | allow s3:PutBucketVersioning on the bucket
PutBucketPolicy     | 400 | MalformedPolicy | no | S3 does not accept the policy: `lazycred policy bucket` prints one to start from
PutBucketPolicy     | 405 | AccessControlListNotSupported | no | the server does not behave like S3: check the endpoint and the proxy
";
