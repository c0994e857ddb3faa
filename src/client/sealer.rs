//! Makes records and opens them: which version, bound to what, and what is refused.
//!
//! Joins `record`, `envelope` and a keyring; knows no store but the bytes that
//! came out of one. What can be refused without the keyring is refused before
//! it is asked, and no record exists before every crypto step has succeeded.

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

/// A keyring, and which records it is used for.
#[derive(Debug)]
pub(crate) struct Sealer {
    pub(crate) keyring: Box<dyn Keyring>,
    pub(crate) formats: Formats,
    pub(crate) configured: Configured,
}

/// The wrapping keys that records of version 2 open under, as configured.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    ids: Vec<WrappingKeyId>,
    warned: AtomicBool,
}

impl Configured {
    pub(crate) fn of(config: &Config) -> Self {
        let ids = config.wrapping_key.iter().chain(&config.more_wrapping_keys);
        Self {
            ids: ids.cloned().collect(),
            warned: AtomicBool::new(false),
        }
    }

    /// Warns once if records of version 2 will be under another one.
    pub(crate) fn warn_of(&self, to: &WrappingKeyId) {
        if !self.ids.contains(to) && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "`{to}` is neither `key_alias` nor in `keys`, and records of version 2 under it open only where it is: change `key_alias`, or add it to `keys`"
            );
        }
    }
}

/// What one caller asks of a record, beside what the configuration does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Demands<'a> {
    /// A further wrapping key that it may be under.
    pub(crate) from: Option<&'a WrappingKeyId>,
    /// The generation that it must have at least.
    pub(crate) min_generation: Option<u64>,
}

/// What a new record must not fall behind: the one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Floor {
    pub(crate) version: u8,
    /// 0 where nothing counts generations.
    pub(crate) generation: u64,
}

impl Sealer {
    /// Opens a record, if it is one that may be read at `place`. Its memory
    /// becomes the secret's.
    pub(crate) async fn open(
        &self,
        place: &Place,
        stored: Stored,
        demands: Demands<'_>,
    ) -> Result<Secret> {
        let unlocked = self.unwrap(place, &stored, demands).await?;
        unlocked.open(place, stored)
    }

    /// Unwraps the data key of a record, if it is one that may be read at `place`.
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

    /// The record of a secret that takes the place of `current`.
    pub(crate) async fn seal(
        &self,
        place: &Place,
        secret: &Secret,
        current: Option<&Stored>,
    ) -> Result<Vec<u8>> {
        let floor = Floor::of(place, current)?;
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
            return Err(Error::Damaged {
                place: place.clone(),
                message: "it has record version 1, which `min_format` refuses; lazycred 0.2.3 may have written it, or a lazycred without \"format\": 2, or somebody who may only write to the store".into(),
                hint: Some(format!(
                    "if it is what it should be, `lazycred upgrade {}` makes it version 2; else store it again",
                    place.name.argument()
                )),
            });
        }
        match demands.min_generation {
            None => Ok(()),
            Some(wanted) => Err(Error::damaged(
                place,
                format!(
                    "it has record version 1, which counts no generations, and generation {wanted} is asked for"
                ),
            )),
        }
    }

    fn check_v2(&self, place: &Place, head: &Head, demands: Demands<'_>) -> Result<()> {
        check_name(place)?;
        let generation = head.generation;
        if let Some(wanted) = demands.min_generation.filter(|wanted| generation < *wanted) {
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!("it has generation {generation}, and at least {wanted} is asked for"),
                hint: Some("an old record was put back, or the secret was removed and stored again; `lazycred history` shows what there was".into()),
            });
        }
        if let Some(most) = self.formats.max_age
            && head.created.age(&Created::now()) > most
        {
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!(
                    "it was made at {}, longer ago than `max_age` ({}) allows",
                    head.created,
                    hours(most)
                ),
                hint: Some(
                    "store the secret again, or look whether an old record was put back".into(),
                ),
            });
        }
        Ok(())
    }
}

/// A record and its data key, with the secret still sealed.
pub(crate) struct Unlocked {
    data_key: DataKey,
    token: Spelt,
}

/// Where a record's token stands.
enum Spelt {
    Within(Range<usize>),
    /// The record spells it otherwise.
    Apart(String),
}

impl Unlocked {
    /// Opens the record that it is of. Its memory becomes the secret's.
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
    /// What there is now. A damaged record of version 1 may be replaced; one
    /// that says which version it is may not, since what replaced it would
    /// start from nothing: neither may one of a version that is not known.
    pub(crate) fn of(place: &Place, current: Option<&Stored>) -> Result<Self> {
        Self::read(place, current, |stored, error| {
            Err(damaged(place, &stored.bytes, error))
        })
    }

    /// The same where an older version is put back, which mends the damage.
    pub(crate) fn of_mended(place: &Place, current: Option<&Stored>) -> Result<Self> {
        Self::read(place, current, |stored, error| {
            if matches!(error, RecordError::Newer { .. }) {
                return Err(damaged(place, &stored.bytes, error));
            }
            tracing::warn!(
                "{place}: {error}; it is replaced, and its generations start again at 1"
            );
            Ok(Self {
                version: 2,
                generation: 0,
            })
        })
    }

    fn read(
        place: &Place,
        current: Option<&Stored>,
        claims: impl FnOnce(&Stored, &RecordError) -> Result<Self>,
    ) -> Result<Self> {
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
            Err(error) if Record::claims_a_version(&stored.bytes) => claims(stored, &error),
            Err(error) => {
                tracing::warn!("{place}: {error}; it is replaced");
                Ok(counted(1, 0))
            }
        }
    }

    /// The generation that comes after.
    pub(crate) fn next(self, place: &Place) -> Result<u64> {
        if self.generation == LAST_GENERATION {
            return Err(Error::Damaged {
                place: place.clone(),
                message: format!("generation {LAST_GENERATION} is the maximum"),
                hint: Some(format!(
                    "no one writes that often, so it was forged: run `lazycred rm {}`, and store the secret again",
                    place.name.argument()
                )),
            });
        }
        Ok(self.generation + 1)
    }
}

/// Reads a record, whatever its version.
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

/// Refuses a name that no record of version 2 may have.
pub(crate) fn check_name(place: &Place) -> Result<()> {
    if is_bindable(place.name.as_str()) {
        return Ok(());
    }
    Err(Error::usage_hint(
        format!("{place} is no name for a record of version 2"),
        "it has at most 512 letters, digits and `._/-`, and no part between `/` is empty, `.` or `..`",
    ))
}

/// A record that does not read, and what can be done about it: only `rm` and
/// `rollback` replace one that says which version it is.
fn damaged(place: &Place, bytes: &[u8], error: &RecordError) -> Error {
    let hint = match error.hint() {
        Some(hint) => Some(hint.to_owned()),
        None if Record::claims_a_version(bytes) => Some(format!(
            "nothing overwrites it: `{}` brings an earlier version back, and `lazycred rm {}` removes it",
            place.name.command("rollback", "--to VERSION"),
            place.name.argument()
        )),
        None => None,
    };
    Error::Damaged {
        place: place.clone(),
        message: error.to_string(),
        hint,
    }
}

#[cfg(test)]
mod tests;
