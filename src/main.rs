//! The command line; all of it is in the library.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: lazycred::cli::WipingAllocator = lazycred::cli::WipingAllocator;

fn main() -> ExitCode {
    lazycred::cli::main(std::env::args_os())
}
