//! `import`.

mod dotenv;
mod dotenv_readers;
mod names;
mod yaml;
mod yaml_readers;
