//! `exec`: fetch, shape, merge, and become the command.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use super::args::{ExecArgs, ShapeArgs};
use super::{Called, Context, generation, wrapper};
use crate::environ::{Change, Environ, Origin};
use crate::error::{Error, Result};
use crate::exec::Command;
use crate::inherit::Inherit;
use crate::load::{Fetched, several};
use crate::name::VarName;
use crate::reference::{FieldPath, Reference, Target};
use crate::rules::{Filter, Format, Rules};
use crate::sealed::sealed_file;
use crate::secret::Secret;

/// References that are added to those of the command line.
const SECRETS: &str = "LAZYCRED_SECRETS";

/// What starts the value of a variable that is to be replaced.
const MARK: &[u8] = b"lazycred:";

pub(super) fn run(args: &ExecArgs, context: &Context) -> Result<()> {
    let rules = rules(&args.shape, args.format)?;
    let mut inherited: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    // Of a name that stands there twice the first counts, as for getenv.
    let mut seen = HashSet::new();
    inherited.retain(|(name, _)| seen.insert(name.clone()));
    let plan = Plan::new(args, &inherited)?;
    let is_read = |name: &_| plan.references().any(|reference| reference.name == *name);
    let generations = generation::table(&args.min_gen, is_read)?;
    let config = context.config_stale(args.stale_if_error)?;
    let command = command(args, &inherited)?;
    let fetched = Context::with_client(config, async |client| {
        let references = plan.references();
        client.fetch_all(references, &generations).await
    })?;
    let inherit = Inherit {
        pristine: args.pristine,
        keep: args.keep.clone(),
        strip_credentials: args.strip_credentials,
        instructions: match context.called {
            Called::Lazycred => &[SECRETS],
            Called::LazycredExec => &[SECRETS, wrapper::OPTIONS],
        },
        no_override: args.no_override,
        allow: args.shape.allow.iter().map(ToString::to_string).collect(),
    };
    let mut environ = Environ::inherit(inherited.iter().cloned(), &inherit);
    plan.merge(&fetched, &rules, args.dry_run, &mut environ)?;
    // What is not passed on is gone before the command is there.
    drop(fetched);
    let size = command.as_ref().map_or((0, 0), Command::size);
    match command {
        Some(command) if !args.dry_run => {
            environ.check(size)?;
            Err(command.become_it(&environ))
        }
        _ => {
            context.printer.data(&listing(&environ, args.json))?;
            environ.check(size)
        }
    }
}

/// The rules that a user chose.
pub(super) fn rules(args: &ShapeArgs, format: Format) -> Result<Rules> {
    Ok(Rules {
        prefix: args.prefix.clone(),
        separator: args.separator.clone(),
        case: args.case,
        arrays: args.arrays,
        null: args.null,
        format,
        filter: Filter::new(&args.only, &args.except)?,
    })
}

/// The error where a filter leaves nothing.
pub(super) fn nothing_left(hint: &str) -> Error {
    Error::Environment {
        message: "--only and --except leave no variable".into(),
        hint: Some(hint.to_owned()),
    }
}

/// The command, found; `None` where nothing is to be run.
fn command(args: &ExecArgs, inherited: &[(OsString, OsString)]) -> Result<Option<Command>> {
    if args.dry_run {
        return Ok(None);
    }
    let words = match &args.command_string {
        Some(text) => shell_words::split(text)
            .map_err(|_| Error::usage("-c: a quote does not end"))?
            .into_iter()
            .map(OsString::from)
            .collect(),
        None => args.command.clone(),
    };
    if words.is_empty() {
        return Err(Error::usage_hint(
            "there is no command to run",
            "it follows `--`, as in `lazycred exec db_credentials -- ./server`",
        ));
    }
    let path = inherited.iter().find(|(name, _)| name == "PATH");
    Command::find(words, path.map(|(_, path)| path.as_os_str())).map(Some)
}

/// The references of one start, by what their variables override.
struct Plan {
    /// Of `LAZYCRED_SECRETS`, then of the command line.
    listed: Vec<Reference>,
    /// Inherited variables that are replaced.
    marked: Vec<(OsString, Reference)>,
    files: Vec<(VarName, Reference)>,
}

impl Plan {
    fn new(args: &ExecArgs, inherited: &[(OsString, OsString)]) -> Result<Self> {
        let mut listed = Vec::new();
        let mut marked = Vec::new();
        for (name, value) in inherited {
            if name == SECRETS {
                listed.extend(words_of(value)?);
            } else if let Some(rest) = value.as_bytes().strip_prefix(MARK) {
                marked.push((name.clone(), replacement(name, rest)?));
            }
        }
        listed.extend(args.references.iter().cloned());
        let files = args.file.iter().map(file).collect::<Result<Vec<_>>>()?;
        if listed.is_empty() && marked.is_empty() && files.is_empty() {
            return Err(Error::usage_hint(
                "no secret is named",
                "name one, as in `lazycred exec db_credentials -- ./server`, in LAZYCRED_SECRETS, or as a variable's value `lazycred:NAME`",
            ));
        }
        Ok(Self {
            listed,
            marked,
            files,
        })
    }

    fn references(&self) -> impl Iterator<Item = &Reference> {
        let marked = self.marked.iter().map(|(_, reference)| reference);
        let files = self.files.iter().map(|(_, reference)| reference);
        self.listed.iter().chain(marked).chain(files)
    }

