//! The command line; all of it is in the library.

#![expect(unsafe_code, reason = "what runs before `main` has no safe form")]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: lazycred::WipingAllocator = lazycred::WipingAllocator;

/// Runs before `main`, and so before Rust's runtime ignores SIGPIPE.
#[used]
// SAFETY: the loader calls what stands in this section as a C function.
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static REMEMBER: extern "C" fn() = lazycred::cli::remember;

fn main() -> ExitCode {
    lazycred::cli::main(std::env::args_os())
}
