//! The systems outside: AWS, folders, networks.

mod aws;
mod aws_bounds;
mod aws_settings;
mod cache;
mod credential_process;
mod credentials;
mod endpoints;
mod folder;
mod folder_by_hand;
mod kms;
mod links;
pub mod names;
mod planted_versions;
mod post_quantum;
mod preconnect;
mod proxies;
mod real_commands;
mod real_credentials;
mod real_names;
mod real_proxy;
mod requests;
mod retries;
mod s3;
mod throttling;
pub mod trust;
mod wrapping_keys;
