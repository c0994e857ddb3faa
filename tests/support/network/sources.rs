//! Where AWS gives credentials: machines, containers, pods, STS, and SSO.
//!
//! Each gives an access key id that says where it came from.

use std::collections::VecDeque;

use serde_json::json;

use super::world::{Asked, Said, World};
use crate::support::http::Answer;

pub const IMDS: &str = "169.254.169.254";
pub const ECS: &str = "169.254.170.2";
pub const EKS: &str = "169.254.170.23";
pub const IMDS_6: &str = "fd00:ec2::254";
pub const EKS_6: &str = "fd00:ec2::23";

/// The token of an SSO session that has not expired.
pub const SSO_TOKEN: &str = "sso-token-of-the-session";
/// What renews it.
pub const SSO_REFRESH: &str = "sso-refresh-token";
/// What a pod's token file should hold.
pub const POD_TOKEN: &str = "pod-identity-token";
/// What a web identity's token file should hold.
pub const WEB_TOKEN: &str = "a.web.identity";

/// What a session's name `acme` is the place of in `~/.aws/sso/cache`: its SHA-1.
pub const SSO_CACHE: &str = ".aws/sso/cache/293abb6b76d7791c0732cc517d38c4b5c734b87f.json";
/// A start page, and the same of it.
pub const SSO_START: &str = "https://acme.awsapps.com/start";
pub const SSO_CACHE_OF_START: &str = ".aws/sso/cache/40169cea58ca6cbf23fb27b2542923fb5f524af0.json";

/// What `aws sso login` leaves there, with the time when the session's token
/// expires.
pub fn sso_cache(expires: &str) -> String {
    json!({"startUrl": SSO_START, "region": "us-east-1", "accessToken": SSO_TOKEN,
        "expiresAt": expires, "clientId": "client", "clientSecret": "hunter2-client",
        "registrationExpiresAt": "2999-01-01T00:00:00Z", "refreshToken": SSO_REFRESH})
    .to_string()
}

/// How a machine's metadata answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imds {
    /// With a token only, as machines are made today.
    V2,
    /// With this status for whoever asks for a token, and without any.
    V1(u16),
    /// Not at all to whoever asks for a token: as in a container of a machine
    /// that lets answers go one hop far.
    NoToken,
    /// With a token, but the machine has no role.
    NoRole,
}

/// What is to be answered.
#[derive(Debug)]
pub struct Sources {
    pub imds: Imds,
    /// Statuses of the next answers; 200 when none is left.
    pub ecs: VecDeque<u16>,
    pub eks: VecDeque<u16>,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            imds: Imds::V2,
            ecs: VecDeque::new(),
            eks: VecDeque::new(),
        }
    }
}

/// What is said by a source of credentials; `None` where it is asked for
/// something else.
pub fn answer(world: &World, asked: &Asked) -> Option<Said> {
    if asked.request.method == "CONNECT" {
        return None;
    }
    let sources = &mut world.sources();
    let host = match asked.host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => asked.host.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let answer = match host {
        IMDS | IMDS_6 => return Some(machine(sources.imds, asked)),
        ECS => container(&mut sources.ecs, asked, None, "FROMECS"),
        EKS | EKS_6 => container(&mut sources.eks, asked, Some(POD_TOKEN), "FROMEKS"),
        _ if host.starts_with("portal.sso.") => portal(asked),
        _ if host.starts_with("oidc.") => oidc(asked),
        _ if host.starts_with("sts.") => sts(asked)?,
        _ => return None,
    };
    Some(Said::Answer(answer))
}

fn machine(imds: Imds, asked: &Asked) -> Said {
    const ROLE: &str = "/latest/meta-data/iam/security-credentials/";
    let request = &asked.request;
    let token = request.header("x-aws-ec2-metadata-token");
    let is_sound = token == Some("imds-token") || matches!(imds, Imds::V1(_));
    let answer = match (&*request.method, &*request.path) {
        ("PUT", "/latest/api/token") => match imds {
            Imds::NoToken => return Said::Nothing,
            Imds::V1(status) => Answer::empty(status),
            _ => Answer::new(200, "imds-token")
                .header("x-aws-ec2-metadata-token-ttl-seconds", "21600"),
        },
        _ if !is_sound => Answer::empty(401),
        ("GET", path) if imds != Imds::NoRole => match path.strip_prefix(ROLE) {
            Some("") => Answer::new(200, "machine"),
            Some("machine") => Answer::credentials("FROMIMDS"),
            _ if path == "/latest/meta-data/placement/region" => Answer::new(200, "us-east-1"),
            _ => Answer::empty(404),
        },
        _ => Answer::empty(404),
    };
    Said::Answer(answer)
}

fn container(statuses: &mut VecDeque<u16>, asked: &Asked, token: Option<&str>, id: &str) -> Answer {
    let status = statuses.pop_front().unwrap_or(200);
    let given = asked.request.header("authorization");
    if token.is_some() && given != token {
        return Answer::empty(401);
    }
    match status {
        200 => Answer::credentials(id),
        429 => Answer::new(429, "{\"message\":\"Rate exceeded\"}"),
        _ => Answer::new(status, "{\"message\":\"as the test has it\"}"),
    }
}

fn portal(asked: &Asked) -> Answer {
    let token = asked.request.header("x-amz-sso_bearer_token");
    if token != Some(SSO_TOKEN) {
        let body = json!({"message": "Session token not found or invalid"}).to_string();
        let answer = Answer::new(401, body);
        return answer.header("x-amzn-errortype", "UnauthorizedException");
    }
    // Milliseconds, of the year 2999.
    let credentials = json!({"accessKeyId": "FROMSSO", "secretAccessKey": "s",
        "sessionToken": "t", "expiration": 32_472_144_000_000_u64});
    Answer::new(200, json!({"roleCredentials": credentials}).to_string())
}

fn oidc(asked: &Asked) -> Answer {
    let body = asked.request.json();
    if body["refreshToken"] != SSO_REFRESH {
        let body = json!({"error": "invalid_grant"}).to_string();
        return Answer::new(400, body).header("x-amzn-errortype", "InvalidGrantException");
    }
    let body = json!({"accessToken": SSO_TOKEN, "expiresIn": 28800, "tokenType": "Bearer",
        "refreshToken": SSO_REFRESH});
    Answer::new(200, body.to_string())
}

/// A role's credentials have its name as id.
fn sts(asked: &Asked) -> Option<Answer> {
    let request = &asked.request;
    let operation = &*request.operation;
    let member = |name: &str| request.form(name).unwrap_or_default();
    match operation {
        "AssumeRole" => {}
        "AssumeRoleWithWebIdentity" if member("WebIdentityToken") == WEB_TOKEN => {}
        "AssumeRoleWithWebIdentity" => {
            return Some(Answer::sts(
                400,
                "InvalidIdentityToken",
                "No OpenIDConnect provider found",
            ));
        }
        _ => return None,
    }
    let arn = member("RoleArn");
    let id = arn.rsplit('/').next().unwrap_or_default();
    Some(Answer::role(operation, id))
}
