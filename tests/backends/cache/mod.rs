//! The cache of records: what is asked, what is kept, and when it serves.

mod files;
mod folder;
mod requests;
mod stale;

use std::fs;
use std::path::PathBuf;

use crate::support::harness::Arguments;
use crate::support::{FakeAws, Outcome, Run, Sandbox, store};

const SECRET: &str = r#"{"token": "hunter2-of-the-cache"}"#;

/// Where the secret `web` lies.
const WEB: &str = "acme-secrets/prod/web";

/// A home with a cache, and a fake with the secret `web`.
struct Bench {
    aws: FakeAws,
    sandbox: Sandbox,
}

impl Bench {
    /// With a record of version 1.
    fn new() -> Self {
        Self::of(1)
    }

    fn of(version: u8) -> Self {
        let aws = FakeAws::start();
        store(&aws, WEB, SECRET, version);
        let sandbox = Sandbox::apart();
        sandbox.write(".lazycred", r#"{"cache": true}"#);
        Self { aws, sandbox }
    }

    /// The same with `web` fetched once.
    fn warm() -> Self {
        let bench = Self::new();
        bench.get().stdout(SECRET).status(0);
        bench.aws.forget();
        bench
    }

    fn run(&self, arguments: impl Arguments) -> Run {
        Run::new(arguments).aws(&self.aws).sandbox(&self.sandbox)
    }

    fn get(&self) -> Run {
        self.run(["get", "web"])
    }

    /// Settings beside the cache.
    fn settings(&self, more: &str) {
        let text = format!(r#"{{"cache": true, {more}}}"#);
        self.sandbox.write(".lazycred", text);
    }

    fn folder(&self) -> PathBuf {
        self.sandbox.home().join(".cache/lazycred")
    }

    /// The files in the cache, in byte order.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder()).into_iter().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// The one file in the cache.
    #[track_caller]
    fn file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    /// Whether the next get asks S3 only for what has changed.
    #[track_caller]
    fn is_warm(&self) -> bool {
        condition(&self.get().stdout(SECRET).status(0)).is_some()
    }
}

/// The etag that a record was asked for unless it has it.
fn condition(outcome: &Outcome) -> Option<&str> {
    let mut requests = outcome.requests.iter();
    let get = requests.find(|request| request.operation == "GetObject");
    get.expect("a GetObject").header("if-none-match")
}
