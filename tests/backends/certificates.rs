//! Certificates that are not trusted, each told by its cause.

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};

use crate::support::fake_aws::FakeAws;
use crate::support::tls::{
    answering, certificate_file, in_front_of, loopback, loopback_by, loopback_with, serving,
};
use crate::support::{Run, Sandbox, place, store};

/// A run against an AWS whose TLS ends at this port.
fn run(port: u16) -> Run {
    let aws = format!("https://127.0.0.1:{port}");
    Sandbox::aws(&aws, "acme/", "acme").run("get s")
}

/// It ends with exactly this error and this hint.
#[track_caller]
fn says(run: Run, error: &str, hint: &str) {
    let outcome = run.outcome();
    let mut lines = outcome.stderr.lines();
    let (first, second) = (lines.next().unwrap(), lines.next().unwrap_or_default());
    let first = first.strip_suffix(" (endpoint from AWS_ENDPOINT_URL)");
    assert!(first.unwrap().ends_with(error), "{outcome}");
    assert!(second.contains(hint), "{outcome}");
    assert!(outcome.stderr.len() <= 900, "{outcome}");
    assert_eq!((lines.next(), outcome.status), (None, 1), "{outcome}");
}

#[test]
fn a_wrong_time_or_a_wrong_name_is_told_and_no_ca_file_is_blamed() {
    let clock = "this machine's clock says 2";
    let another = "check the host in AWS_ENDPOINT_URL; if it is right, another server answers";
    let many = ["a.test", "b.test", "10.0.0.1", "c.test", "d.test"];
    for (config, error, hint) in [
        (
            loopback_with(&["127.0.0.1"], |about| {
                about.not_after = date_time_ymd(2021, 2, 3);
            }),
            "the server's certificate expired at 2021-02-03T00:00:00Z",
            clock,
        ),
        (
            loopback_with(&["127.0.0.1"], |about| {
                about.not_before = date_time_ymd(2097, 2, 3);
            }),
            "the server's certificate is not valid before 2097-02-03T00:00:00Z",
            clock,
        ),
        (
            loopback_with(&["s3.test"], |_| {}),
            "the server's certificate is not for `127.0.0.1` but for `s3.test`",
            another,
        ),
        (
            loopback_with(&many, |_| {}),
            "is not for `127.0.0.1` but for `a.test`, `b.test`, `10.0.0.1` and 2 more",
            another,
        ),
        (
            loopback_with(&[], |_| {}),
            "the server's certificate is not for `127.0.0.1` but for no name",
            another,
        ),
        (
            loopback_with(&["127.0.0.1"], |about| {
                about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            }),
            "the server's certificate is one of an authority, not of a server",
            "the server needs a certificate of its own",
        ),
        (
            loopback_with(&["127.0.0.1"], |about| {
                about.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }),
            "the server's certificate is for another purpose than TLS servers",
            "extended key usage is serverAuth",
        ),
    ] {
        let (config, authority) = config;
        let aws = FakeAws::start();
        let port = serving(&aws, &config, false);
        let run = run(port).file("authority.pem", authority);
        says(run.env("AWS_CA_BUNDLE", "authority.pem"), error, hint);
        assert!(aws.told().is_empty());
    }
}

#[test]
fn a_long_name_is_shortened_and_cannot_end_the_line() {
    let long = format!("{}.test", "a".repeat(60));
    let long: Vec<String> = (0..3).map(|_| [&*long; 4].join(".")).collect();
    let long: Vec<&str> = long.iter().map(|name| &name[..250]).collect();
    let (config, authority) = loopback_with(&long, |_| {});
    let port = serving(&FakeAws::start(), &config, false);
    let run = run(port).file("authority.pem", authority);
    says(
        run.env("AWS_CA_BUNDLE", "authority.pem"),
        "…",
        "check the host",
    );
}

