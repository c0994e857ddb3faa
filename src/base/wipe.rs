//! Wipes freed memory and the unused stack, so that no copy of a secret remains.
//!
//! This crate's own types wipe themselves, but not the copies that libraries make (a
//! response of KMS, unescaped text, a buffer that grew). So the program uses a
//! [`WipingAllocator`]; other programs may do the same.

#![expect(unsafe_code, reason = "an allocator has no safe form")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::resource::{Resource, getrlimit};

use crate::base::system;

/// Whether memory may contain a secret yet.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether the stack may contain a secret since it was last wiped.
static ON_STACK: AtomicBool = AtomicBool::new(false);

/// How many bytes of the stack to wipe: more than any command uses. Unoptimised
/// code uses several times as much.
const STACK: usize = if cfg!(debug_assertions) {
    512 << 10
} else {
    256 << 10
};

/// How many bytes to wipe at a time. Larger pieces compile to one string
/// instruction, which is no faster, and which profilers count once per byte.
const PIECE: usize = 1 << 10;

/// Makes [`WipingAllocator`], if in use, wipe all that is freed from now on. Call it
/// before reading a secret.
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

/// Wipes what finished calls left on the stack below the caller, if a secret was read
/// since the last time.
///
/// # Examples
///
/// ```
/// lazycred::wipe::stack();
/// ```
pub fn stack() {
    if ON_STACK.swap(false, Ordering::Relaxed) {
        let limit = getrlimit(Resource::RLIMIT_STACK).map_or(0, |(soft, _)| soft);
        // The environment may take a quarter, and the calls in progress another.
        let room = usize::try_from(limit / 2).unwrap_or(usize::MAX);
        below(STACK.min(room) / FRAME);
    }
}

thread_local! {
    /// The lowest address of this thread's stack, once it was asked for.
    static LOWEST: Cell<Option<usize>> = const { Cell::new(None) };
}

/// How many bytes of this thread's stack are free below the caller; 0 if the system
/// does not say.
///
/// # Examples
///
/// ```
/// let small = std::thread::Builder::new().stack_size(256 << 10);
/// let free = small.spawn(lazycred::wipe::free_stack)?.join().expect("it does not panic");
/// assert!(free <= 256 << 10);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn free_stack() -> usize {
    let here = 0u8;
    let here = black_box(&raw const here).addr();
    let lowest = LOWEST.get().unwrap_or_else(|| {
        let lowest = system::lowest_of_stack().unwrap_or(usize::MAX);
        LOWEST.set(Some(lowest));
        lowest
    });
    here.saturating_sub(lowest)
}

/// Wipes what finished calls left on the stack below the caller, as far as this
/// thread's stack reaches: for a program whose threads another has made.
///
/// # Examples
///
/// ```
/// let small = std::thread::Builder::new().stack_size(64 << 10);
/// small.spawn(lazycred::wipe::stack_of_thread)?.join().expect("it does not panic");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn stack_of_thread() {
    // Signal handlers need some of it.
    let room = free_stack().saturating_sub(2 * FRAME);
    let frames = STACK.min(room) / FRAME;
    // Each frame takes some bytes more.
    if frames > 1 {
        below(frames - 1);
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
    // Keeps this frame alive during the call.
    black_box(&mut frame);
}

/// The system's allocator, but it wipes what it frees once there is a secret. Programs
/// choose it with `#[global_allocator]`.
///
/// # Examples
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: lazycred::WipingAllocator = lazycred::WipingAllocator;
/// ```
#[derive(Debug)]
pub struct WipingAllocator;

// SAFETY: every block comes from the system, and is written to only while it is
// allocated and exclusively ours.
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
                // SAFETY: the block has this size, and the caller no longer uses it.
                unsafe { system::wipe(block.add(from), length) };
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
        // the copy stays within both blocks.
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
