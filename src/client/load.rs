//! Loads several references at once: each record is fetched once, all failures
//! are reported, and the result is all or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::stream;
use futures_util::{FutureExt, StreamExt};

use crate::base::counted::Counted;
use crate::base::{Error, Place, Reference, Result, Secret, SecretName, Target, VarName, parse};
use crate::client::sealer::Demands;
use crate::client::{AT_ONCE, Client};
use crate::plaintext::references;
use crate::plaintext::rules::Rules;
use crate::plaintext::template::{Spot, Template};
use crate::plaintext::vars::{Var, Vars};

/// How many places in templates an error names.
const PLACES: usize = 20;

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
        let make = |fetched: &Fetched<'_>| fetched.variables(&references, rules);
        self.fetch_all(asked, generations, make)
            .await
            .map(Vars::from)
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
        let make = |fetched: &Fetched<'_>| fetched.rendered(&template, rules);
        self.fetch_all(asked, generations, make).await
    }

    /// Fetches all records of some references, and makes something of them; `generations`
    /// as in [`Client::load_at_least`].
    ///
    /// If any is not read, something is made of the others only to report all that fails
    /// at once, and dropped.
    pub(crate) async fn fetch_all<'a, T>(
        &self,
        asked: impl Iterator<Item = Asked<'a>> + Clone,
        generations: &BTreeMap<SecretName, u64>,
        shape: impl FnOnce(&Fetched<'a>) -> Result<T>,
    ) -> Result<T> {
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
        let reading = records.iter().enumerate();
        let reading = reading.map(|(at, &record)| read(record).map(move |read| (at, read)));
        let reading: Vec<_> = reading.collect();
        // A slow one keeps no other from being asked for.
        let all_read = stream::iter(reading).buffer_unordered(AT_ONCE);
        let mut all_read = all_read.collect::<Vec<_>>().await;
        // In the order of the references, which is the order of the errors.
        all_read.sort_unstable_by_key(|(at, _)| *at);
        let mut spots: HashMap<Wanted<'a>, Vec<Spot<'a>>> = HashMap::new();
        if all_read.iter().any(|(_, read)| read.is_err()) {
            for (reference, spot) in asked {
                spots.entry(wanted(reference)).or_default().extend(spot);
            }
        }
        let (mut fetched, mut unread) = (HashMap::new(), Vec::new());
        for ((_, read), record) in all_read.into_iter().zip(records) {
            match read {
                Ok((record, secret)) => drop(fetched.insert(record, secret)),
                Err(error) => {
                    let spots = spots.remove(&record).unwrap_or_default();
                    unread.push(Err(located(error, spots)));
                }
            }
        }
        let made = shape(&Fetched(fetched));
        if unread.is_empty() {
            return made;
        }
        unread.push(made.map(drop));
        Err(Error::all(unread).expect_err("a record was not read"))
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
        let read = references.iter().filter_map(|reference| {
            let (place, secret) = self.of(reference)?;
            Some(references::shape(reference, place, secret, rules))
        });
        let shaped = Error::all(read)?;
        let all_read = shaped.len() == references.len();
        for shaped in shaped {
            vars.extend(shaped.vars);
            left_out.extend(shaped.left_out);
        }
        if all_read && !rules.filter.is_empty() {
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
        match self.of(reference) {
            Some((place, secret)) => references::value(reference, place, secret, rules),
            None => Ok((None, String::new())),
        }
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
        match self.of(reference) {
            Some((place, secret)) => references::file_bytes(reference, place, secret, rules),
            None => Ok(None),
        }
    }

    /// The secret of a reference; `None` if it was not read.
    fn of<'a>(&'a self, reference: &'a Reference) -> Option<&'a (Place, Secret)> {
        self.0.get(&wanted(reference))
    }
}

/// An error with the places in templates that ask for its record, or the first of many.
fn located(error: Error, spots: Vec<Spot<'_>>) -> Error {
    let mut seen = HashSet::new();
    let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
    let spots = spots.into_iter().filter(|spot| seen.insert(*spot));
    let spots: Vec<Spot<'_>> = spots.collect();
    for Spot { source, line } in spots.iter().take(PLACES) {
        match lines.iter_mut().find(|(other, _)| other == source) {
            Some((_, lines)) => lines.push(line.to_string()),
            None => lines.push((source, vec![line.to_string()])),
        }
    }
    let named = lines.iter().map(|(source, lines)| match &**lines {
        [line] => format!("{source}: line {line}"),
        lines => format!("{source}: lines {}", lines.join(", ")),
    });
    let mut places = named.collect::<Vec<_>>().join("; ");
    match spots.len().saturating_sub(PLACES) {
        _ if places.is_empty() => return error,
        0 => {}
        more => places.extend([" and ", &more.to_string(), " more"]),
    }
    error.at(places)
}

fn wanted(reference: &Reference) -> Wanted<'_> {
    (&reference.name, reference.version.as_deref())
}
