//! The plan for a command: secrets, rules, and what the command inherits.
//!
//! `load` fetches and flattens secrets, and `environ` decides which source wins; this
//! connects them.

mod given;

use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fmt;

use super::env_file::EnvFile;
use super::from_env::{self, Marked};
use super::require::{Required, dropped};
use crate::base::{Error, Reference, Result, SecretName, VarName};
use crate::client::Client;
use crate::launch::environ::Environ;
use crate::launch::inherit::Inherit;
use crate::launch::memfd::has_files;
use crate::launch::refused::{none_refused, refuses};
use crate::plaintext::filter::pattern;
use crate::plaintext::rules::Rules;
use crate::plaintext::template::Template;
use crate::plaintext::vars::Var;

/// Secrets, how they become variables, and what the command inherits.
///
/// **Shape**: in ascending precedence: the inherited environment, `env_files` in order,
/// `listed` in order, `marked` and `composed`, `sets`, `files`, `templates`. Whatever
/// `inherit` says, all but `listed` win over the environment, and with `no_override`,
/// `env_files` win over `listed`.
///
/// # Examples
///
/// ```
/// let mut plan = lazycred::launch::Plan::new(std::env::vars_os());
/// plan.listed.push("web/prod".parse()?);
/// plan.files.push(("CERT".parse()?, "web/tls#certificate".parse()?));
/// plan.rules.prefix = "APP_".to_owned();
/// assert_eq!(plan.references().count(), 2);
/// # Ok::<(), lazycred::Error>(())
/// ```
pub struct Plan {
    /// Variables that the user wrote into files; they keep their names, and no filter
    /// holds for them. They hide inherited variables from [`Plan::mark`].
    pub env_files: Vec<EnvFile>,
    /// References whose variables are set; later ones override earlier ones.
    pub listed: Vec<Reference>,
    /// Variables, with any name, that get the value of a reference, as with
    /// `VAR=REFERENCE`; the reference's own target is ignored.
    pub marked: Vec<(OsString, Reference)>,
    /// Variables, with any name, that get the text of a template.
    pub composed: Vec<(OsString, Template)>,
    /// Variables that get the text of a template, whatever those of the environment are.
    pub sets: Vec<(VarName, Template)>,
    /// Variables that get the path of a sealed memory file with the content of a
    /// reference, which the command inherits.
    pub files: Vec<(VarName, Reference)>,
    /// Variables that get the path of such a file with the text of a template.
    pub templates: Vec<(VarName, Template)>,
    /// How fields become variables, and which ones to keep.
    pub rules: Rules,
    /// Variables that the command must find set and not empty.
    pub required: Vec<Required>,
    /// Variables that a secret may set even if [`is_refused`](crate::is_refused).
    pub allow: Vec<VarName>,
    /// The least generation of each name's record, as in [`Client::load_at_least`].
    pub generations: BTreeMap<SecretName, u64>,
    /// What the command inherits.
    pub inherit: Inherit,
    environment: BTreeMap<OsString, OsString>,
}

