//! The plan for a command: secrets, rules, and what the command inherits.
//!
//! `load` fetches and flattens secrets, and `environ` decides which source wins; this
//! connects them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

use super::env_file::EnvFile;
use super::from_env;
use super::require::{Required, dropped};
use crate::base::{Error, FieldPath, Reference, Result, Secret, SecretName, VarName};
use crate::client::Client;
use crate::client::load::{Fetched, all};
use crate::launch::environ::{Chosen, Environ, Given, Source};
use crate::launch::inherit::Inherit;
use crate::launch::memfd::sealed_file;
use crate::launch::refused::{none_refused, refuses};
use crate::plaintext::filter::pattern;
use crate::plaintext::rules::Rules;
use crate::plaintext::vars::Var;

/// Secrets, how they become variables, and what the command inherits.
///
/// **Shape**: in ascending precedence: the inherited environment, `env_files` in order,
/// `listed` in order, `marked`, `files`. Whatever `inherit` says, all but `listed` win
/// over the environment, and with `no_override`, `env_files` win over `listed`.
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
    /// Variables that get the path of a sealed memory file with the content of a
    /// reference, which the command inherits.
    pub files: Vec<(VarName, Reference)>,
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
            files: Vec::new(),
            rules: Rules::default(),
            required: Vec::new(),
            allow: Vec::new(),
            generations: BTreeMap::new(),
            inherit: Inherit::default(),
            environment: first,
        }
    }

    /// Adds to `marked` the variables of the environment whose name matches and
    /// whose value is `lazycred:REFERENCE`.
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
        for (name, value) in &self.environment {
            let text = name.to_string_lossy();
            if patterns.iter().any(|pattern| pattern.matches(&text))
                && !self.env_files.iter().any(|file| file.sets(name))
                && let Some(reference) = from_env::read(name, value)?
            {
                self.marked.push((name.clone(), reference));
            }
        }
        Ok(())
    }

    /// All references: those in `env_files`, then `listed`, `marked`, `files`.
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
        let marked = self.marked.iter().map(|(_, reference)| reference);
        let files = self.files.iter().map(|(_, reference)| reference);
        let in_files = self.env_files.iter().flat_map(EnvFile::references);
        in_files.chain(&self.listed).chain(marked).chain(files)
    }

    /// Checks that there is a reference and that the filter can match. Fetches nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no reference, or if no variable's name can
    /// match a pattern of the filter.
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
        if self.references().next().is_some() {
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
    /// for refused names, and [`Error::Usage`] for a plan with `env_files`, `marked`,
    /// `files` or `required`.
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
        let is_plain = self.env_files.is_empty() && self.required.is_empty();
        if !is_plain || !self.marked.is_empty() || !self.files.is_empty() {
            return Err(Error::usage(
                "the plan has inherited variables or files, which only a command can get",
            ));
        }
        let references = self.listed.iter();
        let fetched = client.fetch_all(references, &self.generations).await?;
        let vars = fetched.variables(&self.listed, &self.rules)?;
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
        let fetched = client
            .fetch_all(self.references(), &self.generations)
            .await?;
        let given = self.given(&fetched)?;
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

    /// The variables of files and secrets, in ascending rank; reports every failure.
    fn given(&self, fetched: &Fetched<'_>) -> Result<Vec<Vec<Given>>> {
        let in_files = self.env_files.iter();
        let in_files = in_files.flat_map(|file| file.given(fetched, &self.rules));
        let listed = fetched.variables(&self.listed, &self.rules);
        let listed = listed.map(|vars| vars.into_iter().map(Given::from).collect());
        let marked = self.marked.iter().map(|(name, reference)| {
            let (value, path) = fetched.value(reference, &self.rules)?;
            Ok(Given {
                name: name.clone(),
                bytes: value.as_ref().map(Secret::len),
                value,
                source: Source::Reference(reference.as_str().to_owned()),
                path,
                chosen: Chosen::ByEnvironment,
                file: None,
            })
        });
        let files = self.files.iter().map(|(variable, reference)| {
            let bytes = fetched.file(reference, &self.rules)?;
            let file = bytes.as_ref().map(|bytes| sealed_file(variable, bytes));
            let (file, path_of_file) = file.transpose()?.unzip();
            let field = reference.field.as_ref();
            Ok(Given {
                name: variable.as_str().into(),
                value: path_of_file.map(Secret::from),
                file,
                bytes: bytes.as_ref().map(Secret::len),
                source: Source::Reference(reference.as_str().to_owned()),
                path: field.map(FieldPath::pointer).unwrap_or_default(),
                chosen: Chosen::ForFile,
            })
        });
        all([all(in_files), listed, all(marked), all(files)])
    }

    /// Inherited variables that look like references but are passed as text.
    fn texts(&self) -> impl Iterator<Item = &OsStr> {
        let marked = |name| self.marked.iter().any(|(marked, _)| marked == name);
        let all = self.environment.iter().filter(move |(name, value)| {
            from_env::marked(value).is_some()
                && self.inherit.takes(name)
                && !marked(*name)
                && !self.env_files.iter().any(|file| file.sets(name))
        });
        all.map(|(name, _)| name.as_os_str())
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment's values may be secret.
        f.debug_struct("Plan")
            .field("listed", &self.listed)
            .field("marked", &self.marked)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_duplicate_variable_counts_and_no_value_is_shown() {
        let environment = [("A", "hunter2"), ("A", "lazycred:db")];
        let mut plan = Plan::new(environment.map(|(name, value)| (name.into(), value.into())));
        plan.mark(&["*"]).unwrap();
        assert_eq!(plan.references().count(), 0);
        assert!(!format!("{plan:?}").contains("hunter2"));
    }

    #[test]
    fn a_plan_that_only_a_command_can_follow_gives_no_variables() {
        let client = crate::client::blocking::Client::in_memory().unwrap();
        client.put("db", r#"{"user": "app"}"#).unwrap();
        let mut plan = Plan::new([("A".into(), "lazycred:db#user".into())]);
        plan.mark(&["*"]).unwrap();
        let variables = client.block_on(async |client| plan.variables(client).await);
        assert_eq!(variables.unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_file_in_memory_is_inherited_by_nothing_but_the_command() {
        use nix::fcntl::{FcntlArg, FdFlag, fcntl};
        use std::os::fd::BorrowedFd;
        let client = crate::client::blocking::Client::in_memory().unwrap();
        client.put("cert", "hunter2").unwrap();
        let mut plan = Plan::new([]);
        plan.files
            .push(("CERT".parse().unwrap(), "cert".parse().unwrap()));
        let environ = client.block_on(async |client| plan.environ(client).await);
        let environ = environ.unwrap();
        let is_inherited = |file: BorrowedFd| {
            let flags = fcntl(file, FcntlArg::F_GETFD).unwrap();
            !FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC)
        };
        let inherited = |environ: &Environ| environ.files().any(is_inherited);
        assert!(!inherited(&environ));
        environ.pass_on_files(true).unwrap();
        assert!(inherited(&environ));
        environ.pass_on_files(false).unwrap();
        assert!(!inherited(&environ));
    }

    #[test]
    fn a_name_that_would_set_another_variable_is_refused() {
        let client = crate::client::blocking::Client::in_memory().unwrap();
        client.put("db", "x").unwrap();
        for name in ["", "A=B"] {
            let mut plan = Plan::new([]);
            plan.marked.push((name.into(), "db".parse().unwrap()));
            let environ = client.block_on(async |client| plan.environ(client).await);
            let error = environ.unwrap().check().unwrap_err();
            assert!(error.to_string().contains("is not a variable's name"));
        }
    }

    #[test]
    fn what_fetches_can_be_spawned_on_other_threads() {
        fn spawnable<T: Send>(_: &T) {}
        let client = Client::in_memory();
        spawnable(&Plan::new([]).variables(&client));
        spawnable(&Plan::new([]).environ(&client));
    }
}
