//! What the platforms themselves say of a manifest, as far as packages of Python know it:
//! SAM and `CloudFormation`, ECS, Kubernetes, IAM. `check.py` and `policies.py` say what they ask.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::thread;

use serde_json::Value;

use crate::support::full;
use crate::support::moto::install::{self, Installed, Outcome};

const LABEL: &str = "test-schemas";
const RECIPE: &str = include_str!("requirements.txt");
const WHAT: &str = "the platforms' own schemas";

/// Its complaints, a line each, about a folder that is laid out as `examples/`, and
/// how many files it has read; or `None` after [`full::or_skip`].
#[track_caller]
pub fn complaints(examples: &Path) -> Option<(Vec<String>, String)> {
    let installed = installed()?;
    let script = folder().join("check.py");
    let mut check = install::clean(&installed.program);
    let output = check.arg(script).arg(examples).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = lines.pop().unwrap_or_else(|| panic!("{errors}"));
    assert_eq!(output.status.success(), lines.is_empty(), "{errors}");
    Some((lines, last))
}

/// What parliament finds in each of these policies of IAM, by name and gravity; or
/// `None` after [`full::or_skip`].
#[track_caller]
pub fn findings(policies: &[&Value]) -> Option<Vec<Vec<String>>> {
    let installed = installed()?;
    let mut lint = install::clean(&installed.program);
    lint.arg(folder().join("policies.py"));
    lint.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut lint = lint.spawn().unwrap();
    let lines: Vec<String> = policies.iter().map(ToString::to_string).collect();
    let lines = lines.join("\n") + "\n";
    let mut stdin = lint.stdin.take().unwrap();
    let feeding = thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let said = lint.wait_with_output().unwrap();
    feeding.join().unwrap().unwrap();
    assert!(said.status.success(), "{:?}", said.status);
    let said = String::from_utf8(said.stdout).unwrap();
    let found = said.lines().map(|line| serde_json::from_str(line).unwrap());
    Some(found.collect())
}

#[track_caller]
fn installed() -> Option<&'static Installed> {
    static INSTALLED: OnceLock<Result<Installed, String>> = OnceLock::new();
    full::once(&INSTALLED, WHAT, || {
        if !install::is_there(LABEL, RECIPE) {
            full::only()?;
        }
        install().map_err(|error| error.to_string())
    })
}

fn folder() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/support/manifests"
    ))
}

fn install() -> Outcome<Installed> {
    install::once(LABEL, RECIPE, |folder| {
        let versions = ["3.13", "3.12", "3.11", "3.10"];
        let probe = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
        let python = install::python(&versions, probe)?;
        let python = install::virtual_environment(&python, folder)?;
        let requirements = self::folder().join("requirements.txt");
        let requirements = requirements.to_str().ok_or("a path that is UTF-8")?;
        install::pip(&python, folder, &["--requirement", requirements])?;
        Ok("bin/python".into())
    })
}
