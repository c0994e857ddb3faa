//! Makes a record from another, with the same token: the keyring only wraps its
//! data key again, for another place, generation or wrapping key.
//!
//! The secret is never opened, so neither this program nor its user needs
//! permission to.

use crate::backends::keyring::Rewrap;
use crate::backends::store::Stored;
use crate::base::{Error, Place, Result};
use crate::client::sealer::{Floor, Sealer, check_name, parse};
use crate::config::WrappingKeyId;
use crate::record::{Context, Head, Kind, Record, Token, V1, V2};

/// Why a data key is rewrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To copy the record.
    Copy,
    /// To restore an old version.
    RollBack,
    /// To use another wrapping key, or new material of the same one.
    Rekey(Already),
    /// To make it a version 2 record.
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

/// A record to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) purpose: Purpose,
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
    /// The record that replaces `current`; `None` keeps that.
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
        let restores = order.purpose == Purpose::RollBack;
        let floor = Floor::of(order.place, current, restores)?;
        let (wrapped, before, head) = match &source {
            Record::V1(record) => (&record.wrapped, Context::new(), None),
            Record::V2(record) => {
                check_name(source_place)?;
                let before = record.context(&source_place.path.identity());
                (&record.wrapped, before, Some(&record.head))
            }
        };
        let token = canonical_token(&source)
            .ok_or_else(|| Error::damaged(source_place, "its token is not a Fernet token"))?;
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
                // The secret is not opened, so its type is unknown.
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
        let Some(head) = head else {
            let token = token.as_str().into();
            return Ok(Some(V1 { token, wrapped }.into_bytes()));
        };
        let record = V2 {
            head,
            token,
            wrapped,
        };
        Ok(Some(record.into_bytes()))
    }
}

/// Whether two records contain the same token.
pub(crate) fn same_token(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Record::parse(one).ok(), Record::parse(other).ok());
    let token = one.as_ref().and_then(canonical_token);
    token.is_some() && token == other.as_ref().and_then(canonical_token)
}

fn canonical_token<'a>(record: &'a Record) -> Option<Token<'a>> {
    Token::of(match record {
        Record::V1(record) => &record.token,
        Record::V2(record) => record.token.as_str(),
    })
}
