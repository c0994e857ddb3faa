//! `upgrade`: records of version 1 become version 2, once their names were shown.

use std::io::{self, IsTerminal};

use super::args::UpgradeArgs;
use super::context::Context;
use super::many;
use crate::error::Result;
use crate::write::Written;

pub(super) fn run(args: &UpgradeArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let errors = Context::with_client(context.config()?, async |client| {
        let names = many::names(client, &args.prefix, printer).await?;
        let manner = many::Manner {
            printer,
            patience: client.timeout(),
        };
        let mut tally = many::Tally::default();
        let mut old = Vec::new();
        let look = async |name: &_| client.describe(name, None).await;
        let mut rest = many::each(&names, manner, look, |name, found| {
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
        let done = many::each(&old, manner, work, say).await;
        rest.errors.extend(done.errors);
        tally.failed = rest.errors.len();
        tally.no_records = rest.no_records + done.no_records;
        printer.done(&tally.line("upgraded"));
        Ok(rest.errors)
    })?;
    many::outcome(errors)
}
