//! Counts the bytes on a connection, those of TLS included.

use std::io::{Read, Result, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes came and went; shared with the stream that counts them.
#[derive(Clone, Default)]
pub struct Counts(Arc<[AtomicU64; 2]>);

/// A stream whose bytes are counted.
pub struct Counted<S> {
    inner: S,
    counts: Counts,
}

impl Counts {
    /// Bytes read, and bytes written.
    pub fn total(&self) -> (u64, u64) {
        let [read, written] = &*self.0;
        (
            read.load(Ordering::Relaxed),
            written.load(Ordering::Relaxed),
        )
    }

    fn add(&self, which: usize, bytes: usize) {
        self.0[which].fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl<S> Counted<S> {
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            counts: Counts::default(),
        }
    }

    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }
}

impl<S: Read> Read for Counted<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let bytes = self.inner.read(buffer)?;
        self.counts.add(0, bytes);
        Ok(bytes)
    }
}

impl<S: Write> Write for Counted<S> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        let bytes = self.inner.write(buffer)?;
        self.counts.add(1, bytes);
        Ok(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.inner.flush()
    }
}
