//! What is stored.

mod damaged;
mod format_2;
mod python;
mod record_2;
mod vectors;
