//! `rekey`: data keys wrapped again, under another wrapping key.

use super::args::RekeyArgs;
use super::context::Context;
use super::many;
use crate::error::Result;
use crate::moves::Rekey;
use crate::rewrap::Already;
use crate::write::Written;

pub(super) fn run(args: &RekeyArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let rekey = Rekey {
        to: args.to.clone(),
        from: args.from.clone(),
        already: if args.all {
            Already::Rewrap
        } else {
            Already::Leave
        },
    };
    let errors = Context::with_client(context.config()?, async |client| {
        let names = many::names(client, &args.prefix, printer).await?;
        let manner = many::Manner {
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
            return Ok(many::each(&names, manner, look, show).await.errors);
        }
        let mut tally = many::Tally::default();
        let work = async |name: &_| client.rekey(name, &rekey).await;
        let say = |name: &_, written: Written| {
            tally.count(written.changed);
            if written.changed {
                printer.done(&format!("rekeyed {name}"));
            }
            Ok(())
        };
        let rest = many::each(&names, manner, work, say).await;
        tally.failed = rest.errors.len();
        tally.no_records = rest.no_records;
        printer.done(&tally.line("rekeyed"));
        Ok(rest.errors)
    })?;
    many::outcome(errors)
}
