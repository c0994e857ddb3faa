//! The arguments by which commands take new names.

use crate::moves::Replace;
use crate::name::SecretName;

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
        if self.replace {
            Replace::Existing
        } else {
            Replace::Never
        }
    }
}
