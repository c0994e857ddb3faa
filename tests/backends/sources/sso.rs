//! IAM Identity Center: each way to have no session leads to `aws sso login`.

use super::*;

/// The files of the tokens: SHA-1 of `dev`, the session's name, and of the start URL.
const CACHES: [(&str, &str); 2] = [
    ("sso", "34c6fceca75e456f25e7e99531e2425c6c1de443"),
    ("old", "b343494cf15ba6b81449840ea93161cf3b27e5e3"),
];

/// A profile with a session, one of the older form, and a role beyond the first.
const CONFIG: &str = "[profile sso]\nsso_session = dev\nsso_account_id = 123456789012\nsso_role_name = r\n\
    [sso-session dev]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\n\
    [profile old]\nsso_start_url = https://example.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n\
    [profile over]\nrole_arn = arn:aws:iam::123456789012:role/over\nsource_profile = sso\n";

/// Answers for a token `good`.
fn server(answer: impl Fn() -> Answer + Send + Sync + 'static) -> FakeAws {
    super::server(move |request, _| (request.path == "/federation/credentials").then(&answer))
}

fn good() -> Answer {
    let body = r#"{"roleCredentials": {"accessKeyId": "FROMSSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 32503680000000}}"#;
    Answer::empty(200).body("application/json", body)
}

fn refusal(status: u16, code: &str) -> Answer {
    let body = r#"{"message": "Session token not found or invalid"}"#;
    Answer::empty(status)
        .header("x-amzn-errortype", code)
        .body("application/json", body)
}

fn sandbox(server: &FakeAws) -> Sandbox {
    let sandbox = super::sandbox(server);
    sandbox.write(".aws/config", CONFIG);
    sandbox.never(b"hunter2-hunter2");
    sandbox
}

/// Writes the same token for both profiles.
fn write(sandbox: &Sandbox, text: &str) {
    for (_, cache) in CACHES {
        sandbox.write(format!(".aws/sso/cache/{cache}.json"), text);
    }
}

const TOKEN: &str = r#"{"accessToken": "hunter2-hunter2", "expiresAt": "2999-01-01T00:00:00Z"}"#;

#[track_caller]
fn login(sandbox: &Sandbox, by: &str, profile: &str, error: &str) {
    let error = error.replace("PROFILE", profile);
    let run = sandbox.run(["get", "s", "--profile", by]);
    run.stderr(unread(
        &error,
        &format!("run `aws sso login --profile {profile}`"),
    ))
    .status(1);
}

#[test]
fn an_sso_session_gives_credentials_and_a_role_beyond_them() {
    let server = server(good);
    let sandbox = sandbox(&server);
    write(&sandbox, TOKEN);
    for profile in ["sso", "old", "over"] {
        sandbox.prints(["get", "s", "--profile", profile], "x");
    }
    assert_eq!(ids(&server), ["FROMSSO", "FROMSSO", "FROMOVER"]);
}

