//! `edit`.

pub mod editor;
mod folder;
