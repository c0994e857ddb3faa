//! Creates whatever is missing in AWS.

use std::io::{self, IsTerminal};

use crate::cli::context::Context;
use crate::cli::output::Label;
use crate::config::{StoreAddress, profile};
use crate::setup::{self, Caller, Setup};
use crate::{Config, Error, Result, Variables};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    Something,
    /// All of it was there.
    Nothing,
    /// The user did not want it.
    Refused,
}

/// Tells whose account it is and what is missing in it, and creates that once the
/// user agrees. A second run creates nothing.
pub(super) fn run(
    yes: bool,
    config: &Config,
    variables: &Variables,
    context: &Context,
) -> Result<Created> {
    let printer = context.printer;
    // A configuration that no client accepts creates nothing.
    Context::with_client_for(config.clone(), async |_| {
        if !setup::is_in_aws(config) {
            return Err(Error::usage_hint(
                "nothing to create in AWS",
                "--s3-path BUCKET/PREFIX/ and --key-alias ALIAS name what --create creates",
            ));
        }
        let setup = Setup::load(config).await?;
        setup.check()?;
        let caller = setup.caller().await?;
        let asks = !yes && io::stdin().is_terminal();
        // A question is never asked about what `--quiet` hides.
        let tell = |message: &str| {
            if asks {
                printer.said(message);
            } else {
                printer.done(message);
            }
        };
        let whose = whose(&caller, &setup, profile(config, variables));
        let tasks = setup.missing().await?;
        if tasks.is_empty() {
            printer.done(&whose);
            printer.done(already(config));
            return Ok(Created::Nothing);
        }
        tell(&whose);
        for task in &tasks {
            tell(&format!("will {task}"));
        }
        if asks {
            if !printer.can_ask() {
                return Err(Error::usage_hint(
                    "standard error is not a terminal, so nobody sees the question whether to create this",
                    "pass --yes to create it without a question",
                ));
            }
            let question = format!("continue in account {}?", caller.account);
            if !printer.ask(&question, false)? {
                printer.done("nothing changed");
                return Ok(Created::Refused);
            }
        }
        let all = tasks.len();
        for (done, task) in tasks.into_iter().enumerate() {
            let message = format!("done: {task}");
            if let Err(error) = setup.apply(task).await {
                let message = format!(
                    "{done} of {all} steps are done; the same command again does not repeat them"
                );
                printer.message(Label::Warning, &message);
                return Err(error);
            }
            printer.done(&message);
        }
        Ok(Created::Something)
    })
}

/// The account, the identity and what chose it.
fn whose(caller: &Caller, setup: &Setup, profile: &str) -> String {
    let mut regions: Vec<&str> = setup
        .bucket()
        .and(setup.bucket_region())
        .into_iter()
        .collect();
    regions.extend(setup.wrapping_region());
    regions.dedup();
    let profile = match profile {
        "default" => String::new(),
        chosen => format!(", profile `{chosen}`"),
    };
    format!(
        "in account {}, as {}, region {}{profile}",
        caller.account,
        caller.arn,
        regions.join(" and ")
    )
}

fn already(config: &Config) -> &'static str {
    let in_kms = config
        .wrapping_key()
        .is_some_and(|id| id.local_name().is_none());
    match (config.store(), in_kms) {
        (StoreAddress::Folder(_), _) => "the wrapping key is already set up",
        (_, true) => "bucket and wrapping key are already set up",
        (_, false) => "the bucket is already set up",
    }
}
