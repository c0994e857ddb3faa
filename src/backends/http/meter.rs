//! Tells when a byte last moved over a connection, and gives up on a stalled one.
//!
//! The SDK's read timeout starts with the request and so includes the upload:
//! a large secret over a slow line would fail. A connection is dead only if
//! nothing moves over it, so that is measured here, between TLS and the socket.
//! The bytes themselves are never inspected.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// How long after a timeout to check for a stall again: a process that was itself
/// suspended may have unread bytes waiting.
const GRACE: Duration = Duration::from_millis(20);

/// The time of the last byte, shared by a connection and whoever waits for it.
#[derive(Debug, Clone)]
pub(super) struct Meter(Arc<Clock>);

#[derive(Debug)]
struct Clock {
    start: Instant,
    milliseconds: AtomicU64,
}

impl Meter {
    fn new() -> Self {
        Self(Arc::new(Clock {
            start: Instant::now(),
            milliseconds: AtomicU64::new(0),
        }))
    }

    /// Notes that a byte has just moved.
    pub(super) fn touch(&self) {
        let passed = u64::try_from(self.0.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.milliseconds.store(passed, Ordering::Relaxed);
    }

    /// When a byte last moved.
    pub(super) fn last(&self) -> Instant {
        self.0.start + Duration::from_millis(self.0.milliseconds.load(Ordering::Relaxed))
    }

    /// Waits for `work`; `None` if no byte moves for `limit`.
    pub(super) async fn while_moving<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.touch();
        let mut work = pin!(work);
        let mut timer = pin!(sleep(limit));
        let mut warned = false;
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            while timer.as_mut().poll(context).is_ready() {
                let now = Instant::now();
                let due = self.last() + limit;
                let stalled = due <= now;
                if stalled && warned {
                    return Poll::Ready(None);
                }
                warned = stalled;
                timer
                    .as_mut()
                    .reset(if stalled { now + GRACE } else { due });
            }
            Poll::Pending
        })
        .await
    }
}

/// A socket that reports every byte to its meter.
#[derive(Debug)]
pub(super) struct Metered {
    stream: TcpStream,
    meter: Meter,
}

impl Metered {
    /// A socket with a meter of its own.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            meter: Meter::new(),
        }
    }

    /// The socket's meter.
    pub(super) fn meter(&self) -> Meter {
        self.meter.clone()
    }

    fn written(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(result, Poll::Ready(Ok(1..))) {
            self.meter.touch();
        }
        result
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.meter.touch();
        }
        result
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(result)
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
