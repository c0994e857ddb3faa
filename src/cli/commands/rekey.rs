//! `rekey`: rewraps data keys under another wrapping key.

use crate::cli::args::RekeyArgs;
use crate::cli::batch::Batch;
use crate::cli::context::Context;
use crate::cli::moved;
use crate::cli::name_list::NameList;
use crate::{Already, Rekey, Result, SecretName};

pub(in crate::cli) fn run(args: &RekeyArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    let mut rekey = Rekey::default();
    rekey.to.clone_from(&args.to);
    rekey.from.clone_from(&args.from);
    if args.all {
        rekey.already = Already::Rewrap;
    }
    context.with_client(async |client| {
        let mut batch = Batch::new(client, printer).telling(args.json);
        let names = batch.names(&args.prefix).await?;
        if args.dry_run {
            let mut listed = NameList::new(printer);
            let mut pending = 0;
            let look = async |name: &_| client.needs_rekey(name, &rekey).await;
            let show = |batch: &mut Batch<'_>, name: &SecretName, needed| {
                batch.note(name, if needed { "pending" } else { "unchanged" });
                pending += usize::from(needed);
                if needed && !args.json {
                    listed.print(name)?;
                }
                Ok(())
            };
            batch.each(&names, look, show).await;
            // That nothing starts with a prefix was said.
            let is_said = names.is_empty() && !args.prefix.is_empty();
            if pending == 0 && !args.json && !is_said && !batch.has_failed() {
                printer.nothing("nothing to rekey");
            }
        } else {
            let task = async |name: &_| client.rekey(name, &rekey).await;
            batch.change("rekeyed", &names, task).await;
        }
        batch.print()?;
        if !args.dry_run {
            let records = batch.changed + batch.unchanged;
            let whole = args.prefix.is_empty() && !batch.has_failed();
            moved::tell(context, client, args.to.as_ref(), records, whole).await?;
        }
        batch.outcome()
    })
}
