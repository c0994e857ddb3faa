//! Runs the real binary as a user does, and compares all that it says.
//!
//! Each run has an empty environment but for what is set here, a home and a
//! working directory of its own, and a fake of AWS or a folder for a store.
//! Standard output, standard error and status are compared whole: what is not
//! expected is expected to be empty. It knows nothing of what lazycred does,
//! except for the form of its records (`record`). Several runs against one
//! server and one set of variables are made by [`Sandbox::run`].
//!
//! `LAZYCRED_TEST_EXE` names another binary to test, such as a static one; it
//! is read when the tests are built.

mod arguments;
mod expect;
mod launch;
pub mod leak;
mod live;
mod outcome;
pub mod record;
mod running;
mod sandbox;
mod stored;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use crate::support::fake_aws::FakeAws;
use crate::support::network::Namespace;
pub use arguments::Arguments;
use expect::{Canaries, Stream};
pub use launch::SECRET_ACCESS_KEY;
use live::Input;
pub use outcome::Outcome;
pub use running::{Running, peak};
pub use sandbox::Sandbox;
use stored::Stored;
pub use stored::{place, store, store_under, stored};

/// The program under test.
pub const PROGRAM: &str = match option_env!("LAZYCRED_TEST_EXE") {
    Some(other) => other,
    None => env!("CARGO_BIN_EXE_lazycred"),
};

/// What secrets' names are appended to, unless a test says otherwise.
pub const S3_PATH: &str = "acme-secrets/prod/";

/// A run: its set-up and its expected result.
///
/// Shape: `Run::new(["get", "web"]).secret("web", "hunter2").stdout("hunter2").status(0)`.
#[must_use = "it only runs when `status` or the like is called"]
pub struct Run {
    arguments: Vec<OsString>,
    program: PathBuf,
    arg0: Option<OsString>,
    prelude: Option<String>,
    sandbox: Sandbox,
    aws: Option<FakeAws>,
    network: Option<Arc<Namespace>>,
    backing: Backing,
    /// Variables set or unset on top of the defaults.
    changes: BTreeMap<OsString, Option<OsString>>,
    secrets: Vec<Stored>,
    files: Vec<(PathBuf, Vec<u8>)>,
    records: Vec<(String, Vec<u8>)>,
    stdin: Input,
    stdout_file: Option<File>,
    terminal: Option<OwnedFd>,
    cwd: Option<PathBuf>,
    stdout: Stream,
    stderr: Stream,
    canaries: Canaries,
    /// Bytes that this run must not show.
    never: Vec<Vec<u8>>,
    may_leak: bool,
}

/// The store and keyring a run works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backing {
    /// A fake of AWS, and the variables that lead there.
    Aws,
    /// A folder store and a local wrapping key.
    Folder,
    /// Only the sandbox's own variables and files.
    Sandbox,
}

impl Run {
    /// In folders of its own, with [`Run::aws`] or [`Run::local`] to work with.
    pub fn new(arguments: impl Arguments) -> Self {
        Self::with(arguments, Backing::Aws, Sandbox::apart())
    }

    /// In a sandbox, with its variables and nothing else to work with.
    pub fn within(sandbox: &Sandbox, arguments: impl Arguments) -> Self {
        Self::with(arguments, Backing::Sandbox, sandbox.clone())
    }

    fn with(arguments: impl Arguments, backing: Backing, sandbox: Sandbox) -> Self {
        Self {
            arguments: arguments.list(),
            program: PROGRAM.into(),
            arg0: None,
            prelude: None,
            sandbox,
            aws: None,
            network: None,
            backing,
            changes: BTreeMap::new(),
            secrets: Vec::new(),
            files: Vec::new(),
            records: Vec::new(),
            stdin: Input::Empty,
            stdout_file: None,
            terminal: None,
            cwd: None,
            stdout: Stream::Whole(Vec::new()),
            stderr: Stream::Whole(Vec::new()),
            canaries: Canaries::default(),
            never: Vec::new(),
            may_leak: false,
        }
    }

    /// Against this fake, instead of one of its own.
    pub fn aws(mut self, aws: &FakeAws) -> Self {
        self.aws = Some(aws.clone());
        self
    }

    /// In this network, where it sees other files in `/etc`, too.
    pub fn network(mut self, network: &Arc<Namespace>) -> Self {
        self.network = Some(Arc::clone(network));
        self
    }

    /// In this home and working directory, instead of new ones.
    pub fn sandbox(mut self, sandbox: &Sandbox) -> Self {
        self.sandbox = sandbox.clone();
        self
    }

    /// With a folder for a store and a local wrapping key: no AWS, and none of its variables.
    pub fn local(mut self) -> Self {
        self.backing = Backing::Folder;
        self
    }

    /// Stores a secret first, as a record of version 1.
    pub fn secret(self, name: &str, secret: impl AsRef<[u8]>) -> Self {
        self.stored(1, name, secret.as_ref())
    }

