//! What is being waited for now, for a program that shows it to its user.
//!
//! Whatever waits for something outside this process says so by [`on`], as long as it
//! waits. Nothing here prints, and nothing here is a secret.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};
use std::{process, thread};

use tokio::task::futures::TaskLocalFuture;

/// All that is being waited for, the newest last, and what no longer is.
static WAITING: Waits = Mutex::new(Vec::new());

type Waits = Mutex<Vec<Weak<Wait>>>;

tokio::task_local! {
    /// The number of the work under way.
    static WORK: u64;
}

/// The most waits that are noted at once.
const MOST: usize = 1000;

/// How often a lock is tried before waits are not noted.
const TRIES: usize = 1000;

/// A wait.
#[derive(Debug)]
struct Wait {
    /// The process that waits: a child has its parent's waits for ever.
    process: u32,
    /// The work that waits, if it is known.
    work: Option<u64>,
    what: Cow<'static, str>,
    kind: Kind,
}

/// Who else a wait may hold up.
#[derive(Debug)]
enum Kind {
    /// Nobody: the response to a request, and what sets its endpoint, if not AWS.
    Response(Option<String>),
    /// Whoever needs the same.
    Shared,
}

/// A wait; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    _noted: Option<Arc<Wait>>,
}

/// Says what is waited for from now on, in words that follow "waiting for".
pub(crate) fn on(what: impl Into<Cow<'static, str>>) -> Waiting {
    begin(what.into(), Kind::Shared)
}

/// The same for the response to a request; `source` sets its endpoint, if not AWS.
pub(crate) fn on_request(what: impl Into<Cow<'static, str>>, source: Option<String>) -> Waiting {
    begin(what.into(), Kind::Response(source))
}

fn begin(what: Cow<'static, str>, kind: Kind) -> Waiting {
    let wait = Wait {
        process: process::id(),
        work: WORK.try_with(|work| *work).ok(),
        what,
        kind,
    };
    Waiting { _noted: note(wait) }
}

fn note(wait: Wait) -> Option<Arc<Wait>> {
    let mut noted = lock(&WAITING)?;
    noted.retain(|wait| wait.strong_count() > 0);
    (noted.len() < MOST).then(|| {
        let wait = Arc::new(wait);
        noted.push(Arc::downgrade(&wait));
        wait
    })
}

/// `None` if another thread does not let go of it: in the child of a fork, that thread
/// does not exist.
fn lock(waits: &Waits) -> Option<MutexGuard<'_, Vec<Weak<Wait>>>> {
    for _ in 0..TRIES {
        match waits.try_lock() {
            Ok(waiting) => return Some(waiting),
            Err(TryLockError::Poisoned(waiting)) => return Some(waiting.into_inner()),
            Err(TryLockError::WouldBlock) => thread::yield_now(),
        }
    }
    None
}

/// What this process waits for, the newest last.
fn own() -> Vec<Arc<Wait>> {
    of(process::id())
}

fn of(process: u32) -> Vec<Arc<Wait>> {
    let noted = lock(&WAITING);
    let waits = noted
        .iter()
        .flat_map(|all| all.iter().filter_map(Weak::upgrade));
    waits.filter(|wait| wait.process == process).collect()
}

/// What this process waits for now: the wait that began last, if there are several.
///
/// Shape: words that follow "waiting for": `S3 (s3://acme-secrets/prod/web)`.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::waiting_for(), None);
/// ```
#[must_use]
pub fn waiting_for() -> Option<String> {
    own().last().map(|wait| wait.what.clone().into_owned())
}

/// A piece of work whose requests are told apart from those of others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work(u64);

/// What a piece of work was still waiting for, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stuck {
    /// Words that follow "waiting for".
    pub(crate) what: String,
    pub(crate) hint: String,
}

