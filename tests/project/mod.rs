//! The project itself: its code, its documents, its examples.

mod api;
mod benchmarks;
mod comparison;
pub mod containers;
mod documents;
mod examples;
mod help;
mod installing;
mod layers;
pub mod manifests;
mod picture;
mod python;
mod readme;
mod recipes;
mod releases;
mod strangers;
mod where_it_runs;
