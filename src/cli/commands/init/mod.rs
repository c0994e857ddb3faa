//! `init`: writes `.lazycred`, creates the wrapping key of a local store and, with
//! `--create`, the bucket and the wrapping key in AWS, or makes them safer.
//!
//! Everything is looked at before anything is made. `questions` asks for what is not
//! given, `create` works in AWS, and `next` tells the next steps.

mod create;
mod next;
mod questions;

use std::fs::File;
use std::path::Path;

use self::create::Created;
use self::next::Next;
use self::questions::LOCAL;
use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::output::Label;
use crate::config::{Draft, InPlace, Sourced, StoreAddress, environment, environments, origins};
use crate::setup::create_key_file;
use crate::text::OneLine;
use crate::whole_file::{Taken, WholeFile};
use crate::{Config, Error, Result, Variables, WrappingKeyId};

pub(in crate::cli) fn run(args: &InitArgs, context: &Context) -> Result<()> {
    let variables = Variables::from_env()?;
    let mut in_aws = args.create;
    let Some(draft) = draft(args, context, &variables, &mut in_aws)? else {
        let config = context.config()?;
        warn_of_prefix(&config, context);
        let created = create::run(args.yes, &config, &variables, context)?;
        if created == Created::Something {
            Next::existing(context).tell(&config, true, context);
        }
        return Ok(());
    };
    let config = context.limited(draft.config(&context.global.flags(), &variables)?);
    let there = draft.look(&variables)?;
    let in_data_home = data_home(&config)?;
    warn_of_prefix(&config, context);
    warn_of_others(&draft, &variables, context);
    if in_aws && create::run(args.yes, &config, &variables, context)? == Created::Refused {
        return Ok(());
    }
    if let Some((id, data_home)) = in_data_home
        && let Some(file) = create_key_file(id, data_home)?
    {
        let file = file.display();
        context.printer.done(&format!("created {file}"));
    }
    context.printer.done(&write(&draft, there, &variables)?);
    Next::after(&draft, &variables).tell(&config, in_aws, context);
    Ok(())
}

/// The file to write; none if the existing configuration is to be used.
fn draft(
    args: &InitArgs,
    context: &Context,
    variables: &Variables,
    in_aws: &mut bool,
) -> Result<Option<Draft>> {
    let global = &context.global;
    let local = |value: &str| args.local.then(|| value.to_owned());
    let mut draft = Draft {
        key_alias: global.key_alias.clone().or(local(LOCAL.1)),
        region: global.region.clone(),
        format: args.format,
        environment: environment(&global.flags(), variables)?,
        ..Draft::default()
    };
    if let Some(file) = &global.config {
        draft.file.clone_from(file);
    }
    if let Some(s3_path) = global.s3_path.clone().or(local(LOCAL.0)) {
        draft.s3_path = s3_path;
        return Ok(Some(draft));
    }
    if args.create && is_configured(&draft, context, variables)? {
        if let Some(format) = args.format {
            check_format(format, &origins(&global.flags(), variables)?)?;
        }
        return Ok(None);
    }
    draft.is_new(variables)?;
    if context.printer.can_ask() {
        questions::ask(&mut draft, variables, in_aws, context)?;
    }
    if draft.s3_path.is_empty() {
        return Err(Error::usage_hint(
            "no store given",
            "pass --s3-path BUCKET/PREFIX with --key-alias and --region, or --local for a folder here",
        ));
    }
    Ok(Some(draft))
}

/// Whether the configuration in force names a store; an environment that the file does
/// not have yet names none.
fn is_configured(draft: &Draft, context: &Context, variables: &Variables) -> Result<bool> {
    let flags = context.global.flags();
    if let Some(name) = &draft.environment
        && !environments(&flags, variables)?.contains(name)
    {
        return Ok(false);
    }
    let origins = origins(&flags, variables)?;
    Ok(origins.iter().any(|origin| origin.name == "s3_path"))
}