    /// Stores a secret first, as a record of version 2.
    pub fn secret_2(self, name: &str, secret: impl AsRef<[u8]>) -> Self {
        self.stored(2, name, secret.as_ref())
    }

    fn stored(mut self, version: u8, name: &str, secret: &[u8]) -> Self {
        self.canaries.add_secret(secret);
        self.secrets.push(Stored {
            name: name.to_owned(),
            secret: secret.to_vec(),
            version,
        });
        self
    }

    /// Stores bytes at `BUCKET/PATH` first; with [`Run::local`], in the file of that name.
    pub fn record(mut self, place: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        self.records.push((place.to_owned(), bytes));
        self
    }

    /// Writes a file first; relative to the working directory.
    pub fn file(mut self, path: impl Into<PathBuf>, bytes: impl AsRef<[u8]>) -> Self {
        self.files.push((path.into(), bytes.as_ref().to_vec()));
        self
    }

    /// Without the variables that configure lazycred.
    pub fn no_config(self) -> Self {
        self.unset("LAZYCRED_S3_PATH").unset("LAZYCRED_KEY_ALIAS")
    }

    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.changes.insert(name.into(), Some(value.into()));
        self
    }

    /// A variable, unless it was given already.
    pub fn with_default(mut self, name: &str, value: &str) -> Self {
        let value = Some(value.into());
        self.changes.entry(name.into()).or_insert(value);
        self
    }

    pub fn unset(mut self, name: impl Into<OsString>) -> Self {
        self.changes.insert(name.into(), None);
        self
    }

    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        self.canaries.add_secret(&bytes);
        self.stdin = Input::Bytes(bytes);
        self
    }

    /// Standard input that does not end by itself; for [`Run::spawn`].
    pub fn stdin_open(mut self) -> Self {
        self.stdin = Input::Open;
        self
    }

    /// Standard output goes there, and is not compared.
    pub fn stdout_to(mut self, file: File) -> Self {
        self.stdout_file = Some(file);
        self
    }

    /// All three streams are this terminal, and nothing of them is compared.
    pub fn terminal(mut self, terminal: OwnedFd) -> Self {
        self.terminal = Some(terminal);
        self
    }

    /// In a session of its own that has the terminal for its controlling one, by
    /// `setsid`, which becomes it.
    pub fn in_own_session(mut self) -> Self {
        let program = std::mem::replace(&mut self.program, "/usr/bin/setsid".into());
        let own = ["--ctty".into(), program.into_os_string()];
        self.arguments.splice(0..0, own);
        self
    }

    /// The working directory; relative to the one that it would be.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = Some(folder.into());
        self
    }

    /// Another program, or the same by another path.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = path.into();
        self
    }

    /// Its `argv[0]`.
    pub fn arg0(mut self, name: impl Into<OsString>) -> Self {
        self.arg0 = Some(name.into());
        self
    }

    /// Has `sh` do this first and then become lazycred: for limits, traps and
    /// descriptors. The shell may set PWD in the environment.
    pub fn after(mut self, shell: &str) -> Self {
        self.prelude = Some(shell.to_owned());
        self
    }

    /// Standard output should be this, whole.
    pub fn stdout(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdout = Stream::Whole(bytes.as_ref().to_vec());
        self
    }

    /// Standard output should contain this.
    pub fn stdout_has(mut self, text: &str) -> Self {
        self.stdout = has(self.stdout, text);
        self
    }

    /// Standard output is not compared.
    pub fn any_stdout(mut self) -> Self {
        self.stdout = Stream::Anything;
        self
    }

    /// Standard error should be this, whole.
    pub fn stderr(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stderr = Stream::Whole(bytes.as_ref().to_vec());
        self
    }

    /// Standard error should contain this.
    pub fn stderr_has(mut self, text: &str) -> Self {
        self.stderr = has(self.stderr, text);
        self
    }

    /// Standard error is not compared.
    pub fn any_stderr(mut self) -> Self {
        self.stderr = Stream::Anything;
        self
    }

    /// These bytes must be on neither stream, in no spelling.
    ///
    /// Data keys never may, and secrets of [`Run::secret`] and [`Run::stdin`]
    /// never on standard error, in this and in all later runs of the sandbox:
    /// that need not be said.
    #[track_caller]
    pub fn never(mut self, secret: impl AsRef<[u8]>) -> Self {
        let secret = secret.as_ref().to_vec();
        assert!(secret.len() >= leak::SHORTEST, "too short to be looked for");
        self.never.push(secret);
        self
    }

    /// Nothing is looked for, nor in later runs what this one is given: the
    /// command itself shows it, or it stands in ordinary text.
    pub fn may_leak(mut self) -> Self {
        self.may_leak = true;
        self
    }
}

/// An expectation with a text more.
fn has(expected: Stream, text: &str) -> Stream {
    let mut texts = match expected {
        Stream::Has(texts) => texts,
        Stream::Whole(_) | Stream::Anything => Vec::new(),
    };
    texts.push(text.to_owned());
    Stream::Has(texts)
}
