//! Proxies: which requests use them, over TLS or not, and what they say.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::names::network;
use crate::support::Sandbox;
use crate::support::accepted::accepted;
use crate::support::fake_aws::Answer;
use crate::support::network::{Imds, Kind, Network, PROXY};

const S3: &str = "acme-secrets.s3.us-east-1.amazonaws.com";
const KMS: &str = "kms.us-east-1.amazonaws.com";

/// A proxy that speaks TLS, by a name.
pub fn over_tls(network: &Network) -> String {
    network.resolves("proxy.acme.test", &[PROXY]);
    network.listen(&format!("{PROXY}:443"), Kind::Tls);
    "https://u:hunter2-p%40ss@proxy.acme.test".to_owned()
}

#[test]
fn a_proxy_is_met_over_tls_and_gets_the_password_and_nobody_else_is_dialled() {
    let Some(network) = network() else { return };
    let url = over_tls(&network);
    network.sandbox.never(b"hunter2-p");
    for (name, value) in [("HTTPS_PROXY", &url), ("https_proxy", &url)] {
        network.forget();
        let run = network.run("-vv get web").env(name, value);
        run.secret("web", "x").stdout("x").any_stderr().ok();
        let mut told = network.told();
        told.sort();
        let expected = [
            format!("CONNECT {S3}:443"),
            format!("CONNECT {KMS}:443"),
            format!("Decrypt {KMS} by AKIDEXAMPLE via the proxy"),
            format!("GetObject {S3}/prod/web by AKIDEXAMPLE via the proxy"),
        ];
        assert_eq!(told, expected);
        let proxy = format!("{PROXY}:443");
        assert_eq!(network.dialled(), [&*proxy, &*proxy]);
        let asked = network.asked();
        let connects = asked.iter().filter(|one| one.request.method == "CONNECT");
        for connect in connects {
            let given = connect.request.header("proxy-authorization");
            assert_eq!(given, Some("Basic dTpodW50ZXIyLXBAc3M="));
        }
    }
    // Its certificate is judged as any other.
    let run = network.run("get web").env("HTTPS_PROXY", url);
    run.unset("AWS_CA_BUNDLE")
        .stderr_has("through the proxy proxy.acme.test:443")
        .status(1);
}

#[test]
fn a_proxy_that_takes_its_time_to_connect_is_waited_for() {
    let Some(network) = network() else { return };
    network.answer(|asked| {
        let is_connect = asked.request.method == "CONNECT";
        thread::sleep(Duration::from_secs(if is_connect { 8 } else { 0 }));
        None
    });
    let run = network.run("get web").env("HTTPS_PROXY", network.proxy());
    run.secret("web", "x").stdout("x").ok();
}

#[test]
fn s3_kms_and_sts_go_through_the_proxy_and_metadata_never() {
    let Some(network) = network() else { return };
    network.imds(Imds::V2);
    let proxy = network.proxy();
    let run = network.run("get web").env("HTTPS_PROXY", &proxy);
    let run = run
        .unset("AWS_ACCESS_KEY_ID")
        .unset("AWS_SECRET_ACCESS_KEY");
    run.secret("web", "x").stdout("x").ok();
    for asked in network.asked() {
        let is_metadata = asked.host == "169.254.169.254";
        let is_connect = asked.request.method == "CONNECT";
        assert_eq!(asked.proxied, !is_metadata && !is_connect, "{asked}");
    }
    network.forget();
    let run = network.run("doctor").env("HTTPS_PROXY", &proxy);
    run.any_stdout().any_stderr().outcome();
    let told = network.told();
    let of_sts = "GetCallerIdentity sts.us-east-1.amazonaws.com by AKIDEXAMPLE via the proxy";
    assert!(told.iter().any(|one| one == of_sts), "{told:?}");
}

#[test]
fn metadata_at_an_https_address_of_ones_own_goes_through_no_proxy() {
    const IMDS: &str = "imds.acme.test";
    let Some(network) = network() else { return };
    network.resolves(IMDS, &["198.51.100.90"]);
    network.listen("198.51.100.90:443", Kind::Tls);
    network.answer(|asked| {
        let place = asked.path.rsplit('/').next().unwrap_or_default();
        let answer = match (asked.host.as_str(), place) {
            (IMDS, "token") => {
                Answer::new(200, "t").header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
            }
            (IMDS, "") => Answer::new(200, "machine"),
            (IMDS, "machine") => Answer::credentials("FROMIMDS"),
            _ => return None,
        };
        Some(answer.into())
    });
    let url = format!("https://{IMDS}");
    let member = format!("[default]\nec2_metadata_service_endpoint = {url}\n");
    for (variable, config) in [(&*url, ""), ("", &*member)] {
        network.forget();
        network.sandbox.write(".aws/config", config);
        let run = network.run("get web").env("HTTPS_PROXY", network.proxy());
        let run = run
            .unset("AWS_ACCESS_KEY_ID")
            .unset("AWS_SECRET_ACCESS_KEY");
        let run = if variable.is_empty() {
            run
        } else {
            run.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", variable)
        };
        run.secret("web", "x").stdout("x").ok();
        for asked in network.asked() {
            let is_connect = asked.request.method == "CONNECT";
            assert_eq!(asked.proxied, asked.host != IMDS && !is_connect, "{asked}");
            assert_ne!(asked.host, format!("{IMDS}:443"));
        }
    }
}

