//! AWS's own variables and files: what is of no use in them is named, never
//! shown, and never brings the program down.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::support::fake_aws::{Answer, FakeAws, record};
use crate::support::harness::{Outcome, Sandbox};

/// The names in a list of the program's own source.
fn listed(source: &str, list: &str) -> BTreeSet<String> {
    let (_, rest) = source.split_once(&format!("const {list}: ")).unwrap();
    let (_, rest) = rest.split_once("] = [").unwrap();
    let (names, _) = rest.split_once("];").unwrap();
    names
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn server() -> FakeAws {
    FakeAws::holding(record(b"x"), |request, operation| match operation {
        "GetCallerIdentity" => Some(Answer::new(403, "")),
        _ if request.path.contains("/credentials") => Some(Answer::credentials("FROM\r")),
        _ => None,
    })
}

/// Reaches `server`, by key variables if it is to.
fn sandbox(server: &FakeAws, keys: bool) -> Sandbox {
    let mut sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    if !keys {
        sandbox.set("AWS_ACCESS_KEY_ID", "");
        sandbox.set("AWS_SECRET_ACCESS_KEY", "");
    }
    sandbox
}

/// Control characters in several places, what is no text, and what is too long.
fn useless() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = ["AK\r", "a\nb", "\u{1b}[2J", "AK\u{7f}", "x\u{85}", "\t"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    all.push(b"\xff\xfe".to_vec());
    all.push(vec![b'a'; 100_000]);
    all
}

#[track_caller]
pub(super) fn sound(outcome: &Outcome, what: &str) {
    let told = &outcome.stderr;
    assert!(!told.contains("internal error"), "{what}: {told}");
    assert!(matches!(outcome.status, 0..=6), "{what}: {told}");
    assert!(told.len() < 3000, "{what}: {} bytes", told.len());
}

#[test]
fn every_variable_of_aws_with_a_useless_value_is_named() {
    let server = server();
    let sandbox = sandbox(&server, true);
    let names = listed(include_str!("../../src/backends/aws/variables.rs"), "NAMES");
    assert!(names.len() >= 40 && names.contains("AWS_SESSION_TOKEN"));
    for name in &names {
        for value in useless() {
            let shown = String::from_utf8_lossy(&value[..value.len().min(9)]).into_owned();
            let what = format!("{name}={shown:?}");
            let run = sandbox.run(["get", "s"]).may_leak();
            let outcome = run.env(name, OsString::from_vec(value.clone())).outcome();
            sound(&outcome, &what);
            assert_eq!(outcome.status, 2, "{what}: {}", outcome.stderr);
            assert!(outcome.stderr.contains(name), "{what}: {}", outcome.stderr);
            let long = "a".repeat(76);
            assert!(!outcome.stderr.contains(&long), "{what}");
        }
    }
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"] {
        sandbox
            .run(["get", "s"])
            .env(name, "é")
            .stderr(format!(
                "lazycred: error: the variable {name} contains a non-ASCII character\n"
            ))
            .status(2);
    }
}

#[test]
fn no_value_of_an_aws_variable_causes_a_crash() {
    let server = server();
    let names = listed(include_str!("../../src/backends/aws/variables.rs"), "NAMES");
    for keys in [true, false] {
        let sandbox = sandbox(&server, keys);
        for name in &names {
            for value in ["", "é", "http://"] {
                let run = sandbox.run(["--timeout", "5", "get", "s"]).may_leak();
                let outcome = run.env(name, value).outcome();
                sound(&outcome, &format!("{name}={value:?}"));
            }
        }
    }
}

#[test]
fn every_member_of_a_profile_with_a_useless_value_is_named_with_its_file() {
    let server = server();
    let sandbox = sandbox(&server, false);
    let members = listed(include_str!("../../src/backends/aws/profile.rs"), "MEMBERS");
    assert!(members.len() >= 28 && members.contains("credential_process"));
    let run = || sandbox.run(["get", "s", "--profile", "p"]).may_leak();
    for member in &members {
        for value in ["A\rK", "AK\u{7}", "x\u{85}y", &"a".repeat(100_000)] {
            let line = format!("{member} = {value}\n");
            let what = format!("{member} = {:?}", value.chars().take(9).collect::<String>());
            for (file, other, head) in [
                (".aws/config", ".aws/credentials", "[profile p]"),
                (".aws/credentials", ".aws/config", "[p]"),
            ] {
                sandbox.write(other, "");
                let path = sandbox.write(file, format!("{head}\n{line}"));
                let outcome = run().outcome();
                sound(&outcome, &what);
                let told = &outcome.stderr;
                assert_eq!(outcome.status, 2, "{what}: {told}");
                let named = format!("`{member}` of the AWS profile `p`, in `{}`", path.display());
                assert!(told.contains(&named), "{what}: {told}");
            }
        }
        sandbox.write(".aws/credentials", "");
        for value in ["", "é", "x", "eu west"] {
            let text = format!("[profile p]\n{member} = {value}\n");
            sandbox.write(".aws/config", text);
            let outcome = run().env("AWS_MAX_ATTEMPTS", "1").outcome();
            sound(&outcome, &format!("{member} = {value}"));
        }
    }
}

