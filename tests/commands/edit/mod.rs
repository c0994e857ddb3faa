//! `edit`.

pub mod editor;
mod folder;
mod odd_editors;
mod reopened;
mod usual_editors;
