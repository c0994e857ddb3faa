//! Whose certificates are trusted where nobody names an authority.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::{ServerConnection, StreamOwned};

use crate::support::tls::loopback;
use crate::support::{PROGRAM, Sandbox, full};

const REFUSAL: &str = "HTTP/1.1 400 .\r\ncontent-length: 59\r\n\r\n\
    <Error><Code>Reached</Code><Message>it is</Message></Error>";

/// An S3 over TLS that refuses everything, and its authority in PEM.
fn server() -> (u16, String) {
    let (config, pem) = loopback();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            thread::spawn(move || {
                let mut stream = BufReader::new(StreamOwned::new(session, socket));
                let mut line = String::new();
                // A client that trusts nobody sends nothing.
                while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
                    line.clear();
                }
                stream.get_mut().write_all(REFUSAL.as_bytes()).ok();
            });
        }
    });
    (port, pem)
}

#[test]
fn the_systems_authorities_are_asked_where_none_is_named_and_an_issuer_is_unknown() {
    let (port, pem) = server();
    let sandbox = Sandbox::aws(&format!("https://127.0.0.1:{port}"), "acme/", "acme");
    let get = |args: &[&str], program: &str| sandbox.run(args).program(program);
    let outcome = get(&["get", "s"], PROGRAM).outcome();
    assert!(outcome.stderr.contains("UnknownIssuer"), "{outcome}");

    let own = ["--mount", "--map-root-user"];
    let can = Command::new("unshare").args(own).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        full::skip("a system with other trust roots", "unshare cannot");
        return;
    }
    if !fs::exists("/etc/ssl/certs/ca-certificates.crt").unwrap() {
        full::skip("a system with other trust roots", "it has none of its own");
        return;
    }
    let roots = sandbox.write("roots/ca-certificates.crt", pem);
    let script = format!(
        "mount --bind '{}' /etc/ssl/certs && exec '{PROGRAM}' get s",
        roots.parent().unwrap().display()
    );
    let args = [&own[..], &["sh", "-c", &script]].concat();
    let outcome = get(&args, "/usr/bin/unshare").outcome();
    assert!(
        outcome.stderr.contains("Reached: it is"),
        "{}",
        outcome.stderr
    );

    // Who names others is not asked for the system's.
    fs::copy(
        "/etc/ssl/certs/ca-certificates.crt",
        sandbox.home().join("other.pem"),
    )
    .unwrap();
    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let run = get(&args, "/usr/bin/unshare").env(variable, "other.pem");
        let outcome = run.outcome();
        assert!(outcome.stderr.contains("UnknownIssuer"), "{outcome}");
    }

    // A pipe would be waited for.
    nix::unistd::mkfifo(&sandbox.home().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let run = get(&args, "/usr/bin/unshare").env("AWS_CA_BUNDLE", "pipe");
    let outcome = run.outcome();
    assert!(
        outcome.stderr.contains("it is a pipe"),
        "{}",
        outcome.stderr
    );
}
