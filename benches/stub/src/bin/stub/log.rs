//! What happened, a JSON document a line.

use std::fs::File;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::Value;

/// The log, and the number of the next connection.
pub struct Log {
    file: Option<Mutex<File>>,
    next: AtomicU64,
    begun: Instant,
}

impl Log {
    /// A new log; without a path nothing is written.
    pub fn open(path: Option<&str>) -> std::io::Result<Self> {
        let file = path.map(File::create).transpose()?.map(Mutex::new);
        let next = AtomicU64::new(1);
        Ok(Self {
            file,
            next,
            begun: Instant::now(),
        })
    }

    /// Seconds since it began.
    pub fn now(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// A number for a connection.
    pub fn connection(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes an event at once, so that who reads the file misses none.
    pub fn write(&self, event: &Value) {
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(|held| held.into_inner());
            let _ = file.write_all(format!("{event}\n").as_bytes());
        }
    }
}
