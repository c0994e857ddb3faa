//! `upgrade`: turns version 1 records into version 2, after showing their names.

use crate::cli::args::UpgradeArgs;
use crate::cli::batch::Batch;
use crate::cli::context::Context;
use crate::cli::moved;
use crate::cli::name_list::NameList;
use crate::{Description, Result, SecretName};

pub(in crate::cli) fn run(args: &UpgradeArgs, context: &Context) -> Result<()> {
    let printer = context.printer;
    context.with_client(async |client| {
        let mut batch = Batch::new(client, printer).telling(args.json);
        let names = batch.names(&args.prefix).await?;
        let asks = !args.yes && printer.can_ask();
        let mut listed = NameList::new(printer);
        let mut old = Vec::new();
        let look = async |name: &_| client.describe(name, None).await;
        let sort = |batch: &mut Batch<'_>, name: &SecretName, found: Description| {
            if found.format == 1 {
                old.push(name.clone());
                match args.json {
                    false => listed.print(name)?,
                    // What is asked about must be seen.
                    true if asks => printer.said(name.as_str()),
                    true => {}
                }
            } else {
                batch.unchanged += 1;
                batch.note(name, "unchanged");
            }
            Ok(())
        };
        batch.each(&names, look, sort).await;
        if let (Some(to), false) = (&args.to, old.is_empty()) {
            client.check_wrapping_key(to);
        }
        if asks && !old.is_empty() {
            let records = match old.len() {
                1 => "1 record".to_owned(),
                several => format!("{several} records"),
            };
            let question = format!("upgrade {records} to version 2?");
            if !printer.ask(&question, false)? {
                printer.done("nothing changed");
                for name in &old {
                    batch.note(name, "pending");
                }
                batch.print()?;
                return batch.outcome();
            }
        }
        let task = async |name: &_| client.upgrade(name, args.to.as_ref()).await;
        batch.change("upgraded", &old, task).await;
        batch.print()?;
        // Whatever was version 2 already is under the wrapping key that it was under.
        let whole = args.prefix.is_empty() && batch.unchanged == 0 && !batch.has_failed();
        moved::tell(context, client, args.to.as_ref(), batch.changed, whole).await?;
        batch.outcome()
    })
}
