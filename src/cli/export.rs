//! `export`: the variables of `exec`, as another program reads them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand_core::{OsRng, RngCore};

use super::args::ExportArgs;
use super::context::Context;
use crate::error::{Error, Result};
use crate::export::{self, Export, Exported, Step};
use crate::load::Fetched;
use crate::name::VarName;
use crate::refused::{is_refused, refusal};
use crate::rules::{Format, Rules};
use crate::secret::Secret;
use crate::vars::Var;

pub(super) fn run(args: &ExportArgs, context: &Context) -> Result<()> {
    let rules = args.shape.rules(Format::Auto)?;
    let (step, named_by) = if args.outputs {
        (Step::Outputs, "GITHUB_OUTPUT")
    } else {
        (Step::Variables, "GITHUB_ENV")
    };
    let file = match args.format {
        Export::Github => Some(step_file(named_by)?),
        _ if args.outputs => return Err(Error::usage("--outputs needs --format github")),
        _ => None,
    };
    let fetched = Context::with_client(context.config()?, async |client| {
        let references = args.references.iter();
        client.fetch_all(references, &BTreeMap::new()).await
    })?;
    let variables = variables(args, &fetched, &rules)?;
    let random = format!(
        "lazycred_{:016x}{:016x}",
        OsRng.next_u64(),
        OsRng.next_u64()
    );
    let first = &args.references[0].name;
    let text = export::write(args.format, &variables, (step, &random), first)?;
    match file {
        Some(file) => {
            // Nothing is passed on before it is hidden.
            context
                .printer
                .data_first(export::masks(&variables).as_bytes())?;
            append(&file, &text)
        }
        None => context.printer.data(text.as_bytes()),
    }
}

/// The variables by name, the last of a name; every failure is told.
fn variables(args: &ExportArgs, fetched: &Fetched<'_>, rules: &Rules) -> Result<Vec<Exported>> {
    let vars = fetched.variables(&args.references, rules)?;
    let vars = vars.into_iter().map(|var| (var.name.clone(), var));
    let by_name: BTreeMap<VarName, Var> = vars.collect();
    let is_refused = |var: &&Var| {
        let value = var.value.as_ref().map_or(&b""[..], Secret::as_bytes);
        !var.named && !args.shape.allow.contains(&var.name) && is_refused(var.name.as_str(), value)
    };
    let refused: Vec<_> = by_name
        .values()
        .filter(is_refused)
        .map(|var| (Cow::from(var.name.as_str()), var.reference.as_str()))
        .collect();
    if let Some(error) = refusal(&refused) {
        return Err(error);
    }
    let exported = by_name.into_values().map(|var| Exported {
        name: var.name,
        value: var.value,
        reference: var.reference,
        named: var.named,
    });
    Ok(exported.collect())
}

/// The file that a step on GitHub Actions hands variables or outputs on by.
fn step_file(named_by: &str) -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    let file = set(named_by).filter(|_| set("GITHUB_ACTIONS").is_some_and(|on| on == "true"));
    file.map(PathBuf::from).ok_or_else(|| {
        Error::usage_hint(
            format!("--format github works only in a step on GitHub Actions, where GITHUB_ACTIONS is `true` and {named_by} names a file"),
            "elsewhere its output would show every value",
        )
    })
}

fn append(path: &Path, text: &Secret) -> Result<()> {
    let append = || {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let mut file = options.open(path)?;
        // What wrote before may have left its last line open.
        let size = file.metadata()?.len();
        let mut last = [b'\n'];
        if let Some(at) = size.checked_sub(1) {
            file.read_exact_at(&mut last, at)?;
        }
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
        file.write_all(text.as_bytes())
    };
    append().map_err(|error| Error::io(format!("write `{}`", path.display()), error))
}
