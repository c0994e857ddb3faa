//! `put`.

mod nothing;
mod prompt;
