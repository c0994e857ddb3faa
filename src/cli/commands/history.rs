//! `history`: lists the versions of a secret.

use serde_json::{Value, json};

use crate::cli::args::HistoryArgs;
use crate::cli::context::Context;
use crate::text::OneLine;
use crate::{Result, Version, rfc3339};

pub(in crate::cli) fn run(args: &HistoryArgs, context: &Context) -> Result<()> {
    let versions = context.with_client(async |client| client.history(&args.name).await)?;
    if args.json {
        let versions: Vec<Value> = versions.iter().map(json_of).collect();
        return context.printer.json(&versions.into());
    }
    let lines: String = versions.iter().map(line_of).collect();
    context.printer.data(lines.as_bytes())
}

fn json_of(version: &Version) -> Value {
    json!({
        "version": version.version,
        "modified": rfc3339(version.modified),
        "size": version.size,
        "deleted": version.deleted,
        "current": version.current,
    })
}

fn line_of(version: &Version) -> String {
    let state = match (version.current, version.deleted) {
        (_, true) => "\tremoved",
        (true, false) => "\tcurrent",
        (false, false) => "",
    };
    let (modified, size) = (rfc3339(version.modified), version.size);
    format!("{}\t{modified}\t{size}{state}\n", OneLine(&version.version))
}
