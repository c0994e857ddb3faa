//! The arguments by which commands take new names.

use crate::{Replace, SecretName};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewNameArgs {
    /// Accept a name that contains `=`
    #[arg(long)]
    pub(in crate::cli) any_name: bool,
}

/// A secret and its new name.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TwoNames {
    /// Current name
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: SecretName,
    /// New name
    #[arg(value_name = "TO")]
    pub(in crate::cli) to: SecretName,
    /// Replace the destination if it exists
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    #[command(flatten)]
    pub(in crate::cli) any: NewNameArgs,
}

impl TwoNames {
    /// What `--replace` asks for.
    pub(in crate::cli) fn replacing(&self) -> Replace {
        replacing(self.replace)
    }
}

/// What a flag `--replace` asks for.
pub(in crate::cli) fn replacing(flag: bool) -> Replace {
    if flag {
        Replace::Existing
    } else {
        Replace::Never
    }
}