impl Work {
    /// The work under way, else a new one.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let known = WORK.try_with(|work| *work);
        Self(known.unwrap_or_else(|_| NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Notes the waits of a future as this work's.
    pub(crate) fn of<F: Future>(self, future: F) -> TaskLocalFuture<u64, F> {
        WORK.scope(self.0, future)
    }

    /// What this work waits for now, in words that do not repeat what `action` names.
    ///
    /// Connections and credentials are shared: what another work waits for, unless it
    /// is a response, may be what this one waits for too.
    pub(crate) fn stuck(self, action: &str) -> Option<Stuck> {
        self.among(&own(), action)
    }

    fn among(self, waits: &[Arc<Wait>], action: &str) -> Option<Stuck> {
        /// The most waits that are named.
        const NAMED: usize = 3;
        let is_own = |wait: &&Arc<Wait>| wait.work == Some(self.0);
        let own = waits.iter().rfind(is_own);
        let mut all: Vec<&Arc<Wait>> = own.into_iter().collect();
        for wait in waits.iter().filter(|wait| !is_own(wait)) {
            let is_new = !all.iter().any(|known| known.what == wait.what);
            if matches!(wait.kind, Kind::Shared) && is_new && all.len() < NAMED {
                all.push(wait);
            }
        }
        let words: Vec<&str> = all.iter().map(|wait| wait.words(action)).collect();
        let (last, before) = words.split_last()?;
        let what = match before {
            [] => (*last).to_owned(),
            before => format!("{} and {last}", before.join(", ")),
        };
        let source = own.and_then(|wait| match &wait.kind {
            Kind::Response(source) => source.as_deref(),
            Kind::Shared => None,
        });
        let hint = remedy(&words, source);
        Some(Stuck { what, hint })
    }
}

impl Wait {
    /// Its words, without a place that `action` names too.
    fn words(&self, action: &str) -> &str {
        let place = self.what.split_once(" (");
        let place = place.filter(|_| matches!(self.kind, Kind::Response(_)));
        match place.and_then(|(service, rest)| Some((service, rest.strip_suffix(')')?))) {
            Some((service, place)) if action.contains(place) => service,
            _ => &self.what,
        }
    }
}

/// What to do about waits; `source` sets the endpoint of the one for a response.
fn remedy(words: &[&str], source: Option<&str>) -> String {
    let any = |start: &str| words.iter().any(|words| words.starts_with(start));
    let remedy = if any("the proxy") {
        "check the proxy, or name exceptions in NO_PROXY"
    } else if any("credentials") {
        "check what the credentials come from: a role, a container, an instance or a `credential_process`"
    } else if let Some(source) = source {
        &format!("check that a server answers at the endpoint from {source}")
    } else if any("the name") {
        "check this machine's name servers (/etc/resolv.conf)"
    } else if any("another program") {
        "let that program finish"
    } else {
        "`-v` shows each attempt"
    };
    format!("{remedy}; --timeout SECONDS allows more time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_ends_by_itself() {
        let is_there = |what: &str| own().iter().any(|wait| wait.what == what);
        let first = on("a test's first wait");
        let second = on("a test's second wait".to_owned());
        drop(first);
        assert!(!is_there("a test's first wait") && is_there("a test's second wait"));
        assert!(waiting_for().is_some());
        drop(second);
        assert!(!is_there("a test's second wait"));
    }

    #[test]
    fn a_child_has_waits_of_its_own_even_if_its_parent_was_noting_one() {
        let _wait = on("what a parent waits for");
        let is_there = |waits: &[Arc<Wait>]| {
            let mut all = waits.iter();
            all.any(|wait| wait.what == "what a parent waits for")
        };
        assert!(is_there(&own()));
        // No process has this number: Linux's end at 2^22.
        assert!(!is_there(&of(u32::MAX)));
        let locked = Waits::default();
        let _forked = locked.lock().unwrap();
        assert!(lock(&locked).is_none());
    }

    #[test]
    fn each_work_names_its_own_request_and_what_may_hold_up_all() {
        let (one, two) = (Work(1), Work(2));
        let wait = |work, what: &'static str, kind| {
            Arc::new(Wait {
                process: 0,
                work,
                what: what.into(),
                kind,
            })
        };
        let ask = |work, what| wait(Some(work), what, Kind::Response(Some("AN_ENDPOINT".into())));
        let said = |work: Work, waits: &[Arc<Wait>]| {
            let stuck = work.among(waits, "read `one` (s3://acme/one)")?;
            Some((stuck.what, stuck.hint.split(';').next()?.to_owned()))
        };
        let known = |what: &str, hint: &str| Some((what.to_owned(), hint.to_owned()));
        let mut waits = vec![ask(1, "S3 (s3://acme/one)"), ask(2, "S3 (s3://acme/two)")];
        let endpoint = "check that a server answers at the endpoint from AN_ENDPOINT";
        assert_eq!(said(one, &waits), known("S3", endpoint));
        assert_eq!(said(two, &waits), known("S3 (s3://acme/two)", endpoint));
        waits.push(wait(Some(2), "credentials", Kind::Shared));
        let source = "check what the credentials come from: a role, a container, an instance or a `credential_process`";
        assert_eq!(said(one, &waits), known("S3 and credentials", source));
        assert_eq!(said(two, &waits), known("credentials", source));
        for name in [
            "the name of a",
            "the name of a",
            "the name of b",
            "the name of c",
        ] {
            waits.push(wait(None, name, Kind::Shared));
        }
        let what = "S3, credentials and the name of a";
        assert_eq!(said(one, &waits), known(what, source));
        assert_eq!(said(one, &[]), None);
    }

    #[test]
    fn what_helps_is_told_by_what_is_waited_for() {
        for (words, source, start) in [
            (&["S3", "the proxy p:1"][..], Some("X"), "check the proxy"),
            (
                &["S3"],
                Some("X"),
                "check that a server answers at the endpoint from X; ",
            ),
            (
                &["S3", "the name of a"],
                None,
                "check this machine's name servers",
            ),
            (
                &["another program that is writing"],
                None,
                "let that program",
            ),
            (&["KMS"], None, "`-v` shows each attempt; --timeout"),
        ] {
            let said = remedy(words, source);
            assert!(said.starts_with(start), "{said}");
        }
    }
}
