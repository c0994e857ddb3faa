//! What each command does, by its name.

mod completions;
mod cp;
mod diff;
pub mod doctor;
pub mod edit;
mod exec;
pub mod export;
mod get;
mod history;
mod import;
pub mod init;
mod install;
mod list;
mod man;
mod mv;
mod policy;
mod put;
pub mod rekey;
mod render;
mod rm;
mod rollback;
mod set;
mod short_versions;
mod undo;
mod unset;
mod upgrade;
