//! Writes a record when the current one cannot be read.

use bytes::Bytes;

use super::{MAY_BE_STORED, Made, PAUSE, Precondition, Unseen, Writer, Written};
use crate::backends::store::{Condition, Outcome, Stored};
use crate::base::{Error, Operation, Result};

impl Writer<'_> {
    /// Writes although we may not read whether there is a current record: first
    /// as if there were none.
    pub(super) async fn write_unseen(
        &self,
        making: impl Future<Output = Result<Option<Made>>>,
        refusal: Error,
    ) -> Result<(Written, Option<Stored>)> {
        if matches!(self.precondition, Precondition::Version(_)) || self.unseen == Unseen::Refuse {
            return Err(refusal);
        }
        let Some((record, source)) = making.await? else {
            return Err(refusal);
        };
        let record = Bytes::from(record);
        let mut condition = Condition::Absent;
        let mut pause = PAUSE.0;
        let mut again = false;
        loop {
            let save = self.sent(self.store.save(self.place, &record, condition));
            match self.in_time(again, MAY_BE_STORED, save).await? {
                Outcome::Saved(receipt) => {
                    let written = self.finish(record, receipt, None).await?;
                    return Ok((written, source));
                }
                Outcome::Busy => again = self.pause(&mut pause).await?,
                Outcome::Unclear(error) => return Err(error.in_doubt("stored", "get", self.place)),
                Outcome::Refused if *self.precondition == Precondition::Absent => {
                    return Err(self.conflict("it already exists, and you may not read it"));
                }
                Outcome::Refused if self.unseen == Unseen::Overwrite => {
                    tracing::warn!(
                        "{} exists but may not be read; replacing it without checking",
                        self.place
                    );
                    condition = Condition::Whatever;
                }
                Outcome::Refused => {
                    return Err(match refusal {
                        Error::Aws { operation, place, code, cause, .. } => Error::Aws {
                            operation: Operation::Store,
                            place,
                            code,
                            cause: format!("cannot {operation} the existing record: {cause}"),
                            hint: Some(
                                "record version 2 counts its writes, so writing needs s3:GetObject; \
                                 if a response was lost, the record may have been stored"
                                    .into(),
                            ),
                        },
                        other => other,
                    });
                }
            }
        }
    }
}
