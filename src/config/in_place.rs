//! What is in the place of a configuration file to write.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, faccessat};

use super::StoreAddress;
use super::draft::Draft;
use super::find::walk;
use super::present::Present;
use super::refuse::refuse_control;
use super::small_file;
use super::variables::Variables;
use crate::base::{Error, OneLine, Result, shell_word};

/// What is in the place of a file to write.
///
/// # Examples
///
/// ```
/// use lazycred::{Variables, config::{Draft, InPlace}};
/// let draft = Draft { file: "no-such-file".into(), s3_path: "acme/".into(), ..Draft::default() };
/// let variables = Variables::new([], std::env::temp_dir());
/// let there = draft.present(&variables)?;
/// assert_eq!(draft.look(there.as_ref(), &variables)?, InPlace::Nothing);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InPlace {
    /// Nothing, and a file can be written there.
    Nothing,
    /// A file with the same settings.
    Same,
    /// A file without the environment, to which it can be added.
    Others,
}

const ELSEWHERE: &str = "name another file with --config FILE";

impl Draft {
    /// Compares with what is in the file's place.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it has other settings; [`Error::Io`] if a file cannot be
    /// written there.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let variables = Variables::new([], env!("CARGO_MANIFEST_DIR"));
    /// let draft = Draft { file: "Cargo.toml".into(), ..Draft::default() };
    /// let there = draft.present(&variables)?;
    /// assert!(draft.look(there.as_ref(), &variables).is_err());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn look(&self, there: Option<&Present>, variables: &Variables) -> Result<InPlace> {
        let Some(there) = there else {
            return Ok(InPlace::Nothing);
        };
        let shown = self.shown();
        let in_place = match &self.environment {
            Some(name) => {
                let Some(there) = there.parsed(&shown)?.environments.remove(name) else {
                    self.takes_more(variables)?;
                    return Ok(InPlace::Others);
                };
                there.settings == self.settings()?
            }
            None => match there.parsed(&shown) {
                Ok(there) => there.own.plain() == self.settings()?,
                Err(_) => false,
            },
        };
        if in_place {
            if self.is_found(variables) {
                // One that somebody else could have planted is refused.
                walk(variables)?;
            }
            return Ok(InPlace::Same);
        }
        Err(Error::usage_hint(
            match &self.environment {
                Some(name) => format!(
                    "environment `{}` of `{shown}` already exists with different settings",
                    OneLine(name)
                ),
                None => format!("`{shown}` already exists with different contents"),
            },
            "edit it, or remove it first",
        ))
    }

    /// Checks that nothing is in its place yet, before anybody is asked for settings.
    ///
    /// # Errors
    ///
    /// As [`Draft::look`]; [`Error::Usage`] too if the same settings could be there.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let draft = Draft { file: "no-such-file".into(), ..Draft::default() };
    /// assert!(draft.is_new(None, &Variables::new([], std::env::temp_dir())).is_ok());
    /// ```
    pub fn is_new(&self, there: Option<&Present>, variables: &Variables) -> Result<()> {
        let Some(there) = there else {
            return Ok(());
        };
        let shown = self.shown();
        let Some(name) = &self.environment else {
            return Err(Error::usage_hint(
                format!("`{shown}` already exists"),
                "edit it, or remove it first; with -e NAME, an environment is added to it",
            ));
        };
        if there.parsed(&shown)?.environments.contains_key(name) {
            return Err(Error::usage_hint(
                format!(
                    "environment `{}` of `{shown}` already exists",
                    OneLine(name)
                ),
                "edit it, or remove it first",
            ));
        }
        self.takes_more(variables)
    }

    /// Reads the regular file in its place; `None` if one can be written there.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if anything else is there; [`Error::Io`] if a file cannot be
    /// written there.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let draft = Draft { file: "/etc".into(), ..Draft::default() };
    /// assert!(draft.present(&Variables::new([], "/")).is_err());
    /// ```
    pub fn present(&self, variables: &Variables) -> Result<Option<Present>> {
        refuse_control("--config", &self.file.to_string_lossy())?;
        let path = self.path(variables);
        let shown = self.shown();
        if self.file.as_os_str().as_bytes().ends_with(b"/") {
            return Err(Error::usage_hint(
                format!("`{shown}` names a folder"),
                ELSEWHERE,
            ));
        }
        let file = match small_file::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::usage_hint(
                    format!("cannot read `{shown}`: {error}"),
                    ELSEWHERE,
                ));
            }
            Err(_) if path.symlink_metadata().is_ok() => {
                return Err(Error::usage_hint(
                    format!("`{shown}` is a link to a file that does not exist"),
                    "remove the link, or create that file",
                ));
            }
            Err(_) => return can_be_written(&path, &shown).map(|()| None),
        };
        let about = file
            .metadata()
            .map_err(|error| Error::io(format!("read `{shown}`"), error))?;
        if about.is_dir() {
            return Err(Error::usage_hint(
                format!("`{shown}` is a folder"),
                ELSEWHERE,
            ));
        }
        if !about.is_file() {
            return Err(Error::usage_hint(
                format!("`{shown}` is not a regular file"),
                ELSEWHERE,
            ));
        }
        let there = Present::read(&file);
        there
            .map(Some)
            .map_err(|error| Error::io(format!("read `{shown}`"), error))
    }

    /// Whose records the store of this environment would be among, in words: those of
    /// another environment, or of the file's own settings.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the present file or the store is not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let draft = Draft { s3_path: "acme/".into(), ..Draft::default() };
    /// assert_eq!(draft.shares_store(None, &Variables::new([], "/"))?, None);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn shares_store(
        &self,
        there: Option<&Present>,
        variables: &Variables,
    ) -> Result<Option<String>> {
        let (Some(there), Some(name)) = (there, &self.environment) else {
            return Ok(None);
        };
        let path = self.path(variables);
        let base = path.parent().unwrap_or(Path::new("/"));
        let store = StoreAddress::parse(&self.s3_path)?.within(base);
        there.has_store(&store, base, (name, &self.shown()))
    }

    /// Checks that the file in its place can be replaced by one with more in it.
    fn takes_more(&self, variables: &Variables) -> Result<()> {
        let path = self.path(variables);
        let shown = self.shown();
        if path
            .symlink_metadata()
            .is_ok_and(|about| about.is_symlink())
        {
            return Err(Error::usage_hint(
                format!("`{shown}` is a link, which would be replaced"),
                "name the file itself with --config FILE",
            ));
        }
        if self.is_found(variables) {
            walk(variables)?;
        }
        can_be_written(&path, &shown)
    }

    pub(super) fn shown(&self) -> String {
        OneLine(self.file.to_string_lossy()).to_string()
    }
}

/// Checks the folder that a file is to be written to.
fn can_be_written(path: &Path, shown: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    if !folder.is_dir() {
        let folder = folder.to_string_lossy();
        return Err(Error::usage_hint(
            format!("no folder `{}` for `{shown}`", OneLine(&folder)),
            format!("create it with `mkdir -p {}`", shell_word(&folder)),
        ));
    }
    let (wanted, ours) = (AccessFlags::W_OK | AccessFlags::X_OK, AtFlags::AT_EACCESS);
    faccessat(AT_FDCWD, folder, wanted, ours)
        .map_err(|errno| Error::io(format!("write `{shown}`"), errno.into()))
}
