//! The running program itself, whatever its path leads to by now.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use super::place::quoted;
use crate::cli::system::{ITSELF, loader};
use crate::launch::process;
use crate::{Error, Result};

/// Reads the running program.
pub(super) fn read() -> Result<Vec<u8>> {
    if let Some(loader) = loader() {
        let message = format!("{} runs, and would be installed", quoted(&loader));
        return Err(Error::usage_hint(message, "start lazycred by its own path"));
    }
    match whole(Path::new(ITSELF)) {
        // Without /proc, the path that it was started by.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let failed = || Error::io(format!("read {ITSELF}; is /proc mounted?"), error);
            let path = process::started_as().ok_or_else(failed)?;
            whole(&path).map_err(|error| Error::io(format!("read {}", quoted(&path)), error))
        }
        program => program.map_err(|error| Error::io(format!("read {ITSELF}"), error)),
    }
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // An emulator may give a descriptor that it has read from.
    file.rewind()?;
    let mut program = Vec::new();
    file.read_to_end(&mut program)?;
    Ok(program)
}
