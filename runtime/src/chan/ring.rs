//! A ring of values that grows, up to what its channel lets in. Every call but that of `length` is under the channel's lock.
//!
//! Bounded channels grow too: a capacity of a million that is never used costs nothing.

use core::cell::Cell;
use core::ptr;

use crate::heap::Heap;
use crate::sync_shim::{AtomicUsize, Ordering};

/// Slots of the first allocation.
const FIRST_SLOTS: usize = 16;

/// Values in order of arrival.
pub struct Ring {
    data: Cell<*mut u8>,
    /// Zero or a power of two.
    slots: Cell<usize>,
    head: Cell<usize>,
    length: AtomicUsize,
}

impl Ring {
    /// Empty, without memory.
    pub const fn new() -> Self {
        Self {
            data: Cell::new(ptr::null_mut()),
            slots: Cell::new(0),
            head: Cell::new(0),
            length: AtomicUsize::new(0),
        }
    }

    /// How many values it holds. Without the lock, how many it may have held a moment ago.
    #[inline]
    pub fn length(&self) -> usize {
        // Relaxed: under the lock nobody else changes it, and without it nobody reads what it counts.
        self.length.load(Ordering::Relaxed)
    }

    /// The place for one more value, behind the others.
    #[inline]
    pub fn push_place(&self, heap: &mut Heap, size: usize) -> *mut u8 {
        let length = self.length();
        if length == self.slots.get() {
            self.grow(heap, size);
        }
        self.length.store(length + 1, Ordering::Relaxed);
        self.place(self.head.get() + length, size)
    }

    /// The place of the first value, which leaves; valid until the next push.
    #[inline]
    pub fn pop_place(&self, size: usize) -> Option<*mut u8> {
        let length = self.length();
        if length == 0 {
            return None;
        }
        let head = self.head.get();
        self.head.set(head + 1);
        self.length.store(length - 1, Ordering::Relaxed);
        Some(self.place(head, size))
    }

    fn place(&self, index: usize, size: usize) -> *mut u8 {
        self.data.get().wrapping_add((index & (self.slots.get() - 1)) * size)
    }

    #[cold]
    fn grow(&self, heap: &mut Heap, size: usize) {
        let slots = (self.slots.get() * 2).max(FIRST_SLOTS);
        let data = heap.alloc((slots * size).max(1));
        for index in 0..self.length() {
            let from = self.place(self.head.get() + index, size);
            // SAFETY: the old place holds a value, the new block has room for more than `length` of them.
            unsafe { ptr::copy_nonoverlapping(from, data.wrapping_add(index * size), size) };
        }
        self.free(heap, size);
        self.data.set(data);
        self.slots.set(slots);
        self.head.set(0);
    }

    /// Frees the memory; the values are gone elsewhere.
    pub fn free(&self, heap: &mut Heap, size: usize) {
        let slots = self.slots.get();
        if slots > 0 {
            // SAFETY: `data` came from `alloc` with this size (`grow`), and is not used again.
            unsafe { heap.free(self.data.get(), (slots * size).max(1)) };
        }
    }
}
