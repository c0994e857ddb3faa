//! Credentials that have expired: how to get fresh ones depends on their source.

use super::*;

/// Says of all credentials that they have expired.
fn server() -> FakeAws {
    super::server(|request, operation| match operation {
        "GetObject" => Some(Answer::s3(
            400,
            "ExpiredToken",
            "The provided token has expired.",
        )),
        _ if request.path == "/container" => Some(Answer::credentials("FROMPOD")),
        _ => None,
    })
}

fn expired(renewal: &str) -> String {
    unread(
        "ExpiredToken: The provided token has expired.",
        &format!("the credentials have expired; {renewal}"),
    )
}

#[test]
fn expired_credentials_lead_to_their_own_source() {
    let server = server();
    let sandbox = sandbox(&server);
    let tool = r#"{"Version":1,"AccessKeyId":"FROMTOOL","SecretAccessKey":"s"}"#;
    let path = sandbox.write(
        ".aws/config",
        format!("[profile k]\n{}aws_session_token = t\n[profile tool]\ncredential_process = echo '{tool}'\n[profile r]\n{}source_profile = tool\n", keys("FROMK"), role("r")),
    );
    let get = || sandbox.run(["get", "s"]);
    let fresh = "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to fresh ones";
    let by_variables = with_keys(get(), "FROMKEYS").env("AWS_SESSION_TOKEN", "t");
    by_variables.stderr(expired(fresh)).status(1);
    let fresh = format!(
        "write fresh ones into the AWS profile `k`, in `{}`",
        path.display()
    );
    let by_profile = get().env("AWS_PROFILE", "k");
    by_profile.stderr(expired(&fresh)).status(1);
    let fresh = "the `credential_process` of the AWS profile `tool` must print fresh ones";
    for profile in ["tool", "r"] {
        let by_tool = get().env("AWS_PROFILE", profile);
        by_tool.stderr(expired(fresh)).status(1);
    }
    let container = format!("{}/container", server.url());
    let in_pod = get().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container);
    in_pod
        .stderr(expired(
            "the container's credentials endpoint must give fresh ones",
        ))
        .status(1);
}

#[test]
fn credentials_that_are_given_after_their_time_are_not_used() {
    let past = r#"{"AccessKeyId": "FROMPOD", "SecretAccessKey": "s", "Token": "t", "Expiration": "2020-01-01T00:00:00Z"}"#;
    let server = super::server(move |request, _| {
        (request.path == "/container").then(|| Answer::new(200, past))
    });
    let sandbox = sandbox(&server);
    let run = sandbox.run(["get", "s"]);
    let container = format!("{}/container", server.url());
    let outcome = run
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
        .fails(1);
    let told = outcome.stderr;
    assert!(
        told.starts_with(
            "lazycred: error: cannot read `s` (s3://acme/s): the credentials expired "
        ),
        "{told}"
    );
    assert!(told.ends_with(" minutes ago, by this machine's clock\nlazycred: hint: the container's credentials endpoint must give fresh ones; if they are fresh, set the clock\n"), "{told}");
    assert!(ids(&server).is_empty());
}
