//! How many use a descriptor right now, and whether it is closed: the last one of them closes it for good, so that nobody reads from
//! what the number stands for next.

use crate::sync_shim::{AtomicU32, Ordering};

/// The descriptor is closed for all who come.
const CLOSED: u32 = 1 << 31;

/// The word.
pub struct Usage(AtomicU32);

impl Usage {
    /// Nobody uses it, and it is closed.
    pub fn new() -> Self {
        Self(AtomicU32::new(CLOSED))
    }

    /// Opens it, for a new descriptor. Only while nobody else knows of it.
    pub fn open(&self) {
        self.0.store(0, Ordering::Release);
    }

    /// Begins to use it. False when it is closed; [`Usage::leave`] is due all the same.
    #[must_use]
    pub fn enter(&self) -> bool {
        // Acquire pairs with the Release in `open`.
        self.0.fetch_add(1, Ordering::Acquire) & CLOSED == 0
    }

    /// Ends a use. True when the caller has to close the descriptor, if nobody has.
    #[must_use]
    pub fn leave(&self) -> bool {
        // AcqRel: who closes it comes after all uses.
        self.0.fetch_sub(1, Ordering::AcqRel) == CLOSED + 1
    }

    /// Closes it for all who come. `None` when it was; else whether the caller has to close the descriptor, if nobody has.
    pub fn close(&self) -> Option<bool> {
        let before = self.0.fetch_or(CLOSED, Ordering::AcqRel);
        (before & CLOSED == 0).then_some(before == 0)
    }
}
