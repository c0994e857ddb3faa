//! Credentials of an EC2 instance: what its metadata (IMDS) may say.

use super::*;
use crate::support::fake_aws::plain_kms;
use crate::support::network::{Imds, Network};

const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const NONE: &str = "no credentials: there are no access-key variables, profile, web identity or container role, and the instance's metadata (IMDS)";
const ATTACH: &str =
    "attach an instance profile with a role to the instance, or use another source of credentials";
const V2: &str = "lazycred needs IMDSv2; allow it, or use another source of credentials";

fn token() -> Answer {
    Answer::new(200, "t").header(TTL, "21600")
}

/// What IMDS answers to the request for a token, for the role's name, and for its
/// credentials; nothing stands for silence.
fn imds(answers: [Option<Answer>; 3]) -> FakeAws {
    FakeAws::scripted(move |request, operation| {
        let [token, roles, credentials] = &answers;
        match &*request.path {
            "/latest/api/token" => token.clone(),
            ROLES => roles.clone(),
            path if path.starts_with(ROLES) => credentials.clone(),
            _ if operation == "GetObject" => Some(Answer::new(200, record(b"x"))),
            _ => Some(plain_kms(request)),
        }
    })
}

fn get(server: &FakeAws) -> Run {
    let run = sandbox(server).run(["get", "s", "--timeout", "20"]);
    run.env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url())
}

fn role() -> Answer {
    Answer::new(200, "web\nsecond\n")
}

#[test]
fn the_role_of_an_instance_gives_credentials_even_if_its_token_has_an_absurd_age() {
    let most = u64::MAX.to_string();
    for ttl in ["21600", &most] {
        let token = Answer::new(200, "t").header(TTL, ttl);
        let server = imds([
            Some(token),
            Some(role()),
            Some(Answer::credentials("FROMINSTANCE")),
        ]);
        get(&server).stdout("x").ok();
        assert_eq!(ids(&server), ["FROMINSTANCE"]);
        let paths: Vec<String> = server
            .requests()
            .into_iter()
            .map(|request| request.path)
            .collect();
        assert_eq!(
            paths[..3],
            ["/latest/api/token", ROLES, &format!("{ROLES}web")]
        );
    }
}

#[test]
fn an_instance_metadata_that_is_not_there_is_one_line_and_one_hint() {
    let server = imds([None, None, None]);
    let nowhere = crate::support::fake_aws::nowhere();
    let run = get(&server).env("AWS_EC2_METADATA_SERVICE_ENDPOINT", nowhere);
    let names = "which AWS_EC2_METADATA_SERVICE_ENDPOINT names,";
    let hint = "check that IMDS answers there, or unset AWS_EC2_METADATA_SERVICE_ENDPOINT";
    run.stderr(unread(&format!("{NONE}, {names} cannot be reached"), hint))
        .status(1);
    // So is the member of a profile.
    let sandbox = sandbox(&server);
    let nowhere = crate::support::fake_aws::nowhere();
    let member = "ec2_metadata_service_endpoint";
    sandbox.write(".aws/config", format!("[default]\n{member} = {nowhere}\n"));
    let run = sandbox.run(["get", "s"]);
    let by = format!("`{member}` of the AWS profile `default`");
    run.env("AWS_EC2_METADATA_DISABLED", "false")
        .stderr(unread(
            &format!("{NONE}, which {by} names, cannot be reached"),
            &format!("check that IMDS answers there, or unset {by}"),
        ))
        .status(1);
}

#[test]
fn a_token_that_does_not_arrive_leads_to_the_hop_limit() {
    let Some(network) = Network::start() else {
        return;
    };
    network.imds(Imds::NoToken);
    let error = format!("{NONE} accepts connections, but gives no token\n");
    let hint = "hint: in a container, the instance's hop limit must be 2: `aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id ID`\n";
    let outcome = network.run("get s").fails(1);
    let told = outcome.stderr;
    assert!(told.contains(&error) && told.ends_with(hint), "{told}");
}

