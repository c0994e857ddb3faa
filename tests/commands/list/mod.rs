//! `list`.

mod many;
mod names;
mod no_records;
