//! Runs the program in a home of its own, and compares all that it gives.
//!
//! Nothing of the caller's environment reaches it. What a test does not expect
//! on stdout and stderr must be empty.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_lazycred");

/// No run takes longer, be it one of many that write one secret at once.
const PATIENCE: Duration = Duration::from_mins(5);

/// A home folder, which is the working directory too.
pub struct Sandbox {
    home: TempDir,
    variables: Vec<(OsString, OsString)>,
}

impl Sandbox {
    /// Without any configuration.
    pub fn new() -> Self {
        let set = |name: &str, value: &str| (name.into(), value.into());
        Self {
            home: tempfile::tempdir().unwrap(),
            variables: vec![set("PATH", "/usr/bin:/bin")],
        }
    }

    /// With a folder store and a local wrapping key.
    pub fn local() -> Self {
        let sandbox = Self::new();
        sandbox.run(["--quiet", "init", "--local"]).ok();
        sandbox
    }

    /// With an S3 store and a KMS wrapping key, both of them at an endpoint.
    pub fn aws(endpoint: &str, s3_path: &str, key_alias: &str) -> Self {
        let mut sandbox = Self::new();
        for (name, value) in [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
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

    /// The program's commands, as its help lists them.
    pub fn commands(&self) -> Vec<String> {
        let help = self.run(["--help"]).gives().text();
        let (_, rest) = help.split_once("Commands:\n").unwrap();
        let lines = rest.lines().take_while(|line| !line.is_empty());
        let first = lines.map(|line| line.split_whitespace().next().unwrap().to_owned());
        first.collect()
    }

    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.push((name.into(), value.into()));
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Stores a secret by the program itself.
    #[track_caller]
    pub fn put(&self, name: &str, secret: impl AsRef<[u8]>) {
        self.run(["--quiet", "put", name]).stdin(secret).ok();
    }

    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run<'_> {
        Run {
            sandbox: self,
            program: PROGRAM.into(),
            args: args
                .into_iter()
                .map(|arg| arg.as_ref().to_owned())
                .collect(),
            variables: Vec::new(),
            stdin: None,
            stdout: Vec::new(),
            stderr: String::new(),
        }
    }
}

/// One run that is yet to be made.
#[must_use]
pub struct Run<'a> {
    sandbox: &'a Sandbox,
    program: PathBuf,
    args: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    stdout: Vec<u8>,
    stderr: String,
}

/// What a run gave.
#[derive(Debug)]
pub struct Outcome {
    pub stdout: Vec<u8>,
    pub stderr: String,
    /// The status, or 128 and the signal's number.
    pub status: i32,
}

impl Outcome {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }
}

impl Run<'_> {
    pub fn var(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Another program, or the same by another name.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = Some(bytes.as_ref().to_owned());
        self
    }

    pub fn stdout(mut self, expected: impl AsRef<[u8]>) -> Self {
        self.stdout = expected.as_ref().into();
        self
    }

    pub fn stderr(mut self, expected: &str) -> Self {
        expected.clone_into(&mut self.stderr);
        self
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear();
        command.env("HOME", self.sandbox.home());
        command.envs(self.sandbox.variables.iter().cloned());
        command.envs(self.variables.iter().cloned());
        command.current_dir(self.sandbox.home());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A live process; it is killed when it is dropped.
    pub fn start(self) -> Started {
        Started(self.command().spawn().unwrap())
    }

    /// Runs, whatever comes of it.
    #[track_caller]
    pub fn outcome(self) -> Outcome {
        let mut started = Started(self.command().spawn().unwrap());
        let mut stdin = started.0.stdin.take().unwrap();
        let input = self.stdin.unwrap_or_default();
        // It may end without reading.
        let writing = thread::spawn(move || stdin.write_all(&input).ok());
        let outcome = started.end();
        writing.join().unwrap();
        outcome
    }

    /// Compares everything.
    #[track_caller]
    pub fn status(self, expected: i32) -> Outcome {
        let (stdout, stderr) = (self.stdout.clone(), self.stderr.clone());
        let outcome = self.outcome();
        let given = (
            outcome.status,
            String::from_utf8_lossy(&outcome.stdout),
            outcome.stderr.as_str(),
        );
        assert_eq!(
            given,
            (expected, String::from_utf8_lossy(&stdout), stderr.as_str())
        );
        assert_eq!(outcome.stdout, stdout);
        outcome
    }

    #[track_caller]
    pub fn ok(self) -> Outcome {
        self.status(0)
    }

    /// Succeeds, with anything on stdout and nothing on stderr.
    #[track_caller]
    pub fn gives(self) -> Outcome {
        let outcome = self.outcome();
        assert_eq!(
            (outcome.status, outcome.stderr.as_str()),
            (0, ""),
            "{}",
            outcome.text()
        );
        outcome
    }
}

/// A process that runs.
pub struct Started(pub Child);

impl Started {
    /// Waits for its end.
    #[track_caller]
    pub fn end(&mut self) -> Outcome {
        let read = |stream: Option<Box<dyn Read + Send>>| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut stream) = stream {
                    stream.read_to_end(&mut bytes).ok();
                }
                bytes
            })
        };
        let stdout = read(self.0.stdout.take().map(|stream| Box::new(stream) as _));
        let stderr = read(self.0.stderr.take().map(|stream| Box::new(stream) as _));
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(2));
        };
        Outcome {
            stdout: stdout.join().unwrap(),
            stderr: String::from_utf8_lossy(&stderr.join().unwrap()).into_owned(),
            status: status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap()),
        }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("/bin/kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
