//! `init`: writes `.lazycred`, creates the wrapping key of a local store and, with
//! `--create`, the bucket and the wrapping key in AWS, or makes them safer.
//!
//! Everything is looked at before anything is made. `questions` asks for what is not
//! given, `local` chooses the folder and looks after its wrapping key, `create` works in
//! AWS, `write` makes the file, and `next` tells the next steps.

mod create;
mod local;
mod next;
mod questions;
mod write;

use self::create::Created;
use self::next::Next;
use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::output::Label;
use crate::config::{
    Draft, InPlace, Present, Sourced, StoreAddress, environment, environments, origins,
};
use crate::setup::create_key_file;
use crate::text::OneLine;
use crate::{Config, Error, Result, Variables};

pub(in crate::cli) fn run(args: &InitArgs, context: &Context) -> Result<()> {
    let variables = Variables::from_env()?;
    let mut in_aws = args.create;
    let Some((draft, there)) = draft(args, context, &variables, &mut in_aws)? else {
        let config = context.config()?;
        warn_of_prefix(&config, context);
        let created = create::run(args.yes, &config, &variables, context)?;
        if created == Created::Something {
            Next::existing(context).tell(&config, true, context);
        }
        return Ok(());
    };
    let there = there.as_ref();
    let config = draft.config(there, &context.global.flags(), &variables)?;
    let config = context.limited(config);
    let in_place = draft.look(there, &variables)?;
    if in_place == InPlace::Others
        && let Some(other) = draft.shares_store(there, &variables)?
    {
        let is_named = !args.local || context.global.s3_path.is_some();
        local::share(&draft, &other, is_named, context)?;
    }
    local::check_folder(&config)?;
    let in_data_home = local::data_home(&config)?;
    local::check(&config, in_data_home)?;
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
    context
        .printer
        .done(&write::write(&draft, in_place, &variables)?);
    Next::after(&draft, &variables).tell(&config, in_aws, context);
    Ok(())
}

/// The file to write; none if the existing configuration is to be used.
fn draft(
    args: &InitArgs,
    context: &Context,
    variables: &Variables,
    in_aws: &mut bool,
) -> Result<Option<(Draft, Option<Present>)>> {
    let global = &context.global;
    let local = || args.local.then(|| local::WRAPPING_KEY.to_owned());
    let mut draft = Draft {
        key_alias: global.key_alias.clone().or_else(local),
        region: global.region.clone(),
        format: args.format,
        environment: environment(&global.flags(), variables)?,
        ..Draft::default()
    };
    if let Some(file) = &global.config {
        draft.file.clone_from(file);
    }
    let given = match &global.s3_path {
        None if args.local => Some(local::folder(draft.environment.as_deref())?),
        given => given.clone(),
    };
    if let Some(s3_path) = given {
        draft.s3_path = s3_path;
        let there = draft.present(variables)?;
        return Ok(Some((draft, there)));
    }
    if args.create && is_configured(&draft, context, variables)? {
        if let Some(format) = args.format {
            check_format(format, &origins(&global.flags(), variables)?)?;
        }
        return Ok(None);
    }
    let there = draft.present(variables)?;
    draft.is_new(there.as_ref(), variables)?;
    if context.printer.can_ask() {
        questions::ask(&mut draft, variables, in_aws, context)?;
    }
    if draft.s3_path.is_empty() {
        return Err(Error::usage_hint(
            "no store given",
            "pass --s3-path BUCKET/PREFIX/ with --key-alias and --region, or --local for a folder here",
        ));
    }
    Ok(Some((draft, there)))
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
