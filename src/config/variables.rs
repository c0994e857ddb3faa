//! A process's environment and working directory, passed in by the caller.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::file::FILE_NAME;
use super::refuse::refuse_control;
use crate::base::{Error, OneLine, Result};

/// A process's environment and working directory.
///
/// # Examples
///
/// ```
/// use lazycred::{Config, Variables};
/// let variables = Variables::new(
///     [("LAZYCRED_S3_PATH".into(), "acme-secrets/prod/".into())],
///     "/nowhere/in/particular",
/// );
/// assert!(Config::from_variables(&variables).is_ok());
/// ```
#[derive(Clone, Default)]
pub struct Variables {
    variables: HashMap<OsString, OsString>,
    pub(super) working_directory: PathBuf,
}

/// Names only: a value may be a credential.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Variables {
    /// From the results of `std::env::vars_os` and `std::env::current_dir`.
    ///
    /// # Examples
    ///
    /// ```
    /// let variables = lazycred::Variables::new(std::env::vars_os(), std::env::current_dir()?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        working_directory: impl Into<PathBuf>,
    ) -> Self {
        Self {
            variables: variables.into_iter().collect(),
            working_directory: working_directory.into(),
        }
    }

    /// That the walk found no file, in words.
    pub(super) fn nothing_found(&self) -> String {
        if self.working_directory.as_os_str().is_empty() {
            return format!("no `{FILE_NAME}` in the home folder (the working directory is gone)");
        }
        let here = OneLine(self.working_directory.to_string_lossy());
        format!("no `{FILE_NAME}` in `{here}`, its parents or the home folder")
    }

    /// A variable's value; an empty one counts as none.
    pub(crate) fn value(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value)
    }

    /// A variable's value as text; `None` if it is empty or not UTF-8.
    ///
    /// # Examples
    ///
    /// ```
    /// let variables = lazycred::Variables::new([("A".into(), "1".into())], "/");
    /// assert_eq!((variables.text("A"), variables.text("B")), (Some("1"), None));
    /// ```
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.to_str()
    }

    /// The same as a path.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.value(name).map(PathBuf::from)
    }

    pub(super) fn setting(&self, name: &str) -> Result<Option<&str>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = value
            .to_str()
            .ok_or_else(|| Error::usage(format!("the variable {name} is not UTF-8")))?;
        refuse_control(&format!("the variable {name}"), text)?;
        Ok(Some(text))
    }

    /// `$XDG_DATA_HOME`, else `~/.local/share`.
    ///
    /// # Examples
    ///
    /// ```
    /// let variables = lazycred::Variables::new([("HOME".into(), "/home/me".into())], "/");
    /// assert_eq!(variables.data_home(), Some("/home/me/.local/share".into()));
    /// ```
    #[must_use]
    pub fn data_home(&self) -> Option<PathBuf> {
        self.base("XDG_DATA_HOME", ".local/share")
    }

    /// `$XDG_CACHE_HOME`, else `~/.cache`.
    ///
    /// # Examples
    ///
    /// ```
    /// let variables = lazycred::Variables::new([("HOME".into(), "/home/me".into())], "/");
    /// assert_eq!(variables.cache_home(), Some("/home/me/.cache".into()));
    /// ```
    #[must_use]
    pub fn cache_home(&self) -> Option<PathBuf> {
        self.base("XDG_CACHE_HOME", ".cache")
    }

    /// A folder from a variable, else in the home folder; a relative path is ignored.
    ///
    /// Source: the XDG Base Directory Specification,
    /// <https://specifications.freedesktop.org/basedir/latest/>.
    fn base(&self, name: &str, at_home: &str) -> Option<PathBuf> {
        let absolute = |name| self.path(name).filter(|path| path.is_absolute());
        absolute(name).or_else(|| Some(absolute("HOME")?.join(at_home)))
    }
}
