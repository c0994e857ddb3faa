//! What holds whatever command is run.

mod bounds;
mod large;
pub mod lose_nothing;
mod secrecy;
