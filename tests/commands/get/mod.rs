//! `get`.

mod output;
