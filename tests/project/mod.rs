//! The project itself: its code, its documents, its examples.

mod addresses;
mod api;
mod assurance;
mod benchmarks;
mod by_hand;
mod community;
mod comparison;
pub mod containers;
mod documents;
mod examples;
mod hardening;
mod help;
mod installing;
mod layers;
mod links;
pub mod manifests;
mod package;
mod picture;
mod python;
mod readme;
mod recipes;
mod releases;
mod strangers;
mod transcripts;
mod where_it_runs;
