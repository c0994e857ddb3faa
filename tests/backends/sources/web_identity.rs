//! A web identity (EKS, CI): its token file and its role are named.

use super::*;

const ARN: &str = "arn:aws:iam::123456789012:role/r";

fn run(sandbox: &Sandbox, token: &std::path::Path) -> Run {
    sandbox
        .run(["get", "s"])
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .env("AWS_ROLE_ARN", ARN)
}

#[test]
fn a_web_identity_is_exchanged_for_a_role_by_variables_or_a_profile() {
    let server = super::server(|_, _| None);
    let sandbox = sandbox(&server);
    let token = sandbox.write("token", "a.web.identity\n");
    run(&sandbox, &token)
        .env("AWS_ROLE_SESSION_NAME", "pod")
        .stdout("x")
        .ok();
    sandbox.write(
        ".aws/config",
        format!(
            "[profile p]\n{}web_identity_token_file = {}\n[profile q]\n{}source_profile = p\n",
            role("p"),
            token.display(),
            role("q")
        ),
    );
    sandbox.prints(["get", "s", "--profile", "p"], "x");
    sandbox.prints(["get", "s", "--profile", "q"], "x");
    assert_eq!(ids(&server), ["FROMR", "FROMP", "FROMQ"]);
    let requests = server.requests();
    let first = &requests[0];
    assert_eq!(field(first, "WebIdentityToken"), "a.web.identity");
    assert_eq!(field(first, "RoleSessionName"), "pod");
    assert_eq!(first.header("authorization"), None);
}

#[test]
fn a_web_identity_of_variables_comes_after_key_variables_and_a_role_and_before_other_sources() {
    let server = super::server(|_, _| None);
    let sandbox = sandbox(&server);
    let token = sandbox.write("token", "a.web.identity\n");
    let tool = r#"{"Version":1,"AccessKeyId":"FROMTOOL","SecretAccessKey":"s"}"#;
    let config = sandbox.write(
        ".aws/config",
        format!(
            "[profile k]\n{}[profile q]\n{}source_profile = k\n[profile t]\ncredential_process = echo '{tool}'\n\
             [profile w]\n{}web_identity_token_file = /gone\n[default]\n{}",
            keys("FROMK"),
            role("q"),
            role("w"),
            keys("FROMDEFAULT")
        ),
    );
    let get = || run(&sandbox, &token).stdout("x");
    with_keys(get(), "FROMKEYS").ok();
    get().ok();
    let passed_over = |profile: &str| {
        format!(
            "lazycred: warning: the AWS profile `{profile}`, in `{}`, is not used for credentials, since AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are set; --profile chooses it\n",
            config.display()
        )
    };
    for profile in ["k", "t", "w"] {
        let run = get().env("AWS_PROFILE", profile);
        run.stderr(passed_over(profile)).status(0);
    }
    get().env("AWS_PROFILE", "q").ok();
    let chosen = sandbox.run(["get", "s", "--profile", "k"]).stdout("x");
    chosen
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
        .env("AWS_ROLE_ARN", ARN)
        .ok();
    assert_eq!(
        ids(&server),
        [
            "FROMKEYS", "FROMR", "FROMR", "FROMR", "FROMR", "FROMQ", "FROMK"
        ]
    );
    // A profile without credentials needs no choice.
    sandbox.write(".aws/config", "[profile e]\nregion = us-east-1\n");
    let warning = "lazycred: warning: the AWS profile `e`, in `CONFIG`, holds no credentials; those of the web identity are used\n";
    let warning = warning.replace("CONFIG", &config.display().to_string());
    get().env("AWS_PROFILE", "e").stderr(warning).status(0);
}

