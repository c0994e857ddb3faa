//! Moves records: to another name, back from an old version, under another
//! wrapping key, to version 2. The secret is never opened.
//!
//! Every one of these is a compare-and-swap on the place that is written.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;

use crate::client::Client;
use crate::config::WrappingKeyId;
use crate::error::{Error, Operation, Result};
use crate::name::{Place, SecretName};
use crate::rewrap::{Already, Order, Purpose, same_token};
use crate::store::{Lookup, Removed, Stored};
use crate::write::{Make, Precondition, Written};

/// Whether a copy may take the place of a secret that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replace {
    /// A name that is taken is a conflict.
    #[default]
    Never,
    /// What is there is replaced.
    Existing,
}

/// Under which wrapping key a record is to be.
///
/// Shape: the configured one, for [`Rekey::default`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rekey {
    /// The wrapping key to use instead of the configured one.
    pub to: Option<WrappingKeyId>,
    /// A wrapping key that the record may be under, beside those configured.
    pub from: Option<WrappingKeyId>,
    /// What becomes of a record that is under that wrapping key already.
    pub already: Already,
}

impl Client {
    /// Stores a secret under another name too, and gives the version that it
    /// has there.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if the other name is taken and `replace` does not
    /// say otherwise, [`Error::Usage`] if both names are one; else as
    /// [`Client::get`] and [`Client::put`].
    pub async fn copy(
        &self,
        name: &SecretName,
        to: &SecretName,
        replace: Replace,
    ) -> Result<String> {
        let written = self.copy_written(name, to, replace).await?;
        Ok(written.version)
    }

    /// The same, with all that the write left behind.
    pub(crate) async fn copy_written(
        &self,
        name: &SecretName,
        to: &SecretName,
        replace: Replace,
    ) -> Result<Written> {
        let (source, place) = self.two_places(name, to)?;
        let make = Again::new(self, &source, Order::new(Purpose::Copy, &place));
        self.write(&place, &replace.precondition(), &make).await
    }

    /// Gives a secret another name, and says how it can be had under the old one.
    ///
    /// The old name is removed only after the record under the new one was read
    /// back. What was interrupted is finished by the same call again.
    ///
    /// # Errors
    ///
    /// As [`Client::copy`]; whatever fails, the secret stays under the old name.
    pub async fn rename(
        &self,
        name: &SecretName,
        to: &SecretName,
        replace: Replace,
    ) -> Result<Removed> {
        let (_, removed) = self.renamed(name, to, replace).await?;
        Ok(removed)
    }

    /// The same, with what the write under the new name left behind; `None` if
    /// it was there already.
    pub(crate) async fn rename_written(
        &self,
        name: &SecretName,
        to: &SecretName,
        replace: Replace,
    ) -> Result<Option<Written>> {
        let (written, _) = self.renamed(name, to, replace).await?;
        Ok(written)
    }

    async fn renamed(
        &self,
        name: &SecretName,
        to: &SecretName,
        replace: Replace,
    ) -> Result<(Option<Written>, Removed)> {
        let (source, place) = self.two_places(name, to)?;
        let (moved, written) = if let Some(moved) = self.half_moved(&source, &place).await? {
            (moved, None)
        } else {
            let make = Again::new(self, &source, Order::new(Purpose::Copy, &place));
            let written = self.write(&place, &replace.precondition(), &make).await?;
            (make.used(), Some(written))
        };
        let look = async { self.store.fetch(&place, None).await };
        let there = self.within(&format!("read {place}"), look).await;
        let kept = matches!(&there, Ok(Lookup::Found(now)) if same_token(&now.bytes, &moved.bytes));
        if !kept {
            let (code, cause) = match there {
                Err(error) | Ok(Lookup::Forbidden(error)) => {
                    (error.code().map(str::to_owned), error.to_string())
                }
                Ok(_) => (None, "it was stored, and is not there".into()),
            };
            return Err(Error::Aws {
                operation: Operation::Check,
                code,
                cause,
                hint: Some(format!(
                    "`{name}` stays where it is; the same command again finishes"
                )),
                place: Some(place),
            });
        }
        let version = moved.version.unwrap_or(moved.etag);
        let removed = self
            .delete_if(name, &Precondition::Version(version))
            .await?;
        Ok((written, removed))
    }

    /// The source, if the destination already holds its token, as after a
    /// rename that was interrupted; the keyring has to know it there too.
    async fn half_moved(&self, source: &Place, place: &Place) -> Result<Option<Stored>> {
        let work = async {
            let Lookup::Found(there) = self.store.fetch(place, None).await? else {
                return Ok(None);
            };
            let Lookup::Found(moved) = self.store.fetch(source, None).await? else {
                return Ok(None);
            };
            if !same_token(&there.bytes, &moved.bytes) {
                return Ok(None);
            }
            let check = Order::new(Purpose::Rekey(Already::Rewrap), place);
            let checked = self.sealer.rewrap(place, &there, Some(&there), check);
            checked.await.map(|_| Some(moved))
        };
        self.within(&format!("read {place}"), work).await
    }

