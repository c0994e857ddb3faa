//! The Python module `lazycred._native`: the library's client for Python.
//!
//! Converts arguments, waits without the GIL, and turns errors into exceptions. What
//! a call means is the library's business.

mod arguments;
mod client;
mod config;
mod ending;
mod errors;
mod hints;
mod live;
mod log;
mod panics;
mod read;
mod stack;
mod unicode;
mod variables;
mod wait;
mod write;

use pyo3::prelude::*;

/// Wipes what the library frees; Python's own memory has its own allocator.
#[global_allocator]
static ALLOCATOR: lazycred::WipingAllocator = lazycred::WipingAllocator;

/// The client and the version; users import them from `lazycred`.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    panics::silence();
    log::listen(module.py())?;
    errors::prepare(module.py())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<client::Client>()
}
