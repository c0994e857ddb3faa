//! Fuzz targets of everything that reads bytes from elsewhere.
//!
//! Compiled from the product's own sources, as far as they neither call AWS nor
//! start anything, so that it builds in a minute. `scripts/fuzz` runs the targets.

// Only a part of these modules is used.
#![allow(dead_code, unused_imports, unused_macros)]

mod backends;
#[path = "../../src/base/mod.rs"]
mod base;
#[path = "../../src/config/mod.rs"]
mod config;
mod launch;
#[path = "../../src/plaintext/mod.rs"]
mod plaintext;
#[path = "../../src/record/mod.rs"]
mod record;
pub mod targets;

use std::time::{Duration, Instant};

/// The longest that one input may take.
const HANG: Duration = Duration::from_secs(1);

/// Runs a target on an input. One that takes more than a second each of three times
/// is a hang; once or twice, the machine may be busy.
pub fn run(target: fn(&[u8]), input: &[u8]) {
    for _ in 0..3 {
        let start = Instant::now();
        target(input);
        if start.elapsed() <= HANG {
            return;
        }
    }
    panic!("a hang: more than a second, three times");
}
