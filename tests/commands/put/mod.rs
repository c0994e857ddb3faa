//! `put`.

mod nothing;
mod prompt;
mod secrets;