impl Plan {
    /// A plan without secrets, with the default rules, that inherits everything.
    ///
    /// **Shape**: the environment as from [`std::env::vars_os`]; the first of duplicate
    /// names counts, as in `getenv`.
    ///
    /// # Examples
    ///
    /// ```
    /// let plan = lazycred::launch::Plan::new([("LANG".into(), "C".into())]);
    /// assert!(plan.check().is_err(), "it has no secret");
    /// ```
    #[must_use]
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut first = BTreeMap::new();
        for (name, value) in environment {
            first.entry(name).or_insert(value);
        }
        Self {
            env_files: Vec::new(),
            listed: Vec::new(),
            marked: Vec::new(),
            composed: Vec::new(),
            sets: Vec::new(),
            files: Vec::new(),
            templates: Vec::new(),
            rules: Rules::default(),
            required: Vec::new(),
            allow: Vec::new(),
            generations: BTreeMap::new(),
            inherit: Inherit::default(),
            environment: first,
        }
    }

    /// Adds to `marked` the variables of the environment whose name matches and whose
    /// value is `lazycred:REFERENCE`, and to `composed` those whose value is
    /// `lazycred:` and a [`Template`] with braces.
    ///
    /// **Shape**: shell patterns; an empty one matches nothing. CI systems and web
    /// servers let strangers set variables: match only trusted ones. Variables that
    /// `env_files` set already are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for an invalid pattern, or a value that looks like a reference
    /// but is not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// let environment = [("DB_PASSWORD".into(), "lazycred:db#password".into())];
    /// let mut plan = lazycred::launch::Plan::new(environment);
    /// plan.mark(&["DB_*"])?;
    /// assert_eq!(plan.marked[0].1.name.as_str(), "db");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn mark<T: AsRef<str>>(&mut self, globs: &[T]) -> Result<()> {
        let globs = globs.iter().map(AsRef::as_ref);
        let globs = globs.filter(|glob| !glob.is_empty());
        let patterns: Vec<_> = globs
            .map(|glob| pattern("--from-env", glob))
            .collect::<Result<_>>()?;
        let matching = self.environment.iter().filter(|(name, _)| {
            let text = name.to_string_lossy();
            patterns.iter().any(|pattern| pattern.matches(&text))
                && !self.env_files.iter().any(|file| file.sets(name))
        });
        let read = matching.map(|(name, value)| Ok((name.clone(), from_env::read(name, value)?)));
        for (name, marked) in Error::all(read)? {
            match marked {
                Some(Marked::Whole(reference)) => self.marked.push((name, reference)),
                Some(Marked::Parts(template)) => self.composed.push((name, template)),
                None => {}
            }
        }
        Ok(())
    }

    /// All references to fetch, in ascending precedence, those in files and templates
    /// too; without those of a file that another source is sure to override.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut plan = lazycred::launch::Plan::new([]);
    /// plan.listed.push("web/prod#token".parse()?);
    /// let names: Vec<_> = plan.references().map(|reference| reference.name.as_str()).collect();
    /// assert_eq!(names, ["web/prod"]);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.asked().map(|(reference, _)| reference)
    }

    /// Checks that there is a reference and that the filter can match. Fetches nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no reference, or if no variable's name can
    /// match a pattern of the filter; [`Error::Io`] for files where the system has none
    /// in memory.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut plan = lazycred::launch::Plan::new([]);
    /// plan.listed.push("db".parse()?);
    /// plan.check()?;
    /// plan.rules.filter = lazycred::Filter::new(&["db_*"], &[])?;
    /// assert!(plan.check().is_err(), "names are upper case");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn check(&self) -> Result<()> {
        self.rules.check_filter()?;
        let files = self.files.iter().map(|(variable, _)| variable);
        let templates = self.templates.iter().map(|(variable, _)| variable);
        if let Some(variable) = files.chain(templates).next() {
            has_files(variable)?;
        }
        let is_in_file = self.env_files.iter().any(EnvFile::has_references);
        if is_in_file || self.references().next().is_some() {
            return Ok(());
        }
        let hint = match self.texts().next() {
            Some(name) => format!(
                "`--from-env {}` resolves the reference in that variable",
                name.display()
            ),
            None => {
                "name one, as in `lazycred exec db_credentials -- ./server`, or set LAZYCRED_SECRETS"
                    .into()
            }
        };
        Err(Error::usage_hint("no secret given", hint))
    }

    /// Fetches only the listed references, to be used without a command: their
    /// variables, sorted by name, each once, without the environment's.
    ///
    /// # Errors
    ///
    /// As [`Plan::check`] and [`Client::load_at_least`]; [`Error::Environment`]
    /// for refused names, and [`Error::Usage`] for a plan with more than `listed`.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"user": "app", "ld_preload": "/x"}"#)?;
    /// let mut plan = lazycred::launch::Plan::new([]);
    /// plan.listed.push("db".parse()?);
    /// let variables = client.block_on(async |client| plan.variables(client).await);
    /// assert!(variables.unwrap_err().to_string().starts_with("`LD_PRELOAD` of `db`"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn variables(&self, client: &Client) -> Result<Vec<Var>> {
        self.check()?;
        let is_listed_alone = self.env_files.is_empty()
            && self.marked.is_empty()
            && self.composed.is_empty()
            && self.sets.is_empty()
            && self.files.is_empty()
            && self.templates.is_empty()
            && self.required.is_empty();
        if !is_listed_alone {
            return Err(Error::usage(
                "the plan has inherited variables, templates or files, which only a command can get",
            ));
        }
        let vars = client
            .fetch_all(self.asked(), &self.generations, |fetched| {
                fetched.variables(&self.listed, &self.rules)
            })
            .await?;
        let vars = vars.into_iter().map(|var| (var.name.clone(), var));
        let by_name: BTreeMap<VarName, Var> = vars.collect();
        let refused = by_name.values().filter(|var| {
            let name = var.name.as_str();
            refuses(!var.named, &self.allow, name, var.value.as_ref())
        });
        none_refused(refused.map(|var| (var.name.as_str().as_ref(), var.reference.as_str())))?;
        Ok(by_name.into_values().collect())
    }

    /// Fetches everything, and returns the command's environment. [`Environ::check`]
    /// checks its names and sizes.
    ///
    /// # Errors
    ///
    /// As [`Plan::check`] and [`Client::load_at_least`]; [`Error::Io`] if the
    /// system has no files in memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let client = lazycred::Client::in_memory();
    /// client.put("db", r#"{"user": "app"}"#).await?;
    /// let mut plan = lazycred::launch::Plan::new(std::env::vars_os());
    /// plan.listed.push("db".parse()?);
    /// plan.files.push(("CONFIG".parse()?, "db".parse()?));
    /// let environ = plan.environ(&client).await?;
    /// assert!(environ.changes().any(|(name, change)| name == "CONFIG" && change.file));
    /// # Ok::<(), lazycred::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn environ(self, client: &Client) -> Result<Environ> {
        self.check()?;
        let given = client
            .fetch_all(self.asked(), &self.generations, |fetched| {
                self.given(fetched)
            })
            .await?;
        let texts: Vec<OsString> = self.texts().map(OsStr::to_owned).collect();
        let required = dropped(self.required, &self.environment, &self.inherit);
        let mut environ = Environ::inherit(self.environment, &self.inherit, self.allow);
        environ.require(required);
        for given in given.into_iter().flatten() {
            environ.set(given);
        }
        from_env::warn_of_texts(texts.iter().filter(|name| !environ.changed(name)));
        Ok(environ)
    }

    /// Inherited variables that look like references but are passed as text.
    fn texts(&self) -> impl Iterator<Item = &OsStr> {
        let marked = self.marked.iter().map(|(name, _)| name);
        let composed = self.composed.iter().map(|(name, _)| name);
        let replaced: HashSet<&OsString> = marked.chain(composed).collect();
        let all = self.environment.iter().filter(move |(name, value)| {
            from_env::is_marked(value)
                && self.inherit.takes(name)
                && !replaced.contains(name)
                && !self.env_files.iter().any(|file| file.sets(name))
        });
        all.map(|(name, _)| name.as_os_str())
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment's values may be secret.
        f.debug_struct("Plan")
            .field("env_files", &self.env_files)
            .field("listed", &self.listed)
            .field("marked", &self.marked)
            .field("composed", &self.composed)
            .field("sets", &self.sets)
            .field("files", &self.files)
            .field("templates", &self.templates)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
