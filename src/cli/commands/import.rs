//! `import`: stores the members of a file as secrets, one each or all in one.

mod rows;
mod yaml;

use std::cell::Cell;
use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use self::rows::{Outcome, Row};
use crate::cli::args::names::replacing;
use crate::cli::args::{ImportArgs, ImportFormat};
use crate::cli::context::Context;
use crate::cli::input::{self, Limit};
use crate::cli::progress::Progress;
use crate::cli::taken;
use crate::cli::throttle::in_order;
use crate::dotenv::{self, Pair};
use crate::text::OneLine;
use crate::{Client, Error, Replace, Result, Secret, SecretName, json};

/// What to do about names that exist.
fn remedy(is_shown: bool) -> &'static str {
    if is_shown {
        "--replace replaces what exists"
    } else {
        "--replace replaces what exists; --dry-run shows all of it, and stores nothing"
    }
}

/// What to do if FILE is no file's name.
const INSTEAD: &str = "FILE holds the secrets; `-` reads them from standard input";

type Secrets = Vec<(SecretName, Secret)>;

pub(in crate::cli) fn run(args: &ImportArgs, context: &Context) -> Result<()> {
    let format = args.format.map_or_else(|| by_name(&args.file), Ok);
    let format = format.map_err(|error| unreadable(&args.file).unwrap_or(error))?;
    let config = context.config()?;
    let most = context.max_size();
    let limit = Limit {
        most,
        larger: Some("--max-size BYTES allows more"),
        instead: INSTEAD,
    };
    let given = input::read(&args.file, limit)?;
    let secrets = secrets(args, format, given)?;
    for (name, secret) in &secrets {
        if args.name.is_some() {
            args.names.check(name.as_str())?;
        } else if !args.names.allow(name.as_str()) {
            return Err(refused(args, name));
        }
        if secret.len() > most {
            let message = format!(
                "`{name}` would have {} bytes, more than {most}",
                secret.len()
            );
            let hint = "--max-size BYTES allows larger secrets; readers need the same option";
            return Err(Error::usage_hint(message, hint));
        }
    }
    let replace = replacing(args.replace);
    Context::with_client_for(config, async |client| {
        client.check_names(secrets.iter().map(|(name, _)| name))?;
        let exist = look_up(client, &secrets).await?;
        let mut rows: Vec<Row> = secrets
            .iter()
            .zip(exist)
            .map(|((name, secret), exists)| Row::new(name, secret, exists, replace))
            .collect();
        let free = all_free(client, &rows, args.dry_run);
        if args.dry_run {
            rows::print(context.printer, &rows, args.json)?;
            return free;
        }
        rows.iter_mut().for_each(Row::wait);
        let stored = match free {
            Ok(()) => store(context, client, secrets, replace, &mut rows).await,
            taken => taken,
        };
        if args.json {
            rows::print(context.printer, &rows, true)?;
        }
        stored
    })
}

/// Whether each of the names exists; stops at the first failure.
async fn look_up(client: &Client, secrets: &Secrets) -> Result<Vec<bool>> {
    let progress = Progress::start(secrets.len());
    let failed = Cell::new(false);
    let look = async |(name, _): &(SecretName, Secret)| {
        if failed.get() {
            return None;
        }
        let exists = client.exists(name).await;
        failed.set(failed.get() || exists.is_err());
        progress.step();
        Some(exists)
    };
    let mut all = Vec::with_capacity(secrets.len());
    in_order(client, secrets, look, |_, exists| all.extend(exists)).await;
    // Those that were not looked up come after a failure.
    all.into_iter().collect()
}

/// The error for names that must not be replaced, if there are any.
fn all_free(client: &Client, rows: &[Row], is_shown: bool) -> Result<()> {
    let taken = rows.iter().filter(|row| row.outcome == Outcome::Conflict);
    let taken: Result<Vec<_>> = taken.map(|row| client.place(&row.name)).collect();
    let mut taken = taken?;
    if taken.is_empty() {
        return Ok(());
    }
    let first = taken.remove(0);
    Err(taken::hinted(Error::taken(first, &taken), remedy(is_shown)))
}

/// Stores one secret after the other until one fails, and notes what becomes of each.
async fn store(
    context: &Context,
    client: &Client,
    secrets: Secrets,
    replace: Replace,
    rows: &mut [Row],
) -> Result<()> {
    let progress = Progress::start(secrets.len());
    for ((name, secret), row) in secrets.into_iter().zip(rows) {
        let broken = input::broken_object(&secret);
        let written = client.put_if(&name, secret, &replace.into()).await;
        let written = written.map_err(|error| {
            row.fail(&error);
            taken::hinted(error, remedy(false))
        })?;
        context.saved(&name, &written);
        if let Some(error) = broken {
            context.warn_of_broken(&name, &error);
        }
        progress.step();
        row.store(written);
    }
    Ok(())
}

