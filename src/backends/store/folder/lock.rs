//! The writers' lock, and waiting for it.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::process;
use std::time::Duration;

use tokio::time::sleep;

use super::read::FolderStore;
use super::tree::{Folder, Links, failed};
use crate::base::{Error, OneLine, Place, Result, waiting};
use crate::config::FILE_NAME;

/// How long to wait before trying the lock again. Always the same: who has waited for
/// long gets it as easily as who has just come.
const PAUSE: Duration = Duration::from_millis(2);

/// A store locked against other writers.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) root: Folder,
    /// The folder for the store's own files.
    pub(super) own: Folder,
    pub(super) lock: File,
    /// The process that took the lock.
    pub(super) holder: u32,
}

/// Releases the lock. To close the file is not enough: a child that was forked meanwhile
/// has it open too, for as long as it lives.
impl Drop for Held {
    fn drop(&mut self) {
        if process::id() == self.holder {
            self.lock.unlock().ok();
        }
    }
}

impl FolderStore {
    /// Takes the lock, waiting for other writers as long as the caller does.
    pub(super) async fn hold(&self, place: &Place) -> Result<Held> {
        let failed = |error| failed(format!("lock the folder of {place}"), error);
        let root = self.way(Folder::made, Folder::make).map_err(failed)?;
        let own = root.made(OsStr::new(FILE_NAME), Links::Refused);
        let own = own.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => Error::usage_hint(
                format!(
                    "`{}` is a file, but the store keeps its own files in a folder of that name",
                    OneLine(self.root.join(FILE_NAME).to_string_lossy())
                ),
                "use a separate folder for `s3_path`, as in `file:secrets/`",
            ),
            _ => failed(error),
        })?;
        let lock = own.own_file("lock").map_err(failed)?;
        let mut waiting = None;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) => {
                    if waiting.is_none() {
                        let what = "another program that is writing to the folder";
                        waiting = Some(waiting::on(what));
                        tracing::info!("another program is writing to the folder of {place}");
                    }
                    sleep(PAUSE).await;
                }
            }
        }
        own.sweep();
        Ok(Held {
            root,
            own,
            lock,
            holder: process::id(),
        })
    }
}
