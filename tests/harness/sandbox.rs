//! A home and a working directory of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::record;

/// Two folders that no other test sees; clones share them, and they are
/// removed with the last clone.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<TempDir>);

impl Sandbox {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lazycred-test-").tempdir();
        let sandbox = Self(Arc::new(folder.expect("a temporary folder")));
        fs::create_dir(sandbox.home()).expect("a home");
        fs::create_dir(sandbox.work()).expect("a working directory");
        sandbox
    }

    /// What HOME says.
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The working directory.
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// What holds both: the walk for `.lazycred` comes through here.
    pub fn root(&self) -> PathBuf {
        // As getcwd(2) says it, where the temporary folder is a link.
        self.0.path().canonicalize().expect("the folder is there")
    }

    /// Writes a file, with its folders: relative to the working directory.
    pub fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// Reads a file relative to the working directory; `None` if there is none.
    pub fn read(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        fs::read(self.work().join(path)).ok()
    }

    /// All files below the working directory, in byte order, without folders.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.work(), &self.work(), &mut files);
        files.sort();
        files
    }

    /// A folder store `secrets/` under `local:dev`, as `init --local` makes it.
    pub fn make_local(&self) {
        let text = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\"}\n";
        self.write(".lazycred", text);
        let file = self.local_wrapping_key_file("dev");
        self.write(file, record::local_wrapping_key());
    }

    /// Where the wrapping key `local:NAME` lies.
    pub fn local_wrapping_key_file(&self, name: &str) -> PathBuf {
        let folder = self.home().join(".local/share/lazycred");
        folder.join(format!("{name}.key"))
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("it is below");
            files.push(name.to_string_lossy().into_owned());
        }
    }
}
