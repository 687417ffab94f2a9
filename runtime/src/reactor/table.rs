//! All sources by number. They are never freed: an event that was on its way when its descriptor was closed finds a source still, whose
//! generation tells that it comes too late.

use super::source::Source;
use crate::sync_shim::{Mutex, OnceLock};

/// Sources in a chunk: of few descriptors few are in vain.
const CHUNK: usize = 128;

/// Chunks, for more descriptors than a process may have. Memory of those that are not there is never touched.
const CHUNKS: usize = 1 << 15;

/// The sources.
pub struct Table {
    chunks: [OnceLock<Box<[Source; CHUNK]>>; CHUNKS],
    numbers: Mutex<Numbers>,
}

struct Numbers {
    /// Given back.
    free: Vec<u32>,
    /// The first that has never been given out.
    next: u32,
}

impl Table {
    /// No sources.
    pub const fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS],
            numbers: Mutex::new(Numbers { free: Vec::new(), next: 0 }),
        }
    }

    /// The number of a source that nobody else has.
    pub fn take(&self) -> u32 {
        let mut numbers = self.numbers.lock().expect("no holder of this lock panics");
        numbers.free.pop().unwrap_or_else(|| {
            let number = numbers.next;
            numbers.next += 1;
            self.chunks[number as usize / CHUNK]
                .get_or_init(|| Box::new(core::array::from_fn(|_| Source::new())));
            number
        })
    }

    /// Gives a source back that nobody uses any more.
    pub fn give(&self, number: u32) {
        self.numbers.lock().expect("no holder of this lock panics").free.push(number);
    }

    /// The source with this number.
    pub fn get(&self, number: u32) -> &Source {
        let number = number as usize;
        &self.chunks[number / CHUNK].get().expect("a number that was given out")[number % CHUNK]
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
