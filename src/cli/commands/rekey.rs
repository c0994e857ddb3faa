//! `rekey`: data keys wrapped again, under another wrapping key.

use crate::cli::args::RekeyArgs;
use crate::cli::batch;
use crate::cli::context::Context;
use crate::{Already, Rekey, Result, Written};

pub(in crate::cli) fn run(args: &RekeyArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let mut rekey = Rekey::default();
    rekey.to.clone_from(&args.to);
    rekey.from.clone_from(&args.from);
    if args.all {
        rekey.already = Already::Rewrap;
    }
    let errors = Context::with_client(context.config()?, async |client| {
        let names = batch::names(client, &args.prefix, printer).await?;
        let manner = batch::Manner {
            printer,
            patience: client.timeout(),
        };
        if args.dry_run {
            let look = async |name: &_| client.needs_rekey(name, &rekey).await;
            let show = |name: &_, needed| {
                if needed {
                    printer.data(format!("{name}\n").as_bytes())?;
                }
                Ok(())
            };
            return Ok(batch::each(&names, manner, look, show).await.errors);
        }
        let mut tally = batch::Tally::default();
        let work = async |name: &_| client.rekey(name, &rekey).await;
        let say = |name: &_, written: Written| {
            tally.count(written.changed);
            if written.changed {
                printer.done(&format!("rekeyed {name}"));
            }
            Ok(())
        };
        let rest = batch::each(&names, manner, work, say).await;
        tally.failed = rest.errors.len();
        tally.no_records = rest.no_records;
        printer.done(&tally.line("rekeyed"));
        Ok(rest.errors)
    })?;
    batch::outcome(errors)
}