#[test]
fn an_unknown_authority_is_told_with_what_names_the_known_ones() {
    let (url, _) = in_front_of(&FakeAws::start());
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let unknown =
        "the server's certificate is signed by an unknown authority, `rcgen self signed cert`";
    says(
        run(port),
        unknown,
        "if a proxy here signs its own certificates, set AWS_CA_BUNDLE",
    );
    let other = certificate_file("p521");
    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let named = format!("only the CA certificates that {variable} names are trusted");
        says(run(port).env(variable, &other), unknown, &named);
    }
    let profile = format!("[default]\nca_bundle = {}\n", other.display());
    says(
        run(port).file(".aws/config", profile),
        unknown,
        "only the CA certificates that `ca_bundle` of the AWS profile `default` names",
    );

    // Where a role's credentials come from, too.
    let profiles = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n\
        source_profile = source\n[profile source]\naws_access_key_id = AKIDEXAMPLE\n\
        aws_secret_access_key = x\n";
    let get = run(port).file(".aws/config", profiles);
    let get = get
        .unset("AWS_ACCESS_KEY_ID")
        .unset("AWS_SECRET_ACCESS_KEY");
    says(get, unknown, "set AWS_CA_BUNDLE to its CA certificate");

    // An authority with the same name and another key.
    let (_, same) = loopback();
    says(
        run(port)
            .file("old.pem", same)
            .env("AWS_CA_BUNDLE", "old.pem"),
        "the server's certificate has a wrong signature, or one by an RSA key of less than 2048 bits",
        "AWS_CA_BUNDLE may name an old CA certificate",
    );
}

#[test]
fn an_authority_on_p521_is_trusted_also_beside_ones_that_cannot_be() {
    let aws = FakeAws::start();
    store(&aws, &place("web"), b"b", 1);
    let read = |name| std::fs::read_to_string(certificate_file(name)).unwrap();
    let bundle = ["ed448", "brainpool", "p521"].map(read).concat();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for hash in ["sha256", "sha384", "sha512"] {
        let port = serving(&aws, &loopback_by(&format!("p521-{hash}")), false);
        let run = aws
            .run("get web")
            .file("bundle.pem", format!("{broken}{bundle}"));
        let run = run.env("AWS_CA_BUNDLE", "bundle.pem");
        let run = run.env("AWS_ENDPOINT_URL", format!("https://127.0.0.1:{port}"));
        run.stdout("b").ok();
    }
}

#[test]
fn a_signature_that_cannot_be_verified_is_told_by_its_algorithm() {
    let port = serving(&FakeAws::start(), &loopback_by("brainpool-sha256"), false);
    says(
        run(port).env("AWS_CA_BUNDLE", certificate_file("brainpool")),
        "signed with ECDSA brainpoolP256r1, which lazycred cannot verify",
        "the authority must sign with RSA and SHA-2, with ECDSA on P-256, P-384 or P-521",
    );
}

#[test]
fn a_server_that_refuses_tls_or_does_not_speak_it_is_told_apart() {
    let needed = "the server must support TLS 1.3, or TLS 1.2 with ECDHE";
    for (answer, error, hint) in [
        (
            &[21, 3, 3, 0, 2, 2, 40][..],
            "the server refused the TLS handshake",
            needed,
        ),
        (
            &[21, 3, 3, 0, 2, 2, 70],
            "the server refused TLS 1.2 and TLS 1.3",
            needed,
        ),
        (
            &[21, 3, 3, 0, 2, 2, 112],
            "the server has no certificate for `127.0.0.1`",
            "check the host in AWS_ENDPOINT_URL",
        ),
        (
            &[21, 3, 3, 0, 2, 2, 80],
            "the server ended the TLS handshake (InternalError)",
            "",
        ),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "the server speaks plain HTTP, not TLS",
            "write http:// if AWS_ENDPOINT_URL names this server",
        ),
        (
            b"SSH-2.0-OpenSSH_9.2\r\n",
            "the server does not speak TLS",
            "",
        ),
    ] {
        let (port, _) = answering(answer);
        says(run(port), error, hint);
    }
}

#[test]
fn plain_http_to_a_server_that_speaks_tls_is_told() {
    let (url, _) = in_front_of(&FakeAws::start());
    let url = url.replace("https", "http");
    says(
        Sandbox::aws(&url, "acme/", "acme").run("get s"),
        "does not speak plain HTTP; if it speaks TLS, write https://",
        "",
    );
}
