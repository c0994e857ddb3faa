//! `completions`.

mod asked;
mod elsewhere;
mod offers;
mod shell;
