//! The folder and the wrapping key of a local store.

use std::io::ErrorKind;
use std::path::Path;

use crate::cli::context::Context;
use crate::cli::output::Label;
use crate::config::{Draft, StoreAddress};
use crate::setup::key_file;
use crate::text::OneLine;
use crate::{Client, Config, Error, Result, WrappingKeyId};

/// The wrapping key that `--local` implies.
pub(super) const WRAPPING_KEY: &str = "local:dev";

/// How long an environment's name may be in a folder's.
const LONGEST: usize = 100;

/// How many names are looked at for a record.
const LOOKED_AT: usize = 100;

/// The folder that `--local` implies. Each environment has its own, and none is in
/// another's, which would list its secrets too.
pub(super) fn folder(environment: Option<&str>) -> Result<String> {
    let Some(name) = environment else {
        return Ok("file:secrets/".to_owned());
    };
    let fits = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    if name.len() > LONGEST || !name.chars().all(fits) {
        return Err(Error::usage_hint(
            format!(
                "no folder is named after environment `{}`: it has more than letters, digits, `.`, `_` and `-`, or is too long",
                OneLine(name)
            ),
            "name its folder with --s3-path file:FOLDER/",
        ));
    }
    Ok(format!("file:secrets-{name}/"))
}

/// What to do if a new environment keeps its secrets where another does: refused unless
/// the user named the place.
pub(super) fn share(draft: &Draft, other: &str, is_named: bool, context: &Context) -> Result<()> {
    let Some(name) = &draft.environment else {
        return Ok(());
    };
    let (name, store) = (OneLine(name), OneLine(&draft.s3_path));
    if !is_named {
        return Err(Error::usage_hint(
            format!("`{store}` holds the secrets of {other} already"),
            format!("name another folder for environment `{name}` with --s3-path file:FOLDER/"),
        ));
    }
    let message = format!(
        "environment `{name}` and {other} share `{store}`, so a put in one replaces the other's secret"
    );
    context.printer.message(Label::Warning, &message);
    Ok(())
}

/// Refuses a folder that cannot be one, since something else has its name.
pub(super) fn check_folder(config: &Config) -> Result<()> {
    let StoreAddress::Folder(folder) = config.store() else {
        return Ok(());
    };
    let what = match folder.metadata() {
        Ok(about) if !about.is_dir() => "not a folder",
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            "in something that is not a folder"
        }
        Err(_) if folder.is_symlink() => "a link that cannot be followed",
        _ => return Ok(()),
    };
    Err(Error::usage_hint(
        format!(
            "the store `{}` is {what}",
            OneLine(folder.to_string_lossy())
        ),
        "name another folder with --s3-path file:FOLDER/",
    ))
}

/// The folder of local wrapping keys, if the configuration names such a one.
pub(super) fn data_home(config: &Config) -> Result<Option<(&WrappingKeyId, &Path)>> {
    let id = config.wrapping_key().filter(|id| id.local_name().is_some());
    let Some(id) = id else {
        return Ok(None);
    };
    let data_home = config.data_home().ok_or_else(|| {
        Error::usage_hint(
            "no folder for the wrapping key: neither XDG_DATA_HOME nor HOME is set",
            "set HOME or XDG_DATA_HOME",
        )
    })?;
    Ok(Some((id, data_home)))
}

/// Refuses to create a wrapping key whose name is that of one which wrapped records
/// that are in the folder: the new one would not open them.
pub(super) fn check(config: &Config, in_data_home: Option<(&WrappingKeyId, &Path)>) -> Result<()> {
    let Some((id, data_home)) = in_data_home else {
        return Ok(());
    };
    let (StoreAddress::Folder(folder), Some(file)) = (config.store(), key_file(id, data_home))
    else {
        return Ok(());
    };
    if file.symlink_metadata().is_ok() || !folder.is_dir() {
        return Ok(());
    }
    let config = config.clone().without_cache();
    let wrapped = Context::with_client_for(config, async |client| Ok(wrapped(client).await))?;
    if !wrapped {
        return Ok(());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Err(Error::usage_hint(
        format!(
            "`{}` holds records that `{id}` wrapped, but there is no `{}`, and a new one would not open them",
            folder.display(),
            file.display()
        ),
        format!(
            "copy there the `{name}` that wrapped them; for a new store, name another folder with --s3-path file:FOLDER/"
        ),
    ))
}

/// Whether a record lacks just the wrapping key to be opened.
async fn wrapped(client: &Client) -> bool {
    let mut list = client.list("");
    let mut looked_at = 0;
    while let Ok(Some(page)) = list.page().await {
        for entry in page {
            if matches!(client.get(&entry.name).await, Err(Error::Usage { .. })) {
                return true;
            }
            looked_at += 1;
            if looked_at == LOOKED_AT {
                return false;
            }
        }
    }
    false
}
