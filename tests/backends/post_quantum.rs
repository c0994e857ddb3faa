//! The key exchange with a server that is not of our making: Go's.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use crate::support::moto::install;
use crate::support::tls::certificate_file;
use crate::support::{Sandbox, full, temporary};

/// The server, built once, or why it cannot be had.
fn server() -> Result<PathBuf, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    full::only()?;
    BUILT.get_or_init(built).clone()
}

fn built() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
    let program = folder.join("server");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/go/server.go");
    let built = install::clean(Path::new("go"))
        .args(["build", "-o"])
        .args([&program, &source])
        .envs([
            ("GOTOOLCHAIN", "local"),
            ("GOFLAGS", ""),
            ("CGO_ENABLED", "0"),
        ])
        .env("GOCACHE", folder.join("cache"))
        .output()
        .map_err(|error| format!("go: {error}"))?;
    if built.status.success() {
        Ok(program)
    } else {
        Err(String::from_utf8_lossy(&built.stderr).into_owned())
    }
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts it on a folder; what it says, line by line.
fn running(
    program: &Path,
    folder: &Path,
    more: Option<&str>,
) -> (Running, Lines<BufReader<ChildStdout>>) {
    let server = Command::new(program)
        .env_clear()
        .arg(folder)
        .args(more)
        .stdout(Stdio::piped())
        .spawn();
    let mut server = Running(server.unwrap());
    let said = BufReader::new(server.0.stdout.take().unwrap()).lines();
    (server, said)
}

#[test]
fn gos_server_is_met_by_x25519mlkem768_and_by_x25519_where_it_knows_no_more() {
    let program = match server() {
        Ok(program) => program,
        Err(reason) => return full::or_skip("Go 1.25", &reason),
    };
    let folder = temporary::folder();
    let own = KeyPair::generate().unwrap();
    let mut about = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = about.self_signed(&own).unwrap();
    let signer = rcgen::Issuer::new(about, own);
    let own = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&own, &signer).unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    write("certificate.pem", leaf.pem());
    write("private.pem", own.serialize_pem());
    let bundle = write("authority.pem", authority.pem());

    for (more, expected) in [(None, "X25519MLKEM768"), (Some("classical"), "X25519")] {
        let (_server, mut said) = running(&program, folder.path(), more);
        let port = said.next().unwrap().unwrap();
        let sandbox = Sandbox::aws(&format!("https://127.0.0.1:{port}"), "acme/", "acme");
        let run = sandbox.run(["get", "s"]).env("AWS_CA_BUNDLE", &bundle);
        run.fails(3);
        assert_eq!(said.next().unwrap().unwrap(), expected);
    }
}

#[test]
fn gos_server_is_met_with_a_certificate_on_p521() {
    let program = match server() {
        Ok(program) => program,
        Err(reason) => return full::or_skip("Go 1.25", &reason),
    };
    let sandbox = Sandbox::new();
    let folder = sandbox.home().join("server");
    for (name, from) in [
        ("certificate", "p521-p521"),
        ("private", "p521-p521.private"),
    ] {
        let pem = std::fs::read(certificate_file(from)).unwrap();
        sandbox.write(folder.join(format!("{name}.pem")), pem);
    }
    let (_server, mut said) = running(&program, &folder, None);
    let port = said.next().unwrap().unwrap();
    let sandbox = Sandbox::aws(&format!("https://127.0.0.1:{port}"), "acme/", "acme");
    let run = sandbox.run(["get", "s"]);
    run.env("AWS_CA_BUNDLE", certificate_file("p521")).fails(3);
}
