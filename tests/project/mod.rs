//! The project itself: its code, its documents, its examples.

mod api;
mod benchmarks;
pub mod containers;
mod documents;
mod examples;
mod help;
mod layers;
mod links;
pub mod manifests;
mod python;
mod readme;
mod recipes;
mod strangers;
mod transcripts;
