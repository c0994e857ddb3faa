//! `complete`: what may stand at the cursor, for the scripts of `completions`.
//!
//! The first line says how to go on: `values`, of which each further line is
//! one, a tab, and what is said of it; `files`; or `command`, where another
//! program's arguments begin. It never fails: where names cannot be had, there are
//! none. Values are plain text, which the shell
//! quotes; for bash alone, whose readline does not, they are quoted here.

mod ask;
mod line;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::CommandFactory as _;

use self::ask::{Ask, Wanted};
use self::line::Line;
use super::args::{Args, CompleteArgs, Shell};
use super::{Context, runtime};
use crate::client::Client;
use crate::config::{Config, Flags, StoreAddress, Variables};
use crate::error::{Error, Result};
use crate::hidden::is_hidden;
use crate::store::{Entry, FolderStore, Store as _};

/// How long somebody waits who has pressed a key.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn run(args: &CompleteArgs, context: &Context) -> Result<()> {
    let texts = args.words.iter().map(|word| word.to_string_lossy());
    let mut words: Vec<String> = texts.map(std::borrow::Cow::into_owned).collect();
    let current = words.pop().unwrap_or_default();
    let line = if args.shell == Shell::Bash {
        Line::split(&words.pop().unwrap_or_default(), &current)
    } else {
        Line {
            words,
            current,
            ..Line::default()
        }
    };
    let text = answer(&line, args.shell);
    context.printer.data(text.as_bytes())
}

fn answer(line: &Line, shell: Shell) -> String {
    let mut root = Args::command();
    root.build();
    let current = &line.current;
    let mut ask = Ask::of(&root, &line.words, current);
    ask.flags.config = ask.flags.config.map(|path| at_home(&path));
    let typed = current.get(ask.kept..).unwrap_or_default();
    let none = String::new;
    let values: Vec<(String, String)> = match ask.wanted {
        _ if line.redirects => return "files\n".to_owned(),
        Wanted::File => return "files\n".to_owned(),
        Wanted::Command => return "command\n".to_owned(),
        Wanted::Nothing => Vec::new(),
        Wanted::Words(words) => words,
        Wanted::Name => {
            let names = names(ask.flags, typed);
            names.into_iter().map(|name| (name, none())).collect()
        }
        Wanted::Reference => {
            let whole = typed.split('%').next().unwrap_or_default();
            let names = names(ask.flags, whole);
            let spelt = names.iter().map(|name| (escaped(name), none()));
            spelt.collect()
        }
    };
    let mut text = String::from("values\n");
    for (value, told) in values {
        // A hidden character cannot be shown, nor one value told from the next.
        if !value.starts_with(typed) || value.contains(is_hidden) {
            continue;
        }
        let word = format!("{}{value}", &current[..ask.kept]);
        let option = word.starts_with('-') && !current.starts_with('-');
        if option && !ask.escaped {
            continue;
        }
        if shell == Shell::Bash {
            text += &line.insertion(&word);
        } else {
            text += &word;
        }
        if shell != Shell::Bash && !told.is_empty() {
            text.extend(["\t", &told]);
        }
        text.push('\n');
    }
    text
}

/// A path whose `~` the shell has not replaced yet.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_owned(),
    }
}

/// The names that start with a text, unless it takes too long to have them: a
/// thread that still waits for a disk or a pipe ends with the process.
fn names(flags: Flags, prefix: &str) -> Vec<String> {
    let (sender, receiver) = mpsc::channel();
    let prefix = prefix.to_owned();
    thread::spawn(move || {
        let names = listed(&flags, &prefix).unwrap_or_default();
        sender.send(names).ok();
    });
    receiver.recv_timeout(PATIENCE).unwrap_or_default()
}

/// The names of a folder without anything of AWS, and those of a bucket unless
/// a file that anybody may have put here says which: whoever presses a key in
/// somebody else's checkout has not asked it for anything.
fn listed(flags: &Flags, prefix: &str) -> Result<Vec<String>> {
    let config = Config::resolve(flags, &Variables::from_env()?)?.with_timeout(PATIENCE);
    let (largest, base) = (config.max_record(), config.no_links_below.as_deref());
    let folder = match &config.store {
        StoreAddress::Folder(folder) => Some(folder.clone()),
        StoreAddress::S3 { .. } if config.found => return Ok(Vec::new()),
        StoreAddress::S3 { .. } => None,
    };
    let folder = folder.map(|folder| FolderStore::new(folder, largest).without_links_below(base));
    let mut names = Vec::new();
    let mut add = |page: Vec<Entry>| {
        names.extend(page.into_iter().map(|entry| entry.name.as_str().to_owned()));
    };
    runtime()?.block_on(async {
        if let Some(store) = &folder {
            let mut pages = store.list(prefix);
            while let Some(page) = pages.next().await? {
                add(page);
            }
        } else {
            let client = Client::new(config).await?;
            let mut list = client.list(prefix);
            while let Some(page) = list.page().await? {
                add(page);
            }
        }
        Ok::<(), Error>(())
    })?;
    Ok(names)
}

/// A name as a reference spells it.
fn escaped(name: &str) -> String {
    let escape = |text: String, c: char| match c {
        '#' => text + "%23",
        '@' => text + "%40",
        '%' => text + "%25",
        '=' => text + "%3D",
        c => text + c.encode_utf8(&mut [0; 4]),
    };
    name.chars().fold(String::new(), escape)
}