    /// Sets the variables, the lowest rank first; every failure is told.
    fn merge(
        &self,
        fetched: &Fetched<'_>,
        rules: &Rules,
        dry: bool,
        environ: &mut Environ,
    ) -> Result<()> {
        let mut errors = Vec::new();
        let mut filtered = None;
        for reference in &self.listed {
            let named = matches!(reference.target, Target::Named(_));
            match fetched.shape(reference, rules) {
                Ok(vars) => {
                    if !named && !rules.filter.is_empty() {
                        filtered = Some(filtered.unwrap_or(0) + vars.len());
                    }
                    for var in vars {
                        let shown = var.value.as_ref().map(Secret::len);
                        let origin = origin(&var.reference, &var.path, named);
                        environ.set(OsStr::new(var.name.as_str()), var.value, shown, origin);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        for (name, reference) in &self.marked {
            match fetched.shape(reference, rules) {
                Ok(vars) => {
                    for var in vars {
                        let shown = var.value.as_ref().map(Secret::len);
                        let origin = Origin {
                            holds: true,
                            ..origin(reference.as_str(), &var.path, true)
                        };
                        environ.set(name, var.value, shown, origin);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        for (variable, reference) in &self.files {
            match self.file(variable, reference, fetched, rules, dry) {
                Ok((value, shown)) => {
                    let path = reference
                        .field
                        .as_ref()
                        .map(FieldPath::pointer)
                        .unwrap_or_default();
                    let origin = Origin {
                        holds: true,
                        file: true,
                        ..origin(reference.as_str(), &path, true)
                    };
                    environ.set(OsStr::new(variable.as_str()), value, shown, origin);
                }
                Err(error) => errors.push(error),
            }
        }
        several(errors)?;
        if filtered == Some(0) {
            return Err(nothing_left("`--dry-run` without them shows the names"));
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "a step of `merge`")]
    fn file(
        &self,
        variable: &VarName,
        reference: &Reference,
        fetched: &Fetched<'_>,
        rules: &Rules,
        dry: bool,
    ) -> Result<(Option<Secret>, Option<usize>)> {
        let Some(bytes) = fetched.file(reference, rules)? else {
            return Ok((None, None));
        };
        let path = if dry {
            String::new()
        } else {
            sealed_file(variable, &bytes)?
        };
        Ok((Some(Secret::from(path)), Some(bytes.len())))
    }
}

fn origin(reference: &str, path: &str, named: bool) -> Origin {
    Origin {
        reference: reference.to_owned(),
        path: path.to_owned(),
        named,
        holds: false,
        file: false,
    }
}

fn words_of(value: &OsStr) -> Result<Vec<Reference>> {
    let wrong = |what: &str| Error::usage(format!("the variable {SECRETS} {what}"));
    let text = value.to_str().ok_or_else(|| wrong("is not UTF-8"))?;
    let words = shell_words::split(text).map_err(|_| wrong("has a quote that does not end"))?;
    words.iter().map(|word| word.parse()).collect()
}

/// What replaces an inherited variable: `VAR=REFERENCE`, whatever VAR is.
fn replacement(name: &OsStr, rest: &[u8]) -> Result<Reference> {
    let wrong = |what: &str| {
        Error::usage_hint(
            format!("the variable {}: {what}", name.display()),
            "its value is to be lazycred:NAME[@VERSION][#FIELD]",
        )
    };
    let text = std::str::from_utf8(rest).map_err(|_| wrong("its reference is not UTF-8"))?;
    let mut reference: Reference = text
        .parse()
        .map_err(|error: Error| wrong(&error.to_string()))?;
    if reference.target != Target::Fields {
        return Err(wrong("its reference names another variable"));
    }
    let any = "X".parse().expect("a letter is a variable's name");
    reference.target = Target::Named(any);
    Ok(reference)
}

fn file(reference: &Reference) -> Result<(VarName, Reference)> {
    match &reference.target {
        Target::Named(variable) => Ok((variable.clone(), reference.clone())),
        _ => Err(Error::usage(format!(
            "--file `{reference}`: it is VAR=REFERENCE"
        ))),
    }
}

/// What would be set, a line a variable or as JSON; never a value.
fn listing(environ: &Environ, as_json: bool) -> Vec<u8> {
    let changes = environ.changes();
    if as_json {
        let all: Vec<_> = changes
            .map(|(name, change)| json_of(name, change))
            .collect();
        let mut text = serde_json::to_vec_pretty(&all).expect("text is always JSON");
        text.push(b'\n');
        return text;
    }
    let lines: String = changes
        .map(|(name, change)| line_of(name, change))
        .collect();
    lines.into_bytes()
}

fn json_of(name: &OsStr, change: &Change) -> serde_json::Value {
    json!({
        "name": name.to_string_lossy(),
        "reference": change.origin.reference,
        "path": change.origin.path,
        "bytes": change.bytes,
        "overrides": change.overrides,
        "file": change.origin.file,
        "refused": change.refused,
    })
}

fn line_of(name: &OsStr, change: &Change) -> String {
    use std::fmt::Write as _;
    let mut line = name.to_string_lossy().into_owned();
    let mut add = |text: std::fmt::Arguments<'_>| {
        line.write_fmt(text)
            .expect("a String takes all that is written");
    };
    add(format_args!(
        "\t{}",
        crate::name::OneLine(&change.origin.reference)
    ));
    add(format_args!(
        "\t{}",
        crate::name::OneLine(&change.origin.path)
    ));
    match change.bytes {
        Some(bytes) => add(format_args!("\t{bytes} bytes")),
        None => add(format_args!("\tunset")),
    }
    if change.origin.file {
        add(format_args!(" in a file"));
    }
    if let Some(overrides) = &change.overrides {
        add(format_args!(
            ", overrides {}",
            crate::name::OneLine(overrides)
        ));
    }
    if change.refused {
        add(format_args!(", refused"));
    }
    line.push('\n');
    line
}
