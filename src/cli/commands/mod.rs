//! The commands, one file or folder each.

pub(crate) mod cache;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod cp;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod edit;
pub(crate) mod exec;
pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod help;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod install;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod policy;
pub(crate) mod put;
pub(crate) mod rekey;
pub(crate) mod render;
pub(crate) mod rm;
pub(crate) mod rollback;
pub(crate) mod set;
pub(crate) mod upgrade;
