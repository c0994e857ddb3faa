//! Tells whether a server has sent anything, and whether that was plain HTTP.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a server's first bytes show, shared by a stream and whoever waits for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard(Arc<OnceLock<bool>>);

impl Heard {
    /// Whether a byte has come.
    pub(super) fn any(&self) -> bool {
        self.0.get().is_some()
    }

    /// Whether the first bytes are plain HTTP.
    pub(super) fn is_http(&self) -> bool {
        self.0.get() == Some(&true)
    }
}

/// A stream that reports its first bytes.
#[derive(Debug)]
pub(super) struct Listening<S> {
    stream: S,
    heard: Heard,
}

impl<S> Listening<S> {
    pub(super) fn new(stream: S, heard: Heard) -> Self {
        Self { stream, heard }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Listening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if !self.heard.any() {
            let bytes = &buffer.filled()[before..];
            if !bytes.is_empty() {
                self.heard.0.set(bytes.starts_with(b"HTTP/")).ok();
            }
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Listening<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
