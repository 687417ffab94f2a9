//! What is asked of all workers at once. Each looks between two fibers, at one word, which is zero nearly always.

use crate::sync_shim::{AtomicU32, Ordering};

/// The program ends: workers leave their loops. Never taken back.
const STOP: u32 = 1;
/// The root scope has been cancelled from outside: one worker wakes those who wait in it.
const INTERRUPT: u32 = 2;
/// Workers rest until somebody has looked at everything.
const PAUSE: u32 = 4;

/// The word.
pub struct Requests(AtomicU32);

impl Requests {
    /// Nothing is asked.
    pub fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Whether anything is asked.
    #[inline]
    pub fn are_there(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Asks all workers to leave their loops.
    pub fn stop(&self) {
        // Pairs with the Acquire in `is_stopping`.
        self.0.fetch_or(STOP, Ordering::Release);
    }

    /// Whether the program is ending.
    #[inline]
    pub fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Acquire) & STOP != 0
    }

    /// Asks a worker to wake those who wait in the cancelled root scope.
    pub fn interrupt(&self) {
        // Pairs with the AcqRel in `take_interrupt`: the worker sees what was cancelled.
        self.0.fetch_or(INTERRUPT, Ordering::Release);
    }

    /// Whether no worker has taken the request to wake them yet.
    pub fn has_interrupt(&self) -> bool {
        self.0.load(Ordering::Relaxed) & INTERRUPT != 0
    }

    /// Takes the request to wake them over: true for one worker.
    pub fn take_interrupt(&self) -> bool {
        self.0.fetch_and(!INTERRUPT, Ordering::AcqRel) & INTERRUPT != 0
    }

    /// Asks all workers to rest. What they see and leave behind, the lock of idle workers synchronises.
    pub fn pause(&self) {
        self.0.fetch_or(PAUSE, Ordering::Relaxed);
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.0.fetch_and(!PAUSE, Ordering::Relaxed);
    }

    /// Whether they are to rest.
    pub fn is_paused(&self) -> bool {
        self.0.load(Ordering::Relaxed) & PAUSE != 0
    }
}
