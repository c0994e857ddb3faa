//! `doctor`: diagnoses problems reading and writing secrets.
//!
//! Each check adds findings; none aborts the run. Checks in AWS are in `hosted`,
//! the sources of AWS's own settings in `sources`, checks of any store in `trial`,
//! and the remedy for each failure in `remedy`.

mod hosted;
mod remedy;
mod report;
mod sources;
mod trial;

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{fs, io};

use self::report::{Report, Status};
use crate::cli::args::DoctorArgs;
use crate::cli::context::{Context, block_on};
use crate::config::{StoreAddress, origins};
use crate::setup::key_file;
use crate::text::shell_word;
use crate::{Client, Config, Result, Variables, WrappingKeyId};

pub(in crate::cli) fn run(args: &DoctorArgs, context: &Context) -> Result<()> {
    let variables = Variables::from_env()?;
    let mut report = Report::new(context.printer, args.json);
    match context.config() {
        Ok(config) => {
            // Cached records prove nothing about the store.
            let config = config.without_cache();
            if let Err(error) = values(&mut report, &config, context, &variables) {
                report.failed("configuration", Status::Error, &error);
            }
            block_on(examine(&mut report, config, &variables, args))?;
        }
        Err(error) => report.failed("configuration", Status::Error, &error),
    }
    report.end(args.offline)
}

/// The configuration and the source of each value.
fn values(
    report: &mut Report,
    config: &Config,
    context: &Context,
    variables: &Variables,
) -> Result<()> {
    for origin in origins(&context.global.flags(), variables)? {
        report.ok(
            origin.name,
            &format!("`{}`, from {}", origin.value, origin.source),
        );
    }
    if let StoreAddress::S3 { prefix, .. } = config.store()
        && !prefix.is_empty()
        && !prefix.ends_with('/')
    {
        let detail =
            format!("names are appended directly to `{prefix}`, which does not end with `/`");
        let remedy = format!(
            "if you meant a folder, use `{prefix}/`, and first move the existing records there"
        );
        report.problem("s3_path", Status::Warning, &detail, remedy);
    }
    if config.wrapping_key().is_none() {
        report.problem(
            "key_alias",
            Status::Warning,
            "no wrapping key is configured, so nothing can be stored",
            format!(
                "add \"key_alias\": \"ALIAS\" to {}, or pass --key-alias",
                config.where_to_add()
            ),
        );
    }
    Ok(())
}

async fn examine(report: &mut Report, config: Config, variables: &Variables, args: &DoctorArgs) {
    report.needs = Some(remedy::Needs::of(&config));
    let local = config.wrapping_key().filter(|id| id.local_name().is_some());
    let in_aws = local.is_none() || matches!(config.store(), StoreAddress::S3 { .. });
    let setup = if in_aws {
        let Some(setup) = Box::pin(hosted::settings_of(
            report,
            &config,
            variables,
            args.offline,
        ))
        .await
        else {
            return;
        };
        Some(setup)
    } else {
        None
    };
    if args.offline {
        return;
    }
    let client = match Client::new(config.clone()).await {
        Ok(client) => client,
        Err(error) => return report.failed("configuration", Status::Error, &error),
    };
    if let (Some(id), Some(data_home)) = (local, config.data_home())
        && let Some(file) = key_file(id, data_home)
    {
        wrapping_key_file(report, id, &file);
    }
    if let Some(setup) = &setup {
        Box::pin(hosted::examine(report, &config, setup)).await;
    }
    if let StoreAddress::Folder(folder) = config.store() {
        store_folder(report, folder);
    }
    match &args.name {
        Some(name) => trial::open(report, &client, name).await,
        None => trial::read(report, &client).await,
    }
    if args.write {
        trial::write(report, &client).await;
    }
}

/// A missing folder is fine: the first write creates it.
fn store_folder(report: &mut Report, folder: &Path) {
    let shown = format!("`{}`", folder.display());
    let is_file = match fs::metadata(folder) {
        Ok(about) => !about.is_dir(),
        Err(error) => error.kind() == io::ErrorKind::NotADirectory,
    };
    if is_file {
        let remedy = "remove the file, or set `s3_path` to a folder";
        let found = format!("{shown} is not a folder: it, or one of its parents, is a file");
        return report.problem("folder", Status::Error, &found, remedy);
    }
    report.ok("folder", &shown);
}

fn wrapping_key_file(report: &mut Report, id: &WrappingKeyId, path: &Path) {
    let file = path.display();
    if let Ok(about) = fs::metadata(path)
        && about.is_file()
    {
        let of_others = about.mode() & 0o077;
        if of_others == 0 {
            return report.ok("wrapping key", &format!("`{file}`"));
        }
        let path = path.to_string_lossy();
        return report.problem(
            "wrapping key",
            Status::Warning,
            &format!("other users may read or change `{file}`"),
            format!("`chmod 600 {}`", shell_word(&path)),
        );
    }
    let about = path.symlink_metadata();
    if about.is_ok_and(|about| !about.is_symlink()) {
        let remedy =
            "remove it, and copy the wrapping key there from the machine that stored the secrets";
        let detail = format!("`{file}` is not a regular file");
        return report.problem("wrapping key", Status::Error, &detail, remedy);
    }
    report.problem(
        "wrapping key",
        Status::Error,
        &format!("`{file}` does not exist"),
        format!(
            "copy it from the machine that stored the secrets; only for a new store, create one: `lazycred init --local --key-alias {id}` in an empty folder"
        ),
    );
}