#[test]
fn a_token_file_that_is_of_no_use_is_named_with_what_names_it() {
    let server = super::server(|_, _| None);
    let sandbox = sandbox(&server);
    sandbox.never(b"hunter2-hunter2");
    let hint = "the platform (EKS, the CI) must write it; elsewhere, unset what names it";
    let token = sandbox.work().join("token");
    let shown = token.display().to_string();
    let refused = |what: &str| {
        let error =
            format!("the token file `{shown}`, named by AWS_WEB_IDENTITY_TOKEN_FILE, {what}");
        run(&sandbox, &token).stderr(unread(&error, hint)).status(1);
    };
    refused("does not exist");
    for (bytes, what) in [
        (&b""[..], "is empty"),
        (b" \n", "is empty"),
        (b"hunter2-hunter2\xff", "is not UTF-8"),
        (
            b"hunter2-hunter2\x00",
            "contains a control character, U+0000, at its end",
        ),
        (
            b"hunter2-hunter2\nmore",
            "contains a control character, U+000A, at character 16",
        ),
    ] {
        sandbox.write("token", bytes);
        refused(what);
    }
    sandbox.write("token", vec![b'a'; 100_000]);
    refused("cannot be read: it is larger than 65536 bytes");
    let folder = sandbox.work().display().to_string();
    let error = format!(
        "the token file `{folder}`, named by AWS_WEB_IDENTITY_TOKEN_FILE, cannot be read: Is a directory (os error 21)"
    );
    run(&sandbox, sandbox.work())
        .stderr(unread(&error, hint))
        .status(1);
    sandbox.write(
        ".aws/config",
        format!(
            "[profile p]\n{}web_identity_token_file = /nowhere\n",
            role("p")
        ),
    );
    let error = "the token file `/nowhere`, named by `web_identity_token_file` of the AWS profile `p`, does not exist";
    let by_profile = sandbox.run(["get", "s", "--profile", "p"]);
    by_profile.stderr(unread(error, hint)).status(1);
    assert!(server.requests().is_empty());
}

#[test]
fn a_refused_web_identity_says_what_iam_lacks() {
    let table = [
        (403, "AccessDenied", format!("the trust policy of `{ARN}` must allow sts:AssumeRoleWithWebIdentity for the token's issuer, subject and audience")),
        (400, "InvalidIdentityToken", "IAM must know the token's issuer as an OIDC identity provider, in the role's account and for the token's audience".to_owned()),
        (400, "ExpiredTokenException", "the token has expired; whoever writes the file (EKS, the CI) must renew it".to_owned()),
        (400, "IDPCommunicationError", "AWS must be able to reach the token's issuer; try again".to_owned()),
        (400, "ValidationError", "check AWS_WEB_IDENTITY_TOKEN_FILE and the role's ARN".to_owned()),
    ];
    for (status, code, hint) in table {
        let server = super::server(move |_, operation| {
            (operation == "AssumeRoleWithWebIdentity").then(|| Answer::sts(status, code, "not so"))
        });
        let sandbox = sandbox(&server);
        let token = sandbox.write("token", "hunter2-hunter2");
        sandbox.never(b"hunter2-hunter2");
        let error = format!(
            "STS refuses the role `{ARN}` to the web identity token `{}`: {code}: not so",
            token.display()
        );
        run(&sandbox, &token)
            .stderr(unread(&error, &hint))
            .status(1);
    }
}

#[test]
fn a_token_file_without_a_role_is_refused_and_a_role_without_a_file_is_none() {
    let server = super::server(|_, _| None);
    let sandbox = sandbox(&server);
    let alone = sandbox
        .run(["get", "s"])
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/t");
    alone
        .stderr(told(
            "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is missing or empty",
            "set both, or unset AWS_WEB_IDENTITY_TOKEN_FILE to use another source of credentials",
        ))
        .status(2);
    let none = unread(
        "no credentials: no access-key variables, profile, web identity or container role, and AWS_EC2_METADATA_DISABLED is set",
        NO_ROLE,
    );
    let role = sandbox.run(["get", "s"]).env("AWS_ROLE_ARN", ARN);
    let role = role.env("AWS_WEB_IDENTITY_TOKEN_FILE", "");
    role.stderr(none).status(1);
}
