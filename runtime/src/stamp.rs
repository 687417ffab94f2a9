//! When waits begin, in milliseconds: read from a word that workers set now and then, because a look at the clock at each wait
//! would cost as much as the wait.
//!
//! A worker sets it every few dozen switches, and when it has slept. So a stamp is too early by as long as no worker did either.

use crate::sync_shim::{AtomicU32, Ordering};

/// Wraps around after 49 days.
static NOW: AtomicU32 = AtomicU32::new(0);

/// The time of a wait that begins, for [`age`].
#[inline]
pub fn stamp() -> u32 {
    NOW.load(Ordering::Relaxed)
}

/// Looks at the clock.
pub fn set() {
    NOW.store(milliseconds(), Ordering::Relaxed);
}

/// How many milliseconds ago a stamp was taken.
pub fn age(stamp: u32) -> u32 {
    milliseconds().wrapping_sub(stamp)
}

fn milliseconds() -> u32 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to `time` alone. The coarse clock takes a fifth of the time of the exact one, and exists on every Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) };
    (time.tv_sec * 1000 + time.tv_nsec / 1_000_000) as u32
}
