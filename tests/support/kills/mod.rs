//! A command that is killed on the way, and the stages that it may leave.
//!
//! It is killed at every request and at every call that touches a file.

mod calls;
mod requests;
mod scene;

pub use scene::Scene;

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

    /// Kills it everywhere, on AWS and in a folder.
    #[track_caller]
    pub fn is_whole_wherever_it_is_killed(&self) {
        for &format in self.formats {
            requests::kill_at_each(self, format);
        }
        calls::kill_at_each(self, self.formats[self.formats.len() - 1]);
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

/// All commands of a name, everywhere.
#[track_caller]
pub fn killed_everywhere(command: &str) {
    let works = WRITERS.iter().filter(|work| work.args[0] == command);
    let works: Vec<_> = works.collect();
    assert!(!works.is_empty());
    for work in works {
        work.is_whole_wherever_it_is_killed();
    }
}
