//! Removes a record, unless it has changed.

use super::{MAY_BE_REMOVED, OVERTAKEN, PAUSE, Writer, is_damaged};
use crate::backends::store::{Lookup, Removal, Removed, Stored};
use crate::base::Result;

impl Writer<'_> {
    /// Reads the current record, and has the store remove it unless it has changed.
    pub(crate) async fn remove(&self) -> Result<Removed> {
        let current = self.store.fetch(self.place, None).await?;
        let current = current.found(self.place, None)?;
        self.check(Some(&current)).await?;
        let settled = self.settle_removal(&current).await?;
        let removed = settled.ok_or_else(|| self.conflict(OVERTAKEN))?;
        let damaged = is_damaged(&current);
        Ok(Removed { damaged, ..removed })
    }

    /// Removes, and finds out the result if the response leaves it open: a
    /// missing record counts as removed. `None` after a concurrent write.
    async fn settle_removal(&self, current: &Stored) -> Result<Option<Removed>> {
        let mut pause = PAUSE.0;
        let mut again = false;
        let doubt = loop {
            let delete = self.sent(self.store.delete(self.place, current));
            match self.in_time(again, MAY_BE_REMOVED, delete).await? {
                Removal::Done(removed) => return Ok(Some(removed)),
                Removal::Busy => again = self.pause(&mut pause).await?,
                Removal::Refused => break None,
                Removal::Unclear(error) => break Some(error),
            }
        };
        match (self.store.fetch(self.place, None).await, doubt) {
            (Ok(Lookup::Missing), _) => Ok(Some(Removed {
                version: current.version().map(str::to_owned),
                ..Removed::default()
            })),
            // Nothing has changed, so nothing was removed.
            (Ok(Lookup::Found(now)), Some(doubt)) if now.etag() == current.etag() => Err(doubt),
            (Ok(Lookup::Found(_)), _) => Ok(None),
            (Ok(Lookup::Forbidden(error)) | Err(error), None) => Err(error),
            (Ok(Lookup::Forbidden(_)) | Err(_), Some(doubt)) => {
                Err(doubt.in_doubt("removed", "history", self.place))
            }
        }
    }
}
