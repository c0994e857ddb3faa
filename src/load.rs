//! Several references at once: each record is fetched once, every failure is
//! told, and there is never a part of the variables.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt;
use futures_util::stream;

use crate::client::{AT_ONCE, Client};
use crate::error::{Error, Result};
use crate::name::{Place, SecretName};
use crate::reference::Reference;
use crate::rules::Rules;
use crate::seal::Demands;
use crate::secret::Secret;
use crate::shape;
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
    /// As [`Client::load`].
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
        let fetched = self.fetch_all(references.iter(), generations).await?;
        let mut vars = Vars::default();
        let mut errors = Vec::new();
        for reference in references {
            match fetched.shape(reference, rules) {
                Ok(more) => vars.extend(more),
                Err(error) => errors.push(error),
            }
        }
        several(errors).map(|()| vars)
    }

    /// Fetches what references name, all of it or none, with the generation that
    /// each name's record must have at least.
    pub(crate) async fn fetch_all<'a>(
        &self,
        references: impl Iterator<Item = &'a Reference>,
        generations: &BTreeMap<SecretName, u64>,
    ) -> Result<Fetched<'a>> {
        let mut sources: Vec<Source<'a>> = Vec::new();
        for reference in references {
            let source = source(reference);
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
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
    /// The variables of a reference that was fetched.
    pub(crate) fn shape(&self, reference: &Reference, rules: &Rules) -> Result<Vec<Var>> {
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

/// All errors as one, if there is any.
pub(crate) fn several(mut errors: Vec<Error>) -> Result<()> {
    match errors.len() {
        0 => Ok(()),
        1 => Err(errors.remove(0)),
        _ => Err(Error::Several(errors)),
    }
}
