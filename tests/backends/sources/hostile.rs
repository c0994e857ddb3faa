//! Files and answers that credentials come from, with contents that no library is
//! prepared for: nothing brings the program down, and no message is long.

use super::*;
use crate::backends::aws_settings::sound;

/// Times that do not exist, or whose sum with another does not.
const TIMES: [&str; 8] = [
    "",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "9999-12-31T23:59:59-23:59",
    "99999-12-31T23:59:59Z",
    "-292277022657-01-27T08:29:52Z",
    "1970-01-01T00:00:00\u{7}",
];

/// Documents that are none, have no end, or are too deep or too long.
fn documents() -> Vec<Vec<u8>> {
    let deep = |open: &str| format!("{{\"a\": {}", open.repeat(100_000)).into_bytes();
    vec![
        vec![],
        b"\xff\xfe{".to_vec(),
        b"null".to_vec(),
        b"{\"AccessKeyId\": 7}".to_vec(),
        b"{\"\\ud800\": \"\\ud800\"}".to_vec(),
        deep("["),
        deep("{\"a\":"),
        vec![b'x'; 300_000],
        [b"{\"AccessKeyId\": \"", &[b'A'; 200_000][..], b"\"}"].concat(),
    ]
}

#[track_caller]
fn holds(run: Run, what: &str) {
    let outcome = run.never("hunter2-hunter2").outcome();
    sound(&outcome, what);
    let lines = outcome.stderr.lines();
    let errors = lines.filter(|line| line.starts_with("lazycred: error:"));
    assert_eq!(
        errors.count(),
        usize::from(outcome.status != 0),
        "{what}: {}",
        outcome.stderr
    );
    let longest = outcome.stderr.lines().map(str::len).max();
    assert!(
        longest.unwrap_or_default() <= 900,
        "{what}: {}",
        outcome.stderr
    );
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned()
}

