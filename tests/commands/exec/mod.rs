//! `exec`.

mod env_file;
mod environment;
mod files;
mod from_env;
mod hostile_names;
mod lazycred_exec;
mod patterns;
mod require;
mod templates;
mod variables;
