//! Where AWS gives credentials: STS, SSO, a machine's metadata, and the agents of ECS and EKS.
//!
//! All of them are known by what is asked, so that any listener can be any of them.

use serde_json::json;

use crate::http::{Answer, Request};

const EXPIRES: &str = "2999-01-01T00:00:00Z";
/// The same in milliseconds.
const EXPIRES_MS: u64 = 32_472_144_000_000;
const JSON: &str = "application/json";
const MACHINE: &str = "/latest/meta-data/iam/security-credentials/";

/// The operation and its answer, if it is one of these that is asked.
pub fn answer(request: &Request) -> Option<(&'static str, Answer)> {
    let path = request.target.split('?').next().unwrap_or_default();
    let found = match (&*request.method, path) {
        ("PUT", "/latest/api/token") => (
            "IMDS token",
            Answer::new(200, "text/plain", "token")
                .with("x-aws-ec2-metadata-token-ttl-seconds", "21600"),
        ),
        ("GET", "/latest/meta-data/placement/region") => {
            ("IMDS region", Answer::new(200, "text/plain", "us-east-1"))
        }
        ("GET", MACHINE) => ("IMDS role", Answer::new(200, "text/plain", "machine")),
        ("GET", path) if path.starts_with(MACHINE) => ("IMDS credentials", credentials()),
        ("GET", "/v2/credentials/bench") => ("ECS credentials", credentials()),
        ("GET", "/v1/credentials") => match request.header("authorization") {
            Some(_) => ("EKS credentials", credentials()),
            None => ("EKS credentials", Answer::new(401, JSON, "{}")),
        },
        ("GET", "/federation/credentials") => ("GetRoleCredentials", portal(request)),
        ("POST", "/") => sts(request)?,
        _ => return None,
    };
    Some(found)
}

fn credentials() -> Answer {
    let document = json!({
        "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
        "AccessKeyId": "ASIABENCH", "SecretAccessKey": "secret", "Token": "token",
        "Expiration": EXPIRES,
    });
    Answer::new(200, JSON, document.to_string())
}

fn portal(request: &Request) -> Answer {
    if request.header("x-amz-sso_bearer_token").is_none() {
        return Answer::new(401, JSON, "{}");
    }
    let document = json!({"roleCredentials": {
        "accessKeyId": "ASIABENCH", "secretAccessKey": "secret", "sessionToken": "token",
        "expiration": EXPIRES_MS,
    }});
    Answer::new(200, JSON, document.to_string())
}

fn sts(request: &Request) -> Option<(&'static str, Answer)> {
    let body = std::str::from_utf8(&request.body).ok()?;
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="))?;
    let operation = match action {
        "AssumeRole" => "AssumeRole",
        "AssumeRoleWithWebIdentity" => "AssumeRoleWithWebIdentity",
        _ => return None,
    };
    let document = format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <{operation}Result><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/bench/s</Arn>\
         <AssumedRoleId>AROABENCH:s</AssumedRoleId></AssumedRoleUser><Credentials>\
         <AccessKeyId>ASIABENCH</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
         <SessionToken>token</SessionToken><Expiration>{EXPIRES}</Expiration></Credentials>\
         </{operation}Result></{operation}Response>"
    );
    Some((operation, Answer::new(200, "text/xml", document)))
}
