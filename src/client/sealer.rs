//! Makes and opens records: decides their version, what they are bound to, and
//! which are refused.
//!
//! Joins `record` and a keyring; knows stores only as the source of bytes.
//! Whatever can be refused without the keyring is refused before asking it, and
//! no record exists before every crypto step has succeeded.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::backends::keyring::Keyring;
use crate::backends::store::Stored;
use crate::base::{Error, Place, Result, Secret};
use crate::config::{Config, Formats, WrappingKeyId, hours};
use crate::record::fernet::{self, DataKey};
use crate::record::{
    Context, Created, Head, Kind, LAST_GENERATION, Record, RecordError, Token, V1, V2, is_bindable,
};

/// A keyring, and the records that it accepts.
#[derive(Debug)]
pub(crate) struct Sealer {
    pub(crate) keyring: Box<dyn Keyring>,
    pub(crate) formats: Formats,
    pub(crate) configured: Configured,
}

/// The wrapping keys that version 2 records may use, as configured.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    /// The one that new records use.
    pub(crate) first: Option<WrappingKeyId>,
    ids: Vec<WrappingKeyId>,
    warned: AtomicBool,
}

impl Configured {
    pub(crate) fn of(config: &Config) -> Self {
        let ids = config.wrapping_key.iter().chain(&config.more_wrapping_keys);
        Self {
            first: config.wrapping_key.clone(),
            ids: ids.cloned().collect(),
            warned: AtomicBool::new(false),
        }
    }

    /// Warns once if version 2 records will use any other.
    pub(crate) fn warn_of(&self, to: &WrappingKeyId) {
        if !self.ids.contains(to) && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "`{to}` is neither `key_alias` nor in `keys`, so version 2 records under it will not open here: change `key_alias`, or add it to `keys`"
            );
        }
    }
}

/// A caller's own requirements of a record, besides the configured ones.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Demands<'a> {
    /// A further wrapping key that it may use.
    pub(crate) from: Option<&'a WrappingKeyId>,
    /// The lowest generation that it may have.
    pub(crate) min_generation: Option<u64>,
}

/// The current record's version and generation, which a new one must not fall behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Floor {
    pub(crate) version: u8,
    /// 0 for version 1, or if there is no record.
    pub(crate) generation: u64,
}

impl Sealer {
    /// Opens a record, if it may be read at `place`. The secret reuses its memory.
    pub(crate) async fn open(
        &self,
        place: &Place,
        stored: Stored,
        demands: Demands<'_>,
    ) -> Result<Secret> {
        let unlocked = self.unwrap(place, &stored, demands).await?;
        unlocked.open(place, stored)
    }

    /// Unwraps the data key of a record, if it may be read at `place`.
    pub(crate) async fn unwrap(
        &self,
        place: &Place,
        stored: &Stored,
        demands: Demands<'_>,
    ) -> Result<Unlocked> {
        let (wrapped, context, token) = match parse(place, stored)? {
            Record::V1(record) => {
                self.check_v1(place, demands)?;
                (record.wrapped, Context::new(), record.token)
            }
            Record::V2(record) => {
                self.check_v2(place, &record.head, demands)?;
                let context = record.context(&place.path.identity());
                (record.wrapped, context, record.token.into_text())
            }
        };
        let token = match token {
            Cow::Borrowed(token) => {
                let start = token.as_ptr().addr() - stored.bytes.as_ptr().addr();
                Spelt::Within(start..start + token.len())
            }
            Cow::Owned(token) => Spelt::Apart(token),
        };
        let data_key = self
            .keyring
            .unwrap(place, &wrapped, &context, demands.from)
            .await?;
        Ok(Unlocked { data_key, token })
    }

    /// Seals a secret into a record that replaces `current`.
    pub(crate) async fn seal(
        &self,
        place: &Place,
        secret: &Secret,
        current: Option<&Stored>,
    ) -> Result<Vec<u8>> {
        let floor = Floor::of(place, current, false)?;
        let data_key = DataKey::generate();
        let token = fernet::seal(&data_key, secret);
        if self.formats.write.max(floor.version) == 1 {
            let wrapped = self.keyring.wrap(place, &data_key, &Context::new()).await?;
            let token = token.into();
            return Ok(V1 { token, wrapped }.into_bytes());
        }
        check_name(place)?;
        let head = Head::new(floor.next(place)?, Kind::of(secret.as_bytes()));
        let token = Token::sealed(token);
        let context = head.context(&place.path.identity(), &token);
        let wrapped = self.keyring.wrap(place, &data_key, &context).await?;
        let record = V2 {
            head,
            token,
            wrapped,
        };
        Ok(record.into_bytes())
    }

    fn check_v1(&self, place: &Place, demands: Demands<'_>) -> Result<()> {
        if self.formats.least > 1 {
            let message = "it is a version 1 record, which `min_format` refuses; lazycred 0.2.3 may have written it, or lazycred without \"format\": 2, or someone with write access only";
            return Err(Error::damaged(place, message).hinted(format!(
                "if you trust it, run `lazycred upgrade {}`; otherwise store it again",
                place.name.argument()
            )));
        }
        match demands.min_generation {
            None => Ok(()),
            Some(wanted) => Err(Error::damaged(
                place,
                format!(
                    "it is a version 1 record, which has no generation, but at least {wanted} is required"
                ),
            )),
        }
    }

