//! `get`.

mod output;
mod secrets;
