//! What holds whatever command is run.

mod answers;
mod bounds;
mod fleet;
mod large;
mod lose_nothing;
mod progress;
mod secrecy;
mod terminal;
mod typed;
mod waiting;
