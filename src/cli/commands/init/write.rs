//! Writes the file, or adds an environment to it.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use crate::config::{Draft, InPlace};
use crate::text::OneLine;
use crate::whole_file::{Taken, WholeFile};
use crate::{Error, Result, Variables};

/// The permissions of a new file: it contains no secret, and all users of the folder
/// read it.
const MODE: u32 = 0o644;

/// Writes the file or its environment, unless it is there; returns what was done.
pub(super) fn write(draft: &Draft, in_place: InPlace, variables: &Variables) -> Result<String> {
    let path = &draft.file;
    let shown = path.display();
    let environment = draft.environment.as_deref();
    let environment = environment.map(|name| format!("environment {}", OneLine(name)));
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::Interrupted => Error::usage_hint(
            format!("`{shown}` changed meanwhile, and nothing was written to it"),
            "run the same command again",
        ),
        _ => Error::io(format!("write `{shown}`"), error),
    };
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    let name = path.file_name().unwrap_or_default();
    let make = |text: &str, mode, taken, stop: &mut dyn FnMut() -> bool| {
        let file = WholeFile {
            mode,
            taken,
            ..WholeFile::private(text.as_bytes())
        };
        let folder = folder.as_fd();
        file.write_by_way_of(folder, (folder, name), stop)
            .map_err(failed)
    };
    if in_place == InPlace::Nothing && make(&draft.text(), MODE, Taken::Keep, &mut || false)? {
        return Ok(match environment {
            Some(environment) => format!("created {shown} with {environment}"),
            None => format!("created {shown}"),
        });
    }
    // Several may add to it at once. Where folders cannot be locked, they do not wait.
    folder.lock().ok();
    // Another process may have written it meanwhile.
    let there = draft.present(variables)?;
    let in_place = draft.look(there.as_ref(), variables)?;
    match (in_place, environment, &there) {
        (InPlace::Others, Some(environment), Some(before)) => {
            let text = draft.whole_text(there.as_ref())?;
            // An editor takes no lock, so what it saves is seen just before the file is
            // replaced.
            let mut has_changed = || {
                let now = draft.present(variables);
                now.ok().flatten().as_ref() != Some(before)
            };
            make(&text, before.mode(), Taken::Replace, &mut has_changed)?;
            Ok(format!("added {environment} to {shown}"))
        }
        (_, Some(environment), _) => Ok(format!(
            "{environment} is already in {shown}, with these settings"
        )),
        (_, None, _) => Ok(format!("{shown} is already there, with these settings")),
    }
}