#[test]
fn an_absent_or_damaged_sso_session_leads_to_a_login() {
    let server = server(good);
    let sandbox = sandbox(&server);
    let none = "the AWS profile `PROFILE` has no usable SSO session";
    for (profile, _) in CACHES {
        login(&sandbox, profile, profile, none);
    }
    login(&sandbox, "over", "sso", none);
    for text in [
        "",
        "hunter2-hunter2",
        "{\"accessToken\": \"hunter2-hunter2\"}",
        "{\"accessToken\": \"hunter2-hunter2\", \"expiresAt\": \"hunter2-hunter2\"}",
        "[]",
    ] {
        write(&sandbox, text);
        for (profile, _) in CACHES {
            login(&sandbox, profile, profile, none);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn an_expired_or_revoked_sso_session_leads_to_a_login() {
    let expired = "the SSO session of the AWS profile `PROFILE` has expired";
    let ended = server(|| refusal(401, "UnauthorizedException"));
    let files = sandbox(&ended);
    let past = TOKEN.replace("2999", "2020");
    for text in [&*past, TOKEN] {
        write(&files, text);
        for (profile, _) in CACHES {
            login(&files, profile, profile, expired);
        }
        login(&files, "over", "sso", expired);
    }
}

#[test]
fn a_role_that_is_not_assigned_is_said_to_be_so() {
    for (status, code) in [
        (403, "ForbiddenException"),
        (404, "ResourceNotFoundException"),
    ] {
        let server = server(move || refusal(status, code));
        let sandbox = sandbox(&server);
        write(&sandbox, TOKEN);
        let hint = "run `aws sso login --profile sso`; if that changes nothing, check `sso_account_id` and `sso_role_name`, and that the role is assigned to you";
        let error = "the SSO user may not have the role of the AWS profile `sso`";
        let run = sandbox.run(["get", "s", "--profile", "sso"]);
        run.stderr(unread(error, hint)).status(1);
    }
}

#[test]
fn a_busy_sso_is_asked_again() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = server(
        move || match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Answer::empty(429),
            1 => refusal(429, "TooManyRequestsException"),
            _ => good(),
        },
    );
    let sandbox = sandbox(&server);
    write(&sandbox, TOKEN);
    let run = sandbox.run(["get", "s", "--profile", "sso"]);
    run.env("AWS_MAX_ATTEMPTS", "3").stdout("x").ok();
}

#[test]
fn an_incomplete_sso_profile_names_what_is_missing() {
    let server = server(good);
    let sandbox = sandbox(&server);
    let path = sandbox.write(
        ".aws/config",
        "[profile role]\nsso_session = dev\nsso_account_id = 1\n[profile url]\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n\
         [profile gone]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = r\n[profile both]\nsso_session = dev\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n\
         [profile half]\nsso_session = dev\nsso_account_id = 1\nsso_role_name = r\n[sso-session dev]\nsso_region = us-east-1\n",
    );
    for (profile, what) in [
        ("role", "has no `sso_role_name`"),
        ("url", "has no `sso_start_url`"),
        (
            "gone",
            "names the `sso_session` `gone`, which does not exist",
        ),
        (
            "both",
            "has `sso_region`, which belongs into its `sso_session`",
        ),
        (
            "half",
            "names the `sso_session` `dev`, which has no `sso_start_url`",
        ),
    ] {
        let error = format!(
            "the AWS profile `{profile}`, in `{}`, {what}",
            path.display()
        );
        let hint = format!("`aws configure sso --profile {profile}` sets it up");
        let run = sandbox.run(["get", "s", "--profile", profile]);
        run.stderr(told(&error, &hint)).status(2);
    }
}

#[test]
fn an_sso_that_cannot_be_reached_is_told_as_the_network_is() {
    let server = server(good);
    let mut sandbox = sandbox(&server);
    write(&sandbox, TOKEN);
    let nowhere = crate::support::fake_aws::nowhere();
    sandbox.set("AWS_ENDPOINT_URL_SSO", &nowhere);
    let host = nowhere.trim_start_matches("http://");
    let error = format!(
        "cannot get the SSO credentials of the AWS profile `sso`: cannot connect to {host}: Connection refused (os error 111)"
    );
    let run = sandbox.run(["get", "s", "--profile", "sso"]);
    run.stderr_has(&error).status(1);
}

#[test]
fn a_profile_of_aws_login_says_what_to_do_instead() {
    let server = server(good);
    let sandbox = sandbox(&server);
    sandbox.write(
        ".aws/config",
        "[profile web]\nlogin_session = arn:aws:iam::123456789012:user/me\n",
    );
    let run = sandbox.run(["get", "s", "--profile", "web"]);
    run.stderr(unread(
        "the AWS profile `web` uses `login_session`, which lazycred does not support",
        "choose another profile with `credential_process = aws configure export-credentials --profile web --format process`",
    ))
    .status(1);
}

#[test]
fn a_token_goes_to_no_sso_by_plain_http() {
    let server = server(good);
    let sandbox = sandbox(&server);
    write(&sandbox, TOKEN);
    let hint = "use https://, or set LAZYCRED_ALLOW_HTTP=1 if the connection cannot be intercepted";
    for (variable, profile) in [
        ("AWS_ENDPOINT_URL_SSO", "sso"),
        ("AWS_ENDPOINT_URL_SSO", "old"),
        ("AWS_ENDPOINT_URL_STS", "over"),
    ] {
        let what = match profile {
            "over" => "the role `arn:aws:iam::123456789012:role/over` from STS".to_owned(),
            profile => format!("the SSO credentials of the AWS profile `{profile}`"),
        };
        let error = format!(
            "cannot get {what}: plain http to `192.0.2.1` is refused (endpoint from {variable})"
        );
        let run = sandbox.run(["get", "s", "--timeout", "5", "--profile", profile]);
        run.env(variable, "http://192.0.2.1")
            .stderr(unread(&error, hint))
            .status(1);
    }
    assert!(
        !server
            .requests()
            .iter()
            .any(|asked| asked.operation == "GetObject")
    );
}

#[test]
fn a_token_file_of_sso_that_is_no_small_file_is_named_and_hangs_nothing() {
    let server = server(good);
    let sandbox = sandbox(&server);
    let (_, name) = CACHES[0];
    let path = sandbox.write(format!(".aws/sso/cache/{name}.json"), vec![b' '; 2 << 20]);
    let refused = |what: &str| {
        let error = format!(
            "the SSO token file `{}` of the AWS profile `sso` {what}",
            path.display()
        );
        let run = sandbox.run(["get", "s", "--profile", "sso"]);
        run.stderr(unread(
            &error,
            "remove it, then run `aws sso login --profile sso`",
        ))
        .status(1);
    };
    refused("is larger than 1048576 bytes");
    std::fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    refused("is not a regular file");
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    refused("is not a regular file");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    refused("is not a regular file");
}

#[test]
fn a_page_or_a_failure_in_place_of_sso_is_told_as_such() {
    let server = self::server(page);
    let sandbox = sandbox(&server);
    write(&sandbox, TOKEN);
    let get = || sandbox.run(["get", "s", "--profile", "sso"]);
    let what = "the SSO credentials of the AWS profile `sso`";
    get().stderr(blocked(what, &server)).status(1);
    for (answer, why, hint) in [
        (
            Answer::empty(200).body("application/json", "<oops"),
            "its answer is not JSON as expected",
            "run `aws sso login --profile sso`, and check the profile's `sso_` members",
        ),
        (
            refusal(500, "InternalServerException"),
            "InternalServerException",
            "the failure is on the server's side: try again later",
        ),
    ] {
        let server = self::server(move || answer.clone());
        let outcome = get().env("AWS_ENDPOINT_URL", server.url()).fails(1);
        let told = outcome.stderr;
        assert!(told.contains(why), "{told}");
        assert!(told.ends_with(&format!("hint: {hint}\n")), "{told}");
    }
}
