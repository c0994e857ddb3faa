//! lazycred in containers made of two static programs: a root folder in
//! namespaces of its own, or the image of `examples/docker`.

mod build;
mod podman;
mod root;

use super::harness::SECRET_ACCESS_KEY;
pub use podman::{Container, Image};
pub use root::Root;

/// What skipped tests are not run against.
const CONTAINER: &str = "the static program in containers";

/// What the probe told, line by line.
pub struct Told<'a> {
    /// The process itself: its number, its signals, what it has open.
    pub process: Vec<&'a str>,
    /// `NAME="VALUE"`, sorted by name.
    pub variables: Vec<&'a str>,
}

impl<'a> Told<'a> {
    pub fn read(told: &'a str) -> Self {
        let (process, variables) = told.lines().partition(|line| !line.contains("=\""));
        Self { process, variables }
    }
}

/// The static program, or `None` where it cannot be built, as `full` says.
pub fn static_program() -> Option<&'static std::path::Path> {
    build::binaries().map(|binaries| binaries.lazycred.as_path())
}

/// The variables that lead to a server instead of AWS.
pub fn of_aws(endpoint: &str) -> [(&'static str, String); 6] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("LAZYCRED_S3_PATH", "acme-secrets/prod/".to_owned()),
    ]
}
