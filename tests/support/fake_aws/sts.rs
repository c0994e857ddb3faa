//! STS, query protocol: who is calling.

use crate::support::http::Answer;

/// The operations that are known.
pub const OPERATIONS: [&str; 1] = ["GetCallerIdentity"];

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// `GetCallerIdentity` by a caller of this account.
pub fn caller(account: &str) -> Answer {
    let document = format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/tester</Arn><UserId>AIDAEXAMPLE</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>FAKE</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    );
    Answer::empty(200).body("text/xml", document)
}

/// `AssumeRole` or `AssumeRoleWithWebIdentity`: credentials with this id.
pub fn role(operation: &str, id: &str) -> Answer {
    let document = format!(
        "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result><Credentials>\
         <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
         </Credentials></{operation}Result>\
         <ResponseMetadata><RequestId>FAKE</RequestId></ResponseMetadata></{operation}Response>"
    );
    Answer::empty(200).body("text/xml", document)
}

/// An error.
pub fn error(status: u16, code: &str, message: &str) -> Answer {
    let document = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>FAKE</RequestId></ErrorResponse>"
    );
    Answer::empty(status).body("text/xml", document)
}
