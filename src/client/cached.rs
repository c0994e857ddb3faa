//! Reads a cached record: asks the store whether it is still current, and the
//! keyring for its data key at the same time.
//!
//! Every read asks both. If the store cannot be reached, the cached record is
//! used only if that is allowed; the keyring's answer is always final.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{MaybeDone, maybe_done};
use tokio::time::Instant;

use crate::backends::aws::Aws;
use crate::backends::cache::{Cache, Cached};
use crate::backends::store::{Lookup, Refetch, Store};
use crate::base::{Error, Place, Result, Secret};
use crate::client::deadline;
use crate::client::sealer::{Demands, Sealer};
use crate::config::{Caching, Config, StoreAddress};

/// Cached records, and how they may be used.
#[derive(Debug)]
pub(crate) struct Repeats {
    pub(crate) cache: Cache,
    /// Whether to use a record that the store cannot confirm.
    stale: bool,
    /// How long a call may take.
    timeout: Duration,
}

impl Repeats {
    /// The cache of a configuration, if it has one and its records are in S3.
    pub(crate) fn of(config: &Config, aws: &Aws) -> Option<Self> {
        let stale = match config.caching {
            Caching::Off => return None,
            Caching::Confirmed => false,
            Caching::Stale => true,
        };
        if !matches!(config.store, StoreAddress::S3 { .. }) {
            return None;
        }
        let Some(home) = &config.cache_home else {
            tracing::warn!(
                "cannot cache records: neither XDG_CACHE_HOME nor HOME is an absolute path"
            );
            return None;
        };
        let endpoint = aws.endpoint("S3");
        let store = [
            endpoint.as_deref(),
            aws.bucket_region(),
            config.bucket_owner.as_deref(),
        ];
        let store = store.map(|part| part.unwrap_or_default().to_owned());
        Some(Self {
            cache: Cache::new(home, store.into(), config.max_record()),
            stale,
            timeout: config.timeout,
        })
    }

    /// Opens the current record, and caches it.
    pub(crate) async fn read(
        &self,
        store: &dyn Store,
        sealer: &Sealer,
        place: &Place,
        demands: Demands<'_>,
        deadline: Instant,
    ) -> Result<Secret> {
        let cache = &self.cache;
        let Some(cached) = cache.load(&place.path) else {
            let stored = store.fetch(place, None).await?.found(place, None)?;
            cache.keep(&place.path, &stored);
            return sealer.open(place, stored, demands).await;
        };
        let unwrapping = sealer.unwrap(place, &cached.stored, demands);
        let mut unwrapping = Box::pin(maybe_done(unwrapping));
        let answer = {
            let mut asking = pin!(self.ask_again(store, place, &cached, deadline));
            poll_fn(|context| {
                let answer = asking.as_mut().poll(context);
                if answer.is_pending() {
                    let _ = unwrapping.as_mut().poll(context);
                }
                answer
            })
            .await?
        };
        match answer {
            Refetch::Unchanged => cached.confirm(),
            Refetch::Answered(Lookup::Found(stored)) => {
                cache.keep(&place.path, &stored);
                if stored.bytes != cached.stored.bytes {
                    unwrapping.set(MaybeDone::Gone);
                    return sealer.open(place, stored, demands).await;
                }
            }
            Refetch::Answered(lookup) => {
                // Without permission to list names, a missing record is forbidden too.
                cache.forget(&place.path);
                lookup.found(place, None)?;
            }
            Refetch::Away(error) if self.stale => tracing::warn!(
                "{error}; using the cached record, which S3 confirmed {} ago",
                Age(cached.age())
            ),
            Refetch::Away(error) => return Err(error),
        }
        unwrapping.as_mut().await;
        let unlocked = unwrapping.as_mut().take_output();
        drop(unwrapping);
        let unlocked = unlocked.expect("it was awaited, and is taken once")?;
        unlocked.open(place, cached.stored)
    }

    /// Asks the store; if the cached record may be used unconfirmed, for half the time.
    async fn ask_again(
        &self,
        store: &dyn Store,
        place: &Place,
        cached: &Cached,
        deadline: Instant,
    ) -> Result<Refetch> {
        let asking = store.refetch(place, cached.stored.etag());
        if !self.stale {
            return asking.await;
        }
        let now = Instant::now();
        let half = now + deadline.saturating_duration_since(now) / 2;
        let action = format!("read {place}");
        match deadline::until(half, self.timeout / 2, &action, asking).await {
            Err(error @ Error::TimedOut { .. }) => Ok(Refetch::Away(error)),
            answer => answer,
        }
    }
}

/// An age in its largest unit: `3 hours`.
struct Age(Duration);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (count, unit) = match seconds {
            0..60 => (seconds, "second"),
            60..3600 => (seconds / 60, "minute"),
            3600..86_400 => (seconds / 3600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_its_largest_unit() {
        for (seconds, expected) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "1 minute"),
            (3 * 3600 + 5, "3 hours"),
            (86_399, "23 hours"),
            (86_400, "1 day"),
            (400 * 86_400, "400 days"),
        ] {
            assert_eq!(Age(Duration::from_secs(seconds)).to_string(), expected);
        }
    }
}