/// Why a file cannot be read, if that can be told without reading it.
fn unreadable(file: &Path) -> Option<Error> {
    if file == Path::new("-") {
        return None;
    }
    let error = file.metadata().err()?;
    Some(input::unreadable(file, error, INSTEAD))
}

/// The error for a member that cannot be the name of a secret unless that is said.
fn refused(args: &ImportArgs, name: &SecretName) -> Error {
    let (before, _) = name.as_str().split_once('=').unwrap_or_default();
    let what = format!("its member `{}=…` has `=` in its name", OneLine(before));
    Error::usage_hint(
        cannot(&args.file, &what),
        "--any-name accepts such names; --as NAME stores all members as one secret",
    )
}

/// The format that a file's name implies.
fn by_name(file: &Path) -> Result<ImportFormat> {
    if input::is_named_dotenv(file) {
        return Ok(ImportFormat::Dotenv);
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => Ok(ImportFormat::Json),
        Some("yaml" | "yml") => Ok(ImportFormat::Yaml),
        _ => Err(Error::usage_hint(
            format!(
                "cannot tell the format of `{}` from its name",
                OneLine(file.to_string_lossy())
            ),
            "use --format json, dotenv or yaml",
        )),
    }
}

fn cannot(file: &Path, what: &dyn fmt::Display) -> String {
    format!(
        "cannot import `{}`: {what}",
        OneLine(file.to_string_lossy())
    )
}

/// The members of a file, or one secret with all of them.
fn secrets(args: &ImportArgs, format: ImportFormat, given: Secret) -> Result<Secrets> {
    let message = |what: &dyn fmt::Display| cannot(&args.file, what);
    let wrong = |what: &dyn fmt::Display| Error::usage(message(what));
    let empty = || {
        let hint = "--allow-empty accepts a file without members";
        Error::usage_hint(message(&"it is empty"), hint)
    };
    let document = match format {
        ImportFormat::Json if given.as_bytes().trim_ascii().is_empty() => None,
        ImportFormat::Json => Some(given),
        ImportFormat::Dotenv => {
            let pairs = dotenv::parse(given.as_bytes()).map_err(|error| wrong(&error))?;
            (!pairs.is_empty()).then(|| object(&pairs))
        }
        ImportFormat::Yaml => {
            let text = std::str::from_utf8(given.as_bytes());
            let text = text.map_err(|_| wrong(&"it is not UTF-8"))?;
            yaml::to_json(text).map_err(|error| wrong(&error))?
        }
    };
    let document = match document {
        Some(document) => document,
        None if args.allow_empty => Secret::from("{}"),
        None => return Err(empty()),
    };
    let members = json::members(document.as_bytes()).map_err(|error| wrong(&error))?;
    let Some(members) = members else {
        return Err(wrong(match format {
            ImportFormat::Yaml => &"it is not a mapping of names to values",
            _ => &"it is not a JSON object",
        }));
    };
    if let Some(name) = &args.name {
        return Ok(vec![(name.clone(), document)]);
    }
    if members.is_empty() && !args.allow_empty {
        return Err(empty());
    }
    let named = |(name, secret): (String, Secret)| Ok((name.parse()?, secret));
    members.into_iter().map(named).collect()
}

/// Pairs as a JSON object, in memory that never grows.
fn object(pairs: &[Pair]) -> Secret {
    // The longest escape of a byte has six characters.
    let room = pairs
        .iter()
        .map(|pair| 6 * (pair.name.len() + pair.value.len()) + 8);
    let mut out = Zeroizing::new(Vec::with_capacity(2 + room.sum::<usize>()));
    out.push(b'{');
    for (at, pair) in pairs.iter().enumerate() {
        out.extend_from_slice(if at > 0 { b", " } else { b"" });
        let value = std::str::from_utf8(pair.value.as_bytes()).expect("part of a UTF-8 text");
        for (text, after) in [(pair.name.as_str(), &b": "[..]), (value, b"")] {
            serde_json::to_writer(&mut *out, text).expect("a string is always valid JSON");
            out.extend_from_slice(after);
        }
    }
    out.push(b'}');
    Secret::from(out)
}
