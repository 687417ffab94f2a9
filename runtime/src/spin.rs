//! A lock for a few instructions: spins, then lets other threads run.
//!
//! One byte, because it stands in every channel and scope. Never held across a suspension, nor while compiled code runs.

use crate::sync_shim::{AtomicBool, Ordering, is_single_threaded, thread};

/// Spins before yielding: about a microsecond. The holder is rarely longer, unless it has lost its processor.
const SPINS: u32 = 64;

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
        let mut spins = 0;
        loop {
            while self.0.load(Ordering::Relaxed) {
                spins += 1;
                if spins < SPINS { core::hint::spin_loop() } else { thread::yield_now() }
            }
            if !self.0.swap(true, Ordering::Acquire) {
                return;
            }
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
