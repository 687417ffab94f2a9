//! Segments: stacks that a fiber borrows when its own is too small, and gives back when the call that needed them returns.
//!
//! A segment is a free stack of a larger class, whose record keeps where the borrower was. Each is four times as large as the
//! one before, so the deepest stack has few, and a call is rarely the one that changes segments. Where a loop calls just there, its
//! calls would borrow and give back in turn (what made Go and Rust give up segmented stacks): a fiber keeps the segment that it
//! has left last, so such a call costs some nanoseconds, and no other call costs anything.

use core::mem;

use super::{CLASS_COUNT, RECURSIVE, SIZES, StackCache, StackClass, canary};
use crate::fiber::{Fiber, FiberRef};

/// How large stacks may get.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes that code which checks wants to find free.
    pub reserve: usize,
    /// Bytes that a fiber's own stack and its segments may have together.
    pub most: usize,
}

impl StackCache {
    /// Puts the fiber on another segment. False when its stack is as large as it may get.
    pub fn extend(&self, fiber: FiberRef, room: Room) -> bool {
        let Some(segment) = fiber.spare.take().or_else(|| self.borrow(fiber, room)) else { return false };
        segment.segment.set(fiber.segment.replace(Some(segment)));
        canary::begin_segment(segment);
        true
    }

    /// Takes the fiber off its innermost segment, which it keeps as its spare one.
    pub fn shrink(&self, fiber: FiberRef) {
        let segment = fiber.segment.get().expect("who leaves a segment is on one");
        canary::end_segment(segment);
        fiber.segment.set(segment.segment.take());
        if let Some(older) = fiber.spare.replace(Some(segment)) {
            self.give(older);
        }
    }

    fn borrow(&self, fiber: FiberRef, room: Room) -> Option<FiberRef> {
        let left = room.most.checked_sub(size_of_all(fiber))?;
        // A function of the largest frame enters, and has room for what it calls.
        let least = 2 * room.reserve + mem::size_of::<Fiber>();
        let wanted = (4 * size(fiber.innermost())).max(least);
        let fitting =
            (RECURSIVE..CLASS_COUNT).find(|&class| SIZES[class] >= wanted).unwrap_or(CLASS_COUNT - 1);
        let class = (RECURSIVE..=fitting).rev().find(|&class| SIZES[class] <= left)?;
        (SIZES[class] >= least).then(|| self.take(StackClass(class as u8)))
    }
}

/// Bytes of one stack, with the record at its top.
fn size(stack: FiberRef) -> usize {
    stack.stack_top() - stack.stack_base.get() + mem::size_of::<Fiber>()
}

/// Bytes of a fiber's own stack and of all its segments.
fn size_of_all(fiber: FiberRef) -> usize {
    let segments = core::iter::successors(fiber.segment.get(), |segment| segment.segment.get());
    size(fiber) + segments.map(size).sum::<usize>()
}
