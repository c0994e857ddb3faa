//! What is left of secrets in the program's memory: runs that are held at their
//! end, and needles that are looked for.

pub mod needles;
pub mod probe;
pub mod scene;
