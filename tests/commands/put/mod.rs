//! `put`.

mod nothing;
mod prompt;
mod question;
mod secrets;
