//! `policy`.

mod documents;
mod iam;
mod lint;
mod partitions;
