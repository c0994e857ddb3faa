//! `init`: writes `.lazycred`, creates the wrapping key of a local store and, with
//! `--create`, the bucket and the wrapping key in AWS, or makes them safer.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::Path;

use serde_json::Value;

use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::output::Label;
use crate::config::{FILE_NAME, StoreAddress, refuse_control};
use crate::setup::{self, Setup, create_key_file};
use crate::text::OneLine;
use crate::whole_file::{Taken, WholeFile};
use crate::{Config, Error, Result, Variables, WrappingKeyId};

/// The settings that `--local` implies.
const LOCAL: (&str, &str) = ("file:secrets/", "local:dev");

pub(in crate::cli) fn run(args: &InitArgs, context: &Context) -> Result<()> {
    let global = &context.global;
    if args.create {
        let agreed = create(args.yes, &context.config()?, context)?;
        if !agreed || global.s3_path.is_none() {
            return Ok(());
        }
    }
    let fallback = |local: &'static str| args.local.then_some(local);
    let s3_path = global.s3_path.as_deref().or(fallback(LOCAL.0));
    let key_alias = global.key_alias.as_deref().or(fallback(LOCAL.1));
    let Some(s3_path) = s3_path else {
        return Err(Error::usage_hint(
            "no store given",
            "pass --s3-path BUCKET/PREFIX with --key-alias and --region, or --local for a folder here",
        ));
    };
    if let StoreAddress::S3 { prefix, .. } = StoreAddress::parse(s3_path)?
        && !prefix.is_empty()
        && !prefix.ends_with('/')
    {
        let message = format!(
            "`s3_path` does not end with `/`, so `db` is stored as `{0}db`: `{0}/` makes it a folder",
            OneLine(s3_path)
        );
        context.printer.message(Label::Warning, &message);
    }
    refuse_control("--region", global.region.as_deref().unwrap_or_default())?;
    let wrapping_key: Option<WrappingKeyId> = key_alias.map(str::parse).transpose()?;
    if let Some(id) = wrapping_key.filter(|id| id.local_name().is_some()) {
        let data_home = Variables::from_env()?.data_home();
        let data_home = data_home.ok_or_else(|| {
            Error::usage_hint(
                "no folder for the wrapping key: neither XDG_DATA_HOME nor HOME is set",
                "set HOME or XDG_DATA_HOME",
            )
        })?;
        if let Some(file) = create_key_file(&id, &data_home)? {
            let file = file.display();
            context.printer.done(&format!("created {file}"));
        }
    }
    let members = [
        ("s3_path", Some(s3_path)),
        ("key_alias", key_alias),
        ("region", global.region.as_deref()),
    ];
    write(Path::new(FILE_NAME), &document(members), context)
}

/// Creates whatever is missing in AWS once the user agrees; whether the user did. A
/// second run does nothing.
fn create(yes: bool, config: &Config, context: &Context) -> Result<bool> {
    // A configuration that no client accepts creates nothing.
    Context::with_client_for(config.clone(), async |_| {
        if !setup::is_in_aws(config) {
            return Err(Error::usage_hint(
                "nothing to create in AWS",
                "--s3-path BUCKET/PREFIX and --key-alias ALIAS name what --create creates",
            ));
        }
        let setup = Setup::load(config).await?;
        let tasks = setup.missing().await?;
        for task in &tasks {
            context.printer.done(&format!("will {task}"));
        }
        if tasks.is_empty() {
            let message = "bucket and wrapping key are already set up";
            context.printer.done(message);
            return Ok(true);
        }
        if !yes && io::stdin().is_terminal() && !context.printer.ask("continue? [y/N] ")? {
            return Ok(false);
        }
        for task in tasks {
            let message = format!("done: {task}");
            setup.apply(task).await?;
            context.printer.done(&message);
        }
        Ok(true)
    })
}

/// One line of JSON, with a space after each colon and comma.
fn document(members: [(&str, Option<&str>); 3]) -> String {
    let members = members.iter().filter_map(|(name, value)| {
        let value = Value::from((*value)?);
        Some(format!("\"{name}\": {value}"))
    });
    format!("{{{}}}\n", members.collect::<Vec<_>>().join(", "))
}

fn write(path: &Path, text: &str, context: &Context) -> Result<()> {
    let shown = path.display();
    let exists = || match fs::read(path) {
        Ok(there) if there == text.as_bytes() => Ok(()),
        _ => Err(Error::usage_hint(
            format!("`{shown}` already exists with different contents"),
            "edit it, or remove it first",
        )),
    };
    if path.symlink_metadata().is_ok() {
        return exists();
    }
    let file = WholeFile {
        // It contains no secret, and all users of the folder read it.
        mode: 0o644,
        taken: Taken::Keep,
        ..WholeFile::private(text.as_bytes())
    };
    let make = || file.write(File::open(".")?, path.as_os_str());
    let created = make().map_err(|error| Error::io(format!("write `{shown}`"), error))?;
    if created {
        context.printer.done(&format!("created {shown}"));
        return Ok(());
    }
    exists()
}
