//! Reads back what was written: a server may report success without having
//! stored the record.

use bytes::Bytes;

use super::{Writer, Written};
use crate::backends::store::{Lookup, Receipt, Stored};
use crate::base::hash::sha256;
use crate::base::{Error, Operation, Result};

impl Writer<'_> {
    /// Reads back what was written. Where the store cannot compare it in place,
    /// compares hashes, so that only one large record at a time is in memory.
    pub(super) async fn finish(
        &self,
        record: Bytes,
        receipt: Receipt,
        before: Option<&str>,
    ) -> Result<Written> {
        let written = Written {
            version: receipt.version.as_ref().unwrap_or(&receipt.etag).clone(),
            changed: true,
            replaced: None,
            damaged: false,
        };
        if !self.read_back {
            return Ok(written);
        }
        if matches!(self.store.holds(self.place, &record).await, Ok(true)) {
            return Ok(written);
        }
        let hash = sha256(&record);
        drop(record);
        let version = receipt.version.as_deref();
        let mut lookup = self.store.fetch(self.place, version).await;
        if matches!(lookup, Ok(Lookup::Forbidden(_))) && version.is_some() {
            lookup = self.store.fetch(self.place, None).await;
        }
        let other = |now: &Stored| now.etag() == receipt.etag && sha256(&now.bytes) != hash;
        // A server may return our etag with the bytes of a concurrent write.
        if version.is_none() && matches!(&lookup, Ok(Lookup::Found(now)) if other(now)) {
            lookup = self.store.fetch(self.place, None).await;
        }
        let wrong = |what: &str| {
            let cause = format!("the store reported success, but {what}");
            Err(
                Error::aws(Operation::Store, Some(self.place), cause).hinted(format!(
                    "the server does not behave like S3; `lazycred get {}` shows what it stored",
                    self.place.name.argument()
                )),
            )
        };
        match lookup {
            Ok(Lookup::Found(now)) if sha256(&now.bytes) == hash => Ok(written),
            Ok(Lookup::Found(now)) if now.etag() == receipt.etag => {
                wrong("it returned different bytes than were written")
            }
            Ok(Lookup::Found(now)) if before == Some(now.etag()) => {
                wrong("it still returns the old record")
            }
            // Replaced by a later write.
            Ok(Lookup::Found(_)) => Ok(written),
            Ok(Lookup::Missing) => wrong("the record is missing"),
            Ok(Lookup::Forbidden(error)) => {
                tracing::warn!(
                    "{} was stored, but could not be read back: {error}",
                    self.place
                );
                Ok(written)
            }
            Err(error) => {
                let cause = format!("it was stored, but could not be read back: {error}");
                let failed = Error::aws(Operation::Check, Some(self.place), cause);
                Err(failed.reworded(|_, hint| *hint = error.hint()))
            }
        }
    }
}