#[test]
fn exceptions_are_dialled_directly_however_they_are_spelled() {
    let Some(network) = network() else { return };
    let proxy = network.proxy();
    for (exceptions, direct) in [
        ("amazonaws.com", 2),
        (".amazonaws.com", 2),
        ("*.amazonaws.com", 2),
        ("x, .kms.us-east-1.amazonaws.com", 1),
        ("*", 2),
        ("a b AMAZONAWS.COM:443", 2),
        ("amazonaws.com:8443", 0),
        ("10.0.0.0/8,example.com", 0),
    ] {
        network.forget();
        let run = network.run("get web").env("HTTPS_PROXY", &proxy);
        let run = run.env("NO_PROXY", exceptions);
        run.secret("web", "x").stdout("x").ok();
        let dialled = network.dialled();
        let not_by_proxy = dialled.iter().filter(|one| !one.starts_with(PROXY));
        assert_eq!(not_by_proxy.count(), direct, "{exceptions}: {dialled:?}");
        assert_eq!(dialled.len(), 2, "{exceptions}");
    }
}

#[test]
fn an_unusable_proxy_is_refused_only_where_it_would_be_used() {
    let Some(network) = network() else { return };
    for url in ["socks5://u:hunter2-p@p:1", "http://p:99999", "ftp://p"] {
        network.sandbox.never(b"hunter2-p");
        let get = || network.run("get web").env("https_proxy", url);
        let refused = get().stderr_has("lazycred: error: the variable https_proxy ");
        refused.status(2);
        let local = get().env("NO_PROXY", "kms.us-east-1.amazonaws.com");
        local.stderr_has("the variable https_proxy ").status(2);
        let excepted = get().env("NO_PROXY", "*");
        excepted.secret("web", "x").stdout("x").ok();
        // An empty one is none.
        let empty = get().env("https_proxy", " ");
        empty.secret("web", "x").stdout("x").ok();
    }
    // AWS's own tools do not read it; whoever meets a dead end is told so.
    network.forget();
    let run = network.run("get web").env("ALL_PROXY", network.proxy());
    run.secret("web", "x").stdout("x").ok();
    assert!(network.asked().iter().all(|asked| !asked.proxied));
    network.resolves(S3, &[]);
    let run = network.run("get web").env("ALL_PROXY", network.proxy());
    run.stderr_has("hint: lazycred reads no ALL_PROXY: set HTTPS_PROXY")
        .status(1);
}

/// A proxy that says this on each connection, and counts them.
fn saying(words: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut socket in accepted(&listener) {
            thread::spawn(move || {
                let mut request = [0; 1024];
                // A client that hangs up is no failure.
                if socket.read(&mut request).is_ok() {
                    socket.write_all(words).ok();
                }
            });
        }
    });
    port
}

/// What `get` says behind a proxy: the end of the error, and the hint.
#[track_caller]
fn says(proxy: &str, why: &str, hint: &str) {
    let mut sandbox = Sandbox::aws("https://s3.test", "acme/", "acme");
    sandbox.never(b"hunter2-p");
    sandbox.set("HTTPS_PROXY", proxy);
    let place = proxy.rsplit(['/', '@']).next().unwrap();
    sandbox
        .run("get s")
        .stderr(format!(
            "lazycred: error: cannot read `s` (s3://acme/s): cannot connect to s3.test:443 \
             through the proxy {place} of HTTPS_PROXY: {why} (endpoint from AWS_ENDPOINT_URL)\n\
             lazycred: hint: {hint}\n"
        ))
        .status(1);
}

