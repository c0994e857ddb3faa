//! Whose certificates are trusted where nobody names an authority.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::{ServerConnection, StreamOwned};

use crate::support::accepted::accepted;
use crate::support::tls::{certificate_file, in_front_of, loopback};
use crate::support::{FakeAws, PROGRAM, Sandbox, full, place, store};

const UNKNOWN: &str = "the server's certificate is signed by an unknown authority";

const REFUSAL: &str = "HTTP/1.1 400 .\r\ncontent-length: 59\r\n\r\n\
    <Error><Code>Reached</Code><Message>it is</Message></Error>";

/// An S3 over TLS that refuses everything, and its authority in PEM.
fn server() -> (u16, String) {
    let (config, pem) = loopback();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for socket in accepted(&listener) {
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
    assert!(outcome.stderr.contains(UNKNOWN), "{outcome}");

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
        assert!(outcome.stderr.contains(UNKNOWN), "{outcome}");
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

/// An AWS with a secret, its URL, and a run's folders with its authority in a file.
fn own_authority() -> (FakeAws, String, Sandbox) {
    let aws = FakeAws::start();
    store(&aws, &place("web"), b"b", 1);
    let (url, authority) = in_front_of(&aws);
    let sandbox = Sandbox::apart();
    sandbox.write("own.pem", &authority);
    sandbox.write(sandbox.home().join("folder/own.pem"), &authority);
    let other = std::fs::read(certificate_file("p521")).unwrap();
    sandbox.write("other.pem", other);
    (aws, url, sandbox)
}

/// A file of profiles, more variables, and flags.
type Chosen = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

#[test]
fn the_chosen_profile_names_authorities_where_aws_ca_bundle_does_not() {
    let (aws, url, sandbox) = own_authority();
    let own = sandbox.work().join("own.pem").display().to_string();
    let chosen: [Chosen; 7] = [
        ("[default]\nca_bundle = own.pem\n", &[], ""),
        (
            "[default]\nca_bundle = {own}\n",
            &[("AWS_CA_BUNDLE", "")],
            "",
        ),
        ("[default]\nca_bundle = ~/folder/own.pem\n", &[], ""),
        (
            "[default]\nca_bundle = other.pem\n[profile b]\nca_bundle = own.pem\n",
            &[("AWS_PROFILE", "b")],
            "",
        ),
        (
            "[profile b]\nca_bundle = own.pem\nregion = us-east-1\n",
            &[],
            "--profile b ",
        ),
        (
            "[default]\nca_bundle = own.pem\n",
            &[
                ("SSL_CERT_FILE", "other.pem"),
                ("SSL_CERT_DIR", "no-such-folder"),
            ],
            "",
        ),
        (
            "[default]\nca_bundle =\n",
            &[("SSL_CERT_DIR", "no-such-folder:folder-of-work:/")],
            "",
        ),
    ];
    sandbox.write("folder-of-work/a.pem", sandbox.read("own.pem").unwrap());
    for (config, variables, flags) in chosen {
        let run = aws.run(&*format!("{flags}get web")).sandbox(&sandbox);
        let file = sandbox.write(
            sandbox.home().join(".aws/config"),
            config.replace("{own}", &own),
        );
        let run = run
            .env("AWS_CONFIG_FILE", file)
            .env("AWS_ENDPOINT_URL", &url);
        let run = if flags.is_empty() {
            run
        } else {
            // A chosen profile's own credentials would stand before the variables.
            run.env(
                "AWS_SHARED_CREDENTIALS_FILE",
                sandbox.write("credentials", CREDENTIALS),
            )
        };
        let run = variables
            .iter()
            .fold(run, |run, (name, value)| run.env(*name, *value));
        run.stdout("b").ok();
    }

    // In the other file of profiles, and where the variable stands before it.
    let get = || {
        aws.run("get web")
            .sandbox(&sandbox)
            .env("AWS_ENDPOINT_URL", &url)
    };
    let of_secrets = sandbox.write("credentials", "[default]\nca_bundle = own.pem\n");
    let run = get().env("AWS_SHARED_CREDENTIALS_FILE", of_secrets);
    run.env("AWS_CONFIG_FILE", "no-such-file").stdout("b").ok();
    let config = sandbox.write("config", "[default]\nca_bundle = other.pem\n");
    let run = get().env("AWS_CONFIG_FILE", config);
    run.env("AWS_CA_BUNDLE", "own.pem").stdout("b").ok();
}

#[test]
fn a_folder_beside_a_file_of_authorities_is_read_only_where_the_file_lacks_the_issuer() {
    const READ: &str = "trying the named folders' 1 trust roots too";
    let (aws, url, sandbox) = own_authority();
    // It has the same name, and another private key.
    let (_, namesake) = loopback();
    sandbox.write("namesake.pem", &namesake);
    sandbox.write(
        "others/other.pem",
        fs::read(certificate_file("p521")).unwrap(),
    );
    sandbox.write("own/own.pem", sandbox.read("own.pem").unwrap());
    let get = |file: &str, folder: &str| {
        let run = aws.run("-vv get web").sandbox(&sandbox);
        let run = run.env("AWS_ENDPOINT_URL", &url);
        run.env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", folder)
    };
    for folder in ["own", "others", "no-such-folder"] {
        let outcome = get("own.pem", folder).stdout("b").outcome();
        assert!(!outcome.stderr.contains(READ), "{outcome}");
        assert_eq!(outcome.status, 0);
    }
    for (file, folder) in [
        ("other.pem", "own"),
        ("namesake.pem", "own"),
        ("other.pem", "no-such-folder:own"),
    ] {
        let outcome = get(file, folder).stdout("b").outcome();
        assert!(outcome.stderr.contains(READ), "{outcome}");
        assert_eq!(outcome.status, 0);
    }
    let outcome = get("other.pem", "others").outcome();
    assert!(outcome.stderr.contains(UNKNOWN), "{outcome}");
    let outcome = get("namesake.pem", "others").outcome();
    assert_eq!(outcome.status, 1, "{outcome}");
    get("missing.pem", "own")
        .stderr_has("from `missing.pem`, which SSL_CERT_FILE or SSL_CERT_DIR names")
        .status(1);
}

const CREDENTIALS: &str = "[b]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n";

#[test]
fn a_ca_file_that_cannot_be_used_is_named_with_what_names_it() {
    let (aws, url, sandbox) = own_authority();
    sandbox.write("folder/a", "");
    sandbox.write("empty.pem", "");
    sandbox.write("a.der", [0x30, 0x82, 1, 2, 3]);
    sandbox.write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let huge = fs::File::create(sandbox.work().join("huge.pem")).unwrap();
    huge.set_len(1 << 40).unwrap();
    sandbox.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    for (path, why) in [
        ("huge.pem", "it is larger than 16777216 bytes"),
        ("/dev/zero", "it is larger than 16777216 bytes"),
        ("/dev/null", "it contains no certificate"),
        ("damaged.pem", "its PEM is damaged"),
        ("folder", "it is a folder, not a file"),
        ("missing.pem", "No such file or directory (os error 2)"),
        ("empty.pem", "it contains no certificate"),
        ("broken.pem", "it contains no usable certificate"),
        (
            "a.der",
            "it is DER, not PEM; `openssl x509 -inform DER` converts it",
        ),
    ] {
        let get = || {
            aws.run("get web")
                .sandbox(&sandbox)
                .env("AWS_ENDPOINT_URL", &url)
        };
        let profile = format!("[default]\nregion = us-east-1\n[profile b]\nca_bundle = {path}\n");
        let config = sandbox.write("config", profile);
        let by_profile = get().env("AWS_CONFIG_FILE", config).env("AWS_PROFILE", "b");
        for (run, named_by) in [
            (get().env("AWS_CA_BUNDLE", path), "AWS_CA_BUNDLE"),
            (get().env("SSL_CERT_FILE", path), "SSL_CERT_FILE"),
            (by_profile, "`ca_bundle` of the AWS profile `b`"),
        ] {
            let outcome = run.outcome();
            let line =
                format!("cannot load trust roots from `{path}`, which {named_by} names: {why}\n");
            assert!(outcome.stderr.contains(&line), "{outcome}");
            assert!(
                outcome.stderr.contains("hint: AWS_CA_BUNDLE, `ca_bundle`"),
                "{outcome}"
            );
            assert_eq!(outcome.status, 1);
        }
    }
    let folder = sandbox.work().join("folders");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("device")).unwrap();
    std::os::unix::fs::symlink("../huge.pem", folder.join("huge")).unwrap();
    let get = || {
        let run = aws.run("get web").sandbox(&sandbox);
        let run = run.env("AWS_ENDPOINT_URL", &url);
        run.env("SSL_CERT_DIR", "folders")
    };
    let said = "from `folders`, which SSL_CERT_DIR names: it is larger than 16777216 bytes\n";
    get().stderr_has(said).status(1);
    assert!(aws.told().is_empty());
    // What is beside it counts.
    fs::copy(sandbox.work().join("own.pem"), folder.join("own.pem")).unwrap();
    get().stdout("b").ok();
}
