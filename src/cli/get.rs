//! `get`: a secret, or one of its fields, on stdout or in a file.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Context;
use super::args::GetArgs;
use super::generation;
use crate::error::{Error, Result};
use crate::read::ReadOptions;
use crate::secret::Secret;
use crate::shape;

pub(super) fn run(args: &GetArgs, context: &Context) -> Result<()> {
    let least = generation::table(&args.min_gen, |name| *name == args.name)?;
    let options = ReadOptions {
        version: args.version.clone(),
        from: args.from.clone(),
        min_generation: least.get(&args.name).copied(),
    };
    let secret =
        Context::with_client(context.config_stale(args.stale_if_error)?, async |client| {
            let secret = client.get_with(&args.name, &options).await?;
            match &args.field {
                Some(field) => shape::field_text(&client.place(&args.name)?, &secret, field),
                None => Ok(secret),
            }
        })?;
    match &args.output {
        Some(path) if path.as_os_str() != "-" => write_file(path, &secret),
        _ => context.printer.data(secret.as_bytes()),
    }
}

/// Writes a file that only its owner can read. It appears whole, in place of
/// what was there; a link is replaced, not followed.
fn write_file(path: &Path, secret: &Secret) -> Result<()> {
    let failed = |error| Error::io(format!("write `{}`", path.display()), error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let refused = |what: &str| {
        Err(Error::usage_hint(
            format!("`{}` is {what}", path.display()),
            "--output takes a file's name; `-` is standard output",
        ))
    };
    let system = ["/dev", "/proc"].map(Path::new);
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => return refused("a folder"),
        Ok(about) if !about.is_file() && !about.is_symlink() => return refused("no regular file"),
        _ if system
            .iter()
            .any(|system| folder.starts_with(system) && !folder.starts_with("/dev/shm")) =>
        {
            return refused("the system's");
        }
        _ => {}
    }
    let write = || {
        let mut file = tempfile::Builder::new()
            .prefix(".lazycred-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        file.write_all(secret.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(failed)
}
