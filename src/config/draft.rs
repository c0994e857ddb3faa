//! A configuration file to write, and what is in its place.
//!
//! What would be refused when it is read is refused before it is written.

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, faccessat};
use serde_json::Value;

use super::file::{FILE_NAME, Settings};
use super::find::{By, Found, LARGEST, found_by, homes, walk};
use super::refuse::{refuse_control, refused_from_walk};
use super::resolve::{CONFIG, Flags, resolve_with};
use super::small_file;
use super::variables::Variables;
use super::{Config, StoreAddress, WrappingKeyId};
use crate::base::{Error, OneLine, Result, shell_word};

/// A configuration file to write.
///
/// Shape: where it is to be, and its members.
///
/// # Examples
///
/// ```
/// use lazycred::config::Draft;
/// let draft = Draft { s3_path: "acme/".into(), format: Some(2), ..Draft::default() };
/// assert_eq!(draft.text(), "{\"s3_path\": \"acme/\", \"format\": 2}\n");
/// ```
#[derive(Debug, Clone)]
pub struct Draft {
    /// The file; relative to the working directory.
    pub file: PathBuf,
    /// `BUCKET/PREFIX` or `file:FOLDER`.
    pub s3_path: String,
    /// The wrapping key.
    pub key_alias: Option<String>,
    /// KMS's region.
    pub region: Option<String>,
    /// The version of new records.
    pub format: Option<u8>,
}

/// What is in the place of a file to write.
///
/// # Examples
///
/// ```
/// use lazycred::{Variables, config::{Draft, InPlace}};
/// let draft = Draft { file: "no-such-file".into(), s3_path: "acme/".into(), ..Draft::default() };
/// let variables = Variables::new([], std::env::temp_dir());
/// assert_eq!(draft.look(&variables)?, InPlace::Nothing);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InPlace {
    /// Nothing, and a file can be written there.
    Nothing,
    /// A file with the same settings.
    Same,
}

impl Default for Draft {
    /// The file that is found by searching.
    fn default() -> Self {
        Self {
            file: FILE_NAME.into(),
            s3_path: String::new(),
            key_alias: None,
            region: None,
            format: None,
        }
    }
}

