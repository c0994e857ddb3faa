//! What to do about a name that does not exist: the names that may be meant, and the way
//! back if it was removed.
//!
//! They are looked up with the client that missed the name, for a second at most, and
//! never under `exec`.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::args::Command;
use super::input;
use super::meant::either;
use crate::config::StoreAddress;
use crate::text::{OneLine, shell_word, similar};
use crate::{Client, Config, Error, FieldPath, Place, Reference, SecretName};

/// How long a user waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many pages of names are looked at, and how many names are looked for.
const PAGES: usize = 3;
const NAMES: usize = 3;

/// Whether names may be looked up.
static ALLOWED: AtomicBool = AtomicBool::new(false);

/// What was found about names that do not exist.
static FOUND: Mutex<Vec<Found>> = Mutex::new(Vec::new());

/// A command, by what can be said of a name that it did not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// Names are not looked up, whether they exist or not.
    Exec,
    Get,
    Diff,
    Rollback,
    Unset,
    /// Needs a secret with fields, be there none of them.
    Set,
    /// A secret could be stored under the name.
    Filling,
    Other,
}

#[derive(Debug)]
struct Found {
    name: SecretName,
    /// Whether it had a record once, but has none now.
    removed: bool,
    /// Whether it never had one, as far as the store remembers.
    never: bool,
    /// Whether it is a reference to a secret that is there.
    refers: bool,
    close: Vec<String>,
}

impl Verb {
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::Exec(_) => Self::Exec,
            Command::Get(_) => Self::Get,
            Command::Diff(_) => Self::Diff,
            Command::Rollback(_) => Self::Rollback,
            Command::Unset(_) => Self::Unset,
            Command::Set(_) => Self::Set,
            Command::Export(_) | Command::Render(_) => Self::Filling,
            _ => Self::Other,
        }
    }

    /// Lets names be looked up from now on, if the command may.
    pub(super) fn allow(self) {
        ALLOWED.store(self != Self::Exec, Ordering::Relaxed);
    }
}

/// Whether a store is looked at: a folder always, S3 only for somebody who waits there.
pub(super) fn is_looked_at(config: &Config) -> bool {
    let is_folder = matches!(config.store(), StoreAddress::Folder(_));
    ALLOWED.load(Ordering::Relaxed) && (is_folder || io::stderr().is_terminal())
}

/// Looks for the names that an error says do not exist.
pub(super) async fn look(client: &Client, error: &Error) {
    let missing = missing(error);
    if missing.is_empty() {
        return;
    }
    let removed = async {
        for name in &missing {
            match client.history(name.as_str()).await {
                Ok(versions) => {
                    let is_there = versions.iter().any(|version| version.current);
                    let was_there = versions.iter().any(|version| !version.deleted);
                    note(name, |found| found.removed = was_there && !is_there);
                }
                Err(Error::Missing { .. }) => note(name, |found| found.never = true),
                Err(_) => {}
            }
        }
    };
    let both = join(removed, close(client, &missing));
    timeout(PATIENCE, both).await.ok();
}

/// The names of which there is no record, or not the version that was asked for.
fn missing(error: &Error) -> Vec<SecretName> {
    let errors = match error {
        Error::Several(errors) => &errors[..],
        error => std::slice::from_ref(error),
    };
    let missing = errors.iter().filter_map(|error| match error.innermost() {
        Error::Missing { place, .. } => Some(place.name.clone()),
        _ => None,
    });
    let mut names: Vec<SecretName> = missing.take(NAMES).collect();
    names.dedup();
    names
}

/// Lists names: first those of the folder that the name is in, then the first of all.
async fn close(client: &Client, missing: &[SecretName]) {
    let above = missing[0].as_str().rsplit_once('/');
    let above = above.map(|(above, _)| format!("{above}/"));
    for prefix in above.into_iter().chain([String::new()]) {
        let mut names: Vec<String> = Vec::new();
        let mut list = client.list(&prefix);
        for _ in 0..PAGES {
            // Lets the time limit end it: reading a folder never waits.
            yield_now().await;
            let Ok(Some(page)) = list.page().await else {
                break;
            };
            names.extend(page.into_iter().map(|entry| entry.name.as_str().to_owned()));
            for name in missing {
                let close = similar(name.as_str(), names.iter().map(String::as_str));
                let close: Vec<String> = close.into_iter().map(str::to_owned).collect();
                let reference = name.as_str().parse::<Reference>();
                let refers = reference.is_ok_and(|reference| {
                    let whole = reference.name.as_str();
                    whole != name.as_str() && names.iter().any(|name| name == whole)
                });
                note(name, |found| (found.close, found.refers) = (close, refers));
            }
        }
        let is_done = |name: &SecretName| found(name, |found| !found.close.is_empty());
        if missing.iter().all(|name| is_done(name) == Some(true)) {
            return;
        }
    }
}

fn note(name: &SecretName, change: impl FnOnce(&mut Found)) {
    let Ok(mut all) = FOUND.lock() else {
        return;
    };
    let at = all.iter().position(|found| found.name == *name);
    let at = at.unwrap_or_else(|| {
        all.push(Found {
            name: name.clone(),
            removed: false,
            never: false,
            refers: false,
            close: Vec::new(),
        });
        all.len() - 1
    });
    change(&mut all[at]);
}

fn found<T>(name: &SecretName, read: impl FnOnce(&Found) -> T) -> Option<T> {
    let all = FOUND.lock().ok()?;
    all.iter().find(|found| found.name == *name).map(read)
}

