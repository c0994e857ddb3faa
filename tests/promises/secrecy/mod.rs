//! No byte of a secret goes where it should not.

mod canaries;
mod hidden;
mod long_messages;
mod memory;
mod other_processes;
mod safety;
mod typed_secrets;
