//! Several runs in one home, which is the working directory too.
//!
//! A thin layer over `harness`: a [`Sandbox`] with a store in a folder or at
//! any endpoint, and the variables that lead there. `harness::Run::new` is for
//! one run against a fake or a folder that it has to itself.

use std::ffi::{OsStr, OsString};
use std::fs;

use crate::harness::SECRET_ACCESS_KEY;
pub use crate::harness::{Outcome, PROGRAM, Run, Running, Sandbox};

impl Sandbox {
    /// With a folder store and a local wrapping key, as the program makes them.
    pub fn local() -> Self {
        let sandbox = Self::new();
        sandbox.run(["--quiet", "init", "--local"]).ok();
        let wrapping_key = fs::read(sandbox.local_wrapping_key_file("dev")).unwrap();
        sandbox.never(wrapping_key.trim_ascii_end());
        sandbox
    }

    /// With an S3 store and a KMS wrapping key, both of them at an endpoint.
    pub fn aws(endpoint: &str, s3_path: &str, key_alias: &str) -> Self {
        let mut sandbox = Self::new();
        for (name, value) in [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_MAX_ATTEMPTS", "1"),
            ("AWS_REGION", "us-east-1"),
            ("LAZYCRED_S3_PATH", s3_path),
            ("LAZYCRED_KEY_ALIAS", key_alias),
        ] {
            sandbox.set(name, value);
        }
        sandbox
    }

    /// A run with this sandbox's variables, HOME and PATH, and nothing more.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        Run::within(self, arguments)
    }

    /// Stores a secret by the program itself.
    #[track_caller]
    pub fn put(&self, name: &str, secret: impl AsRef<[u8]>) {
        let put = ["--quiet", "put", name, "--allow-empty", "--any-name"];
        self.run(put).stdin(secret).ok();
    }

    /// The program's commands, as its help lists them.
    pub fn commands(&self) -> Vec<String> {
        let help = self.run(["--help"]).gives().text();
        let (_, rest) = help.split_once("Commands:\n").unwrap();
        let lines = rest.lines().take_while(|line| !line.is_empty());
        let first = lines.map(|line| line.split_whitespace().next().unwrap().to_owned());
        first.collect()
    }
}

impl Run {
    /// What [`Run::env`] does.
    pub fn var(self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env(name, value)
    }
}
