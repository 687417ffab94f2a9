//! A check of the compiler's stack bounds, for its developers: `PLAT_STACK_CHECK=1`.
//!
//! Below the stack that a task may use stand some words of a pattern while it runs. When it has ended they must be there
//! still. A task that runs inline may go below the words of the one around it, whose are written anew afterwards.

use core::ptr;
use std::env;

use crate::fiber::FiberRef;
use crate::sync_shim::{AtomicBool, Ordering};

/// Set once before the first task runs.
static ENABLED: AtomicBool = AtomicBool::new(false);

/// Words of the pattern. Frames are written from their top, but not every word of one is: with few words one could stand
/// in a gap.
const WORDS: usize = 8;
const BYTES: usize = WORDS * 8;

const PATTERN: u64 = 0x5ac1_a11e_d0e5_0b07;

/// The patterns of the tasks on a fiber.
#[derive(Default)]
pub struct Canaries {
    /// Their lowest addresses, innermost last.
    places: Vec<usize>,
}

/// Switches the check on if the environment says so.
pub fn enable_if_asked() {
    if env::var_os("PLAT_STACK_CHECK").is_some_and(|value| value == "1") {
        ENABLED.store(true, Ordering::Relaxed);
    }
}

/// Whether stacks are checked.
#[inline]
pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Bytes that a stack needs for a pattern.
pub fn room() -> usize {
    if is_enabled() { BYTES } else { 0 }
}

/// A task that needs `bound` bytes, 0 if it checks, is about to run where the fiber stands.
#[cold]
pub fn begin(fiber: FiberRef, bound: u32) {
    let base = fiber.innermost().stack_base.get();
    let place = match bound {
        0 => base,
        _ => (fiber.sp.get() - bound as usize - BYTES).max(base) & !15,
    };
    write(place);
    with(fiber, |canaries| canaries.places.push(place));
}

/// The innermost task on the fiber has ended, before the fiber leaves a segment that was begun for it.
#[cold]
pub fn end(fiber: FiberRef) {
    with(fiber, |canaries| {
        // One that was claimed and never began has none.
        if let Some(place) = canaries.places.pop() {
            check(place);
        }
        if let Some(&outer) = canaries.places.last() {
            write(outer);
        }
    });
}

/// As `begin` and `end` for a function that checks, on a segment.
pub fn begin_segment(segment: FiberRef) {
    if is_enabled() {
        write(segment.stack_base.get());
    }
}

/// As `begin_segment`.
pub fn end_segment(segment: FiberRef) {
    if is_enabled() {
        check(segment.stack_base.get());
    }
}

fn with(fiber: FiberRef, change: impl FnOnce(&mut Canaries)) {
    let mut canaries = fiber.canaries.take().unwrap_or_default();
    change(&mut canaries);
    fiber.canaries.set(Some(canaries));
}

fn word(place: usize, index: usize) -> *mut u64 {
    ptr::with_exposed_provenance_mut(place + index * 8)
}

fn write(place: usize) {
    for index in 0..WORDS {
        // SAFETY: the place is on the stack of a fiber that does not run, below what it holds.
        unsafe { word(place, index).write(PATTERN) };
    }
}

fn check(place: usize) {
    if !is_intact(place) {
        crate::bug(format_args!("a task has used more stack than the compiler has told"));
    }
}

fn is_intact(place: usize) -> bool {
    // SAFETY: as in `write`.
    (0..WORDS).all(|index| unsafe { word(place, index).read() } == PATTERN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_intact_until_a_word_of_it_changes() {
        let mut stack = [0_u64; WORDS + 2];
        let place = (&raw mut stack[1]).expose_provenance();
        write(place);
        assert!(is_intact(place));
        assert_eq!((stack[0], stack[WORDS + 1]), (0, 0), "nothing beside it is written");
        for index in 0..WORDS {
            write(place);
            // SAFETY: the word is one of `stack`.
            unsafe { word(place, index).write(7) };
            assert!(!is_intact(place), "word {index} has changed");
        }
    }
}
