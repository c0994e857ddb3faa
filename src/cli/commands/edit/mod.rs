//! `edit`: a secret in the user's own editor, in memory, and back.
//!
//! What was typed is never lost: it is kept before it is stored, and removed
//! only when it is stored or is no change.

mod scratch;

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::scratch::Scratch;
use crate::cli::args::EditArgs;
use crate::cli::context::Context;
use crate::cli::{input, names};
use crate::text::{OneLine, how_it_ended};
use crate::{Error, Precondition, Result, Secret, SecretName, Written, json};

/// Where there is memory to write to if the session has none of its own.
const SHARED_MEMORY: &str = "/dev/shm";

pub(in crate::cli) fn run(args: &EditArgs, context: &Context) -> Result<()> {
    let editor = editor(|name| env::var_os(name))?;
    let session = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = scratch::in_memory(session.as_deref(), Path::new(SHARED_MEMORY))?;
    let config = context.config()?;
    let current = Context::with_client(config.clone(), async |client| {
        client.current(&args.name).await
    })?;
    let (before, precondition) = if let Some((secret, version)) = current {
        (secret, Precondition::Version(version))
    } else {
        names::check(args.name.as_str(), args.names.any_name)?;
        (Secret::default(), Precondition::Absent)
    };
    let file = if is_json(&before) {
        "secret.json"
    } else {
        "secret"
    };

    let uninterrupted = crate::cli::signals::uninterrupted();
    let mut scratch = Scratch::new(&base)?;
    let path = scratch.write(file, &before)?;
    edit(&editor, &path, &args.name)?;
    let kept = scratch.keep(file);
    drop(uninterrupted);

    let store = || {
        let opened = scratch.open(file);
        let after = opened
            .and_then(|file| input::read_file(file, context.max_size()))
            .map_err(|error| Error::io(format!("read `{}`", kept.display()), error))?;
        if after.as_bytes() == before.as_bytes() {
            return Ok(Edited::Nothing);
        }
        if input::is_nothing(&after) && !args.allow_empty {
            return Ok(Edited::Emptied);
        }
        let written = Context::with_client(config, async |client| {
            let place = client.place(&args.name)?;
            match json::check(after.as_bytes()) {
                Err(error) if is_json(&before) && !input::is_nothing(&after) => {
                    return Err(Error::Shape {
                        place,
                        message: error.to_string(),
                        hint: None,
                    });
                }
                _ => {}
            }
            client.put_if(&args.name, &after, &precondition).await
        })?;
        Ok(Edited::Stored(written))
    };
    match store() {
        Ok(typed) => {
            scratch.remove();
            match typed {
                Edited::Nothing => {}
                Edited::Stored(written) => context.saved(&args.name, &written),
                Edited::Emptied => {
                    let allowing = args.name.command("edit", "--allow-empty");
                    return Err(input::nothing(
                        &format!("secret `{}`", args.name),
                        &allowing,
                    ));
                }
            }
            Ok(())
        }
        Err(cause) if kept.symlink_metadata().is_ok() => Err(Error::Kept {
            file: kept,
            cause: Box::new(cause),
        }),
        Err(cause) => {
            scratch.remove();
            Err(cause)
        }
    }
}

/// What became of what was typed.
enum Edited {
    /// It is what was there.
    Nothing,
    /// All was taken away.
    Emptied,
    Stored(Written),
}

/// The words of the command that starts the editor.
fn editor(variable: impl Fn(&str) -> Option<OsString>) -> Result<Vec<String>> {
    for name in ["VISUAL", "EDITOR"] {
        let Some(value) = variable(name) else {
            continue;
        };
        let wrong = |what: &str| Error::usage(format!("the variable {name} {what}"));
        let text = value.to_str().ok_or_else(|| wrong("is not UTF-8"))?;
        let words =
            shell_words::split(text).map_err(|_| wrong("has a quote that is not closed"))?;
        if !words.is_empty() {
            return Ok(words);
        }
    }
    Err(Error::usage_hint(
        "no editor is named",
        "set VISUAL or EDITOR, as in `EDITOR=vi lazycred edit NAME`",
    ))
}

/// Has the user edit a file.
fn edit(editor: &[String], file: &Path, name: &SecretName) -> Result<()> {
    let (program, args) = editor.split_first().expect("an editor has a word");
    let status = Command::new(program)
        .args(args)
        .arg(file)
        .status()
        .map_err(|error| Error::io(format!("start the editor `{}`", OneLine(program)), error))?;
    if status.success() {
        return Ok(());
    }
    let how = how_it_ended(status);
    let cause = format!(
        "the editor `{}` {how}; nothing is changed",
        OneLine(program)
    );
    Err(Error::io(format!("edit `{name}`"), io::Error::other(cause)))
}

/// Whether a secret is JSON that a typo can break: an object or an array.
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
