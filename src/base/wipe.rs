//! Leaves nothing of a secret in memory that it has passed through: freed blocks,
//! and the stack below.
//!
//! What this crate holds is wiped by its own types. Copies that libraries make on
//! the way (an answer of KMS, unescaped text, a buffer that grew) are out of their
//! reach, so the program has a [`WipingAllocator`]. Other programs may choose it.

#![expect(unsafe_code, reason = "an allocator has no safe form")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::resource::{Resource, getrlimit};

/// Whether there may be anything secret in memory yet.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether there may be anything secret on the stack since it was last wiped.
static ON_STACK: AtomicBool = AtomicBool::new(false);

/// How much of the stack is wiped, in bytes: more than any command uses. Without
/// optimisation they use several times as much.
const STACK: usize = if cfg!(debug_assertions) {
    512 << 10
} else {
    128 << 10
};

/// How much is wiped at a time, in bytes. Larger pieces become one string
/// instruction, which is no faster, and counts once for each byte where
/// instructions are counted.
const PIECE: usize = 1 << 10;

/// Wipes all that is freed from now on, where [`WipingAllocator`] is in use. To be
/// called before anything secret is taken in.
///
/// # Examples
///
/// ```
/// lazycred::wipe::begin();
/// ```
pub fn begin() {
    BEGUN.store(true, Ordering::Relaxed);
    ON_STACK.store(true, Ordering::Relaxed);
}

/// Wipes the stack below the caller, where finished calls left their variables, if
/// anything secret was taken in since the last time.
///
/// # Examples
///
/// ```
/// lazycred::wipe::stack();
/// ```
pub fn stack() {
    if ON_STACK.swap(false, Ordering::Relaxed) {
        let limit = getrlimit(Resource::RLIMIT_STACK).map_or(0, |(soft, _)| soft);
        // A quarter may be the environment, and another is what is in use.
        let room = usize::try_from(limit / 2).unwrap_or(usize::MAX);
        below(STACK.min(room) / FRAME);
    }
}

/// The part of the stack that one call wipes.
const FRAME: usize = 16 << 10;

#[inline(never)]
fn below(frames: usize) {
    let mut frame = [const { MaybeUninit::<u8>::uninit() }; FRAME];
    for piece in frame.chunks_mut(PIECE) {
        piece.fill(MaybeUninit::new(0));
    }
    black_box(&mut frame);
    if frames > 1 {
        below(frames - 1);
    }
    // So that this frame is still there meanwhile.
    black_box(&mut frame);
}

/// The system's allocator, which wipes what it frees once there is a secret. The
/// program uses it; others may choose it: `#[global_allocator]`.
#[derive(Debug)]
pub struct WipingAllocator;

// SAFETY: every block is the system's, and is written to only while it is whole
// and nobody else's.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if BEGUN.load(Ordering::Relaxed) {
            let mut from = 0;
            while from < layout.size() {
                let length = PIECE.min(layout.size() - from);
                // SAFETY: the block has that size, and the caller is done with it.
                unsafe { libc::explicit_bzero(block.add(from).cast(), length) };
                from += length;
            }
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !BEGUN.load(Ordering::Relaxed) {
            // SAFETY: as the caller promises.
            return unsafe { System.realloc(block, layout, size) };
        }
        // The system would free the old block itself.
        // SAFETY: `size` is not 0 and does not overflow, as the caller promises;
        // both blocks have the bytes that are copied.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
