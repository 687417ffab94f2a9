//! The count of a scope's unfinished tasks, split in two so that fork-join on one worker needs no atomic.
//!
//! The owner counts spawned tasks and those it has run inline in a plain word. Tasks that finish elsewhere count an atomic
//! *down from zero*. At the scope's end the owner adds its plain count to the atomic: zero means all have finished; else
//! the task that brings it to zero later wakes the owner. Before that addition it is negative or zero but nobody
//! takes a zero for the end, because `uncount_remote` only sees what it has itself brought to zero from one.

use core::cell::Cell;

use crate::sync_shim::{AtomicI64, Ordering};

/// Unfinished tasks of one scope.
pub struct Pending {
    /// Spawned, less those run inline. The owner's.
    local: Cell<i64>,
    /// Less those run elsewhere; plus `local` once the owner waits.
    remote: AtomicI64,
}

impl Pending {
    /// None.
    pub fn new() -> Self {
        Self { local: Cell::new(0), remote: AtomicI64::new(0) }
    }

    /// Counts a spawned task.
    pub fn count(&self) {
        self.local.set(self.local.get() + 1);
    }

    /// Counts off a task on the owner's fiber.
    pub fn uncount_local(&self) {
        self.local.set(self.local.get() - 1);
    }

    /// Counts off a task elsewhere. True when the owner waits and this was the last one: the caller wakes it.
    pub fn uncount_remote(&self) -> bool {
        // Release: the owner sees what the task did; Acquire: the caller sees that the owner waits.
        self.remote.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Whether the owner knows of unfinished tasks, or of tasks that may have finished elsewhere.
    pub fn has_any(&self) -> bool {
        self.local.get() != 0
    }

    /// How many are unfinished. For who looks while nothing runs.
    pub fn total(&self) -> i64 {
        self.local.get() + self.remote.load(Ordering::Relaxed)
    }

    /// Ends the count on the owner's side. True when all tasks have finished; else one `uncount_remote` will be the last.
    pub fn wait(&self) -> bool {
        let local = self.local.replace(0);
        // Pairs with `uncount_remote` both ways.
        local == 0 || self.remote.fetch_add(local, Ordering::AcqRel) + local == 0
    }
}
