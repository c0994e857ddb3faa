//! A command that is killed on the way, and the stages that it may leave.
//!
//! It is killed at every request, at every call that changes a file, and at any time.

mod anytime;
mod calls;
mod files;
mod requests;
mod scene;

pub use anytime::kill_at_any_time;
pub use files::{Files, writers_of_files};
pub use scene::Scene;

use crate::support::{FakeAws, PROGRAM, Run};

/// A place where a command may be killed again and again, made anew for each.
pub trait Killed {
    /// The command, by itself or as the arguments of another.
    fn run(&self, program: &[&str]) -> Run;

    /// The program that it is a command of.
    fn program(&self) -> String {
        PROGRAM.to_owned()
    }

    /// Panics unless what is there is as it was or as it is to be, and the same
    /// command again finishes. `at` is the call at which it was killed, if that is known.
    fn is_whole(&self, killed: &str, at: Option<&str>);
}

/// Kills a command at each request, before and after it is done; at how many points.
#[track_caller]
pub fn kill_at_each_request<K: Killed>(about: &str, make: impl Fn(&FakeAws) -> K) -> usize {
    requests::kill_at_each(about, &make)
}

/// Kills a command at each call that changes a file; at how many there are.
#[track_caller]
pub fn kill_at_each_call<K: Killed>(about: &str, make: impl Fn() -> K) -> usize {
    calls::kill_at_each(about, &make)
}

/// A command, and the stages through which it takes the secrets.
#[derive(Clone, Copy)]
pub struct Work {
    pub args: &'static [&'static str],
    pub stdin: &'static str,
    /// What is put before, in this order.
    pub before: &'static [(&'static str, &'static str)],
    /// What may be read after a kill: the first stage is the one before, the
    /// last one is the one that it comes to.
    pub stages: &'static [Stage],
    /// The status of the same command once it is done.
    pub again: i32,
    /// Of the records that are put before.
    pub formats: &'static [u8],
}

/// The names that have a secret, and which.
pub type Stage = &'static [(&'static str, &'static str)];

pub const OLD: &str = r#"{"password": "hunter-old"}"#;
const NEW: &str = r#"{"password": "hunter-new"}"#;
const TWO_FIELDS: &str = r#"{"token": "hunter-token", "password": "hunter-new"}"#;
const BOTH: &str = r#"{"a": {"password": "hunter-new"}, "b": {"password": "hunter-edited"}}"#;
/// What the editor writes.
pub const EDITED: &str = r#"{"password": "hunter-edited"}"#;

impl Work {
    pub const fn new(args: &'static [&'static str], stages: &'static [Stage]) -> Self {
        Self {
            args,
            stdin: "",
            before: stages[0],
            stages,
            again: 0,
            formats: &[1, 2],
        }
    }

    /// Kills it everywhere, on AWS and in a folder; at so many points.
    #[track_caller]
    pub fn is_whole_wherever_it_is_killed(&self) -> usize {
        let about = |format| format!("{:?} {format}", self.args);
        let requests = self.formats.iter().map(|&format| {
            requests::kill_at_each(&about(format), &|aws: &FakeAws| {
                Scene::aws(self, format, aws)
            })
        });
        let requests: usize = requests.sum();
        let format = self.formats[self.formats.len() - 1];
        requests + calls::kill_at_each(&about(format), &|| Scene::folder(self, format))
    }
}

/// Whatever stores something.
static WRITERS: [Work; 14] = [
    Work {
        stdin: NEW,
        ..Work::new(
            &["put", "web/db"],
            &[&[("web/db", OLD)], &[("web/db", NEW)]],
        )
    },
    Work {
        stdin: NEW,
        ..Work::new(&["put", "web/db"], &[&[], &[("web/db", NEW)]])
    },
    Work {
        stdin: NEW,
        again: 6,
        ..Work::new(
            &["put", "web/db", "--if-absent"],
            &[&[], &[("web/db", NEW)]],
        )
    },
    Work {
        stdin: "hunter-new",
        ..Work::new(
            &["set", "db", "password"],
            &[&[("db", OLD)], &[("db", NEW)]],
        )
    },
    Work {
        again: 3,
        ..Work::new(
            &["unset", "db", "token"],
            &[&[("db", TWO_FIELDS)], &[("db", NEW)]],
        )
    },
    Work::new(&["edit", "db"], &[&[("db", OLD)], &[("db", EDITED)]]),
    Work {
        again: 6,
        ..Work::new(
            &["cp", "a", "web/b"],
            &[&[("a", NEW)], &[("a", NEW), ("web/b", NEW)]],
        )
    },
    Work::new(
        &["cp", "a", "b", "--replace"],
        &[&[("a", NEW), ("b", OLD)], &[("a", NEW), ("b", NEW)]],
    ),
    Work {
        again: 6,
        ..Work::new(
            &["mv", "web/a", "b"],
            &[
                &[("web/a", OLD)],
                &[("b", OLD), ("web/a", OLD)],
                &[("b", OLD)],
            ],
        )
    },
    Work::new(&["rekey", "--to", "NEXT"], &[&[("a", OLD), ("b", NEW)]]),
    Work {
        formats: &[1],
        ..Work::new(&["upgrade", "--yes"], &[&[("a", OLD), ("b", NEW)]])
    },
    Work {
        before: &[("db", NEW), ("db", OLD)],
        ..Work::new(
            &["rollback", "db", "--to", "OLDEST"],
            &[&[("db", OLD)], &[("db", NEW)]],
        )
    },
    Work {
        stdin: BOTH,
        ..Work::new(
            &["import", "-", "--format", "json", "--replace"],
            &[&[("a", OLD)], &[("a", NEW)], &[("a", NEW), ("b", EDITED)]],
        )
    },
    Work {
        stdin: BOTH,
        again: 6,
        ..Work::new(
            &["import", "-", "--format", "json", "--as", "web/db"],
            &[&[], &[("web/db", BOTH)]],
        )
    },
];

/// All that can be run here: `edit` needs memory.
pub fn writers() -> impl Iterator<Item = &'static Work> {
    let memory = super::temporary::in_memory_or_skip().is_some();
    let can = move |work: &&Work| memory || work.args[0] != "edit";
    WRITERS.iter().filter(can)
}

/// All commands of a name, everywhere; at so many points.
#[track_caller]
pub fn killed_everywhere(command: &str) -> usize {
    let works = WRITERS.iter().filter(|work| work.args[0] == command);
    works.map(Work::is_whole_wherever_it_is_killed).sum()
}
