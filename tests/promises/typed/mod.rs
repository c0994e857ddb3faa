//! What users type: other programs' words, slips, and arguments that do not fit.

mod commands;
mod flags;
mod names;
mod short_flags;
mod slips;
mod usage;
