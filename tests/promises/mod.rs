//! What holds whatever command is run.

mod answers;
mod bounds;
mod conceded;
mod fleet;
mod large;
mod lose_nothing;
mod progress;
mod secrecy;
mod soak;
mod terminal;
mod typed;
mod waiting;
