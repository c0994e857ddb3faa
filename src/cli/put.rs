//! `put`: stores what a file or standard input holds.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::Context;
use super::args::PutArgs;
use crate::config::{MAX_SIZE, ReadBack};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::write::Precondition;

pub(super) fn run(args: &PutArgs, context: &Context) -> Result<()> {
    let precondition = match &args.if_version {
        _ if args.if_absent => Precondition::Absent,
        Some(version) if version == "null" => {
            return Err(Error::usage_hint(
                "`null` names no version: what it holds changes with every write",
                "give the ETag, which tells one record from another",
            ));
        }
        Some(version) => Precondition::Version(version.clone()),
        None => Precondition::None,
    };
    let mut config = context.config()?;
    if args.no_verify {
        config = config.with_read_back(ReadBack::Never);
    }
    let limit = context.global.max_size.unwrap_or(MAX_SIZE);
    let secret = read(args, limit)?;
    Context::with_client(config, async |client| {
        client.put_if(&args.name, &secret, &precondition).await
    })?;
    context.printer.done(&format!("saved {}", args.name));
    Ok(())
}

fn read(args: &PutArgs, limit: usize) -> Result<Secret> {
    let stdin = || io::stdin().lock();
    match args.file.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let failed = |error| Error::io(format!("read `{}`", path.display()), error);
            let file = File::open(path).map_err(failed)?;
            read_all(file, limit).map_err(failed)
        }
        None if args.file.is_none() && io::stdin().is_terminal() => {
            let prompt = format!("secret for {} (not shown): ", args.name);
            let typed = rpassword::prompt_password(prompt);
            typed
                .map(Secret::from)
                .map_err(|error| Error::io("read from the terminal", error))
        }
        None => read_all(stdin(), limit).map_err(|error| Error::io("read standard input", error)),
    }
}

/// Reads to the end, or one byte past the limit. What grows is wiped where it was.
fn read_all(mut input: impl Read, limit: usize) -> io::Result<Secret> {
    let most = limit.saturating_add(1);
    let mut bytes = Zeroizing::new(vec![0; most.min(64 << 10)]);
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length == most {
                break;
            }
            let mut larger = Zeroizing::new(vec![0; bytes.len().saturating_mul(2).min(most)]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
        match input.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(Secret::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_and_one_byte_more_than_the_limit_at_the_most() {
        for (length, limit, expected) in [
            (0, 10, 0),
            (10, 10, 10),
            (12, 10, 11),
            (200_000, 1 << 20, 200_000),
        ] {
            let input = vec![7; length];
            assert_eq!(
                read_all(&input[..], limit).unwrap().as_bytes(),
                &input[..expected]
            );
        }
    }
}
