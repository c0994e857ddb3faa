//! `edit`: opens a secret in the user's editor, in memory, and stores the result.
//!
//! The user's text is never lost: it is saved before it is stored, and removed only
//! once it is stored or turns out to be unchanged or empty.

mod scratch;

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::scratch::Scratch;
use crate::cli::args::EditArgs;
use crate::cli::context::Context;
use crate::cli::{input, lazycred_exec};
use crate::text::{OneLine, how_it_ended};
use crate::{Error, Precondition, Result, Secret, SecretName, json};

/// The in-memory folder if the session has none of its own.
const SHARED_MEMORY: &str = "/dev/shm";

pub(in crate::cli) fn run(args: &EditArgs, context: &Context) -> Result<()> {
    let editor = editor()?;
    let session = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = scratch::in_memory(session.as_deref(), Path::new(SHARED_MEMORY))?;
    let config = context.config()?;
    let current = Context::with_client_for(config.clone(), async |client| {
        client.current(&args.name).await
    })?;
    let (before, precondition) = if let Some((secret, version)) = current {
        (secret, Precondition::Version(version))
    } else {
        args.names.check(args.name.as_str())?;
        (Secret::default(), Precondition::Absent)
    };
    let was_json = is_json(&before);
    let file = if was_json { "secret.json" } else { "secret" };

    let uninterrupted = crate::cli::signals::uninterrupted();
    let mut scratch = Scratch::new(&base)?;
    let path = scratch.write(file, &before)?;
    edit(&editor, &path, &args.name)?;
    let kept = scratch.keep(file);
    drop(uninterrupted);

    let mut emptied = false;
    let store = || {
        let opened = scratch.open(file);
        let after = opened
            .and_then(|file| input::read_file(file, context.max_size()))
            .map_err(|error| Error::io(format!("read `{}`", kept.display()), error))?;
        if after.as_bytes() == before.as_bytes() {
            return Ok(None);
        }
        let is_empty = input::is_nothing(&after);
        if is_empty && !args.allow_empty {
            emptied = true;
            let what = format!("secret `{}`", args.name);
            let allowing = args.name.command("edit", "--allow-empty");
            return Err(input::nothing(&what, &allowing));
        }
        let written = Context::with_client_for(config, async |client| {
            let place = client.place(&args.name)?;
            match json::check(after.as_bytes()) {
                Err(error) if was_json && !is_empty => {
                    return Err(Error::Shape {
                        place,
                        message: error.to_string(),
                        hint: None,
                    });
                }
                _ => {}
            }
            client.put_if(&args.name, after, &precondition).await
        })?;
        Ok(Some(written))
    };
    match store() {
        Err(cause) if !emptied && kept.symlink_metadata().is_ok() => Err(Error::Kept {
            file: kept,
            cause: Box::new(cause),
        }),
        done => {
            scratch.remove();
            if let Some(written) = done? {
                context.saved(&args.name, &written);
            }
            Ok(())
        }
    }
}

/// The command that starts the editor, as words.
fn editor() -> Result<Vec<String>> {
    for name in ["VISUAL", "EDITOR"] {
        let words = lazycred_exec::words(name, &env::var_os(name).unwrap_or_default())?;
        if !words.is_empty() {
            return Ok(words);
        }
    }
    Err(Error::usage_hint(
        "no editor is set",
        "set VISUAL or EDITOR, as in `EDITOR=vi lazycred edit NAME`",
    ))
}

/// Lets the user edit a file.
fn edit(editor: &[String], file: &Path, name: &SecretName) -> Result<()> {
    let (program, args) = editor
        .split_first()
        .expect("the editor has at least one word");
    let status = Command::new(program)
        .args(args)
        .arg(file)
        .status()
        .map_err(|error| Error::io(format!("start the editor `{}`", OneLine(program)), error))?;
    if status.success() {
        return Ok(());
    }
    let how = how_it_ended(status);
    let cause = format!("editor `{}` {how}; nothing changed", OneLine(program));
    Err(Error::io(format!("edit `{name}`"), io::Error::other(cause)))
}

/// Whether a secret is a JSON object or array, which a typo can break.
fn is_json(secret: &Secret) -> bool {
    let bytes = secret.as_bytes();
    let bracketed = matches!(
        bytes
            .strip_prefix("\u{feff}".as_bytes())
            .unwrap_or(bytes)
            .trim_ascii_start()
            .first(),
        Some(b'{' | b'[')
    );
    bracketed && json::check(bytes).is_ok()
}
