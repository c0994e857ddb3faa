//! No byte of a secret or a data key leaves by another way than the one that
//! was asked for.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::support::fake_aws::{Answer, FakeAws, plain_kms, record};
use crate::support::harness::{PROGRAM, Sandbox, leak};

/// Every spelling of bytes that a log could have.
fn spellings(bytes: &[u8]) -> Vec<String> {
    let mut all = vec![String::from_utf8_lossy(bytes).into_owned()];
    for shift in 0..3 {
        let shifted = [&vec![0; shift][..], bytes].concat();
        all.push(STANDARD_NO_PAD.encode(&shifted));
        all.push(URL_SAFE_NO_PAD.encode(&shifted));
    }
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    all.extend([hex.to_uppercase(), hex]);
    let escaped = Value::from(String::from_utf8_lossy(bytes)).to_string();
    all.push(escaped[1..escaped.len() - 1].to_owned());
    let listed = format!("{bytes:?}");
    all.push(listed[1..listed.len() - 1].to_owned());
    all
}

#[track_caller]
fn never(text: &str, secrets: &[&[u8]]) {
    for secret in secrets {
        let found = leak::find(text.as_bytes(), secret);
        assert_eq!(found, None, "a secret stands in: {text}");
    }
}

const SECRET: &[u8] = b"hunter2-\xc3\xa9-\"quoted\"-canary";

fn data_key(record: &[u8]) -> Vec<u8> {
    let record: Value = serde_json::from_slice(record).unwrap();
    STANDARD.decode(record["key"].as_str().unwrap()).unwrap()
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for spelling in spellings(SECRET) {
        let text = format!("x{spelling}x");
        assert!(
            std::panic::catch_unwind(|| never(&text, &[SECRET])).is_err(),
            "{spelling}"
        );
    }
}

#[test]
fn no_log_line_or_error_holds_a_secret_or_a_data_key() {
    let json = serde_json::json!({"a": String::from_utf8_lossy(SECRET), "b": [1]}).to_string();
    let broken = format!("{{\"a\": {SECRET:?}");
    let (json, broken) = (json.as_bytes(), broken.as_bytes());
    for (secret, args, status) in [
        (json, "exec s -- true", 0),
        (json, "exec s -- ./script", 126),
        (json, "exec s s#a --prefix LD_ -- true", 125),
        (json, "exec s --dry-run --file F=s", 0),
        (json, "get s --field /a/b", 5),
        (json, "get s --field b", 0),
        (broken, "exec s -- true", 125),
        (broken, "exec s --format dotenv -- true", 125),
        (SECRET, "exec s --format json -- true", 125),
        (SECRET, "get s --field x", 5),
    ] {
        let stored = record(secret);
        let data_key = data_key(&stored);
        let server = FakeAws::holding(stored, |_, _| None);
        let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
        sandbox.program("script", "no program");
        let args = args.replacen(' ', " -vv ", 1);
        let outcome = sandbox
            .run(&args)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("LOG_SENSITIVE_BODIES", "true")
            .any_stdout()
            .stderr_has("GetObject")
            .status(status);
        never(&outcome.stderr, &[SECRET, &data_key]);
        never(&outcome.text(), &[SECRET, &data_key]);
    }
}

#[test]
fn no_log_line_of_a_write_holds_a_secret_or_a_data_key() {
    let keys = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&keys);
    let server = FakeAws::scripted(move |request, operation| {
        if operation == "Encrypt" {
            let body = request.json();
            seen.lock().unwrap().push(
                STANDARD
                    .decode(body["Plaintext"].as_str().unwrap())
                    .unwrap(),
            );
        }
        Some(match operation {
            "GetObject" => Answer::s3(404, "NoSuchKey", "no"),
            "PutObject" => Answer::s3(403, "AccessDenied", "no"),
            _ => plain_kms(request),
        })
    });
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    let run = sandbox.run(["put", "s", "-vv"]);
    let outcome = run.env("RUST_LOG", "trace").stdin(SECRET).fails(1);
    let keys = keys.lock().unwrap();
    assert_eq!(keys.len(), 1);
    never(&outcome.stderr, &[SECRET, &keys[0]]);
}

#[test]
fn no_command_line_of_a_process_holds_a_secret() {
    let sandbox = Sandbox::local();
    sandbox.put("s", SECRET);
    let outcome = sandbox
        .run("exec s --file F=s -- cat /proc/self/cmdline")
        .gives();
    assert_eq!(outcome.stdout, b"cat\0/proc/self/cmdline\0");
    let mut running = sandbox.run(["put", "t"]).stdin_open().spawn();
    let path = format!("/proc/{}/cmdline", running.pid());
    // Empty until the system has put it in place.
    let cmdline = std::iter::repeat_with(|| fs::read(&path).unwrap())
        .find(|cmdline| !cmdline.is_empty())
        .unwrap();
    assert_eq!(cmdline, [PROGRAM.as_bytes(), b"\0put\0t\0"].concat());
    running.write_stdin(SECRET);
    running.close_stdin();
    assert_eq!(running.wait().status, 0);
}

#[test]
fn help_shows_no_value_of_the_environment() {
    let mut sandbox = Sandbox::new();
    for name in [
        "LAZYCRED_S3_PATH",
        "LAZYCRED_KEY_ALIAS",
        "LAZYCRED_SECRETS",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        sandbox.set(name, "canary-value");
    }
    for args in [
        "--help",
        "exec --help",
        "get --help",
        "put --help",
        "init --help",
    ] {
        let outcome = sandbox.run(args).gives();
        never(&outcome.text(), &[b"canary-value"]);
    }
}
