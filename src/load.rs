//! Several references at once: each record is fetched once, every failure is
//! told, and there is never a part of the variables.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::StreamExt;
use futures_util::stream;

use crate::client::{AT_ONCE, Client};
use crate::error::{Error, Result, several};
use crate::name::{Place, SecretName, VarName};
use crate::reference::{Reference, Target};
use crate::rules::Rules;
use crate::seal::Demands;
use crate::secret::Secret;
use crate::shape::{self, Shaped};
use crate::vars::{Var, Vars};

/// A record to fetch: its name and version.
type Source<'a> = (&'a SecretName, Option<&'a str>);

/// The secrets that references name.
#[derive(Debug)]
pub(crate) struct Fetched<'a>(HashMap<Source<'a>, (Place, Secret)>);

impl Client {
    /// Loads secrets as variables, by the default rules of flattening.
    ///
    /// Shape: `["common", "DB=web/prod#/db/host"]` gives the variables of
    /// `common` and one `DB`. All are fetched at once, each record once.
    ///
    /// # Errors
    ///
    /// The one that failed, or [`Error::Several`]; never a part of the variables.
    pub async fn load(&self, references: &[Reference]) -> Result<Vars> {
        self.load_with(references, &Rules::default()).await
    }

    /// The same by other rules.
    ///
    /// # Errors
    ///
    /// As [`Client::load`]; [`Error::Usage`] and [`Error::Environment`] for a
    /// filter that does nothing, or leaves nothing.
    pub async fn load_with(&self, references: &[Reference], rules: &Rules) -> Result<Vars> {
        self.load_at_least(references, rules, &BTreeMap::new())
            .await
    }

    /// The same, with the generation that each name's record must have at least.
    ///
    /// **Shape**: `{"db": 7}` refuses every record of `db` that was written
    /// before its seventh, and every one of version 1, which counts none.
    ///
    /// # Errors
    ///
    /// As [`Client::load`].
    pub async fn load_at_least(
        &self,
        references: &[Reference],
        rules: &Rules,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Vars> {
        rules.filter.fits(rules.case)?;
        let fetched = self.fetch_all(references.iter(), generations).await?;
        fetched.variables(references, rules).map(Vars::from)
    }

    /// Fetches what references name, all of it or none, with the generation that
    /// each name's record must have at least.
    pub(crate) async fn fetch_all<'a>(
        &self,
        references: impl Iterator<Item = &'a Reference>,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Fetched<'a>> {
        let mut seen = HashSet::new();
        let sources = references.map(source).filter(|source| seen.insert(*source));
        let sources: Vec<Source<'a>> = sources.collect();
        let deadline = self.deadline();
        self.dial_ahead(sources.len()).await;
        let read = |source: Source<'a>| async move {
            let place = self.store.place(source.0)?;
            let action = format!("read {place}");
            let demands = Demands {
                from: None,
                min_generation: generations.get(source.0).copied(),
            };
            let secret = self
                .until(
                    deadline,
                    &action,
                    self.read(&place, source.1, demands, deadline),
                )
                .await?;
            Ok((source, (place, secret)))
        };
        // In the order of the references, so that errors are too.
        let all = stream::iter(sources.into_iter().map(read)).buffered(AT_ONCE);
        let mut fetched = HashMap::new();
        let mut errors = Vec::new();
        for one in all.collect::<Vec<Result<_>>>().await {
            match one {
                Ok((source, secret)) => {
                    fetched.insert(source, secret);
                }
                Err(error) => errors.push(error),
            }
        }
        several(errors).map(|()| Fetched(fetched))
    }
}

impl Fetched<'_> {
    /// The variables of references that were fetched, in their order; every
    /// failure is told. A filter that leaves nothing is one, and so is a pattern
    /// of it that none of the names is.
    pub(crate) fn variables(&self, references: &[Reference], rules: &Rules) -> Result<Vec<Var>> {
        let (mut vars, mut left_out) = (Vec::new(), Vec::new());
        let mut errors = Vec::new();
        for reference in references {
            match self.shape(reference, rules) {
                Ok(shaped) => {
                    vars.extend(shaped.vars);
                    left_out.extend(shaped.left_out);
                }
                Err(error) => errors.push(error),
            }
        }
        several(errors)?;
        if !rules.filter.is_empty() {
            let of_secrets = vars.iter().filter(|var| !var.named);
            let names = of_secrets.clone().map(|var| &var.name).chain(&left_out);
            let names: HashSet<&str> = names.map(VarName::as_str).collect();
            rules.filter.all_used(&names)?;
            let is_named = |reference: &Reference| matches!(reference.target, Target::Named(_));
            if of_secrets.count() == 0 && !references.iter().all(is_named) {
                return Err(Error::Environment {
                    message: "--only and --except leave no variable".into(),
                    hint: Some("`lazycred exec --dry-run` without them lists the variables".into()),
                });
            }
        }
        Ok(vars)
    }

    /// The one variable of a reference that names it.
    pub(crate) fn named(&self, reference: &Reference, rules: &Rules) -> Result<Vec<Var>> {
        self.shape(reference, rules).map(|shaped| shaped.vars)
    }

    fn shape(&self, reference: &Reference, rules: &Rules) -> Result<Shaped> {
        let (place, secret) = &self.0[&source(reference)];
        shape::shape(reference, place, secret, rules)
    }

    /// What the file of a reference holds; `None` unsets its variable.
    pub(crate) fn file(&self, reference: &Reference, rules: &Rules) -> Result<Option<Secret>> {
        let (place, secret) = &self.0[&source(reference)];
        shape::file_bytes(reference, place, secret, rules)
    }
}

fn source(reference: &Reference) -> Source<'_> {
    (&reference.name, reference.version.as_deref())
}
