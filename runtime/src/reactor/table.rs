//! All sources by number. They are never freed: an event that was on its way when its descriptor was closed finds a source still, whose
//! generation tells that it comes too late.

use super::source::Source;
use crate::sync_shim::{Mutex, OnceLock};

/// Sources in the first chunk; each next one has twice as many.
const FIRST_CHUNK: usize = 64;

/// Chunks, for more descriptors than a process may have.
const CHUNKS: usize = 26;

/// The sources.
pub struct Table {
    chunks: [OnceLock<Box<[Source]>>; CHUNKS],
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
            let (chunk, _) = place_of(number);
            self.chunks[chunk].get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| Source::new()).collect());
            number
        })
    }

    /// Gives a source back that nobody uses any more.
    pub fn give(&self, number: u32) {
        self.numbers.lock().expect("no holder of this lock panics").free.push(number);
    }

    /// The source with this number.
    pub fn get(&self, number: u32) -> &Source {
        let (chunk, index) = place_of(number);
        &self.chunks[chunk].get().expect("a number that was given out")[index]
    }
}

/// In which chunk a source stands, and where.
fn place_of(number: u32) -> (usize, usize) {
    let shifted = number as usize / FIRST_CHUNK + 1;
    let chunk = shifted.ilog2() as usize;
    (chunk, number as usize - FIRST_CHUNK * ((1 << chunk) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for number in 0..100_000 {
            assert_eq!(place_of(number), expected);
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }

    #[test]
    fn numbers_are_used_again() {
        let table = Table::new();
        let numbers: Vec<_> = (0..200).map(|_| table.take()).collect();
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
        table.give(17);
        assert_eq!((table.take(), table.take()), (17, 200));
        let _ = table.get(200);
    }
}
