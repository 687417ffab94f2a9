//! The fibers that are ready on one worker, first in, first out: a ring of which others may take half.
//!
//! The owner pushes at the tail and takes at the head; thieves take at the head. Whoever takes reads the slots first and then moves
//! the head by a compare-and-swap. The owner fills a slot again only after the head has moved past it, and then that fails for
//! everybody who has read it before. The head never wraps around, so it is never mistaken for an earlier one. What finds no room
//! spills into a deque, and while something is there all else queues behind it.
//!
//! Rejected: the deque alone. Its owner pays a locked instruction at each end, also while no other worker has started.

use core::ptr;

use crate::sync_shim::{AtomicPtr, AtomicUsize, Ordering, is_single_threaded};

/// Slots, a power of two: most programs have fewer fibers ready on a worker, and the rings of some workers fit the cache.
#[cfg(not(loom))]
const SLOTS: usize = 256;
#[cfg(loom)]
const SLOTS: usize = 4;

/// The ring; what stands in it is `T`s by address, which are never freed.
pub struct Ready<T> {
    /// How many have been taken.
    head: AtomicUsize,
    /// How many have been pushed. Only the owner writes it.
    tail: AtomicUsize,
    slots: [AtomicPtr<T>; SLOTS],
}

impl<T> Ready<T> {
    /// None.
    pub fn new() -> Self {
        Self {
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
            slots: core::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
        }
    }

    /// How many there are; a hint for anyone but the owner.
    #[inline]
    pub fn length(&self) -> usize {
        // The head first: it never passes a tail that is read later.
        let head = self.head.load(Ordering::Relaxed);
        self.tail.load(Ordering::Relaxed).wrapping_sub(head)
    }

    /// The one that has so many before it; it may have been taken by now. For the owner.
    #[inline]
    pub fn peek(&self, distance: usize) -> Option<*mut T> {
        let number = self.head.load(Ordering::Relaxed).wrapping_add(distance);
        let is_there = (self.tail.load(Ordering::Relaxed).wrapping_sub(number) as isize) > 0;
        is_there.then(|| self.slot(number).load(Ordering::Relaxed))
    }

    fn slot(&self, number: usize) -> &AtomicPtr<T> {
        &self.slots[number % SLOTS]
    }

    /// Puts one last. False when there is no room. For the owner.
    #[inline]
    pub fn push(&self, fiber: *mut T) -> bool {
        let tail = self.tail.load(Ordering::Relaxed);
        // Acquire pairs with the Release in `take`: who has taken what stood here has read it.
        if tail.wrapping_sub(self.head.load(Ordering::Acquire)) >= SLOTS {
            return false;
        }
        self.slot(tail).store(fiber, Ordering::Relaxed);
        // Pairs with the Acquire in `steal`: who sees it there sees what it is.
        self.tail.store(tail.wrapping_add(1), Ordering::Release);
        true
    }

    /// Takes the first. For the owner.
    #[inline]
    pub fn pop(&self) -> Option<*mut T> {
        loop {
            let head = self.head.load(Ordering::Relaxed);
            if head == self.tail.load(Ordering::Relaxed) {
                return None;
            }
            let fiber = self.slot(head).load(Ordering::Relaxed);
            if is_single_threaded() {
                self.head.store(head.wrapping_add(1), Ordering::Relaxed);
                return Some(fiber);
            }
            if self.take(head, 1) {
                return Some(fiber);
            }
        }
    }

    /// Takes the first half, one more if the number is odd: gives the first and puts the others into `into`, which the caller owns
    /// and in which there is room. For thieves.
    pub fn steal(&self, into: &Self) -> Option<*mut T> {
        loop {
            // Acquire: the tail is not older than the head.
            let head = self.head.load(Ordering::Acquire);
            // Pairs with the Release in `push`.
            let length = self.tail.load(Ordering::Acquire).wrapping_sub(head);
            if length == 0 {
                return None;
            }
            // The head may have moved since: then the length is too large, and `take` fails.
            let count = length.min(SLOTS).div_ceil(2);
            let first = self.slot(head).load(Ordering::Relaxed);
            let tail = into.tail.load(Ordering::Relaxed);
            for number in 1..count {
                let fiber = self.slot(head.wrapping_add(number)).load(Ordering::Relaxed);
                into.slot(tail.wrapping_add(number - 1)).store(fiber, Ordering::Relaxed);
            }
            if self.take(head, count) {
                // Release: as in `push`.
                into.tail.store(tail.wrapping_add(count - 1), Ordering::Release);
                return Some(first);
            }
        }
    }

    /// Moves the head, unless somebody else has.
    fn take(&self, head: usize, count: usize) -> bool {
        let next = head.wrapping_add(count);
        // Release pairs with the Acquire in `push`.
        self.head.compare_exchange(head, next, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Whether half of a ring finds room. For the owner.
    pub fn has_room_for_half(&self) -> bool {
        self.length() <= SLOTS / 2
    }
}
