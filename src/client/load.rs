//! Loads several references at once: each record is fetched once, all failures
//! are reported, and the result is all or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::StreamExt;
use futures_util::stream;

use crate::base::counted::Counted;
use crate::base::{Error, Place, Reference, Result, Secret, SecretName, Target, VarName, parse};
use crate::client::sealer::Demands;
use crate::client::{AT_ONCE, Client};
use crate::plaintext::references;
use crate::plaintext::rules::Rules;
use crate::plaintext::vars::{Var, Vars};

/// A record to fetch: its name and version.
type Wanted<'a> = (&'a SecretName, Option<&'a str>);

/// The secrets that references name.
#[derive(Debug)]
pub(crate) struct Fetched<'a>(HashMap<Wanted<'a>, (Place, Secret)>);

impl Client {
    /// Loads secrets as variables, by the default rules of flattening.
    ///
    /// Shape: `["common", "DB=web/prod#/db/host"]` gives the variables of
    /// `common` and one `DB`. All are fetched at once, each record once.
    ///
    /// # Errors
    ///
    /// The failure, or all of them as [`Error::Several`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("common", r#"{"log_level": "info"}"#)?;
    /// client.put("web/prod", r#"{"db": {"host": "db.internal"}}"#)?;
    /// let variables = client.load(["common", "DB=web/prod#/db/host"])?;
    /// assert_eq!(variables.get("LOG_LEVEL").unwrap().as_bytes(), b"info");
    /// assert_eq!(variables.get("DB").unwrap().as_bytes(), b"db.internal");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn load(
        &self,
        references: impl IntoIterator<Item: TryInto<Reference, Error: Into<Error>>>,
    ) -> Result<Vars> {
        self.load_with(references, &Rules::default()).await
    }

    /// The same, by other rules.
    ///
    /// # Errors
    ///
    /// As [`Client::load`]; [`Error::Usage`] or [`Error::Environment`] if the
    /// filter can match nothing, or leaves nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"host": "h", "port": 1}"#)?;
    /// let mut rules = lazycred::Rules::default();
    /// rules.filter = lazycred::Filter::new(&["HOST"], &[])?;
    /// let variables = client.load_with(["db"], &rules)?;
    /// assert!(variables.get("HOST").is_some() && variables.get("PORT").is_none());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn load_with(
        &self,
        references: impl IntoIterator<Item: TryInto<Reference, Error: Into<Error>>>,
        rules: &Rules,
    ) -> Result<Vars> {
        self.load_at_least(references, rules, &BTreeMap::new())
            .await
    }

    /// The same, with the least generation that the record of each name may have.
    ///
    /// **Shape**: `{"db": 7}` refuses any record of `db` that is older than its
    /// seventh write, and any of version 1, which counts no generations.
    ///
    /// # Errors
    ///
    /// As [`Client::load`].
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"host": "h", "port": 1}"#)?;
    /// let rules = lazycred::Rules::default();
    /// let least = [("db".parse()?, 7)].into();
    /// let error = client.load_at_least(["db"], &rules, &least).unwrap_err();
    /// assert_eq!(error.exit_code(), 4);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn load_at_least(
        &self,
        references: impl IntoIterator<Item: TryInto<Reference, Error: Into<Error>>>,
        rules: &Rules,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Vars> {
        let references: Vec<Reference> = all(references.into_iter().map(parse))?;
        rules.check_filter()?;
        let fetched = self.fetch_all(references.iter(), generations).await?;
        fetched.variables(&references, rules).map(Vars::from)
    }

    /// Fetches all records of some references, or none; `generations` as in
    /// [`Client::load_at_least`].
    pub(crate) async fn fetch_all<'a>(
        &self,
        references: impl Iterator<Item = &'a Reference>,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Fetched<'a>> {
        let mut seen = HashSet::new();
        let records = references.map(wanted).filter(|record| seen.insert(*record));
        let records: Vec<Wanted<'a>> = records.collect();
        let deadline = self.deadline();
        self.dial_ahead(records.len()).await;
        let counted = Counted::start(records.len());
        let counted = &counted;
        let read = |record: Wanted<'a>| async move {
            let place = self.store.place(record.0)?;
            let demands = Demands {
                from: None,
                min_generation: generations.get(record.0).copied(),
            };
            let secret = self.read(&place, record.1, demands, deadline).await?;
            counted.step();
            Ok((record, (place, secret)))
        };
        // In the order of the references, which is the order of the errors.
        let reading: Vec<_> = records.into_iter().map(read).collect();
        let all_read = stream::iter(reading).buffered(AT_ONCE);
        let fetched = all(all_read.collect::<Vec<_>>().await)?;
        Ok(Fetched(fetched.into_iter().collect()))
    }
}

impl Fetched<'_> {
    /// The variables of references, in their order.
    ///
    /// # Errors
    ///
    /// Every failure; [`Error::Environment`] if the filter leaves nothing, or
    /// has a pattern without wildcards that names no variable.
    pub(crate) fn variables(&self, references: &[Reference], rules: &Rules) -> Result<Vec<Var>> {
        let (mut vars, mut left_out) = (Vec::new(), Vec::new());
        let shape = |reference| {
            let (place, secret) = self.of(reference);
            references::shape(reference, place, secret, rules)
        };
        for shaped in all(references.iter().map(shape))? {
            vars.extend(shaped.vars);
            left_out.extend(shaped.left_out);
        }
        if !rules.filter.is_empty() {
            let filtered = vars.iter().filter(|var| !var.named);
            let names = filtered.clone().map(|var| &var.name).chain(&left_out);
            let names: HashSet<&str> = names.map(VarName::as_str).collect();
            rules.filter.all_used(&names)?;
            let is_named = |reference: &Reference| matches!(reference.target, Target::Named(_));
            if filtered.count() == 0 && !references.iter().all(is_named) {
                return Err(Error::Environment {
                    message: "--only and --except leave no variable".into(),
                    hint: Some("`lazycred exec --dry-run` without them lists the variables".into()),
                });
            }
        }
        Ok(vars)
    }

    /// The value of a `VAR=REFERENCE`, and its JSON pointer; no value for a null
    /// that unsets its variable.
    pub(crate) fn value(
        &self,
        reference: &Reference,
        rules: &Rules,
    ) -> Result<(Option<Secret>, String)> {
        let (place, secret) = self.of(reference);
        references::value(reference, place, secret, rules)
    }

    /// The contents of a reference's file; `None` for a null that unsets its variable.
    pub(crate) fn file(&self, reference: &Reference, rules: &Rules) -> Result<Option<Secret>> {
        let (place, secret) = self.of(reference);
        references::file_bytes(reference, place, secret, rules)
    }

    fn of<'a>(&'a self, reference: &'a Reference) -> &'a (Place, Secret) {
        &self.0[&wanted(reference)]
    }
}

/// All values, or all errors as one.
pub(crate) fn all<T>(results: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(Error::Several(inner)) => errors.extend(inner),
            Err(error) => errors.push(error),
        }
    }
    Error::several(errors).map(|()| values)
}

fn wanted(reference: &Reference) -> Wanted<'_> {
    (&reference.name, reference.version.as_deref())
}
