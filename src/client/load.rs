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
use crate::plaintext::template::{Spot, Template};
use crate::plaintext::vars::{Var, Vars};

/// A record to fetch: its name and version.
type Wanted<'a> = (&'a SecretName, Option<&'a str>);

/// A reference, and where in a template it stands.
pub(crate) type Asked<'a> = (&'a Reference, Option<Spot<'a>>);

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
        let references: Vec<Reference> = Error::all(references.into_iter().map(parse))?;
        rules.check_filter()?;
        let asked = references.iter().map(|reference| (reference, None));
        let fetched = self.fetch_all(asked, generations).await?;
        fetched.variables(&references, rules).map(Vars::from)
    }

    /// A [`Template`] with every value in its place, by the default rules.
    ///
    /// # Errors
    ///
    /// The failure, or all of them as [`Error::Several`], each with its line.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"password": "hunter2"}"#)?;
    /// let rendered = client.render("password = {{db#password|json}}")?;
    /// assert_eq!(rendered.as_bytes(), br#"password = "hunter2""#);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn render(
        &self,
        template: impl TryInto<Template, Error: Into<Error>>,
    ) -> Result<Secret> {
        self.render_at_least(template, &Rules::default(), &BTreeMap::new())
            .await
    }

    /// The same by other rules, with the least generations of
    /// [`Client::load_at_least`].
    ///
    /// **Shape**: only `null` and `format` of the rules count.
    ///
    /// # Errors
    ///
    /// As [`Client::render`].
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Null, Rules};
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("db", r#"{"port": null}"#)?;
    /// assert!(client.render("port={{db#port}}").is_err());
    /// let rules = Rules { null: Null::Empty, ..Rules::default() };
    /// let rendered = client.render_at_least("port={{db#port}}", &rules, &[].into())?;
    /// assert_eq!(rendered.as_bytes(), b"port=");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub async fn render_at_least(
        &self,
        template: impl TryInto<Template, Error: Into<Error>>,
        rules: &Rules,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Secret> {
        let template: Template = parse(template)?;
        let asked = template.spots();
        let asked = asked.map(|(reference, spot)| (reference, Some(spot)));
        let fetched = self.fetch_all(asked, generations).await?;
        fetched.rendered(&template, rules)
    }

    /// Fetches all records of some references, or none; `generations` as in
    /// [`Client::load_at_least`].
    pub(crate) async fn fetch_all<'a>(
        &self,
        asked: impl Iterator<Item = Asked<'a>> + Clone,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Fetched<'a>> {
        let mut seen = HashSet::new();
        let records = asked.clone().map(|(reference, _)| wanted(reference));
        let records: Vec<Wanted<'a>> = records.filter(|record| seen.insert(*record)).collect();
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
        let reading: Vec<_> = records.iter().copied().map(read).collect();
        let all_read = stream::iter(reading).buffered(AT_ONCE);
        let all_read = all_read.collect::<Vec<_>>().await;
        let fetched = Error::all(all_read.into_iter().zip(records).map(|(read, record)| {
            read.map_err(|error| {
                let spots = asked.clone().filter(|(asked, _)| wanted(asked) == record);
                located(error, spots.filter_map(|(_, spot)| spot))
            })
        }))?;
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
        for shaped in Error::all(references.iter().map(shape))? {
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

    /// A template with every value in its place.
    ///
    /// # Errors
    ///
    /// Every failure, with its line.
    pub(crate) fn rendered(&self, template: &Template, rules: &Rules) -> Result<Secret> {
        template.render(rules, |reference| self.of(reference))
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

/// An error with every place in templates that asks for its record.
fn located<'a>(error: Error, spots: impl Iterator<Item = Spot<'a>>) -> Error {
    let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
    for Spot { source, line } in spots {
        let line = line.to_string();
        match lines.iter_mut().find(|(other, _)| *other == source) {
            Some((_, lines)) if lines.contains(&line) => {}
            Some((_, lines)) => lines.push(line),
            None => lines.push((source, vec![line])),
        }
    }
    let spots = lines.iter().map(|(source, lines)| match &**lines {
        [line] => format!("{source}: line {line}"),
        lines => format!("{source}: lines {}", lines.join(", ")),
    });
    match spots.collect::<Vec<_>>() {
        spots if spots.is_empty() => error,
        spots => error.at(spots.join("; ")),
    }
}

fn wanted(reference: &Reference) -> Wanted<'_> {
    (&reference.name, reference.version.as_deref())
}
