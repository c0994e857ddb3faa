//! A proxy's password, which must not be sent again and again if it is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::names::network;
use super::proxies::over_tls;
use crate::support::fake_aws::Answer;
use crate::support::network::{Network, Said};

/// How many requests for a tunnel came with a password, and how many without.
fn tunnels(network: &Network) -> [usize; 2] {
    let asked = network.asked();
    let tunnels = asked.iter().filter(|one| one.request.method == "CONNECT");
    let (with, without): (Vec<_>, Vec<_>) =
        tunnels.partition(|one| one.request.header("proxy-authorization").is_some());
    [with.len(), without.len()]
}

#[test]
fn a_wrong_password_is_sent_once_however_many_secrets_are_asked_for() {
    let Some(network) = network() else { return };
    network.answer(|asked| {
        let is_connect = asked.request.method == "CONNECT";
        // All connections are there by then.
        thread::sleep(Duration::from_millis(if is_connect { 200 } else { 0 }));
        is_connect.then(|| Said::Answer(Answer::empty(407)))
    });
    let plain = network.proxy().replace("//", "//u:hunter2-p@");
    let tls = over_tls(&network);
    network.sandbox.never(b"hunter2-p");
    for (url, arguments, times) in [
        (&plain, "list", 1),
        (&plain, "exec a b c d e f g -- true", 1),
        (&tls, "exec a b c d e f g -- true", 1),
        // Once for the settings, and once for the secrets.
        (&plain, "doctor", 2),
    ] {
        network.forget();
        let run = network.run(arguments).env("HTTPS_PROXY", url);
        let run = run.env("AWS_MAX_ATTEMPTS", "5").any_stdout().any_stderr();
        let outcome = run.outcome();
        let said = format!("{}{}", outcome.stderr, outcome.text());
        assert_ne!(outcome.status, 0, "{outcome}");
        assert!(
            said.contains("does not accept the user and password (407)"),
            "{outcome}"
        );
        assert_eq!(tunnels(&network), [times, 0], "{arguments}");
    }
}

#[test]
fn a_password_is_tried_by_one_connection_before_the_others_send_it() {
    let Some(network) = network() else { return };
    let (sent, while_waiting) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, noted) = (Arc::clone(&sent), Arc::clone(&while_waiting));
    network.answer(move |asked| {
        let is_connect = asked.request.method == "CONNECT";
        if is_connect && counted.fetch_add(1, Ordering::SeqCst) == 0 {
            thread::sleep(Duration::from_millis(400));
            noted.store(counted.load(Ordering::SeqCst), Ordering::SeqCst);
        }
        None
    });
    let url = network.proxy().replace("//", "//u:hunter2-p@");
    network.sandbox.never(b"hunter2-p");
    let run = network.run("get web").env("HTTPS_PROXY", &url);
    run.secret("web", "x").stdout("x").ok();
    assert_eq!(while_waiting.load(Ordering::SeqCst), 1);
    // For S3 and for KMS.
    assert_eq!(tunnels(&network), [2, 0]);
}

#[test]
fn a_proxy_that_wants_no_password_is_asked_by_all_connections_at_once() {
    let Some(network) = network() else { return };
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    network.answer(move |asked| {
        if asked.request.method == "CONNECT" {
            counted.fetch_add(1, Ordering::SeqCst);
            // Ends as soon as the other one is there.
            for _ in 0..300 {
                if counted.load(Ordering::SeqCst) > 1 {
                    return None;
                }
                thread::sleep(Duration::from_millis(10));
            }
            return Some(Said::Close);
        }
        None
    });
    let run = network.run("get web").env("HTTPS_PROXY", network.proxy());
    run.secret("web", "x").stdout("x").ok();
    assert_eq!(tunnels(&network), [0, 2]);
}
