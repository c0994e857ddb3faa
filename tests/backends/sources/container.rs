//! Credentials of a container: ECS and EKS Pod Identity.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// Gives credentials to who has this token, after some answers of this status.
fn server(status: u16, times: usize, token: Option<&'static str>) -> FakeAws {
    let asked = AtomicUsize::new(0);
    super::server(move |request, _| {
        if request.path != "/container" {
            return None;
        }
        if asked.fetch_add(1, Ordering::Relaxed) < times {
            return Some(Answer::new(status, "{}"));
        }
        let is_known = request.header("authorization") == token;
        Some(if is_known {
            Answer::credentials("FROMPOD")
        } else {
            Answer::empty(403)
        })
    })
}

fn get(server: &FakeAws, sandbox: &Sandbox) -> Run {
    sandbox
        .run(["get", "s"])
        .env(FULL, format!("{}/container", server.url()))
}

fn named(what: &str) -> String {
    format!("the container's credentials endpoint, named by {FULL}, {what}")
}

#[test]
fn a_busy_endpoint_is_asked_again_whether_it_says_429_or_503() {
    for status in [429, 503] {
        let server = server(status, 2, None);
        let sandbox = sandbox(&server);
        get(&server, &sandbox).stdout("x").ok();
        assert_eq!(ids(&server), ["FROMPOD"]);
        let asked = server.requests().into_iter();
        assert_eq!(
            asked.filter(|request| request.path == "/container").count(),
            3
        );
    }
    let server = server(429, 9, None);
    let sandbox = sandbox(&server);
    let said = unread(
        &named("answers HTTP 503 or 429, even when asked again"),
        "it is busy; try again later",
    );
    get(&server, &sandbox).stderr(said).status(1);
}

#[test]
fn a_refusal_of_the_endpoint_is_told_by_its_status() {
    let server = server(0, 0, Some("token"));
    let sandbox = sandbox(&server);
    let token = "check the token (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, AWS_CONTAINER_AUTHORIZATION_TOKEN) and the role of the task or pod";
    get(&server, &sandbox)
        .stderr(unread(&named("answers HTTP 403"), token))
        .status(1);
    let file = sandbox.write("token", "hunter2-hunter2");
    sandbox.never(b"hunter2-hunter2");
    let token = format!(
        "check the token file `{}`, named by {TOKEN_FILE}, and the role of the task or pod",
        file.display()
    );
    get(&server, &sandbox)
        .env(TOKEN_FILE, &file)
        .stderr(unread(&named("answers HTTP 403"), &token))
        .status(1);
    let server = self::server(404, 1, None);
    let hint =
        format!("check {FULL} and the role of the task or pod; outside of ECS and EKS, unset it");
    get(&server, &sandbox)
        .stderr(unread(&named("answers HTTP 404"), &hint))
        .status(1);
}

#[test]
fn an_answer_without_credentials_is_told_in_one_line() {
    for (body, why) in [
        (
            r#"{"Code": "AccessDenied", "Message": "no role"}"#,
            "failed to load credentials [AccessDenied]: no role",
        ),
        ("{}", ""),
        ("hunter2-hunter2", ""),
        ("\u{1b}[2J", ""),
    ] {
        let server = super::server(move |request, _| {
            (request.path == "/container").then(|| Answer::new(200, body))
        });
        let sandbox = sandbox(&server);
        let run = get(&server, &sandbox).never("hunter2-hunter2");
        let outcome = run.fails(1);
        let start = format!(
            "lazycred: error: cannot read `s` (s3://acme/s): {}",
            named(&format!("gives no credentials: {why}"))
        );
        assert!(outcome.stderr.starts_with(&start), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.stderr);
        let hint = format!("\nlazycred: hint: check {FULL} and the role of the task or pod\n");
        assert!(outcome.stderr.ends_with(&hint), "{}", outcome.stderr);
    }
}

#[test]
fn an_endpoint_that_may_not_be_asked_or_does_not_answer_is_named() {
    let server = server(0, 0, None);
    let sandbox = sandbox(&server);
    let elsewhere = sandbox
        .run(["get", "s"])
        .env(FULL, "http://192.0.2.1/container");
    elsewhere
        .stderr(unread(
            &named("is not one that may be asked"),
            "it must be https://, or http:// to loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
        ))
        .status(1);
    // A name that no nameserver is asked for.
    let unknown = sandbox
        .run(["get", "s"])
        .env(FULL, format!("http://{}/container", "a".repeat(70)));
    let hint = format!(
        "check the spelling of {FULL}, the network and the nameservers in /etc/resolv.conf"
    );
    unknown
        .stderr(unread(&named("has a name that cannot be looked up"), &hint))
        .status(1);
    let blocking = super::server(|request, _| (request.path == "/container").then(page));
    let what = format!("the container's credentials, which {FULL} names");
    get(&blocking, &sandbox)
        .stderr(blocked(&what, &blocking))
        .status(1);
    let nowhere = crate::support::fake_aws::nowhere();
    let host = nowhere.trim_start_matches("http://").to_owned();
    let silent = sandbox
        .run(["get", "s"])
        .env(FULL, format!("{nowhere}/container"));
    silent
        .stderr_has(&format!("cannot read `s` (s3://acme/s): cannot get the container's credentials, which {FULL} names: cannot connect to {host}: Connection refused (os error 111)\n"))
        .status(1);
}

#[test]
fn the_token_file_of_a_pod_is_read_and_named() {
    let server = server(0, 0, Some("pod-token"));
    let sandbox = sandbox(&server);
    let token = sandbox.write("token", "pod-token");
    get(&server, &sandbox)
        .env(TOKEN_FILE, &token)
        .stdout("x")
        .ok();
    let hint = "the platform (EKS Pod Identity) must write it; elsewhere, unset what names it";
    let refused = |what: &str| {
        let error = format!(
            "the token file `{}`, named by {TOKEN_FILE}, {what}",
            token.display()
        );
        let run = get(&server, &sandbox).env(TOKEN_FILE, &token);
        run.stderr(unread(&error, hint)).status(1);
    };
    sandbox.write("token", "");
    refused("is empty");
    sandbox.write("token", "pod\rtoken");
    refused("contains a control character, U+000D, at character 4");
    std::fs::remove_file(&token).unwrap();
    refused("does not exist");
}

#[test]
fn an_empty_variable_that_hides_the_endpoint_is_named() {
    let server = server(0, 0, None);
    let sandbox = sandbox(&server);
    let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let error = format!("{FULL} is set, but {relative} is empty and stands before it");
    let run = get(&server, &sandbox).env(relative, "");
    run.stderr(told(&error, &format!("unset {relative}")))
        .status(2);
    let keys = with_keys(get(&server, &sandbox), "FROMKEYS");
    keys.env(relative, "").stdout("x").ok();
}