#[test]
fn what_a_proxy_refuses_is_told_as_the_proxys_and_never_as_iams() {
    let page =
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let allow =
        "have the proxy allow s3.test:443, or list s3.test in NO_PROXY if it is reachable directly";
    let beyond = "the proxy cannot reach s3.test:443: check the region and the endpoint, or list s3.test in NO_PROXY if it is reachable directly";
    let port = "check that the proxy in HTTPS_PROXY is one for HTTPS, and its port";
    for (words, why, hint) in [
        (
            &page[..],
            "it answered CONNECT with 403: its rules forbid the connection",
            allow,
        ),
        (
            b"HTTP/1.1 404 x\r\n\r\n",
            "it answered CONNECT with 404",
            allow,
        ),
        (
            b"HTTP/1.1 502 x\r\n\r\n",
            "it answered CONNECT with 502, since it got no connection itself",
            beyond,
        ),
        (
            b"HTTP/1.0 504 x\r\n\r\n",
            "it answered CONNECT with 504, since it got no answer itself",
            beyond,
        ),
        (b"", "it hung up on CONNECT", port),
        (b"HTTP/1.1 200 OK\r\n", "it hung up on CONNECT", port),
        (
            b"SSH-2.0-OpenSSH_9\r\n",
            "it did not answer CONNECT with HTTP",
            port,
        ),
    ] {
        says(&format!("http://127.0.0.1:{}", saying(words)), why, hint);
    }
}

#[test]
fn a_proxy_that_wants_a_password_is_told_with_the_way_to_give_it() {
    let basic = saying(b"HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n");
    says(
        &format!("127.0.0.1:{basic}"),
        "it demands a user and password (407)",
        &format!(
            "set HTTPS_PROXY=http://USER:PASSWORD@127.0.0.1:{basic}, or https:// if it speaks TLS"
        ),
    );
    says(
        &format!("http://u:hunter2-p@127.0.0.1:{basic}"),
        "it does not accept the user and password (407)",
        "check the user and password in HTTPS_PROXY; `@` is written %40, `:` %3A, `/` %2F, `%` %25",
    );
    let others = saying(
        b"HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Negotiate\r\n\r\n",
    );
    says(
        &format!("http://127.0.0.1:{others}"),
        "it demands a sign-in by NTLM, Negotiate (407), not by user and password",
        "lazycred knows only Basic; a local proxy that knows the others, such as cntlm, can stand between",
    );
}

#[test]
fn tls_where_a_proxy_has_none_and_none_where_it_wants_it_is_told_with_the_right_url() {
    let plain = saying(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    says(
        &format!("https://127.0.0.1:{plain}"),
        "it does not speak TLS",
        &format!("set HTTPS_PROXY=http://127.0.0.1:{plain}"),
    );
    let tls = saying(b"\x15\x03\x01\x00\x02\x02\x46");
    says(
        &format!("http://127.0.0.1:{tls}"),
        "it speaks TLS, and was asked without",
        &format!("set HTTPS_PROXY=https://127.0.0.1:{tls}"),
    );
}

#[test]
fn a_proxy_that_is_not_there_is_named_with_its_variable() {
    let Some(network) = network() else { return };
    for (proxy, place, why) in [
        (
            "http://192.0.2.1:3128",
            "192.0.2.1:3128",
            "Connection refused (os error 111)",
        ),
        (
            "proxy.invalid:8080",
            "proxy.invalid:8080",
            "the name `proxy.invalid` does not exist",
        ),
        (
            "https://10.9.9.9",
            "10.9.9.9:443",
            "Network is unreachable (os error 101)",
        ),
    ] {
        let run = network.run("get web").env("https_proxy", proxy);
        run.stderr(format!(
            "lazycred: error: cannot read `web` (s3://acme-secrets/prod/web): cannot connect to {S3}:443 through the proxy {place} of https_proxy: {why}\n\
             lazycred: hint: check the proxy in https_proxy; unset it if there is none, or list {S3} in NO_PROXY if it is reachable directly\n"
        ))
        .status(1);
    }
}

#[test]
fn a_page_in_place_of_s3_or_kms_is_neither_a_refusal_of_iam_nor_a_damaged_record() {
    let Some(network) = network() else { return };
    let now = Arc::new(Mutex::new((0, "")));
    let rule = Arc::clone(&now);
    network.answer(move |asked| {
        let (status, operation) = *rule.lock().unwrap();
        let page = "\r\n<!DOCTYPE html><html><head><title>\n Web Page\tBlocked</title>";
        let answer = Answer::new(status, page).header("content-type", "text/html");
        (asked.request.operation == operation).then(|| answer.into())
    });
    for (status, operation, host) in [
        (403, "GetObject", S3),
        (200, "GetObject", S3),
        (302, "GetObject", S3),
        (404, "GetObject", S3),
        (502, "GetObject", S3),
        (403, "Decrypt", KMS),
        (200, "Decrypt", KMS),
    ] {
        *now.lock().unwrap() = (status, operation);
        let run = network.run("get web").secret("web", "x");
        let outcome = run.any_stderr().status(1);
        let said = format!(
            ": HTTP {status} and a web page instead of an answer: Web Page Blocked\n\
             lazycred: hint: a proxy or firewall answered in place of {host}:443, not AWS"
        );
        assert!(outcome.stderr.contains(&said), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.stderr);
    }
}
