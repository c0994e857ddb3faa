//! From variables to a running command.

mod conformance;
mod process;
mod proofs;
mod refused;
