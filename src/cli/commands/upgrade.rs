//! `upgrade`: records of version 1 become version 2, once their names were shown.

use std::io::{self, IsTerminal};

use crate::cli::args::UpgradeArgs;
use crate::cli::batch;
use crate::cli::context::Context;
use crate::{Result, Written};

pub(in crate::cli) fn run(args: &UpgradeArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let errors = Context::with_client(context.config()?, async |client| {
        let names = batch::names(client, &args.prefix, printer).await?;
        let manner = batch::Manner {
            printer,
            patience: client.timeout(),
        };
        let mut tally = batch::Tally::default();
        let mut old = Vec::new();
        let look = async |name: &_| client.describe(name, None).await;
        let mut rest = batch::each(&names, manner, look, |name, found| {
            if found.format == 1 {
                printer.data(format!("{name}\n").as_bytes())?;
                old.push(name.clone());
            } else {
                tally.count(false);
            }
            Ok(())
        })
        .await;
        if let (Some(to), false) = (&args.to, old.is_empty()) {
            client.check_wrapping_key(to);
        }
        let asks = !args.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
        if asks && !old.is_empty() {
            let question = format!("make these {} record version 2? [y/N] ", old.len());
            if !printer.ask(&question)? {
                printer.done("nothing was changed");
                return Ok(rest.errors);
            }
        }
        let work = async |name: &_| client.upgrade(name, args.to.as_ref()).await;
        let say = |name: &_, written: Written| {
            tally.count(written.changed);
            if written.changed {
                printer.done(&format!("upgraded {name}"));
            }
            Ok(())
        };
        let done = batch::each(&old, manner, work, say).await;
        rest.errors.extend(done.errors);
        tally.failed = rest.errors.len();
        tally.no_records = rest.no_records + done.no_records;
        printer.done(&tally.line("upgraded"));
        Ok(rest.errors)
    })?;
    batch::outcome(errors)
}