#[test]
fn profiles_that_credentials_come_from_are_looked_at_too_and_others_are_not() {
    let server = server();
    let sandbox = sandbox(&server, false);
    let role = "role_arn = arn:aws:iam::123456789012:role/r\n";
    let path = sandbox.write(
        ".aws/config",
        format!("[profile p]\n{role}source_profile = q\n[profile q]\n{role}source_profile = r\n[profile r]\naws_access_key_id = AK\u{7}\naws_secret_access_key = s\n[profile s]\nsso_session = dev\n[sso-session dev]\nsso_region = eu\u{7}\n"),
    );
    let file = path.display();
    sandbox.run(["get", "s", "--profile", "p"]).stderr(format!("lazycred: error: `aws_access_key_id` of the AWS profile `r`, in `{file}`, contains a control character, U+0007, at its end\n")).status(2);
    sandbox.run(["get", "s", "--profile", "s"]).stderr(format!("lazycred: error: `sso_region` of the `sso_session` of the AWS profile `s`, in `{file}`, contains a control character, U+0007, at its end\n")).status(2);
    let run = sandbox.run(["get", "s"]).env("AWS_ACCESS_KEY_ID", "AK");
    run.env("AWS_SECRET_ACCESS_KEY", "s").stdout("x").ok();
}

#[test]
fn a_file_of_aws_that_is_no_text_or_has_no_end_is_named() {
    let server = server();
    let sandbox = sandbox(&server, true);
    for file in [".aws/config", ".aws/credentials"] {
        let path = sandbox.write(file, b"[default]\nregion = \xff\n");
        let said = format!(
            "lazycred: error: the AWS file `{}` is not UTF-8\n",
            path.display()
        );
        sandbox.run(["get", "s"]).stderr(said).status(2);
        sandbox.write(file, "");
    }
    for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let run = || sandbox.run(["get", "s"]);
        run()
            .env(name, "/dev/zero")
            .stderr("lazycred: error: the AWS file `/dev/zero` cannot be read: it is larger than 4194304 bytes\n")
            .status(2);
        run().env(name, "/dev/null").stdout("x").ok();
        run().env(name, "/nowhere/at/all").stdout("x").ok();
        run().env(name, "").stdout("x").ok();
    }
}

#[test]
fn a_pipe_in_the_place_of_a_file_of_aws_hangs_nothing() {
    let server = server();
    let sandbox = sandbox(&server, true);
    let pipe = sandbox.work().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let shown = pipe.display();
    for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let said =
            format!("lazycred: error: the AWS file `{shown}` cannot be read: no data for 3 s\n");
        let run = sandbox.run(["get", "s"]);
        run.env(name, &pipe).stderr(said).status(2);
    }
    let said = format!("cannot read `{shown}`, named by --config: no data for 3 s");
    let config = pipe.to_str().unwrap();
    sandbox.refuses(["--config", config, "get", "s"], 2, &said);
    // A pipe that somebody writes to is a file like any other.
    let written = "exec 3<>pipe; printf '[default]\\nregion = us-east-1\\n' >&3; exec 4<pipe 3>&-; exec \"$0\" get s";
    sandbox
        .run(["-c", written, crate::support::harness::PROGRAM])
        .program("/bin/sh")
        .env("AWS_CONFIG_FILE", "/proc/self/fd/4")
        .stdout("x")
        .ok();
}

#[test]
fn without_a_home_no_profile_of_the_working_directory_is_used() {
    let server = server();
    let sandbox = sandbox(&server, false);
    let command = "credential_process = touch ran\n";
    sandbox.write(".aws/config", format!("[default]\n{command}"));
    sandbox.write("~/.aws/config", format!("[default]\n{command}"));
    for home in [None, Some("")] {
        let run = sandbox.run(["get", "s"]);
        let run = match home {
            None => run.unset("HOME"),
            Some(home) => run.env("HOME", home),
        };
        run.fails(1);
        assert!(sandbox.read("ran").is_none());
    }
}

#[test]
fn credentials_that_fit_in_no_header_are_refused_wherever_they_come_from() {
    let server = server();
    let sandbox = sandbox(&server, false);
    let outcome = sandbox
        .run(["get", "s"])
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{}/credentials", server.url()),
        )
        .fails(1);
    let said =
        "the access key id of the credentials contains a control character, U+000D, at its end";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
}