    fn check_v2(&self, place: &Place, head: &Head, demands: Demands<'_>) -> Result<()> {
        check_name(place)?;
        let generation = head.generation;
        if let Some(wanted) = demands.min_generation.filter(|wanted| generation < *wanted) {
            let message =
                format!("it has generation {generation}, but at least {wanted} is required");
            return Err(Error::damaged(place, message).hinted(format!(
                "an old record was put back, or the secret was removed and stored again: check `lazycred history {}`",
                place.name.argument()
            )));
        }
        if let Some(most) = self.formats.max_age
            && head.created.age(&Created::now()) > most
        {
            let (created, most) = (&head.created, hours(most));
            let message =
                format!("it was created at {created}, longer ago than `max_age` ({most}) allows");
            return Err(Error::damaged(place, message).hinted(format!(
                "store the secret again, or check `lazycred history {}` for an old record that was put back",
                place.name.argument()
            )));
        }
        Ok(())
    }
}

/// A record and its data key, with the secret still sealed.
pub(crate) struct Unlocked {
    data_key: DataKey,
    token: Spelt,
}

/// A record's token.
enum Spelt {
    /// The range of the record's bytes.
    Within(Range<usize>),
    /// The token itself, which the record writes with escapes.
    Apart(String),
}

impl Unlocked {
    /// Opens the record that was unwrapped. The secret reuses its memory.
    pub(crate) fn open(self, place: &Place, stored: Stored) -> Result<Secret> {
        let opened = match self.token {
            Spelt::Within(token) => fernet::open_in(&self.data_key, stored.bytes, token),
            Spelt::Apart(token) => {
                let whole = 0..token.len();
                fernet::open_in(&self.data_key, token.into_bytes(), whole)
            }
        };
        opened.map_err(|error| Error::damaged(place, error.to_string()))
    }
}

impl Floor {
    /// The floor of the current record. A damaged version 1 record may be
    /// replaced. A damaged record that states its version may not, since its
    /// generations would start again; nor may one of an unknown version.
    ///
    /// `restores`: an older version replaces it, which repairs the damage.
    pub(crate) fn of(place: &Place, current: Option<&Stored>, restores: bool) -> Result<Self> {
        let counted = |version, generation| Self {
            version,
            generation,
        };
        let Some(stored) = current else {
            return Ok(counted(1, 0));
        };
        match Record::parse(&stored.bytes) {
            Ok(Record::V1(_)) => Ok(counted(1, 0)),
            Ok(Record::V2(record)) => Ok(counted(2, record.head.generation)),
            Err(error) if !Record::claims_a_version(&stored.bytes) => {
                tracing::warn!("{place}: {error}; replacing it");
                Ok(counted(1, 0))
            }
            Err(error) if restores && !matches!(error, RecordError::Newer { .. }) => {
                tracing::warn!("{place}: {error}; replacing it and restarting at generation 1");
                Ok(counted(2, 0))
            }
            Err(error) => Err(damaged(place, &stored.bytes, &error)),
        }
    }

    /// The next generation.
    pub(crate) fn next(self, place: &Place) -> Result<u64> {
        if self.generation == LAST_GENERATION {
            let message = format!(
                "it has the last possible generation, {LAST_GENERATION}, and cannot be replaced"
            );
            return Err(Error::damaged(place, message).hinted(format!(
                "no one writes that often, so it was forged: run `lazycred rm {}`, and store the secret again",
                place.name.argument()
            )));
        }
        Ok(self.generation + 1)
    }
}

/// Parses a record of any version.
pub(crate) fn parse<'a>(place: &Place, stored: &'a Stored) -> Result<Record<'a>> {
    Record::parse(&stored.bytes).map_err(|error| {
        if Record::is_meant(&stored.bytes) {
            return damaged(place, &stored.bytes, &error);
        }
        Error::NoRecord {
            place: place.clone(),
            message: error.detail(),
            hint: error.hint().map(str::to_owned),
        }
    })
}

/// Refuses a name that a version 2 record cannot have.
pub(crate) fn check_name(place: &Place) -> Result<()> {
    if is_bindable(place.name.as_str()) {
        return Ok(());
    }
    Err(Error::usage_hint(
        format!("{place} is not a valid name for a version 2 record"),
        "use at most 512 letters, digits and `._/-`, with no part between `/` that is empty, `.` or `..`",
    ))
}

/// An invalid record, with a hint: only `rm` and `rollback` replace one that
/// states its version.
fn damaged(place: &Place, bytes: &[u8], error: &RecordError) -> Error {
    let damaged = Error::damaged(place, error.to_string());
    match error.hint() {
        Some(hint) => damaged.hinted(hint),
        None if Record::claims_a_version(bytes) => damaged.hinted(format!(
            "it is never overwritten: restore with `{}`, or remove it with `lazycred rm {}`",
            place.name.command("rollback", "--to VERSION"),
            place.name.argument()
        )),
        None => damaged,
    }
}

#[cfg(test)]
mod tests;
