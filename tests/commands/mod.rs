//! What each command does, by its name.

mod completions;
mod diff;
pub mod doctor;
pub mod edit;
mod exec;
pub mod export;
mod get;
mod import;
pub mod init;
mod list;
mod man;
mod mv;
mod policy;
mod put;
pub mod rekey;
pub mod rm;
mod secrets;
mod set;
mod upgrade;
