//! What the library asks of the system that Linux and macOS offer differently.
//!
//! `linux.rs` and `macos.rs` have the same items, and are all that names one of the two;
//! the command line has a seam of its own in `cli/system`. The one for macOS is
//! type-checked by `scripts/check-macos`. Nobody has run it, so it refuses what could put
//! a secret on a disk.

#![expect(unsafe_code, reason = "these system calls have no safe form")]

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("lazycred runs on Linux; for macOS it compiles");

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(test, target_os = "macos"))]
pub(crate) mod refusal;

#[cfg(target_os = "linux")]
pub(crate) use self::linux::*;
#[cfg(target_os = "macos")]
pub(crate) use self::macos::*;
