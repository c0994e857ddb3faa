//! A configuration file to write, or an environment to add to one.
//!
//! What would be refused when it is read is refused before it is written. What is in
//! its place already is in `in_place`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::environments::ChosenEnvironment;
use super::file::FILE_NAME;
use super::find::{By, Found, LARGEST, found_by, homes};
use super::flags::Flags;
use super::insert;
use super::present::Present;
use super::refuse::{refuse_control, refused_from_walk};
use super::resolve::{CONFIG, resolve_with};
use super::settings::Settings;
use super::variables::Variables;
use super::{Config, StoreAddress, WrappingKeyId};
use crate::base::{Error, OneLine, Result};

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
    /// `BUCKET/PREFIX/` or `file:FOLDER`.
    pub s3_path: String,
    /// The wrapping key.
    pub key_alias: Option<String>,
    /// KMS's region.
    pub region: Option<String>,
    /// The version of new records.
    pub format: Option<u8>,
    /// The environment that these are the settings of, if not the file's own.
    pub environment: Option<String>,
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
            environment: None,
        }
    }
}

impl Draft {
    /// A new file: one line of JSON, with a space after each colon and comma.
    ///
    /// # Examples
    ///
    /// ```
    /// let draft = lazycred::config::Draft { s3_path: "acme/".into(), ..Default::default() };
    /// assert_eq!(draft.text(), "{\"s3_path\": \"acme/\"}\n");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        let members = self.members();
        match &self.environment {
            Some(name) => {
                let name = Value::from(&**name);
                format!("{{\"environments\": {{{name}: {members}}}}}\n")
            }
            None => format!("{members}\n"),
        }
    }

    /// The text of the file with it: of a new one, or of the present one with the
    /// environment added to it. All else keeps its order and spelling.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the present file cannot be read, or would be too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::config::Draft;
    /// let draft = Draft { s3_path: "acme/".into(), ..Draft::default() };
    /// assert_eq!(draft.whole_text(None)?, draft.text());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn whole_text(&self, there: Option<&Present>) -> Result<String> {
        let (Some(name), Some(there)) = (&self.environment, there) else {
            return Ok(self.text());
        };
        let shown = self.shown();
        let wrong = |what: String| Error::usage_hint(what, "name another file with --config FILE");
        let text = there.text(&shown)?;
        if there.parsed(&shown)?.environments.contains_key(name) {
            return Ok(text.to_owned());
        }
        let whole = insert::below(text, "environments", name, &self.members());
        let whole = whole.ok_or_else(|| wrong(format!("`{shown}` is not a JSON object")))?;
        if whole.len() > LARGEST {
            return Err(wrong(format!(
                "`{shown}` would be larger than {LARGEST} bytes with one more environment"
            )));
        }
        Ok(whole)
    }

    /// Its members as JSON.
    fn members(&self) -> String {
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
        format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
    }

    /// Its members as they are read.
    pub(super) fn settings(&self) -> Result<Settings> {
        let members = serde_json::from_str(&self.members()).unwrap_or_default();
        Settings::of(members).map_err(|(name, wanted)| {
            let shown = OneLine(self.file.to_string_lossy());
            Error::usage(format!("`{shown}`: `{name}` must be {wanted}"))
        })
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
    ///     draft.config(None, &Flags::default(), &variables)
    /// };
    /// assert!(config("file:secrets/").is_ok());
    /// assert!(config("file:/var/secrets/").is_err());
    /// ```
    pub fn config(
        &self,
        there: Option<&Present>,
        flags: &Flags,
        variables: &Variables,
    ) -> Result<Config> {
        let flags = Flags {
            region: flags.region.clone(),
            profile: flags.profile.clone(),
            ..Flags::default()
        };
        flags.check()?;
        refuse_control("--config", &self.file.to_string_lossy())?;
        self.check(variables)?;
        if let Some(name) = &self.environment {
            refuse_control("--environment", name)?;
        }
        let path = self.path(variables);
        let found = Found {
            by: found_by(&path, variables),
            text: self.whole_text(there)?.into_bytes(),
            path,
        };
        let name = self.environment.as_deref();
        let source = "--environment";
        let chosen = name.map(|name| ChosenEnvironment { name, source });
        let config = resolve_with(&flags, variables, Some(&found), chosen)?;
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

    /// Checks the store and the wrapping key, each as far as it is given.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the file would be refused with one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let draft = Draft { s3_path: "no-slash".into(), ..Draft::default() };
    /// assert!(draft.check(&Variables::new([], "/srv/app")).is_err());
    /// ```
    pub fn check(&self, variables: &Variables) -> Result<()> {
        // Errors name the flag's value, not the file that is not there yet.
        StoreAddress::parse(&self.s3_path)?;
        if let Some(key_alias) = &self.key_alias {
            key_alias.parse::<WrappingKeyId>()?;
        }
        let by = found_by(&self.path(variables), variables);
        if by == By::Walk
            && let Some(refused) = refused_from_walk(&self.settings()?)?
        {
            return Err(Error::usage_hint(
                format!(
                    "`{}` is found by searching, and {refused} is accepted only from a file that you name",
                    self.shown()
                ),
                "write another file with --config FILE, and name it with LAZYCRED_CONFIG=FILE",
            ));
        }
        Ok(())
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

    pub(super) fn path(&self, variables: &Variables) -> PathBuf {
        variables.working_directory.join(&self.file)
    }
}