impl Draft {
    /// One line of JSON, with a space after each colon and comma.
    ///
    /// # Examples
    ///
    /// ```
    /// let draft = lazycred::config::Draft { s3_path: "acme/".into(), ..Default::default() };
    /// assert_eq!(draft.text(), "{\"s3_path\": \"acme/\"}\n");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        let text = |value: &Option<String>| value.clone().map(Value::from);
        let members = [
            ("s3_path", Some(Value::from(&*self.s3_path))),
            ("key_alias", text(&self.key_alias)),
            ("region", text(&self.region)),
            ("format", self.format.map(Value::from)),
        ];
        let members = members.into_iter().filter_map(|(name, value)| {
            let value = value?;
            Some(format!("\"{name}\": {value}"))
        });
        format!("{{{}}}\n", members.collect::<Vec<_>>().join(", "))
    }

    /// The configuration once the file is there. Of the flags, only the region and the
    /// profile count.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the file would be refused.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Flags, Variables, config::Draft};
    /// let variables = Variables::new([], "/srv/app");
    /// let config = |s3_path: &str| {
    ///     let draft = Draft { s3_path: s3_path.into(), ..Draft::default() };
    ///     draft.config(&Flags::default(), &variables)
    /// };
    /// assert!(config("file:secrets/").is_ok());
    /// assert!(config("file:/var/secrets/").is_err());
    /// ```
    pub fn config(&self, flags: &Flags, variables: &Variables) -> Result<Config> {
        let flags = Flags {
            region: flags.region.clone(),
            profile: flags.profile.clone(),
            ..Flags::default()
        };
        flags.check()?;
        refuse_control("--config", &self.file.to_string_lossy())?;
        // Errors name the flag's value, not the file that is not there yet.
        StoreAddress::parse(&self.s3_path)?;
        if let Some(key_alias) = &self.key_alias {
            key_alias.parse::<WrappingKeyId>()?;
        }
        let path = self.path(variables);
        let found = Found {
            by: found_by(&path, variables),
            text: self.text().into_bytes(),
            path,
        };
        let shown = found.path.to_string_lossy();
        let settings = Settings::parse(&found.text, &shown)?;
        if found.by == By::Walk
            && let Some(refused) = refused_from_walk(&settings)?
        {
            return Err(Error::usage_hint(
                format!(
                    "`{}` is found by searching, and {refused} is accepted only from a file that you name",
                    OneLine(self.file.to_string_lossy())
                ),
                "write another file with --config FILE, and name it with LAZYCRED_CONFIG=FILE",
            ));
        }
        let config = resolve_with(&flags, variables, Some(&found))?;
        match config.store() {
            StoreAddress::Folder(folder) if folder.join(FILE_NAME) == found.path => {
                Err(Error::usage_hint(
                    format!(
                        "`{}` cannot be in the folder of the records, which keeps its own files in a folder of that name",
                        OneLine(self.file.to_string_lossy())
                    ),
                    "use a separate folder for `s3_path`, as in `file:secrets/`",
                ))
            }
            _ => Ok(config),
        }
    }

    /// Looks at what is in the file's place.
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
    /// assert!(draft.look(&Variables::new([], "/")).is_err());
    /// ```
    pub fn look(&self, variables: &Variables) -> Result<InPlace> {
        let path = self.path(variables);
        let shown = OneLine(self.file.to_string_lossy()).to_string();
        let elsewhere = "name another file with --config FILE";
        if self.file.as_os_str().as_bytes().ends_with(b"/") {
            return Err(Error::usage_hint(
                format!("`{shown}` names a folder"),
                elsewhere,
            ));
        }
        let file = match small_file::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::usage_hint(
                    format!("cannot read `{shown}`: {error}"),
                    elsewhere,
                ));
            }
            Err(_) if path.symlink_metadata().is_ok() => {
                return Err(Error::usage_hint(
                    format!("`{shown}` is a link to a file that does not exist"),
                    "remove the link, or create that file",
                ));
            }
            Err(_) => return can_be_written(&path, &shown).map(|()| InPlace::Nothing),
        };
        let about = file
            .metadata()
            .map_err(|error| Error::io(format!("read `{shown}`"), error))?;
        if about.is_dir() {
            return Err(Error::usage_hint(
                format!("`{shown}` is a folder"),
                elsewhere,
            ));
        }
        if !about.is_file() {
            return Err(Error::usage_hint(
                format!("`{shown}` is not a regular file"),
                elsewhere,
            ));
        }
        if self.is_in(&file) {
            if self.is_found(variables) {
                // One that somebody else could have planted is refused.
                walk(variables)?;
            }
            return Ok(InPlace::Same);
        }
        Err(Error::usage_hint(
            format!("`{shown}` already exists with different contents"),
            "edit it, or remove it first",
        ))
    }

    /// Whether a file has the same settings, however they are written.
    fn is_in(&self, file: &File) -> bool {
        let parse = |text: &[u8]| Settings::parse(text, "").ok();
        let there = small_file::read(file, LARGEST).ok();
        let there = there.and_then(|text| parse(&text));
        there.is_some() && there == parse(self.text().as_bytes())
    }

    /// Whether commands in the working directory find it by themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// assert!(Draft::default().is_found(&Variables::new([], "/srv/app")));
    /// ```
    #[must_use]
    pub fn is_found(&self, variables: &Variables) -> bool {
        self.path(variables) == variables.working_directory.join(FILE_NAME)
    }

    /// Whether it belongs to a project, rather than to the user.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let variables = Variables::new([("HOME".into(), "/home/me".into())], "/home/me");
    /// assert!(!Draft::default().is_of_project(&variables));
    /// ```
    #[must_use]
    pub fn is_of_project(&self, variables: &Variables) -> bool {
        found_by(&self.path(variables), variables) != By::Home
    }

    /// The file that applies in the working directory instead, as long as
    /// `LAZYCRED_CONFIG` names it.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let variables = Variables::new([("LAZYCRED_CONFIG".into(), "a.json".into())], "/srv");
    /// assert_eq!(Draft::default().overruled_by(&variables), Some("a.json".into()));
    /// ```
    #[must_use]
    pub fn overruled_by(&self, variables: &Variables) -> Option<PathBuf> {
        let named = variables.path(CONFIG)?;
        (variables.working_directory.join(&named) != self.path(variables)).then_some(named)
    }

    /// The file of a folder above, or of the home folder, that no longer applies in
    /// the working directory.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// assert_eq!(Draft::default().hides(&Variables::new([], "/")), None);
    /// ```
    #[must_use]
    pub fn hides(&self, variables: &Variables) -> Option<PathBuf> {
        if !self.is_found(variables) {
            return None;
        }
        let [home, real_home] = homes(variables);
        let here = &*variables.working_directory;
        let above = here.ancestors().skip(1).map(Path::to_owned);
        // In the home folder itself, it is the file of the home folder.
        let home = home.filter(|home| home != here && real_home.as_deref() != Some(here));
        let mut files = above.chain(home).map(|folder| folder.join(FILE_NAME));
        files.find(|file| file.is_file())
    }

    fn path(&self, variables: &Variables) -> PathBuf {
        variables.working_directory.join(&self.file)
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
