//! A lock for a few instructions: spins, then lets other threads run.
//!
//! One byte, because it stands in every channel and scope. Never held across a suspension, nor while compiled code runs.

use crate::sync_shim::{AtomicBool, Ordering, is_single_threaded, thread};

/// Pauses before the second look at a lock that was held, about a microsecond; they double from look to look. A look moves
/// the line between processors, and with it goes the channel's data: looking after every pause gave each worker one operation
/// at a time (four senders and four receivers on two workers: 187 ns a value; 4 pauses doubling to 64: 75; 32 to 256: 27).
const FIRST_PAUSES: u32 = 32;

/// Most pauses between two looks, about ten microseconds; from there on the thread yields as well, as the holder has
/// probably lost its processor. Four times as many gained another tenth, for four times the wait at worst.
const MOST_PAUSES: u32 = 256;

/// The lock.
pub struct SpinLock(AtomicBool);

impl SpinLock {
    /// Not held.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Takes the lock.
    #[inline]
    pub fn lock(&self) {
        if is_single_threaded() {
            // Nobody else can hold it.
            return self.0.store(true, Ordering::Relaxed);
        }
        // Pairs with the Release in `unlock`.
        if self.0.swap(true, Ordering::Acquire) {
            self.lock_contended();
        }
    }

    #[cold]
    fn lock_contended(&self) {
        let mut pauses = FIRST_PAUSES;
        loop {
            (0..pauses).for_each(|_| core::hint::spin_loop());
            if !self.0.load(Ordering::Relaxed) && !self.0.swap(true, Ordering::Acquire) {
                return;
            }
            if pauses < MOST_PAUSES { pauses *= 2 } else { thread::yield_now() }
        }
    }

    /// Lets it go.
    #[inline]
    pub fn unlock(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Calls `body` with the lock held.
    #[inline]
    pub fn with<R>(&self, body: impl FnOnce() -> R) -> R {
        self.lock();
        let result = body();
        self.unlock();
        result
    }
}
