//! All sources by number. They are never freed: an event that was on its way when its descriptor was closed finds a source still, whose
//! generation tells that it comes too late.
//!
//! Without sources it is all zeros: every program has it, and none has it in its file.

use core::ptr;

use super::source::Source;
use crate::sync_shim::{AtomicPtr, Mutex, Ordering};

/// Sources in a chunk: of few descriptors few are in vain.
const CHUNK: usize = 128;

/// Chunks, for more descriptors than a process may have. Memory of those that are not there is never touched.
const CHUNKS: usize = 1 << 15;

type Chunk = [Source; CHUNK];

/// The sources.
pub struct Table {
    chunks: [AtomicPtr<Chunk>; CHUNKS],
    numbers: Mutex<Numbers>,
}

struct Numbers {
    /// One more than the number of the source that was given back last, which knows the one before; 0 if there is none.
    free: u32,
    /// The first that has never been given out.
    next: u32,
}

impl Table {
    /// No sources.
    pub const fn new() -> Self {
        Self {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            numbers: Mutex::new(Numbers { free: 0, next: 0 }),
        }
    }

    /// The number of a source that nobody else has.
    pub fn take(&self) -> u32 {
        let mut numbers = self.numbers.lock().expect("no holder of this lock panics");
        if let Some(number) = numbers.free.checked_sub(1) {
            numbers.free = self.get(number).next_free();
            return number;
        }
        let number = numbers.next;
        numbers.next += 1;
        let chunk = &self.chunks[number as usize / CHUNK];
        if chunk.load(Ordering::Relaxed).is_null() {
            let sources: Box<Chunk> = Box::new(core::array::from_fn(|_| Source::new()));
            // Pairs with the Acquire in `get`.
            chunk.store(Box::into_raw(sources), Ordering::Release);
        }
        number
    }

    /// Gives a source back that nobody uses any more.
    pub fn give(&self, number: u32) {
        let mut numbers = self.numbers.lock().expect("no holder of this lock panics");
        self.get(number).set_next_free(numbers.free);
        numbers.free = number + 1;
    }

    /// The source with this number.
    pub fn get(&self, number: u32) -> &Source {
        let number = number as usize;
        // Acquire: pairs with the Release in `take`.
        let chunk = self.chunks[number / CHUNK].load(Ordering::Acquire);
        // SAFETY: a chunk that is there was made of a box that is never freed.
        let sources = unsafe { chunk.as_ref() }.expect("a number that was given out");
        &sources[number % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_again() {
        let table = Table::new();
        let numbers: Vec<_> = (0..200).map(|_| table.take()).collect();
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
        table.give(17);
        assert_eq!((table.take(), table.take()), (17, 200));
        assert!(
            core::ptr::eq(table.get(200), table.get(200)) && !core::ptr::eq(table.get(200), table.get(17))
        );
    }
}
