//! Roles that STS refuses: which one, of which profile, and what to do.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::*;

fn refusing(status: u16, code: &'static str, message: &'static str) -> FakeAws {
    super::server(move |_, operation| {
        (operation == "AssumeRole").then(|| Answer::sts(status, code, message))
    })
}

fn files(server: &FakeAws) -> Sandbox {
    let sandbox = sandbox(server);
    sandbox.write(
        ".aws/config",
        format!(
            "[profile p]\n{}source_profile = k\n[profile k]\n{}",
            role("r"),
            keys("FROMK")
        ),
    );
    sandbox
}

#[test]
fn a_refused_role_is_named_with_its_profile() {
    let arn = "arn:aws:iam::123456789012:role/r";
    let denied = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r";
    let allow = format!("allow sts:AssumeRole on {arn}, and check its trust policy");
    let write = |files: &Sandbox| {
        format!(
            "write fresh ones into the AWS profile `k`, in `{}/.aws/config`",
            files.home().display()
        )
    };
    for (status, code, message) in [
        (403, "AccessDenied", denied),
        (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (400, "ValidationError", "r is invalid"),
    ] {
        let server = refusing(status, code, message);
        let sandbox = files(&server);
        let hint = match code {
            "AccessDenied" => allow.clone(),
            "ExpiredToken" => format!(
                "the credentials that should assume it have expired; {}",
                write(&sandbox)
            ),
            "InvalidClientTokenId" => format!(
                "AWS does not know the credentials that should assume it; {}",
                write(&sandbox)
            ),
            _ => "check `role_arn` of the AWS profile `p`".to_owned(),
        };
        let error =
            format!("STS refuses the role `{arn}` of the AWS profile `p`: {code}: {message}");
        let run = sandbox.run(["get", "s", "--profile", "p"]);
        run.stderr(unread(&error, &hint)).status(1);
    }
}

#[test]
fn the_refused_role_of_several_is_the_one_that_is_named() {
    let server = super::server(|request, operation| {
        let refused = operation == "AssumeRole" && field(request, "RoleArn").ends_with("/second");
        refused.then(|| Answer::sts(403, "AccessDenied", "no"))
    });
    let sandbox = sandbox(&server);
    sandbox.write(
        ".aws/config",
        format!(
            "[profile c]\n{}source_profile = b\n[profile b]\n{}source_profile = a\n[profile a]\n{}source_profile = k\n[profile k]\n{}",
            role("third"), role("second"), role("first"), keys("FROMK")
        ),
    );
    let error = "STS refuses the role `arn:aws:iam::123456789012:role/second` of the AWS profile `b`: AccessDenied: no";
    let run = sandbox.run(["get", "s", "--profile", "c"]);
    run.stderr(unread(
        error,
        "allow sts:AssumeRole on arn:aws:iam::123456789012:role/second, and check its trust policy",
    ))
    .status(1);
    assert_eq!(server.operations(), ["AssumeRole", "AssumeRole"]);
}

#[test]
fn a_busy_sts_is_asked_again() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = super::server(move |_, operation| {
        let is_first = operation == "AssumeRole"
            && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        is_first.then(|| Answer::empty(429))
    });
    let run = files(&server).run(["get", "s", "--profile", "p"]);
    run.env("AWS_MAX_ATTEMPTS", "2").stdout("x").ok();
    assert_eq!(server.operations()[..2], ["AssumeRole", "AssumeRole"]);
}

#[test]
fn a_role_that_sts_throttles_is_asked_for_until_the_time_is_over() {
    let times = AtomicUsize::new(0);
    let server = super::server(move |_, operation| {
        let is_early = operation.starts_with("AssumeRole") && times.fetch_add(1, Relaxed) < 3;
        is_early.then(|| Answer::sts(400, "Throttling", "Rate exceeded"))
    });
    let sandbox = files(&server);
    let run = sandbox.run(["get", "s", "--profile", "p"]);
    run.env("AWS_MAX_ATTEMPTS", "1").stdout("x").ok();
    assert_eq!(server.operations()[..4], ["AssumeRole"; 4]);
    for by_token in [false, true] {
        let server = super::server(|_, operation| {
            let is_asked = operation.starts_with("AssumeRole");
            is_asked.then(|| Answer::sts(400, "Throttling", "Rate exceeded"))
        });
        let sandbox = files(&server);
        let token = sandbox.write("token", "t");
        let mut run = sandbox
            .run("get s --timeout 2")
            .env("AWS_MAX_ATTEMPTS", "1");
        run = if by_token {
            run.env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
        } else {
            run.env("AWS_PROFILE", "p")
        };
        run.stderr(
            "lazycred: error: timed out after 2 s trying to read `s` (s3://acme/s); the last response was Throttling: Rate exceeded\n\
             lazycred: hint: spread the requests, or raise --timeout\n",
        )
        .status(1);
    }
}

#[test]
fn an_sts_that_cannot_be_reached_is_told_as_the_network_is() {
    let server = super::server(|_, _| None);
    let nowhere = crate::support::fake_aws::nowhere();
    let host = nowhere.trim_start_matches("http://").to_owned();
    let run = files(&server).run(["get", "s", "--profile", "p"]);
    let error = format!(
        "cannot get the role `arn:aws:iam::123456789012:role/r` from STS: cannot connect to {host}: Connection refused (os error 111) (endpoint from AWS_ENDPOINT_URL_STS)"
    );
    let hint = "check that a server answers there, or change the endpoint in AWS_ENDPOINT_URL_STS";
    let run = run.env("AWS_ENDPOINT_URL_STS", &nowhere);
    run.stderr(unread(&error, hint)).status(1);
}

#[test]
fn a_role_is_not_blamed_for_a_failure_of_sts_or_for_a_page_in_its_place() {
    let later = "the failure is on the server's side: try again later; https://health.aws.amazon.com shows AWS's known problems";
    let region =
        "enable the region in use for the account, or finish its sign-up, in the AWS console";
    for (status, code, hint) in [
        (503, "ServiceUnavailable", later),
        (500, "InternalError", later),
        (502, "Odd", later),
        (403, "RegionDisabledException", region),
    ] {
        let server = super::server(move |_, operation| {
            operation
                .starts_with("AssumeRole")
                .then(|| Answer::sts(status, code, "not now"))
        });
        let sandbox = files(&server);
        let token = sandbox.write("token", "t");
        let arn = "arn:aws:iam::123456789012:role/r";
        let error = format!("STS refuses the role `{arn}` of the AWS profile `p`: {code}: not now");
        let run = sandbox.run(["get", "s", "--profile", "p"]);
        run.stderr(unread(&error, hint)).status(1);
        let error = format!(
            "STS refuses the role `{arn}` to the web identity token `{}`: {code}: not now",
            token.display()
        );
        let run = sandbox.run(["get", "s"]).env("AWS_ROLE_ARN", arn);
        run.env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
            .stderr(unread(&error, hint))
            .status(1);
    }
    let server = super::server(|_, operation| (operation == "AssumeRole").then(page));
    let run = files(&server).run(["get", "s", "--profile", "p"]);
    let what = "the role `arn:aws:iam::123456789012:role/r` from STS";
    run.stderr(blocked(what, &server)).status(1);
}
