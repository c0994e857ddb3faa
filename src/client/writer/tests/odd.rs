//! A store that answers as it is told, and otherwise keeps one record.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::SystemTime;

use bytes::Bytes;

use crate::backends::Pending;
use crate::backends::store::{
    Condition, Lookup, Outcome, Pages, Receipt, Removal, Removed, Store, Stored, Version,
};
use crate::base::{Error, ObjectPath, Operation, Place, Result, SecretName};

/// How the next record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    AsItIs,
    Missing,
    Forbidden,
    Fails,
    Never,
    /// Other bytes, with the same etag.
    Changed,
}

/// What comes of the next write or removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Done,
    Busy,
    Refused,
    Never,
    /// No answer says so, but it is done.
    UnclearDone,
    UnclearLost,
    /// It is done, and what is sent again is refused.
    DoneRefused,
    /// Somebody else writes first.
    Overtaken,
    /// The same, and no answer says so.
    UnclearOvertaken,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Stored>,
    count: usize,
    calls: Vec<String>,
    reads: VecDeque<Read>,
    changes: VecDeque<Change>,
}

/// The store; `versioned` gives each record a version.
#[derive(Debug, Default)]
pub(super) struct Odd {
    pub(super) versioned: bool,
    pub(super) listed: Vec<&'static str>,
    pub(super) may_list: bool,
    state: Mutex<State>,
}

/// What is stored by somebody else.
pub(super) const THEIRS: &[u8] = b"theirs";

impl Odd {
    pub(super) fn new(reads: &[Read], changes: &[Change]) -> Self {
        let state = State {
            reads: reads.iter().copied().collect(),
            changes: changes.iter().copied().collect(),
            ..State::default()
        };
        Self {
            versioned: true,
            may_list: true,
            state: Mutex::new(state),
            ..Self::default()
        }
    }

    pub(super) fn with(self, current: &[u8]) -> Self {
        self.keep(current);
        self
    }

    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let state = self.state.lock().unwrap();
        state.current.as_ref().map(|stored| stored.bytes.clone())
    }

    /// Everything that was asked, in order.
    pub(super) fn calls(&self) -> String {
        self.state.lock().unwrap().calls.join(" ")
    }

    fn keep(&self, bytes: &[u8]) -> Receipt {
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        let etag = format!("etag-{}", state.count);
        let version = self.versioned.then(|| format!("version-{}", state.count));
        state.current = Some(Stored::new(bytes.to_vec(), &*etag, version.clone()));
        Receipt { etag, version }
    }

    fn called(&self, what: String) {
        self.state.lock().unwrap().calls.push(what);
    }

    fn next_change(&self) -> Change {
        let next = self.state.lock().unwrap().changes.pop_front();
        let next = next.unwrap_or(Change::Done);
        if matches!(next, Change::Overtaken | Change::UnclearOvertaken) {
            self.keep(THEIRS);
        }
        next
    }
}

fn lost(operation: Operation) -> Error {
    Error::aws(operation, None, "the answer was lost")
}

pub(super) fn refusal() -> Error {
    Error::Aws {
        operation: Operation::Read,
        place: None,
        code: Some("AccessDenied".to_owned()),
        cause: "not allowed".to_owned(),
        hint: None,
    }
}

impl Store for Odd {
    fn place(&self, name: &SecretName) -> Result<Place> {
        Ok(Place {
            name: name.clone(),
            path: ObjectPath::new("odd://", name.as_str()),
        })
    }

    fn fetch<'a>(&'a self, _place: &'a Place, version: Option<&'a str>) -> Pending<'a, Lookup> {
        self.called(version.map_or("read".to_owned(), |version| format!("read:{version}")));
        let (next, current) = {
            let mut state = self.state.lock().unwrap();
            (state.reads.pop_front(), state.current.clone())
        };
        Box::pin(async move {
            let found = |current: Option<Stored>| current.map_or(Lookup::Missing, Lookup::Found);
            match next.unwrap_or(Read::AsItIs) {
                Read::AsItIs => Ok(found(current)),
                Read::Missing => Ok(Lookup::Missing),
                Read::Forbidden => Ok(Lookup::Forbidden(refusal())),
                Read::Fails => Err(lost(Operation::Read).hinted("ask again")),
                Read::Never => std::future::pending().await,
                Read::Changed => Ok(found(current.map(|mut stored| {
                    stored.bytes = b"changed".to_vec();
                    stored
                }))),
            }
        })
    }

    fn save<'a>(
        &'a self,
        _place: &'a Place,
        record: &'a Bytes,
        condition: Condition<'a>,
    ) -> Pending<'a, Outcome> {
        self.called(match condition {
            Condition::Absent => "create".to_owned(),
            Condition::Matches(etag) => format!("replace:{etag}"),
            Condition::Whatever => "overwrite".to_owned(),
        });
        Box::pin(async move {
            let unclear = || Ok(Outcome::Unclear(lost(Operation::Store)));
            Ok(match self.next_change() {
                Change::Done => {
                    let current = self.state.lock().unwrap().current.clone();
                    let etag = current.as_ref().map(Stored::etag);
                    let is_met = match condition {
                        Condition::Absent => etag.is_none(),
                        Condition::Matches(wanted) => etag == Some(wanted),
                        Condition::Whatever => true,
                    };
                    if is_met {
                        Outcome::Saved(self.keep(record))
                    } else {
                        Outcome::Refused
                    }
                }
                Change::Busy => Outcome::Busy,
                Change::Refused | Change::Overtaken => Outcome::Refused,
                Change::Never => std::future::pending().await,
                Change::UnclearLost | Change::UnclearOvertaken => return unclear(),
                Change::UnclearDone => {
                    self.keep(record);
                    return unclear();
                }
                Change::DoneRefused => {
                    self.keep(record);
                    Outcome::Refused
                }
            })
        })
    }

    fn delete<'a>(&'a self, _place: &'a Place, current: &'a Stored) -> Pending<'a, Removal> {
        self.called(format!("remove:{}", current.etag()));
        Box::pin(async move {
            let remove = || self.state.lock().unwrap().current = None;
            Ok(match self.next_change() {
                Change::Done => {
                    remove();
                    Removal::Done(Removed {
                        version: current.version().map(str::to_owned),
                        marker: Some("marker".to_owned()),
                        damaged: false,
                    })
                }
                Change::Busy => Removal::Busy,
                Change::Refused | Change::Overtaken => Removal::Refused,
                Change::Never => std::future::pending().await,
                Change::UnclearLost | Change::UnclearOvertaken => {
                    Removal::Unclear(lost(Operation::Remove))
                }
                Change::UnclearDone => {
                    remove();
                    Removal::Unclear(lost(Operation::Remove))
                }
                Change::DoneRefused => {
                    remove();
                    Removal::Refused
                }
            })
        })
    }

    fn list(&self, _prefix: &str) -> Box<dyn Pages + '_> {
        unimplemented!("no writer lists names")
    }

    fn versions<'a>(&'a self, _place: &'a Place) -> Pending<'a, Vec<Version>> {
        let version = |version: &&str| Version {
            version: (*version).to_owned(),
            etag: false,
            modified: SystemTime::UNIX_EPOCH,
            size: 1,
            deleted: false,
            current: false,
        };
        let listed = self.listed.iter().map(version).collect();
        let may_list = self.may_list;
        Box::pin(async move { if may_list { Ok(listed) } else { Err(refusal()) } })
    }
}
