//! The project itself: its code, its documents, its examples.

mod addresses;
mod api;
mod benchmarks;
mod community;
pub mod containers;
mod documents;
mod examples;
mod help;
mod layers;
pub mod manifests;
mod package;
mod python;
mod readme;
mod recipes;
mod strangers;
mod transcripts;
