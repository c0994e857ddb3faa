//! Errors, names, references and secrets, for every layer above. No I/O, clock or
//! environment.

pub(crate) mod base64;
pub(crate) mod counted;
mod error;
pub(crate) mod hash;
mod jitter;
mod name;
mod parse;
mod reference;
mod secret;
mod similar;
pub(crate) mod system;
#[cfg(test)]
pub(crate) mod test_random;
#[cfg(test)]
pub(crate) mod test_support;
pub mod text;
pub(crate) mod version;
pub(crate) mod waiting;
pub mod wipe;

pub use error::{Error, LastResponse, Operation, Result};
pub(crate) use error::{chain, throttling};
pub(crate) use jitter::jitter;
pub(crate) use name::is_variable;
pub use name::{NameError, ObjectPath, Place, SecretName, VarName};
pub(crate) use parse::parse;
pub use reference::{FieldPath, Reference, Target};
pub(crate) use reference::{pointer, push_step};
pub use secret::Secret;
pub(crate) use text::{
    Brief, OneLine, escaped_in_json, how_it_ended, is_hidden, named_file, shell_word, similar,
};
