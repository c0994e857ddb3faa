//! Starts what a manifest starts, with a folder store in place of AWS.
//!
//! The settings that name the store are swapped, and the command is replaced
//! by one that tells what it got. All else stays as the manifest has it.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::read::Variables;
use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::local_store::{self, DATA_HOME, RECORDS, VARIABLES};

/// The setting of every example: what `policy.json` lets a reader read.
pub const S3_PATH: &str = "acme-secrets/prod/";

/// Tells its arguments, an empty one after them, and its variables.
pub const COMMAND: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/support/manifests/command.sh"
);

/// What the sandbox, a shell and the folder store set, whatever the manifest.
const OURS: [&str; 7] = [
    "HOME",
    "PATH",
    "PWD",
    "_",
    "LAZYCRED_KEY_ALIAS",
    "LAZYCRED_S3_PATH",
    "XDG_DATA_HOME",
];

/// What the command got.
pub struct Started {
    pub arguments: Vec<String>,
    pub variables: Variables,
}

/// A store with the secrets that the examples name.
pub fn filled_store() -> Sandbox {
    local_store::filled_by(Path::new(PROGRAM))
}

/// Runs `words`, of which the first is a path to `lazycred` or `lazycred-exec`.
#[track_caller]
pub fn start(words: &[String], variables: &Variables, store: &Sandbox) -> Started {
    let name = Path::new(&words[0]).file_name().expect("a file's name");
    let program = store.home().join(name);
    symlink(PROGRAM, &program).unwrap();
    start_program(&program, &words[1..], variables, store)
}

/// Runs `program`, whatever the manifest calls it.
#[track_caller]
pub fn start_program(
    program: &Path,
    arguments: &[String],
    variables: &Variables,
    store: &Sandbox,
) -> Started {
    let mut arguments = arguments.to_vec();
    let command = match arguments.iter().position(|argument| argument == "--") {
        _ if program.ends_with("lazycred-exec") => 0,
        dashes => 1 + dashes.expect("`--` before the command"),
    };
    COMMAND.clone_into(&mut arguments[command]);
    let mut run = store.run(arguments).program(program);
    for (name, value) in variables {
        run = run.env(name, value);
    }
    let (records, data_home) = (store.home().join(RECORDS), store.home().join(DATA_HOME));
    match variables.get("LAZYCRED_S3_PATH") {
        Some(s3_path) => {
            assert_eq!(s3_path, S3_PATH);
            for (name, value) in local_store::settings(&records, &data_home) {
                run = run.env(name, value);
            }
        }
        None => assert!(variables.contains_key("LAZYCRED_CONFIG"), "no store"),
    }
    Started::read(&run.gives().text())
}

impl Started {
    /// What [`COMMAND`] told.
    #[track_caller]
    pub fn read(told: &str) -> Self {
        let (arguments, told) = match told.strip_prefix('\0') {
            Some(told) => ("", told),
            None => told
                .split_once("\0\0")
                .expect("arguments, and then variables"),
        };
        let words = |text: &str| text.split_terminator('\0').map(str::to_owned).collect();
        let entries: Vec<String> = words(told);
        let pairs = entries.iter().filter_map(|entry| entry.split_once('='));
        Self {
            arguments: words(arguments),
            variables: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// The secrets are all there, and of the manifest's own variables only these.
    #[track_caller]
    pub fn has_the_secrets_and(&self, others: &[&str]) {
        for (name, value) in VARIABLES {
            assert_eq!(self.variables.get(name).map(String::as_str), Some(value));
        }
        let secrets = VARIABLES.map(|(name, _)| name);
        let names = self.variables.keys().map(String::as_str);
        let more: Vec<_> = names
            .filter(|name| !secrets.contains(name) && !OURS.contains(name))
            .collect();
        assert_eq!(more, others);
    }
}
