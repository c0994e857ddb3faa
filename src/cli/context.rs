//! What commands share: the global flags, the configuration, a client in a
//! runtime, and the messages about a write.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use tokio::runtime::{Builder, Runtime};

use super::args::GlobalArgs;
use super::output::{Label, Printer};
use super::progress::narrated;
use super::suggest;
use crate::config::MAX_SIZE;
use crate::json::JsonError;
use crate::text::OneLine;
use crate::{Client, Config, Error, Result, SecretName, Variables, Written};

/// How the program was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    Lazycred,
    /// As `lazycred-exec`, with its options in variables.
    LazycredExec,
}

/// What commands share.
pub(super) struct Context {
    pub(super) global: GlobalArgs,
    pub(super) printer: Printer,
    pub(super) called: Called,
    /// The arguments as they were typed.
    pub(super) typed: Vec<OsString>,
}

impl Context {
    pub(super) fn config(&self) -> Result<Config> {
        let config = Config::resolve(&self.global.flags(), &Variables::from_env()?)?;
        Ok(self.limited(config))
    }

    /// A configuration with the limits that flags set.
    pub(super) fn limited(&self, mut config: Config) -> Config {
        if let Some(seconds) = self.global.timeout {
            config = config.with_timeout(seconds);
        }
        if let Some(bytes) = self.global.max_size {
            config = config.with_max_size(bytes);
        }
        config
    }

    /// The same for a command that may use cached records if S3 fails.
    pub(super) fn config_stale(&self, stale_if_error: bool) -> Result<Config> {
        let config = self.config()?;
        if stale_if_error {
            return config.with_stale_if_error();
        }
        Ok(config)
    }

    /// The largest secret, in bytes.
    pub(super) fn max_size(&self) -> usize {
        self.global.max_size.unwrap_or(MAX_SIZE)
    }

    /// Reports that a secret was stored.
    pub(super) fn saved(&self, name: &SecretName, written: &Written) {
        self.wrote(&format!("saved {name}"), name, written);
    }

    /// Warns of a secret that starts as a JSON object does, but is none.
    pub(super) fn warn_of_broken(&self, name: &SecretName, error: &JsonError) {
        let message = format!(
            "`{name}` starts with `{{`, but {error}: `exec` refuses it unless `--format text`"
        );
        self.printer.message(Label::Warning, &message);
    }

    /// Reports a change of a record, if there was one, and how to undo it if that
    /// is possible.
    pub(super) fn wrote(&self, what: &str, name: &SecretName, written: &Written) {
        if !written.changed {
            return;
        }
        self.printer.done(&match self.replaced(name, written) {
            None => what.to_owned(),
            Some(replaced) => format!("{what} ({replaced})"),
        });
    }

    /// What a write replaced, and how to undo it, if the store keeps that.
    pub(super) fn replaced(&self, name: &SecretName, written: &Written) -> Option<String> {
        let version = written.replaced.as_ref()?;
        Some(if written.damaged {
            let version = OneLine(version);
            format!("replaced a damaged record, which is kept as version `{version}`")
        } else {
            format!("replaced; undo: {}", self.undo(name))
        })
    }

    /// The shell command that restores what was replaced or removed last.
    pub(super) fn undo(&self, name: &SecretName) -> String {
        name.command("rollback", &self.global.given().join(" "))
    }

    /// Runs a function with a client for the configuration in force.
    pub(super) fn with_client<T>(&self, work: impl AsyncFnOnce(&Client) -> Result<T>) -> Result<T> {
        Self::with_client_for(self.config()?, work)
    }

    /// Runs a function with a client. The client is not dropped, except for its data
    /// keys: the process ends or becomes another soon, which closes sockets and ends
    /// DNS lookups that still hang. All of it runs on the stack below the caller,
    /// which is wiped before the command starts.
    #[inline(never)]
    pub(super) fn with_client_for<T>(
        config: Config,
        work: impl AsyncFnOnce(&Client) -> Result<T>,
    ) -> Result<T> {
        let runtime = ManuallyDrop::new(runtime()?);
        let is_looked_at = suggest::is_looked_at(&config);
        runtime.block_on(narrated(async {
            let client = ManuallyDrop::new(Client::new(config).await?);
            let done = work(&client).await;
            if let Err(error) = &done
                && is_looked_at
            {
                suggest::look(&client, error).await;
            }
            client.close_connections().await;
            done
        }))
    }
}

/// Runs a future without waiting for DNS lookups that still hang.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = runtime()?;
    let done = runtime.block_on(narrated(work));
    runtime.shutdown_background();
    Ok(done)
}

fn runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("start the runtime", error))
}
