//! The numbers by which objects are displayed: in the order in which they are first displayed.

use core::ptr::NonNull;

use crate::sync_shim::plain::{AtomicI64, Ordering};

static LAST: AtomicI64 = AtomicI64::new(0);

/// The number in the word, which is 0 until it is first asked for.
///
/// # Safety
/// The word lives, and is only used by this.
pub unsafe fn number(word: NonNull<i64>) -> i64 {
    // SAFETY: the caller keeps the word alive.
    let word = unsafe { AtomicI64::from_ptr(word.as_ptr()) };
    // Relaxed: the number says nothing about other memory.
    match word.load(Ordering::Relaxed) {
        0 => {
            let next = LAST.fetch_add(1, Ordering::Relaxed) + 1;
            match word.compare_exchange(0, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => next,
                Err(first) => first,
            }
        }
        known => known,
    }
}
