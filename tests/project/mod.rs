//! The project itself: its code, its documents, its examples.

mod api;
mod benchmarks;
pub mod containers;
mod documents;
mod examples;
mod help;
mod layers;
pub mod manifests;
mod python;
mod readme;
mod recipes;
mod releases;
mod strangers;