/// Refuses a version of new records that the existing configuration does not say.
fn check_format(format: u8, origins: &[Sourced]) -> Result<()> {
    let origin = |name| origins.iter().find(|origin| origin.name == name);
    let said = origin("format").map(|origin| origin.value.as_str());
    if said == Some(&*format.to_string()) {
        return Ok(());
    }
    let says = said.map_or("no \"format\"".to_owned(), |said| {
        format!("\"format\": {said}")
    });
    // A variable's name is not quoted.
    let file = origin("s3_path").filter(|origin| origin.source.starts_with('`'));
    Err(match file {
        Some(Sourced { source, .. }) => Error::usage_hint(
            format!(
                "--format is {format}, but {source} has {says}, and init changes no existing settings"
            ),
            format!("set \"format\": {format} in it"),
        ),
        None => Error::usage_hint(
            "--format is for a configuration file, and there is none: variables say the rest",
            "pass --s3-path, --key-alias and --region too, and a file is written",
        ),
    })
}

fn warn_of_prefix(config: &Config, context: &Context) {
    if let StoreAddress::S3 { bucket, prefix } = config.store()
        && !prefix.is_empty()
        && !prefix.ends_with('/')
    {
        let message = format!(
            "`s3_path` does not end with `/`, so `db` is stored as `{0}db`: `{0}/` makes it a folder",
            OneLine(format!("{bucket}/{prefix}"))
        );
        context.printer.message(Label::Warning, &message);
    }
    if config.wrapping_key().is_none() {
        let message = "no wrapping key is named, so nothing can be stored: pass --key-alias ALIAS";
        context.printer.message(Label::Warning, message);
    }
}

/// Warns of files that apply instead of the new one, or that it replaces here.
fn warn_of_others(draft: &Draft, variables: &Variables, context: &Context) {
    if !draft.is_found(variables) {
        return;
    }
    let file = draft.file.display();
    if let Some(other) = draft.overruled_by(variables) {
        let message = format!(
            "LAZYCRED_CONFIG names `{}`, so `{file}` does not apply until it is unset",
            other.display()
        );
        context.printer.message(Label::Warning, &message);
    } else if let Some(other) = draft.hides(variables) {
        let message = format!(
            "`{file}` applies here and below instead of `{}`",
            other.display()
        );
        context.printer.message(Label::Warning, &message);
    }
}

/// The folder of local wrapping keys, if the configuration names such a one.
fn data_home(config: &Config) -> Result<Option<(&WrappingKeyId, &Path)>> {
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

/// Writes the file or its environment, unless it is there; returns what was done.
fn write(draft: &Draft, there: InPlace, variables: &Variables) -> Result<String> {
    let path = &draft.file;
    let shown = path.display();
    let environment = draft.environment.as_deref();
    let environment = environment.map(|name| format!("environment {}", OneLine(name)));
    let failed = |error| Error::io(format!("write `{shown}`"), error);
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    let make = |text: &str, taken| {
        let file = WholeFile {
            // It contains no secret, and all users of the folder read it.
            mode: 0o644,
            taken,
            ..WholeFile::private(text.as_bytes())
        };
        let written = file.write(&folder, path.file_name().unwrap_or_default());
        written.map_err(failed)
    };
    if there == InPlace::Nothing && make(&draft.text(), Taken::Keep)? {
        return Ok(match environment {
            Some(environment) => format!("created {shown} with {environment}"),
            None => format!("created {shown}"),
        });
    }
    // Several may add to it at once. Where folders cannot be locked, they do not wait.
    folder.lock().ok();
    // Another process may have written it meanwhile.
    match (draft.look(variables)?, environment) {
        (InPlace::Others, Some(environment)) => {
            make(&draft.whole_text(variables)?, Taken::Replace)?;
            Ok(format!("added {environment} to {shown}"))
        }
        (_, Some(environment)) => Ok(format!(
            "{environment} is already in {shown}, with these settings"
        )),
        (_, None) => Ok(format!("{shown} is already there, with these settings")),
    }
}
