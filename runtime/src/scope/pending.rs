//! The count of a scope's unfinished tasks, split in two so that fork-join on one worker needs no atomic.
//!
//! The owner counts spawned tasks and those it has run inline in a plain word. Tasks that finish elsewhere count an atomic
//! *down* from far below zero, and tasks that others spawn into a named scope up. At the scope's end the owner adds its plain count,
//! and what was missing, to the atomic: zero means all have finished; else the task that brings it to zero later wakes the
//! owner. Zero is the end: nobody counts up from it.

use core::cell::Cell;

use plat_abi::fork::OWNED;

use crate::sync_shim::{AtomicI64, Ordering};

/// Unfinished tasks of one scope.
#[repr(C)]
pub struct Pending {
    /// Less those run elsewhere, and [`OWNED`]; plus `local` and that once the owner waits.
    remote: AtomicI64,
    /// Spawned, less those run inline. The owner's.
    local: Cell<i64>,
}

impl Pending {
    /// None.
    pub fn new() -> Self {
        Self { remote: AtomicI64::new(-OWNED), local: Cell::new(0) }
    }

    /// Counts a spawned task.
    pub fn count(&self) {
        self.local.set(self.local.get() + 1);
    }

    /// Counts a task that is spawned elsewhere than on the owner's fiber. False when all tasks have finished and the owner waits for
    /// none.
    pub fn count_remote(&self) -> bool {
        let mut remote = self.remote.load(Ordering::Relaxed);
        while remote != 0 {
            // The task's own record publishes what it needs.
            match self.remote.compare_exchange_weak(remote, remote + 1, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => remote = now,
            }
        }
        false
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

    /// Whether the owner knows of unfinished tasks, or of tasks that may have finished elsewhere. Of a named scope there may be others.
    pub fn has_any(&self) -> bool {
        self.local.get() != 0
    }

    /// How many are unfinished. For who looks while nothing runs.
    pub fn total(&self) -> i64 {
        let remote = self.remote.load(Ordering::Relaxed);
        let missing = if remote < -OWNED / 2 { OWNED } else { 0 };
        self.local.get() + remote + missing
    }

    /// Ends the count on the owner's side. True when all tasks have finished; else one `uncount_remote` will be the last.
    pub fn wait(&self) -> bool {
        let more = self.local.replace(0) + OWNED;
        // Pairs with `uncount_remote` both ways.
        self.remote.fetch_add(more, Ordering::AcqRel) + more == 0
    }
}
