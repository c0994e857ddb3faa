//! The names of secrets and of environments, for completion.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::cli::context::block_on;
use crate::config::{self, StoreAddress};
use crate::{Config, Flags, Result, SecretName, Variables, names};

/// How long a user waits after pressing Tab.
const PATIENCE: Duration = Duration::from_secs(2);

/// The names that start with a prefix, as `spell` writes them; none if listing takes
/// too long. A thread that still waits for a disk or a pipe ends with the process.
pub(super) fn offered(
    flags: Flags,
    prefix: &str,
    spell: fn(&str) -> String,
) -> Vec<(String, String)> {
    let (sender, receiver) = mpsc::channel();
    let prefix = prefix.to_owned();
    thread::spawn(move || {
        let names = listed(&flags, &prefix).unwrap_or_default();
        sender.send(names).ok();
    });
    let names = receiver.recv_timeout(PATIENCE).unwrap_or_default();
    let words = names.iter().map(|name| spell(name.as_str()));
    words.map(|word| (word, String::new())).collect()
}

/// The environments of the configuration file; none if it is not valid.
pub(super) fn environments(flags: &Flags) -> Vec<(String, String)> {
    let listed = |variables| config::environments(flags, &variables);
    let names = Variables::from_env().and_then(listed).unwrap_or_default();
    names
        .into_iter()
        .map(|name| (name, String::new()))
        .collect()
}

/// The names in a folder, without contacting AWS, or in a bucket, unless that is named
/// by a file that anybody may have put here: pressing Tab in somebody else's checkout
/// must not send requests that it chooses.
fn listed(flags: &Flags, prefix: &str) -> Result<Vec<SecretName>> {
    let config = Config::resolve(flags, &Variables::from_env()?)?.with_timeout(PATIENCE);
    if config.was_found() && matches!(config.store(), StoreAddress::S3 { .. }) {
        return Ok(Vec::new());
    }
    block_on(names(config, prefix))?
}
