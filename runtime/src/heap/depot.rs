//! Batches of free blocks on their way from one worker to another.

use super::size_class::CLASS_COUNT;
use crate::sync_shim::plain::Mutex;

/// A linked list of free blocks of one class.
pub struct Batch {
    /// The first block.
    pub head: *mut u8,
    /// How many there are, at least one.
    pub length: usize,
}

// SAFETY: the blocks of a batch are unused and belong to whoever holds the batch (kept by `Heap::donate`).
unsafe impl Send for Batch {}

/// The batches that no worker holds, by class. Taken rarely (once in 64 KiB of traffic), so one lock a class is enough.
pub struct Depot {
    batches: [Mutex<Vec<Batch>>; CLASS_COUNT],
}

impl Depot {
    /// An empty depot.
    pub const fn new() -> Self {
        Self { batches: [const { Mutex::new(Vec::new()) }; CLASS_COUNT] }
    }

    /// Leaves a batch for any worker.
    pub fn give(&self, class: usize, batch: Batch) {
        let batches = &self.batches[class];
        batches.lock().expect("no holder of this lock panics").push(batch);
    }

    /// Takes a batch, if there is one.
    pub fn take(&self, class: usize) -> Option<Batch> {
        let batches = &self.batches[class];
        batches.lock().expect("no holder of this lock panics").pop()
    }
}
