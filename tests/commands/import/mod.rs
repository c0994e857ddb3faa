//! `import`.

mod conflicts;
mod dotenv;
mod dotenv_readers;
mod dry_run;
mod names;
mod yaml;
mod yaml_readers;