#[test]
fn a_token_that_does_not_arrive_leads_to_what_says_where_metadata_is() {
    let server = imds([None, None, None]);
    let hint = "check that IMDS answers there, or unset AWS_EC2_METADATA_SERVICE_ENDPOINT";
    get(&server)
        .stderr(unread(
            &format!("{NONE}, which AWS_EC2_METADATA_SERVICE_ENDPOINT names, accepts connections, but gives no token"),
            hint,
        ))
        .status(1);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_instance_metadata_refuses_is_told_by_its_status() {
    let disabled = "if it is disabled, `aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id ID` enables it";
    let bad = "gives tokens that cannot be used";
    let odd = |text: &str| Answer::new(200, text).header(TTL, "60");
    for (token, what, hint) in [
        (Answer::empty(403), "refuses a token (HTTP 403)", disabled),
        (
            Answer::empty(404),
            "has no tokens (HTTP 404), as in version 1",
            V2,
        ),
        (
            Answer::empty(405),
            "has no tokens (HTTP 405), as in version 1",
            V2,
        ),
        (
            Answer::empty(400),
            "answers HTTP 400 to the request for a token",
            V2,
        ),
        (Answer::new(200, "t"), bad, V2),
        (Answer::new(200, "t").header(TTL, "-1"), bad, V2),
        (odd("a\nb"), bad, V2),
    ] {
        let server = imds([Some(token), None, None]);
        let error = format!("the instance's metadata (IMDS) {what}");
        get(&server).stderr(unread(&error, hint)).status(1);
    }
}

#[test]
fn an_instance_without_a_usable_role_is_said_to_have_none() {
    let none = "the instance has no role, says its metadata (IMDS)";
    let unusable = "the instance's metadata (IMDS) names no usable role";
    let absent = "the instance's metadata (IMDS) answers HTTP 404";
    for (roles, credentials, error) in [
        (Answer::empty(404), None, none),
        (Answer::empty(200), None, unusable),
        (Answer::new(200, "my role"), None, unusable),
        (Answer::new(200, "a\u{7}b"), None, unusable),
        (Answer::new(200, "../x"), None, unusable),
        (Answer::new(200, "a".repeat(9999)), None, unusable),
        (role(), Some(Answer::empty(404)), absent),
    ] {
        let server = imds([Some(token()), Some(roles), credentials]);
        get(&server).stderr(unread(error, ATTACH)).status(1);
    }
}

#[test]
fn a_role_that_ec2_may_not_assume_is_told() {
    let body = r#"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role web", "LastUpdated": "2026-01-01T00:00:00Z"}"#;
    let server = imds([Some(token()), Some(role()), Some(Answer::new(200, body))]);
    let error = "EC2 may not assume the instance's role, says its metadata (IMDS)";
    let hint = "the role's trust policy must let ec2.amazonaws.com assume it";
    get(&server).stderr(unread(error, hint)).status(1);
}

#[test]
fn busy_instance_metadata_is_asked_again() {
    for status in [429, 503] {
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let server = FakeAws::scripted(move |request, operation| {
            let is_first = request.path.starts_with("/latest")
                && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            Some(match &*request.path {
                _ if is_first => Answer::empty(status),
                "/latest/api/token" => token(),
                ROLES => role(),
                path if path.starts_with(ROLES) => Answer::credentials("FROMINSTANCE"),
                _ if operation == "GetObject" => Answer::new(200, record(b"x")),
                _ => plain_kms(request),
            })
        });
        get(&server).stdout("x").ok();
    }
}

#[test]
fn what_names_the_instance_metadata_must_be_of_use() {
    let server = imds([None, None, None]);
    let run = get(&server).env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "localhost");
    run.stderr(told(
        "the endpoint of IMDS, `localhost`, is not a usable URL",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT must be http://HOST, or be unset",
    ))
    .status(2);
    let run = get(&server).env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "");
    let run = run.env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
    run.stderr(
        "lazycred: error: AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6\n",
    )
    .status(2);
}
