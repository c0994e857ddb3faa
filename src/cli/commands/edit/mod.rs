//! `edit`: opens a secret in the user's editor, in memory, and stores the result.
//!
//! The user's text is never lost: it is kept from when the editor ends until it is
//! stored, or turns out to be unchanged or empty.

mod editor;
mod scratch;

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use self::editor::Editor;
use self::scratch::Scratch;
use crate::cli::args::EditArgs;
use crate::cli::context::Context;
use crate::cli::input;
use crate::cli::signals::{self, Replaced};
use crate::cli::system::{SHARED_MEMORY, can_edit};
use crate::json::JsonError;
use crate::{Error, Place, Precondition, Result, Secret, json};

/// What the editor made of a secret.
enum Edited {
    Unchanged,
    /// Nothing, or only a line end.
    Emptied,
    /// No longer JSON.
    Broken(JsonError),
    New(Secret),
}

/// An edit whose text is kept.
struct Edit<'a> {
    args: &'a EditArgs,
    context: &'a Context,
    editor: &'a Editor,
    place: &'a Place,
    before: &'a Secret,
    was_json: bool,
    scratch: &'a Scratch,
    /// The name of the file in its folder, and its path.
    file: &'a str,
    kept: &'a Path,
}

pub(in crate::cli) fn run(args: &EditArgs, context: &Context) -> Result<()> {
    can_edit()?;
    let editor = Editor::find(&args.name, context.printer.can_edit())?;
    let session = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = scratch::in_memory(session.as_deref(), Path::new(SHARED_MEMORY))?;
    let config = context.config()?;
    let (place, current) = Context::with_client_for(config.clone(), async |client| {
        let place = client.place(&args.name)?;
        Ok((place, client.current(&args.name).await?))
    })?;
    let (before, precondition) = if let Some((secret, version)) = current {
        (secret, Precondition::Version(version))
    } else {
        args.names.check(args.name.as_str())?;
        let message = format!("new secret `{}`", args.name);
        context.printer.remark(&message);
        (Secret::default(), Precondition::Absent)
    };
    let was_json = is_json(&before);
    let file = if was_json { "secret.json" } else { "secret" };

    let _uninterrupted = signals::uninterrupted();
    let mut scratch = Scratch::new(&base)?;
    let path = scratch.write(file, &before)?;
    editor.open(&path, &args.name)?;
    let kept = scratch.keep(file);

    let edit = Edit {
        args,
        context,
        editor: &editor,
        place: &place,
        before: &before,
        was_json,
        scratch: &scratch,
        file,
        kept: &kept,
    };
    let last_words = edit.last_words();
    let stored = edit.settled().and_then(|edited| match edited {
        Edited::New(secret) => {
            let broken = input::broken_object(&secret);
            Context::with_client_for(config, async |client| {
                let written = client.put_if(&args.name, secret, &precondition).await?;
                Ok((Edited::Unchanged, Some((written, broken))))
            })
        }
        other => Ok((other, None)),
    });
    drop(last_words);
    match stored {
        Err(cause) if kept.symlink_metadata().is_ok_and(|there| there.is_file()) => {
            Err(Error::Kept {
                name: args.name.clone(),
                file: kept,
                cause: Box::new(cause),
            })
        }
        done => {
            scratch.remove();
            match done? {
                (_, Some((written, broken))) => {
                    context.saved(&args.name, &written);
                    if let Some(error) = broken {
                        context.warn_of_broken(&args.name, &error);
                    }
                }
                (Edited::Emptied, None) => {
                    return Err(Error::usage_hint(
                        "the file was emptied; nothing changed",
                        "--allow-empty stores it empty",
                    ));
                }
                _ => context.printer.unchanged(),
            }
            Ok(())
        }
    }
}

impl Edit<'_> {
    /// From now on, a signal that ends the program first says where the text is kept.
    fn last_words(&self) -> Replaced {
        let interrupted = io::Error::other("interrupted");
        let error = Error::Kept {
            name: self.args.name.clone(),
            file: self.kept.to_owned(),
            cause: Box::new(Error::io(format!("edit `{}`", self.args.name), interrupted)),
        };
        signals::last_words(self.context.printer.error_line(&error))
    }

    /// What the editor made of the secret; at a terminal, JSON that broke can be edited
    /// again.
    fn settled(&self) -> Result<Edited> {
        let printer = self.context.printer;
        loop {
            let edited = self.read()?;
            let Edited::Broken(error) = edited else {
                return Ok(edited);
            };
            let mut again = printer.can_ask();
            if again {
                printer.said(&format!("not stored: {error}"));
                again = printer.ask("edit it again?", true)?;
            }
            if !again {
                return Err(Error::Shape {
                    place: self.place.clone(),
                    message: error.to_string(),
                    hint: None,
                });
            }
            let _uninterrupted = signals::uninterrupted();
            self.editor.open(self.kept, &self.args.name)?;
        }
    }

    /// The error if what the editor left is no file of its own, or cannot be read.
    fn unread(&self, source: io::Error) -> Error {
        let there = self.kept.symlink_metadata();
        let hint = match there {
            Ok(there) if there.is_file() => None,
            _ => Some("the editor must save to the file that it opened; nothing changed".into()),
        };
        Error::Io {
            action: format!("read `{}`", self.kept.display()),
            source,
            hint,
        }
    }

    fn read(&self) -> Result<Edited> {
        let most = self.context.max_size();
        let opened = self.scratch.open(self.file);
        let after = opened
            .and_then(|file| input::read_file(file, most))
            .map_err(|error| self.unread(error))?;
        if after.as_bytes() == self.before.as_bytes() {
            return Ok(Edited::Unchanged);
        }
        if input::is_nothing(&after) {
            let allowed = self.args.allow_empty;
            return Ok(if allowed {
                Edited::New(after)
            } else {
                Edited::Emptied
            });
        }
        Ok(match json::check(after.as_bytes()) {
            Err(error) if self.was_json => Edited::Broken(error),
            _ => Edited::New(after),
        })
    }
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
