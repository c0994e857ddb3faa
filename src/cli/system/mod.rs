//! What the command line asks of the system that Linux and macOS offer differently; the
//! library has a seam of its own in `base/system`.
//!
//! `linux.rs` and `macos.rs` have the same items.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(test, target_os = "macos"))]
mod refusal;

#[cfg(target_os = "linux")]
pub(super) use self::linux::*;
#[cfg(target_os = "macos")]
pub(super) use self::macos::*;
