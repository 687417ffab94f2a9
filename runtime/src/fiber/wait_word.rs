//! Whether a fiber waits, and the right to wake it.
//!
//! A waiting fiber may be found by two at once: by what it waits for, and by a cancellation. Both [`claim`](WaitWord::claim)
//! it; one wins and makes it ready, the other leaves it alone. A cancellation that finds the fiber running, or waiting where
//! it cannot be interrupted, leaves a note that the next wait finds.

use crate::sync_shim::{AtomicU32, Ordering, is_single_threaded};

/// Runs, or is claimed and will.
const RUNNING: u32 = 0;
/// Waits, and a cancellation may wake it.
const WAITING: u32 = 1;
/// Waits for the tasks of its own scope, which a cancellation ends soon enough.
const WAITING_FIRMLY: u32 = 2;
/// A scope around it may have been cancelled since the last wait.
const NOTED: u32 = 4;

/// One fiber's state of waiting.
pub struct WaitWord(AtomicU32);

impl WaitWord {
    /// Of a fiber that runs.
    pub fn new() -> Self {
        Self(AtomicU32::new(RUNNING))
    }

    /// Begins a wait that may be interrupted. False when a cancellation left a note, which this consumes: the fiber still
    /// runs then. Called under the lock of the queue that the fiber is about to enter, so that whoever claims it from
    /// elsewhere finds it there.
    #[inline]
    pub fn begin(&self) -> bool {
        if is_single_threaded() && self.0.load(Ordering::Relaxed) == RUNNING {
            self.0.store(WAITING, Ordering::Relaxed);
            return true;
        }
        // Release pairs with the Acquire in `claim`: the claimer sees what the fiber is.
        match self.0.compare_exchange(RUNNING, WAITING, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => true,
            Err(_) => {
                // Acquire pairs with the Release in `interrupt`: the scope's flag is seen.
                self.0.swap(RUNNING, Ordering::Acquire);
                false
            }
        }
    }

    /// Whether it waits: nobody has claimed it. For who looks while nothing runs.
    pub fn is_waiting(&self) -> bool {
        self.0.load(Ordering::Relaxed) & (WAITING | WAITING_FIRMLY) != 0
    }

    /// Begins a wait that a cancellation does not end.
    pub fn begin_firmly(&self) {
        self.0.fetch_or(WAITING_FIRMLY, Ordering::Release);
    }

    /// Takes the right to wake the fiber out of a wait that may be interrupted.
    #[inline]
    pub fn claim(&self) -> bool {
        if is_single_threaded() && self.0.load(Ordering::Relaxed) == WAITING {
            self.0.store(RUNNING, Ordering::Relaxed);
            return true;
        }
        self.0.compare_exchange(WAITING, RUNNING, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Ends a firm wait; its keeper (the scope's count) gives that right to one caller. A note stays.
    pub fn end_firmly(&self) {
        self.0.fetch_and(!WAITING_FIRMLY, Ordering::AcqRel);
    }

    /// Claims the fiber for a cancellation, or leaves a note.
    pub fn interrupt(&self) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (next, claimed) = if word == WAITING { (RUNNING, true) } else { (word | NOTED, false) };
            match self.0.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return claimed,
                Err(actual) => word = actual,
            }
        }
    }
}
