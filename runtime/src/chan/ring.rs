//! A ring of values that grows, up to what its channel lets in. Every call is under the channel's lock.
//!
//! Bounded channels grow too: a capacity of a million that is never used costs nothing.

use core::ptr;

use crate::heap::Heap;

/// Slots of the first allocation.
const FIRST_SLOTS: usize = 16;

/// Values in order of arrival.
pub struct Ring {
    data: *mut u8,
    /// Zero or a power of two.
    slots: usize,
    head: usize,
    length: usize,
}

impl Ring {
    /// Empty, without memory.
    pub const fn new() -> Self {
        Self { data: ptr::null_mut(), slots: 0, head: 0, length: 0 }
    }

    /// How many values it holds.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The place for one more value, behind the others.
    #[inline]
    pub fn push_place(&mut self, heap: &mut Heap, size: usize) -> *mut u8 {
        if self.length == self.slots {
            self.grow(heap, size);
        }
        let place = self.place(self.head + self.length, size);
        self.length += 1;
        place
    }

    /// The place of the first value, which leaves; valid until the next push.
    #[inline]
    pub fn pop_place(&mut self, size: usize) -> Option<*mut u8> {
        if self.length == 0 {
            return None;
        }
        let place = self.place(self.head, size);
        self.head += 1;
        self.length -= 1;
        Some(place)
    }

    fn place(&self, index: usize, size: usize) -> *mut u8 {
        self.data.wrapping_add((index & (self.slots - 1)) * size)
    }

    #[cold]
    fn grow(&mut self, heap: &mut Heap, size: usize) {
        let slots = (self.slots * 2).max(FIRST_SLOTS);
        let data = heap.alloc((slots * size).max(1));
        for index in 0..self.length {
            let from = self.place(self.head + index, size);
            // SAFETY: the old place holds a value, the new block has room for more than `length` of them.
            unsafe { ptr::copy_nonoverlapping(from, data.wrapping_add(index * size), size) };
        }
        self.free(heap, size);
        *self = Self { data, slots, head: 0, length: self.length };
    }

    /// Frees the memory; the values are gone elsewhere.
    pub fn free(&mut self, heap: &mut Heap, size: usize) {
        if self.slots > 0 {
            // SAFETY: `data` came from `alloc` with this size (`grow`), and is not used again.
            unsafe { heap.free(self.data, (self.slots * size).max(1)) };
        }
    }
}
