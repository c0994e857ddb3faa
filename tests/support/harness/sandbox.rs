//! A test's own home and working directory, and the variables its runs share.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use super::expect::Canaries;
use super::{Arguments, Run, SECRET_ACCESS_KEY, record};
use crate::support::fake_aws::FakeAws;
use crate::support::files::files_below;
use crate::support::full;
use crate::support::own_process;
use crate::support::progress;
use crate::support::temporary;

/// Folders that no other test sees; clones share them, and they are removed
/// with the last clone.
#[derive(Debug, Clone)]
pub struct Sandbox {
    _folder: Arc<TempDir>,
    root: PathBuf,
    home: PathBuf,
    work: PathBuf,
    variables: Vec<(OsString, OsString)>,
    /// The secrets of all runs so far.
    canaries: Arc<Mutex<Canaries>>,
}

impl Sandbox {
    /// One folder, which is home and working directory.
    pub fn new() -> Self {
        Self::with(None, None)
    }

    /// Two folders, so that a home is not below itself.
    pub fn apart() -> Self {
        Self::with(Some("home"), Some("work"))
    }

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

    /// One folder with a path as short as a home's, or `None` after [`full::or_skip`].
    #[track_caller]
    pub fn short() -> Option<Self> {
        let made = temporary::short();
        if let Err(reason) = &made {
            full::or_skip("a short path", reason);
        }
        made.ok().map(|folder| Self::within(folder, None, None))
    }

    fn with(home: Option<&str>, work: Option<&str>) -> Self {
        Self::within(temporary::folder(), home, work)
    }

    fn within(folder: TempDir, home: Option<&str>, work: Option<&str>) -> Self {
        own_process::set_up();
        progress::begin();
        // As getcwd(2) says it, where the temporary folder is a link.
        let root = folder.path().canonicalize().expect("the folder is there");
        let below = |name: Option<&str>| name.map_or(root.clone(), |name| root.join(name));
        let (home, work) = (below(home), below(work));
        for folder in [&home, &work] {
            fs::create_dir_all(folder).expect("a folder in it");
        }
        Self {
            _folder: Arc::new(folder),
            root,
            home,
            work,
            variables: Vec::new(),
            canaries: Arc::default(),
        }
    }

    /// The value of HOME.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The working directory.
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// What holds both: the walk for `.lazycred` comes through here.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A variable that every run here has; a later one of its name counts.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.push((name.into(), value.into()));
    }

    /// Has no run here show these bytes on either stream, as [`super::Run::never`].
    pub fn never(&self, secret: &[u8]) {
        self.remember(&Canaries {
            nowhere: vec![secret.to_vec()],
            ..Canaries::default()
        });
    }

    /// What every run here has in a variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        let set = self.variables.iter().rev().find(|(set, _)| *set == name);
        set.and_then(|(_, value)| value.to_str()).map(str::to_owned)
    }

    pub(super) fn variables(&self) -> &[(OsString, OsString)] {
        &self.variables
    }

    /// Has all further runs look for these too.
    pub(super) fn remember(&self, canaries: &Canaries) {
        let mut known = self.canaries.lock().unwrap_or_else(PoisonError::into_inner);
        known.add(canaries);
    }

    pub(super) fn canaries(&self) -> Canaries {
        let known = self.canaries.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// Writes a file, with its folders: relative to the working directory.
    pub fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// The same, as a program.
    pub fn program(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(path, text);
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, mode).expect("a file of ours");
        path
    }

    /// Reads a file relative to the working directory; `None` if there is none.
    pub fn read(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        fs::read(self.work().join(path)).ok()
    }

    /// All files below the working directory, in byte order, without folders.
    pub fn files(&self) -> Vec<String> {
        let name = |file: PathBuf| {
            let name = file.strip_prefix(&self.work).expect("it is below");
            name.to_string_lossy().into_owned()
        };
        files_below(&self.work).into_iter().map(name).collect()
    }

    /// A folder store `secrets/` under `local:dev`, as `init --local` makes it.
    pub fn make_local(&self) {
        let text = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\"}\n";
        self.write(".lazycred", text);
        let file = self.local_wrapping_key_file("dev");
        self.write(file, record::local_wrapping_key());
    }

    /// The file of the wrapping key `local:NAME`.
    pub fn local_wrapping_key_file(&self, name: &str) -> PathBuf {
        let folder = self.home().join(".local/share/lazycred");
        folder.join(format!("{name}.key"))
    }

    /// A run with this sandbox's variables, HOME and PATH, and nothing more.
    pub fn run(&self, arguments: impl Arguments) -> Run {
        Run::within(self, arguments)
    }

    /// Runs `sh` with this script.
    pub fn shell(&self, script: impl AsRef<OsStr>) -> Run {
        let arguments = [OsStr::new("-c"), script.as_ref()];
        self.run(arguments).program("/bin/sh")
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

impl FakeAws {
    /// A run against this fake, in folders of its own.
    pub fn run(&self, arguments: impl Arguments) -> Run {
        Run::new(arguments).aws(self)
    }
}

/// What most runs are asked: one stream and the status.
macro_rules! whole_runs {
    ($($by:ty),*) => {
        $(impl $by {
            /// It succeeds, and says this on standard output alone.
            #[track_caller]
            pub fn prints(&self, arguments: impl Arguments, stdout: impl AsRef<[u8]>) {
                self.run(arguments).stdout(stdout).ok();
            }

            /// It succeeds, and says this on standard error alone.
            #[track_caller]
            pub fn says(&self, arguments: impl Arguments, stderr: impl AsRef<[u8]>) {
                self.run(arguments).stderr(stderr).ok();
            }

            /// It fails with this status, and has this in its message.
            #[track_caller]
            pub fn refuses(&self, arguments: impl Arguments, status: i32, why: &str) {
                self.run(arguments).stderr_has(why).status(status);
            }
        })*
    };
}

whole_runs! { Sandbox, FakeAws }
