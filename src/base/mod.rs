//! The words of the program: errors, names, references, secrets. No I/O, no clock, no environment.

pub(crate) mod base64;
pub(crate) mod error;
pub(crate) mod hash;
pub(crate) mod name;
pub(crate) mod reference;
pub(crate) mod secret;
#[cfg(test)]
pub(crate) mod test_random;
#[cfg(test)]
pub(crate) mod test_support;
pub(crate) mod text;
pub(crate) mod wipe;
