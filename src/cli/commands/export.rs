//! `export`: the variables of `exec` in a format for another program.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use rand_core::{OsRng, RngCore};

use crate::cli::args::ExportArgs;
use crate::cli::context::Context;
use crate::cli::output::Reader;
use crate::export::{self, Export, Step};
use crate::launch::Plan;
use crate::{Error, Format, Result, Secret};

pub(in crate::cli) fn run(args: &ExportArgs, context: &Context) -> Result<()> {
    let mut plan = Plan::new([]);
    plan.listed.clone_from(&args.references);
    plan.rules = args.rules.rules(Format::Auto)?;
    plan.allow.clone_from(&args.rules.allow);
    plan.check()?;
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
    let variables = context.with_client(async |client| plan.variables(client).await)?;
    let (head, tail) = (OsRng.next_u64(), OsRng.next_u64());
    let random = format!("lazycred_{head:016x}{tail:016x}");
    let first = &args.references[0].name;
    let text = export::write(args.format, &variables, (step, &random), first)?;
    match file {
        Some(file) => {
            // Values are passed on only after GitHub masks them in its log.
            match context
                .printer
                .piece(export::masks(&variables).as_bytes())?
            {
                Reader::There => append(&file, &text),
                Reader::Gone => Err(Error::io("write to standard output", Errno::EPIPE.into())),
            }
        }
        None => context.printer.data(text.as_bytes()),
    }
}

/// The file by which a step on GitHub Actions passes on variables or outputs.
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
        // The last line may have no line end.
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
