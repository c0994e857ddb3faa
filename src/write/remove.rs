//! Removes a record, if it is still the one that was seen.

use super::{OnConflict, PAUSE, Writer};
use crate::error::{Error, Result};
use crate::store::{Lookup, Removal, Removed, Stored};

/// How a settled removal ended.
enum Settled {
    Done(Removed),
    Theirs,
}

impl Writer<'_> {
    /// Looks, and has the store remove what was seen.
    pub(crate) async fn remove(&self) -> Result<Removed> {
        let mut pause = PAUSE.0;
        loop {
            let current = self.store.fetch(self.place, None).await?;
            let current = current.found(self.place, None)?;
            self.check(Some(&current))?;
            match self.settle_removal(&current).await? {
                Settled::Done(removed) => return Ok(removed),
                Settled::Theirs if self.on_conflict == OnConflict::Fail => {
                    return Err(self.conflict("somebody else wrote it meanwhile"));
                }
                Settled::Theirs => self.pause(&mut pause).await?,
            }
        }
    }

    /// Removes, and finds out what became of it where the answer leaves it
    /// open: a record that is gone is removed, by whomever.
    async fn settle_removal(&self, current: &Stored) -> Result<Settled> {
        let mut pause = PAUSE.0;
        let doubt = loop {
            match self.store.delete(self.place, current).await? {
                Removal::Done(removed) => return Ok(Settled::Done(removed)),
                Removal::Busy => self.pause(&mut pause).await?,
                Removal::Refused => break None,
                Removal::Unclear(error) => break Some(error),
            }
        };
        match (self.store.fetch(self.place, None).await, doubt) {
            (Ok(Lookup::Missing), _) => Ok(Settled::Done(Removed {
                version: current.version.clone(),
                marker: None,
            })),
            // Nothing has changed, so the removal did not happen.
            (Ok(Lookup::Found(now)), Some(doubt)) if now.etag == current.etag => Err(doubt),
            (Ok(Lookup::Found(_)), _) => Ok(Settled::Theirs),
            (Ok(Lookup::Forbidden(error)) | Err(error), None) => Err(error),
            (Ok(Lookup::Forbidden(_)) | Err(_), Some(doubt)) => Err(unknown(doubt)),
        }
    }
}

/// The answer was lost, and what became of the removal cannot be seen.
fn unknown(error: Error) -> Error {
    match error {
        Error::Aws {
            action,
            place,
            cause,
            ..
        } => Error::Aws {
            action,
            place,
            cause: format!("{cause}; it may have been removed all the same"),
            hint: Some("look at it with `lazycred history` before you remove it again".into()),
        },
        other => other,
    }
}