    /// Stores an old version of a secret again as the newest, and gives the
    /// version that it has now.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`].
    pub async fn rollback(
        &self,
        name: &SecretName,
        version: &str,
        from: Option<&WrappingKeyId>,
    ) -> Result<String> {
        let written = self.rollback_written(name, version, from).await?;
        Ok(written.version)
    }

    /// The same, with all that the write left behind.
    pub(crate) async fn rollback_written(
        &self,
        name: &SecretName,
        version: &str,
        from: Option<&WrappingKeyId>,
    ) -> Result<Written> {
        let place = self.store.place(name)?;
        let order = Order {
            from,
            ..Order::new(Purpose::RollBack, &place)
        };
        let make = Again {
            version: Some(version),
            ..Again::new(self, &place, order)
        };
        self.write(&place, &Precondition::None, &make).await
    }

    /// Wraps a record's data key under another wrapping key, and gives the
    /// version that it has now; `None` if it was under that one already.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`].
    pub async fn rekey(&self, name: &SecretName, rekey: &Rekey) -> Result<Option<String>> {
        let place = self.store.place(name)?;
        self.rewrap_in_place(&place, rekey.order(&place)).await
    }

    /// Whether [`Client::rekey`] would change a record: the keyring is asked,
    /// and nothing is stored.
    ///
    /// # Errors
    ///
    /// As [`Client::rekey`].
    pub async fn needs_rekey(&self, name: &SecretName, rekey: &Rekey) -> Result<bool> {
        let place = self.store.place(name)?;
        let work = async {
            let stored = self.fetch(&place, None).await?;
            let order = rekey.order(&place);
            let made = self.sealer.rewrap(&place, &stored, Some(&stored), order);
            made.await.map(|made| made.is_some())
        };
        self.within(&format!("read {place}"), work).await
    }

    /// Makes a record one of version 2, and gives the version that it has now;
    /// `None` if it was one already.
    ///
    /// Whatever lies there is blessed by it: look at it before.
    ///
    /// # Errors
    ///
    /// As [`Client::get`] and [`Client::put`].
    pub async fn upgrade(
        &self,
        name: &SecretName,
        to: Option<&WrappingKeyId>,
    ) -> Result<Option<String>> {
        let place = self.store.place(name)?;
        let order = Order {
            to,
            ..Order::new(Purpose::Upgrade, &place)
        };
        self.rewrap_in_place(&place, order).await
    }

    async fn rewrap_in_place(&self, place: &Place, order: Order<'_>) -> Result<Option<String>> {
        let make = InPlace {
            client: self,
            order,
        };
        let written = self.write(place, &Precondition::None, &make).await?;
        Ok(written.changed.then_some(written.version))
    }

    fn two_places(&self, name: &SecretName, to: &SecretName) -> Result<(Place, Place)> {
        if name == to {
            return Err(Error::usage(format!(
                "`{name}` is both the one name and the other"
            )));
        }
        Ok((self.store.place(name)?, self.store.place(to)?))
    }
}

impl Replace {
    fn precondition(self) -> Precondition {
        match self {
            Self::Never => Precondition::Absent,
            Self::Existing => Precondition::None,
        }
    }
}

impl Rekey {
    fn order<'a>(&'a self, place: &'a Place) -> Order<'a> {
        Order {
            from: self.from.as_ref(),
            to: self.to.as_ref(),
            ..Order::new(Purpose::Rekey(self.already), place)
        }
    }
}

/// A record that lies elsewhere, or is an old version.
struct Again<'a> {
    client: &'a Client,
    source: &'a Place,
    version: Option<&'a str>,
    order: Order<'a>,
    /// What was last made into another record.
    last: Mutex<Option<Stored>>,
}

impl<'a> Again<'a> {
    fn new(client: &'a Client, source: &'a Place, order: Order<'a>) -> Self {
        Self {
            client,
            source,
            version: None,
            order,
            last: Mutex::default(),
        }
    }

    /// The source of what was written.
    fn used(self) -> Stored {
        let last = self
            .last
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        last.expect("a record was made before it was written")
    }
}

impl Make for Again<'_> {
    fn make<'a>(&'a self, current: Option<&'a Stored>) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            let source = self.client.fetch(self.source, self.version).await?;
            let sealer = &self.client.sealer;
            let made = sealer
                .rewrap(self.source, &source, current, self.order)
                .await?;
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
            Ok(made)
        })
    }

    fn blindly(&self) -> bool {
        false
    }
}

/// The record that is there, with its data key wrapped again.
struct InPlace<'a> {
    client: &'a Client,
    order: Order<'a>,
}

impl Make for InPlace<'_> {
    fn make<'a>(&'a self, current: Option<&'a Stored>) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            let place = self.order.place;
            let source = current.ok_or_else(|| Error::Missing {
                place: place.clone(),
                version: None,
            })?;
            let sealer = &self.client.sealer;
            sealer.rewrap(place, source, current, self.order).await
        })
    }

    fn blindly(&self) -> bool {
        false
    }

    fn needs_current(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
