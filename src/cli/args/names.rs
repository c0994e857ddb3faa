//! The arguments by which commands take new names.

use crate::text::OneLine;
use crate::{Error, Replace, Result, SecretName};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewNameArgs {
    /// Accept a name that contains `=`
    #[arg(long)]
    any_name: bool,
}

impl NewNameArgs {
    /// Whether a name may be used: not one with a `=`, unless any name is accepted.
    pub(in crate::cli) fn allow(&self, name: &str) -> bool {
        self.any_name || !name.contains('=')
    }

    /// Refuses a name with a `=`, unless any name is accepted. The part after it may
    /// be the secret itself, so the error does not repeat it.
    pub(in crate::cli) fn check(&self, name: &str) -> Result<()> {
        self.check_as("a name", name)
    }

    /// The same for what else is named, such as `a field`.
    pub(in crate::cli) fn check_as(&self, what: &str, name: &str) -> Result<()> {
        match name.split_once('=') {
            Some((before, _)) if !self.any_name => Err(Error::usage_hint(
                format!(
                    "refusing `{}=…` as {what}: the part after `=` may be a secret",
                    OneLine(before)
                ),
                "a secret is never an argument: `put` and `set` read it from a file, standard input or a prompt; --any-name accepts a name that contains `=`",
            )),
            _ => Ok(()),
        }
    }
}

/// A secret and its new name.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TwoNames {
    /// Current name
    #[arg(value_name = "NAME")]
    name: SecretName,
    /// New name
    #[arg(value_name = "TO")]
    to: SecretName,
    /// Replace the destination if it exists
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    any: NewNameArgs,
}

impl TwoNames {
    /// Both names, and whether the destination may exist.
    pub(in crate::cli) fn checked(&self) -> Result<(&SecretName, &SecretName, Replace)> {
        self.any.check(self.to.as_str())?;
        Ok((&self.name, &self.to, replacing(self.replace)))
    }
}

/// The meaning of a flag `--replace`.
pub(in crate::cli) fn replacing(flag: bool) -> Replace {
    if flag {
        Replace::Existing
    } else {
        Replace::Never
    }
}
