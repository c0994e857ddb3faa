//! `policy`.

mod documents;
mod iam;
mod partitions;
