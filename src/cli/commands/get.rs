//! `get`: prints a secret or one of its fields, or writes it to a file.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::cli::args::GetArgs;
use crate::cli::context::Context;
use crate::cli::min_gen;
use crate::cli::signals::{self, Caught, ENDING};
use crate::whole_file::WholeFile;
use crate::{Error, ReadOptions, Result, Secret};

pub(in crate::cli) fn run(args: &GetArgs, context: &Context) -> Result<()> {
    let least = min_gen::table(&args.min_gen, |name| *name == args.name)?;
    let mut options = ReadOptions::default();
    options.version.clone_from(&args.version);
    options.from.clone_from(&args.from);
    options.min_generation = least.get(&args.name).copied();
    let config = context.config_stale(args.stale_if_error)?;
    let secret = Context::with_client_for(config, async |client| match &args.field {
        Some(field) => client.get_field(&args.name, field, &options).await,
        None => client.get_with(&args.name, &options).await,
    })?;
    match &args.output {
        Some(path) if path.as_os_str() != "-" => write(path, &secret),
        _ => context.printer.secret(&secret),
    }
}

/// Writes or replaces a file; a symbolic link is replaced, not followed. Signals
/// wait until any partial file is removed.
fn write(path: &Path, secret: &Secret) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    check(path, folder)?;
    let name = path.file_name().unwrap_or_default();
    let mut came = None;
    let mut write = || {
        let caught = Caught::new(&ENDING)?;
        let folder = File::open(folder)?;
        let folder = folder.as_fd();
        let mut stop = || {
            came = came.or_else(|| caught.next());
            came.is_some()
        };
        let file = WholeFile::private(secret.as_bytes());
        let written = file.write_by_way_of(folder, (folder, name), &mut stop);
        stop();
        written
    };
    let written = write();
    if let Some(signal) = came {
        signals::obey(signal);
    }
    let written = written.map_err(|error| Error::io(format!("write `{}`", path.display()), error));
    written.map(drop)
}

/// Refuses a path that cannot be a file's.
fn check(path: &Path, folder: &Path) -> Result<()> {
    let refused = |what: &str| {
        Err(Error::usage_hint(
            format!("`{}` is {what}", path.display()),
            "--output takes a file name; `-` is standard output",
        ))
    };
    let system = ["/dev", "/proc"].map(Path::new);
    let is_systems = |root: &&Path| folder.starts_with(root) && !folder.starts_with("/dev/shm");
    match path.symlink_metadata() {
        Ok(about) if about.is_dir() => refused("a folder"),
        Ok(about) if !about.is_file() && !about.is_symlink() => refused("not a regular file"),
        _ if is_folders(path) => refused("the name of a folder"),
        _ if system.iter().any(is_systems) => refused("in a system folder"),
        _ => Ok(()),
    }
}

/// Whether a path can only be a folder's: `Path` ignores a trailing `/` or `/.`.
fn is_folders(path: &Path) -> bool {
    let mut parts = path.as_os_str().as_bytes().rsplit(|byte| *byte == b'/');
    matches!(parts.next(), Some(b"" | b"." | b".."))
}
