//! From variables to a running command.

mod calls;
mod conformance;
mod process;
mod proofs;
mod refused;
