//! A second opinion: moto, an emulator of S3 and KMS, and the Python original.
//!
//! Both are processes of Python that live as long as the test process, and are
//! started on first use. Where Python or the network is lacking they are not
//! there, and reading tests take the recorded exchanges of `replay` instead.
//! Nothing here knows the program under test.

pub mod install;
mod original;
mod replay;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use install::Outcome;
pub use original::Original;

use crate::support::fake_aws::FakeAws;
use crate::support::fixtures;
use crate::support::full;
use crate::support::http::{self, Message};

/// Moto refuses unsigned requests but does not check signatures.
const SIGNED_FOR_S3: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
const SIGNED_FOR_KMS: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=0";

/// The longest that moto may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// moto, running: one for the whole test process, in account 123456789012 and us-east-1.
pub struct Moto {
    port: u16,
    buckets: AtomicUsize,
    /// It exits when its standard input closes.
    _child: Child,
}

impl Moto {
    /// The one of this test process, or `None` after [`full::or_skip`].
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Moto, String>> = OnceLock::new();
        full::once(&SHARED, "moto", Self::start)
    }

    /// `http://127.0.0.1:PORT`, for S3, KMS, STS and IMDS alike.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// An empty bucket that no other test has.
    pub fn fresh_bucket(&self) -> String {
        let bucket = format!("bucket-{}", self.buckets.fetch_add(1, Ordering::Relaxed));
        let answer = self.s3("PUT", &format!("/{bucket}"), &[]);
        assert_eq!(answer.status(), 200, "{answer:?}");
        bucket
    }

    /// An empty bucket that keeps versions.
    pub fn fresh_versioned_bucket(&self) -> String {
        let bucket = self.fresh_bucket();
        let enabled =
            b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let answer = self.s3("PUT", &format!("/{bucket}?versioning"), enabled);
        assert_eq!(answer.status(), 200, "{answer:?}");
        bucket
    }

    /// Makes a wrapping key and an alias for it (without `alias/`), and gives its ARN.
    ///
    /// Aliases are shared by all tests: choose one that no other test has.
    #[track_caller]
    pub fn fresh_wrapping_key(&self, alias: &str) -> String {
        let made = self.kms("CreateKey", &json!({}));
        let arn = made["KeyMetadata"]["Arn"].as_str().expect("an ARN");
        let alias = json!({"AliasName": format!("alias/{alias}"), "TargetKeyId": arn});
        self.kms("CreateAlias", &alias);
        arn.to_owned()
    }

    /// The bytes of an object; `None` if there is none.
    #[track_caller]
    pub fn object(&self, bucket: &str, path: &str) -> Option<Vec<u8>> {
        let answer = self.s3("GET", &object_target(bucket, path), &[]);
        match answer.status() {
            200 => Some(answer.body),
            404 => None,
            _ => panic!("{answer:?}"),
        }
    }

    #[track_caller]
    pub fn put_object(&self, bucket: &str, path: &str, body: &[u8]) {
        let answer = self.s3("PUT", &object_target(bucket, path), body);
        assert_eq!(answer.status(), 200, "{answer:?}");
    }

    /// Any S3 request; `target` is path and query as they are sent.
    #[track_caller]
    pub fn s3(&self, method: &str, target: &str, body: &[u8]) -> Message {
        let headers = [("Authorization", SIGNED_FOR_S3)];
        http::ask(self.port, method, target, &headers, body).expect("moto answers")
    }

    /// Any KMS request that succeeds.
    #[track_caller]
    pub fn kms(&self, action: &str, request: &Value) -> Value {
        let headers = [
            ("Authorization", SIGNED_FOR_KMS),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", &format!("TrentService.{action}")),
        ];
        let request = request.to_string();
        let answer = http::ask(self.port, "POST", "/", &headers, request.as_bytes());
        let answer = answer.expect("moto answers");
        assert_eq!(answer.status(), 200, "{action}: {answer:?}");
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    fn start() -> Outcome<Self> {
        full::refused()?;
        let python = Self::install()?;
        let log = install::target().join("test-moto.log");
        let mut command = install::clean(&python);
        command.arg(install::sources().join("serve.py"));
        command.arg(fixtures::folder().join("golden/manifest.json"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::create(&log)?);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or("no pipe from moto")?;
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).ok();
            send.send(line).ok();
        });
        let line = receive.recv_timeout(PATIENCE).unwrap_or_default();
        let port = line
            .trim()
            .strip_prefix("port ")
            .and_then(|port| port.parse().ok());
        let Some(port) = port else {
            child.kill().ok();
            child.wait().ok();
            let said = fs::read_to_string(&log).unwrap_or_default();
            let last = said.lines().last().unwrap_or_default();
            return Err(format!("moto does not start: {last}").into());
        };
        Ok(Self {
            port,
            buckets: AtomicUsize::new(0),
            _child: child,
        })
    }

    /// The interpreter that has what moto needs, `cryptography` too; `None`
    /// after [`full::or_skip`].
    pub fn python() -> Option<PathBuf> {
        let python = full::refused().map_err(Into::into);
        match python.and_then(|()| Self::install()) {
            Ok(python) => Some(python),
            Err(reason) => {
                full::or_skip("Python's cryptography", &reason.to_string());
                None
            }
        }
    }

    fn install() -> Outcome<PathBuf> {
        let list = install::sources().join("requirements.txt");
        let recipe = fs::read_to_string(&list)?;
        let installed = install::once("test-python", &recipe, |folder| {
            let probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
            let base = install::python(&["3.13", "3.12", "3.11", "3.10"], probe)?;
            let python = install::virtual_environment(&base, folder)?;
            let list = list.to_str().ok_or("a path that is not UTF-8")?;
            install::pip(&python, folder, &["--no-deps", "-r", list])?;
            Ok(PathBuf::from("bin/python"))
        })?;
        Ok(installed.program)
    }
}

/// Where a reading test finds the golden records: the same calls, live or recorded.
pub enum Backend {
    /// moto holds the wrapping key that they were made with, and a bucket of them.
    Moto { moto: &'static Moto, bucket: String },
    /// What moto answered when they were made.
    Replay(FakeAws),
}

impl Backend {
    /// moto if available, or else the recorded exchanges.
    pub fn golden() -> Self {
        let Some(moto) = Moto::shared() else {
            return Self::Replay(replay::start());
        };
        let bucket = moto.fresh_bucket();
        for golden in fixtures::golden() {
            let path = format!("{}{}", fixtures::prefix(), golden.name);
            moto.put_object(&bucket, &path, &golden.record);
        }
        Self::Moto { moto, bucket }
    }

    pub fn endpoint(&self) -> String {
        match self {
            Self::Moto { moto, .. } => moto.endpoint(),
            Self::Replay(replay) => replay.url(),
        }
    }

    /// The `s3_path` to configure, beside `fixtures::key_alias()`.
    pub fn s3_path(&self) -> String {
        match self {
            Self::Moto { bucket, .. } => format!("{bucket}/{}", fixtures::prefix()),
            Self::Replay(_) => fixtures::s3_path(),
        }
    }
}

fn object_target(bucket: &str, path: &str) -> String {
    http::encode_path(&format!("/{bucket}/{path}"))
}