/// A member of a document, of a good one otherwise.
fn json(members: &[(&str, &str)]) -> String {
    let members = members
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

#[test]
fn nothing_in_a_container_s_answer_causes_a_crash() {
    let text = |value: &str| serde_json::to_string(value).unwrap();
    let mut bodies = documents();
    let with = |key: &str, secret: &str, token: &str, time: &str| {
        json(&[
            ("AccessKeyId", key),
            ("SecretAccessKey", secret),
            ("Token", token),
            ("Expiration", time),
        ])
        .into_bytes()
    };
    let (good, bad, time) = (
        "\"FROMX\"",
        text("hunter2-hunter2\r\n"),
        text("2999-01-01T00:00:00Z"),
    );
    bodies.extend(TIMES.map(|time| with(good, good, good, &text(time))));
    bodies.push(with(good, &bad, good, &time));
    bodies.push(with(good, good, &bad, &time));
    bodies.push(with("\"\"", "\"\"", "\"\"", &time));
    for body in bodies {
        let what = shown(&body);
        let server = super::server(move |request, _| {
            (request.path == "/container").then(|| Answer::new(200, body.clone()))
        });
        let run = sandbox(&server).run(["get", "s", "--timeout", "20"]);
        let container = format!("{}/container", server.url());
        holds(
            run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
                .any_stdout(),
            &what,
        );
    }
}

#[test]
fn nothing_in_a_cached_sso_token_or_in_what_it_is_exchanged_for_causes_a_crash() {
    let server = super::server(|request, _| {
        let body = match &*request.path {
            "/token" => r#"{"accessToken": "hunter2-hunter2", "expiresIn": 2147483647}"#,
            "/federation/credentials" => {
                r#"{"roleCredentials": {"accessKeyId": "FROMSSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 9223372036854775807}}"#
            }
            _ => return None,
        };
        Some(Answer::empty(200).body("application/json", body))
    });
    let sandbox = sandbox(&server);
    sandbox.write(".aws/config", "[profile sso]\nsso_session = dev\nsso_account_id = 1\nsso_role_name = r\n[sso-session dev]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\n");
    let mut tokens = documents();
    let text = |value: &str| serde_json::to_string(value).unwrap();
    let token = text("hunter2-hunter2");
    let refreshed = |expires: &str, registration: &str| {
        json(&[
            ("accessToken", &token),
            ("expiresAt", &text(expires)),
            ("clientId", &token),
            ("clientSecret", &token),
            ("refreshToken", &token),
            ("registrationExpiresAt", &text(registration)),
        ])
    };
    tokens.extend(TIMES.map(|time| refreshed(time, "2999-01-01T00:00:00Z").into_bytes()));
    tokens.extend(TIMES.map(|time| refreshed("2999-01-01T00:00:00Z", time).into_bytes()));
    tokens.push(refreshed("2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z").into_bytes());
    for value in [
        "",
        "hunter2-hunter2\r\n",
        "hunter2-hunter2\u{e9}",
        "hunter2-hunter2\0",
    ] {
        tokens.push(
            json(&[
                ("accessToken", &text(value)),
                ("expiresAt", &text("2999-01-01T00:00:00Z")),
            ])
            .into_bytes(),
        );
    }
    for token in tokens {
        let what = shown(&token);
        sandbox.write(
            ".aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json",
            token,
        );
        holds(
            sandbox.run(["get", "s", "--profile", "sso"]).any_stdout(),
            &what,
        );
    }
}

#[test]
fn nothing_that_sso_answers_causes_a_crash() {
    let mut bodies = documents();
    for expiration in [
        "-9223372036854775808",
        "9223372036854775807",
        "0",
        "-1",
        "1e300",
        "\"x\"",
        "null",
    ] {
        let given = json(&[
            ("accessKeyId", "\"FROMSSO\""),
            ("secretAccessKey", "\"s\""),
            ("sessionToken", "\"t\""),
            ("expiration", expiration),
        ]);
        bodies.push(json(&[("roleCredentials", &given)]).into_bytes());
    }
    bodies.push(b"{\"roleCredentials\": {\"accessKeyId\": \"hunter2-hunter2\\r\", \"secretAccessKey\": \"s\"}}".to_vec());
    for body in bodies {
        let what = shown(&body);
        let server = super::server(move |request, _| {
            (request.path == "/federation/credentials")
                .then(|| Answer::empty(200).body("application/json", body.clone()))
        });
        let sandbox = sandbox(&server);
        sandbox.write(".aws/config", "[profile sso]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\nsso_account_id = 1\nsso_role_name = r\n");
        sandbox.write(
            ".aws/sso/cache/b343494cf15ba6b81449840ea93161cf3b27e5e3.json",
            r#"{"accessToken": "hunter2-hunter2", "expiresAt": "2999-01-01T00:00:00Z"}"#,
        );
        holds(
            sandbox.run(["get", "s", "--profile", "sso"]).any_stdout(),
            &what,
        );
    }
}

#[test]
fn nothing_that_sts_answers_causes_a_crash() {
    let mut bodies: Vec<Vec<u8>> = vec![
        vec![],
        b"\xff".to_vec(),
        b"<".to_vec(),
        b"<a>".repeat(100_000),
        vec![b'x'; 300_000],
    ];
    let good = Answer::role("AssumeRole", "FROMROLE").body;
    let good = String::from_utf8(good).unwrap();
    bodies.extend(TIMES.map(|time| good.replace("2999-01-01T00:00:00Z", time).into_bytes()));
    bodies.push(
        good.replace("FROMROLE", "hunter2-hunter2&#13;")
            .into_bytes(),
    );
    bodies.push(
        good.replace("<SessionToken>t</SessionToken>", "")
            .into_bytes(),
    );
    for body in bodies {
        let what = shown(&body);
        let web = String::from_utf8_lossy(&body)
            .replace("AssumeRole", "AssumeRoleWithWebIdentity")
            .into_bytes();
        let server = super::server(move |_, operation| {
            let body = match operation {
                "AssumeRole" => &body,
                "AssumeRoleWithWebIdentity" => &web,
                _ => return None,
            };
            Some(Answer::empty(200).body("text/xml", body.clone()))
        });
        let sandbox = sandbox(&server);
        let token = sandbox.write("token", "a.b.c");
        sandbox.write(".aws/config", format!("[profile p]\n{}source_profile = k\n[profile k]\n{}[profile w]\n{}web_identity_token_file = {}\n", role("r"), keys("FROMK"), role("w"), token.display()));
        for profile in ["p", "w"] {
            holds(
                sandbox.run(["get", "s", "--profile", profile]).any_stdout(),
                &what,
            );
        }
    }
}

#[test]
fn nothing_that_instance_metadata_answers_causes_a_crash() {
    for body in documents() {
        let what = shown(&body);
        for place in [
            "/latest/api/token",
            "/latest/meta-data/iam/security-credentials/",
            "/latest/meta-data/iam/security-credentials/web",
        ] {
            let body = body.clone();
            let server = super::server(move |request, _| {
                let answer = match &*request.path {
                    path if path == place => Answer::new(200, body.clone()),
                    "/latest/api/token" => Answer::new(200, "t"),
                    "/latest/meta-data/iam/security-credentials/" => Answer::new(200, "web"),
                    path if path.starts_with("/latest") => Answer::credentials("FROMINSTANCE"),
                    _ => return None,
                };
                Some(answer.header("x-aws-ec2-metadata-token-ttl-seconds", "21600"))
            });
            let run = sandbox(&server).run(["get", "s", "--timeout", "20"]);
            let run = run.env("AWS_EC2_METADATA_DISABLED", "false");
            let run = run.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url());
            holds(run.any_stdout(), &format!("{place}: {what}"));
        }
    }
}

#[test]
fn no_section_of_a_profile_s_services_or_sso_session_causes_a_crash() {
    let server = super::server(|_, _| None);
    let sandbox = sandbox(&server);
    let bad = [
        "",
        "x",
        "http://",
        "http://a b",
        "http://[",
        "\u{7}",
        "http://127.0.0.1:1/\u{7f}",
        &"a".repeat(50_000),
    ];
    for value in bad {
        let what = shown(value.as_bytes());
        let services = ["s3", "kms", "sts", "sso", "sso_oidc"]
            .map(|name| format!("{name} =\n  endpoint_url = {value}\n"))
            .concat();
        sandbox.write(
            ".aws/config",
            format!("[profile k]\nservices = dev\n{0}[profile p]\nservices = dev\n{1}source_profile = k\n[services dev]\n{services}[sso-session dev]\nsso_region = us-east-1\nsso_start_url = {value}\n[profile sso]\nservices = dev\nsso_session = dev\nsso_account_id = {value}\nsso_role_name = {value}\n", keys("FROMK"), role("r")),
        );
        for profile in ["k", "p", "sso"] {
            let run = sandbox
                .run(["get", "s", "--profile", profile])
                .env("AWS_ENDPOINT_URL", "");
            holds(run.any_stdout(), &format!("{profile}: {what}"));
        }
    }
}
