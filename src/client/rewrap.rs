//! Makes a record out of another whose token stays: only its data key is
//! wrapped again, by the keyring, for another place, generation or wrapping key.
//!
//! The secret is never opened here, so neither this program nor who runs it
//! needs to be able to.

use crate::backends::keyring::Rewrap;
use crate::backends::store::Stored;
use crate::base::{Error, Place, Result};
use crate::client::sealer::{Floor, Sealer, check_name, parse};
use crate::config::WrappingKeyId;
use crate::record::{Context, Head, Kind, Record, Token, V1, V2};

/// Why a data key is wrapped again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The record is to be there as well.
    Copy,
    /// It is to be there again.
    RollBack,
    /// It is to be under another wrapping key, or under this one's new material.
    Rekey(Already),
    /// It is to be of version 2.
    Upgrade,
}

/// What becomes of a record that is under the wrapping key already.
///
/// # Examples
///
/// ```
/// use lazycred::{Already, Rekey};
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", "hunter2")?;
/// let mut rekey = Rekey::default();
/// rekey.already = Already::Rewrap;
/// assert!(client.rekey("db", &rekey)?.changed);
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Already {
    /// It is left as it is.
    #[default]
    Leave,
    /// It is wrapped again, for new key material.
    Rewrap,
}

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) purpose: Purpose,
    /// Where the record is to lie.
    pub(crate) place: &'a Place,
    /// A further wrapping key that the source may be under.
    pub(crate) from: Option<&'a WrappingKeyId>,
    /// The wrapping key to use, instead of the configured one.
    pub(crate) to: Option<&'a WrappingKeyId>,
}

impl<'a> Order<'a> {
    pub(crate) fn new(purpose: Purpose, place: &'a Place) -> Self {
        Self {
            purpose,
            place,
            from: None,
            to: None,
        }
    }
}

impl Sealer {
    /// The record that takes the place of `current`; `None` leaves that as it is.
    pub(crate) async fn rewrap(
        &self,
        source_place: &Place,
        source: &Stored,
        current: Option<&Stored>,
        order: Order<'_>,
    ) -> Result<Option<Vec<u8>>> {
        let source = parse(source_place, source)?;
        let version = match order.purpose {
            Purpose::Upgrade if source.version() == 2 => return Ok(None),
            Purpose::Upgrade => 2,
            Purpose::Rekey(_) => source.version(),
            Purpose::Copy | Purpose::RollBack => source.version().max(self.formats.least),
        };
        let floor = match order.purpose {
            Purpose::RollBack => Floor::of_mended(order.place, current)?,
            _ => Floor::of(order.place, current)?,
        };
        let (wrapped, before, spelt, head) = match &source {
            Record::V1(record) => (&record.wrapped, Context::new(), &*record.token, None),
            Record::V2(record) => {
                check_name(source_place)?;
                let before = record.context(&source_place.path.identity());
                (
                    &record.wrapped,
                    before,
                    record.token.as_str(),
                    Some(&record.head),
                )
            }
        };
        let token = Token::of(spelt)
            .ok_or_else(|| Error::damaged(source_place, "its token is no Fernet token"))?;
        let head = if version.max(floor.version) == 1 {
            None
        } else {
            check_name(order.place)?;
            let generation = floor.next(order.place)?;
            Some(match head {
                Some(head) => Head {
                    generation,
                    ..head.clone()
                },
                // Nobody looked at what the token holds.
                None => Head::new(generation, Kind::Bytes),
            })
        };
        if let (Some(_), Some(to)) = (&head, order.to) {
            self.configured.warn_of(to);
        }
        let path = order.place.path.identity();
        let after = head.as_ref().map(|head| head.context(&path, &token));
        let rewrapped = self
            .keyring
            .rewrap(Rewrap {
                place: source_place,
                wrapped,
                before: &before,
                after: &after.unwrap_or_default(),
                from: order.from,
                to: order.to,
            })
            .await?;
        if order.purpose == Purpose::Rekey(Already::Leave) && !rewrapped.moved {
            return Ok(None);
        }
        let wrapped = rewrapped.wrapped;
        let record = match head {
            None => {
                let token = token.as_str().into();
                V1 { token, wrapped }.into_bytes()
            }
            Some(head) => {
                let record = V2 {
                    head,
                    token,
                    wrapped,
                };
                record.into_bytes()
            }
        };
        Ok(Some(record))
    }
}

/// Whether two records hold the same token.
pub(crate) fn same_token(one: &[u8], other: &[u8]) -> bool {
    let token = |bytes| {
        let record = Record::parse(bytes).ok()?;
        let spelt = match &record {
            Record::V1(record) => &*record.token,
            Record::V2(record) => record.token.as_str(),
        };
        Token::of(spelt).map(|token| token.as_str().to_owned())
    };
    token(one).is_some_and(|token_of_one| token(other) == Some(token_of_one))
}
