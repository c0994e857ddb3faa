//! The arguments by which users choose the rules of variables. `plaintext::rules` has
//! the defaults.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::{Arrays, Case, Filter, Format, Null, Result, Rules, VarName, Words};

/// How fields become variables, and which ones are passed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RuleArgs {
    /// Prepend this to every variable name
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(in crate::cli) prefix: String,
    /// Join the names of nested fields with this
    #[arg(long, value_name = "TEXT", default_value_t = Rules::default().separator)]
    pub(in crate::cli) separator: String,
    /// Case of variable names
    #[arg(long, value_parser = choice::<Case>(), default_value = word(Rules::default().case), value_name = "CASE")]
    pub(in crate::cli) case: Case,
    /// Pass arrays as JSON, or one variable per element
    #[arg(long, value_parser = choice::<Arrays>(), default_value = word(Rules::default().arrays), value_name = "HOW")]
    pub(in crate::cli) arrays: Arrays,
    /// Omit nulls, pass them as empty variables, or fail
    #[arg(long, value_parser = choice::<Null>(), default_value = word(Rules::default().null), value_name = "HOW")]
    pub(in crate::cli) null: Null,
    /// Pass only variables that match this pattern
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) only: Vec<String>,
    /// Leave out variables that match this pattern
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) except: Vec<String>,
    /// Pass this variable even though its name is refused
    #[arg(long, value_name = "VAR")]
    pub(in crate::cli) allow: Vec<VarName>,
}

impl RuleArgs {
    /// The rules that the user chose.
    pub(in crate::cli) fn rules(&self, format: Format) -> Result<Rules> {
        Ok(Rules {
            prefix: self.prefix.clone(),
            separator: self.separator.clone(),
            case: self.case,
            arrays: self.arrays,
            null: self.null,
            format,
            filter: Filter::new(&self.only, &self.except)?,
        })
    }
}

/// Parses one word of a list: clap derives that only for the command line's own types.
pub(super) fn choice<T: Words>() -> impl TypedValueParser<Value = T> {
    let words = T::ALL.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words).map(|given| {
        let chosen = T::ALL.iter().find(|(word, _)| *word == given);
        chosen.expect("only these words are accepted").1
    })
}

/// The word for a value, which is a default.
pub(super) fn word<T: Words>(value: T) -> &'static str {
    let named = T::ALL.iter().find(|(_, choice)| *choice == value);
    named.expect("every value has a word").0
}
