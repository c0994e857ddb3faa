//! No byte of a secret goes where it should not.

mod hidden;
mod long_messages;
mod memory;
mod safety;
mod typed_secrets;
