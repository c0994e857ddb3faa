//! Sends a record, and settles what a refusal or a lost response leaves open by
//! fetching and comparing: records are unique, so equal bytes are our own.

use bytes::Bytes;

use super::{MAY_BE_STORED, PAUSE, Settled, Writer};
use crate::backends::store::{Condition, Lookup, Outcome, Stored};
use crate::base::Result;

impl Writer<'_> {
    /// Writes, and finds out the result if the response leaves it open.
    pub(super) async fn settle(
        &self,
        record: &Bytes,
        condition: Condition<'_>,
        before: Option<&str>,
    ) -> Result<Settled> {
        let mut pause = PAUSE.0;
        let mut again = false;
        let doubt = loop {
            let save = self.sent(self.store.save(self.place, record, condition));
            match self.in_time(again, MAY_BE_STORED, save).await? {
                Outcome::Saved(receipt) => return Ok(Settled::Ours(receipt)),
                Outcome::Busy => again = self.pause(&mut pause).await?,
                Outcome::Refused => break None,
                Outcome::Unclear(error) => break Some(error),
            }
        };
        let now = match (self.store.fetch(self.place, None).await, doubt) {
            (Ok(Lookup::Found(stored)), doubt) => (Some(stored), doubt),
            (Ok(Lookup::Missing), doubt) => (None, doubt),
            (Ok(Lookup::Forbidden(error)) | Err(error), None) => return Err(error),
            (Ok(Lookup::Forbidden(_)) | Err(_), Some(doubt)) => {
                return Err(doubt.in_doubt("stored", "get", self.place));
            }
        };
        match now {
            (Some(stored), _) if stored.bytes == **record => Ok(Settled::Ours(stored.receipt())),
            // Nothing has changed, so nothing was written.
            (now, Some(doubt)) if now.as_ref().map(Stored::etag) == before => Err(doubt),
            (None, None) if condition == Condition::Absent => Ok(Settled::Nobodys),
            _ => Ok(Settled::Theirs),
        }
    }
}