/// The hint of an error, as it fits the command.
pub(super) fn hint(error: &Error, verb: Verb) -> Option<String> {
    const LIST: &str = "`lazycred list` shows the names";
    let Error::Missing { place, version } = error.innermost() else {
        return error.hint();
    };
    let name = &place.name;
    let is = |what: fn(&Found) -> bool| found(name, what) == Some(true);
    if version.is_some() && !is(|found| found.never) {
        return error.hint();
    }
    if is(|found| found.removed) {
        let undo = name.command("rollback", "");
        return Some(format!(
            "it was removed or renamed: `{undo}` brings it back"
        ));
    }
    let uses = matches!(verb, Verb::Exec | Verb::Get | Verb::Filling);
    if let Some(file) = file(name, verb).filter(|_| uses) {
        return Some(file);
    }
    if name.as_str().ends_with('/') && found(name, |found| found.close.is_empty()) != Some(false) {
        return Some(format!("`{}` shows the names", name.command("list", "")));
    }
    let takes_many = matches!(verb, Verb::Exec | Verb::Filling);
    if takes_many && name.as_str().contains(',') && !matches!(error, Error::At { .. }) {
        return Some(format!(
            "`{}` is one name: separate references by spaces",
            OneLine(name.as_str())
        ));
    }
    if let Some(joined) = joined(place).filter(|_| uses) {
        return Some(joined);
    }
    if verb == Verb::Exec {
        return error.hint();
    }
    let close = found(name, |found| found.close.clone()).unwrap_or_default();
    if !close.is_empty() && !is(|found| found.refers) {
        let close: Vec<String> = close.iter().map(|name| quoted(name)).collect();
        let rest = if verb == Verb::Set {
            format!("`{}` creates a new one", creation(name))
        } else {
            LIST.to_owned()
        };
        return Some(format!("did you mean {}? {rest}", either(&close)));
    }
    literal(name, verb).or_else(|| match verb {
        Verb::Get | Verb::Filling => error.hint(),
        Verb::Set => Some(format!(
            "`{}` creates it without fields, then set them; {LIST}",
            creation(name)
        )),
        _ => Some(LIST.to_owned()),
    })
}

/// Where a secret would be if `s3_path` ended with `/`: without, the name continues it.
fn joined(place: &Place) -> Option<String> {
    let before = place.path.as_str().strip_suffix(place.name.as_str())?;
    if before.is_empty() || before.ends_with('/') {
        return None;
    }
    let (whole, name) = (place.path.to_string(), place.name.to_string());
    let before = whole.strip_suffix(&name)?;
    Some(format!(
        "`s3_path` has no final `/`, so the name continues it; with one, this is `{before}/{name}`"
    ))
}

/// The command that makes a secret whose fields can be set.
fn creation(name: &SecretName) -> String {
    let is_assigned = name.as_str().contains('=');
    let any = if is_assigned { "--any-name" } else { "" };
    format!("echo '{{}}' | {}", name.command("put", any))
}

/// What to do where a file was typed for a name.
fn file(name: &SecretName, verb: Verb) -> Option<String> {
    let file = input::as_file(name)?;
    let (shown, word) = (OneLine(name.as_str()), input::file_argument(file));
    let stores = format!("`lazycred put NAME {word}` stores it");
    Some(match verb {
        Verb::Exec if input::is_named_dotenv(file) => format!(
            "`{shown}` is a file: `lazycred exec --env-file {word} -- COMMAND` sets its variables, {stores}"
        ),
        _ => format!("`{shown}` is a file: {stores}"),
    })
}

/// A name as an argument.
fn quoted(name: &str) -> String {
    let name: Result<SecretName, _> = name.parse();
    name.map(|name| name.argument()).unwrap_or_default()
}

/// The command that is meant where a reference was typed for a name.
fn literal(name: &SecretName, verb: Verb) -> Option<String> {
    let reference: Reference = name.as_str().parse().ok()?;
    let (field, version) = (reference.field.as_ref(), reference.version.as_deref());
    if matches!(verb, Verb::Filling | Verb::Set) || field.is_none() && version.is_none() {
        return None;
    }
    let option = |option: &str, value: &str| format!("--{option} {}", shell_word(value));
    let whole = field.map(FieldPath::as_str);
    let options: Vec<String> = match verb {
        Verb::Get => {
            let field = whole.map(|field| option("field", field));
            let version = version.map(|version| option("version", version));
            field.into_iter().chain(version).collect()
        }
        Verb::Diff if whole.is_none() => version
            .map(|version| option("version", version))
            .into_iter()
            .collect(),
        Verb::Rollback if whole.is_none() => version
            .map(|version| option("to", version))
            .into_iter()
            .collect(),
        Verb::Unset if version.is_none() => whole.map(shell_word).into_iter().collect(),
        _ => Vec::new(),
    };
    let command = match verb {
        Verb::Get => "get",
        Verb::Diff => "diff",
        Verb::Rollback => "rollback",
        _ => "unset",
    };
    if options.is_empty() {
        let name = reference.name.argument();
        return Some(format!(
            "a NAME is taken as it is typed: `{name}` alone names the secret"
        ));
    }
    let command = reference.name.command(command, &options.join(" "));
    Some(format!(
        "a NAME is taken as it is typed; did you mean `{command}`?"
    ))
}
