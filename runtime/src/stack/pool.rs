//! The stacks of one class that no worker keeps.
//!
//! A class is a few large mappings, cut into *slabs*, and those into stacks. Free stacks are linked by slab, and the first slab that
//! has any gives them out: so stacks in use come to stand together after a peak, and other slabs become free as a whole. The pages of
//! such a slab go back to the system where enough are idle beside it; then it is as before its first use. Slabs are never unmapped: a record of
//! a stack that is given back reads as zeros, which is one of a fiber that runs nothing.

use core::cell::Cell;
use core::ptr;

use super::{StackClass, is_small, reserve};
use crate::fiber::{Fiber, FiberRef};

/// Address space taken at once: enough slots to make the call rare, little enough for a limited address space. A larger class
/// takes it slot by slot.
const CHUNK_BYTES: usize = 64 << 20;

/// A slab of small stacks; one of large ones is one stack. Smaller takes more calls to give pages back after a peak, larger
/// is more often kept by one stack in use.
const SLAB_BYTES: usize = 64 << 10;

/// Bytes of small stacks of a class that may be idle. With less, programs that have many tasks now and then take the same pages from
/// the system each time (0.7 µs a page); more strands memory.
const KEEP_IDLE_BYTES: usize = 16 << 20;

/// From here on a slab of the smallest stacks is taken from the system with all its pages by one call. Before it few stacks would
/// take too much. Rejected: huge pages, although a million stacks are some hundreds of page faults then: what is cleared at once does not fit the
/// processor's own cache, and making those stacks took half as much processor time again.
const TOUCHED_FROM: usize = 2 << 20;

/// Classes up to this size are taken that way. Of larger stacks many pages are never touched.
const TOUCHED_UP_TO: usize = 2 << 10;

/// Free stacks linked through `Fiber::next`.
pub struct FreeList {
    head: Cell<Option<FiberRef>>,
    length: Cell<usize>,
}

impl FreeList {
    /// None.
    pub const fn new() -> Self {
        Self { head: Cell::new(None), length: Cell::new(0) }
    }

    /// How many there are.
    pub fn length(&self) -> usize {
        self.length.get()
    }

    /// Puts a stack first.
    pub fn push(&self, fiber: FiberRef) {
        fiber.next.set(self.head.replace(Some(fiber)));
        self.length.set(self.length.get() + 1);
    }

    /// Takes the first.
    pub fn pop(&self) -> Option<FiberRef> {
        let fiber = self.head.get()?;
        self.head.set(fiber.next.take());
        self.length.set(self.length.get() - 1);
        Some(fiber)
    }
}

/// A piece of a mapping.
struct Slab {
    base: *mut u8,
    free: FreeList,
    /// How many stacks have been cut off it.
    cut: usize,
}

/// All slabs of one class.
pub struct Pool {
    slabs: Vec<Slab>,
    /// A bit for each slab that has free stacks or room to cut some.
    open: Vec<u64>,
    /// Words of `open` before this are 0.
    first_open: usize,
    /// Free stacks.
    idle: usize,
    /// The mapping that slabs are cut from, and where it ends.
    fresh: *mut u8,
    fresh_end: usize,
}

// SAFETY: a pool is only used under its lock, and free stacks belong to the list that holds them.
unsafe impl Send for Pool {}

impl Pool {
    /// Without memory.
    pub const fn new() -> Self {
        Self {
            slabs: Vec::new(),
            open: Vec::new(),
            first_open: 0,
            idle: 0,
            fresh: ptr::null_mut(),
            fresh_end: 0,
        }
    }

    /// A free stack; `None` when the system gives no address space.
    pub fn take(&mut self, class: StackClass) -> Option<FiberRef> {
        let number = match self.first_open() {
            Some(number) => number,
            None => self.add_slab(class)?,
        };
        let slab = &mut self.slabs[number];
        let fiber = match slab.free.pop() {
            Some(fiber) => {
                self.idle -= 1;
                fiber
            }
            None => slab.cut(class, number as u32),
        };
        if slab.free.length() == 0 && slab.cut == stacks_in_slab(class) {
            self.open[number / 64] &= !(1 << (number % 64));
        }
        Some(fiber)
    }

    /// Takes a stack back. The pages of its slab go to the system where nothing of the slab is in use and enough is idle.
    pub fn give(&mut self, fiber: FiberRef) {
        let (class, number) = (fiber.class.get(), fiber.slab.get() as usize);
        let slab = &mut self.slabs[number];
        // With the pages of the slab the record may go.
        drop(fiber.canaries.take());
        slab.free.push(fiber);
        self.idle += 1;
        if slab.free.length() == slab.cut && self.idle * class.size() > KEEP_IDLE_BYTES && is_small(class) {
            self.idle -= slab.cut;
            slab.reset();
        }
        self.open[number / 64] |= 1 << (number % 64);
        self.first_open = self.first_open.min(number / 64);
    }

    fn first_open(&mut self) -> Option<usize> {
        let words = self.open.iter().enumerate().skip(self.first_open);
        let found = words.into_iter().find(|(_, word)| **word != 0);
        self.first_open = found.map_or(self.open.len(), |(index, _)| index);
        found.map(|(index, word)| index * 64 + word.trailing_zeros() as usize)
    }

    /// Adds a slab, which is open.
    fn add_slab(&mut self, class: StackClass) -> Option<usize> {
        let bytes = slab_bytes(class);
        if self.fresh.is_null() || self.fresh as usize + bytes > self.fresh_end {
            let chunk = CHUNK_BYTES.max(bytes);
            self.fresh = reserve(chunk)?;
            self.fresh_end = self.fresh as usize + chunk;
            // The first touch of a stack would commit a huge page.
            // SAFETY: advice about a mapping of our own; it may be ignored.
            unsafe { libc::madvise(self.fresh.cast(), chunk, libc::MADV_NOHUGEPAGE) };
        }
        let base = self.fresh;
        self.fresh = base.wrapping_add(bytes);
        let number = self.slabs.len();
        self.slabs.push(Slab { base, free: FreeList::new(), cut: 0 });
        if number.is_multiple_of(64) {
            self.open.push(0);
        }
        self.open[number / 64] |= 1 << (number % 64);
        self.first_open = number / 64;
        Some(number)
    }

    /// Calls `visit` with the record of every stack that has been cut.
    pub fn for_each(&self, class: StackClass, mut visit: impl FnMut(*mut Fiber)) {
        for slab in &self.slabs {
            for index in 0..slab.cut {
                visit(Fiber::at_top_of(slab.base.wrapping_add(index * class.size()), class.size()));
            }
        }
    }
}

fn slab_bytes(class: StackClass) -> usize {
    class.size().max(SLAB_BYTES)
}

fn stacks_in_slab(class: StackClass) -> usize {
    slab_bytes(class) / class.size()
}

impl Slab {
    /// Cuts a stack off.
    fn cut(&mut self, class: StackClass, number: u32) -> FiberRef {
        if self.cut == 0 && class.size() <= TOUCHED_UP_TO && number as usize * SLAB_BYTES >= TOUCHED_FROM {
            // SAFETY: pages of a mapping of our own come to be, with what they would hold; where that fails they will when they are touched.
            unsafe { libc::madvise(self.base.cast(), SLAB_BYTES, libc::MADV_POPULATE_WRITE) };
        }
        let base = self.base.wrapping_add(self.cut * class.size());
        self.cut += 1;
        // SAFETY: the slot lies in a mapping of our own, which is never unmapped, and is handed out once until `reset`.
        let fiber = unsafe { Fiber::place(base, class.size(), class) };
        fiber.slab.set(number);
        fiber
    }

    /// Gives the pages back. Nothing here is in use.
    #[cold]
    fn reset(&mut self) {
        // SAFETY: the range is a slab of small stacks, all of which are in its own list, so nobody has them.
        unsafe { libc::madvise(self.base.cast(), SLAB_BYTES, libc::MADV_DONTNEED) };
        self.free = FreeList::new();
        self.cut = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const CLASS: StackClass = StackClass(1);

    fn take(pool: &mut Pool, count: usize) -> Vec<FiberRef> {
        (0..count).map(|_| pool.take(CLASS).expect("there is address space")).collect()
    }

    #[test]
    fn stacks_do_not_overlap_and_come_back_first_slab_first() {
        let mut pool = Pool::new();
        let stacks = take(&mut pool, 3 * stacks_in_slab(CLASS));
        let mut bases: Vec<_> = stacks.iter().map(|stack| stack.stack_base.get()).collect();
        bases.sort_unstable();
        assert!(bases.windows(2).all(|pair| pair[1] - pair[0] >= CLASS.size()));
        let (first, last) = (stacks[0], stacks[stacks.len() - 1]);
        pool.give(last);
        pool.give(first);
        assert!(pool.take(CLASS) == Some(first) && pool.take(CLASS) == Some(last));
    }

    #[test]
    fn idle_slabs_are_as_before_their_first_use() {
        let mut pool = Pool::new();
        let count = 2 * KEEP_IDLE_BYTES / CLASS.size();
        let stacks = take(&mut pool, count);
        let words: Vec<_> = stacks
            .iter()
            .map(|stack| ptr::with_exposed_provenance_mut::<u64>(stack.stack_base.get()))
            .collect();
        for word in &words {
            // SAFETY: the stack is in use by this test alone.
            unsafe { word.write(1) };
        }
        for &stack in &stacks {
            pool.give(stack);
        }
        assert!(pool.idle * CLASS.size() <= KEEP_IDLE_BYTES);
        // SAFETY: nobody uses the stacks, which stay mapped.
        let kept = words.iter().filter(|word| unsafe { word.read() } == 1).count();
        assert_eq!(kept, pool.idle);
        let addresses =
            |stacks: &[FiberRef]| -> BTreeSet<_> { stacks.iter().map(|stack| stack.as_ptr()).collect() };
        assert_eq!(addresses(&take(&mut pool, count)), addresses(&stacks), "address space is used again");
    }

    #[test]
    fn a_stack_in_use_keeps_its_slab() {
        let mut pool = Pool::new();
        let stacks = take(&mut pool, 2 * KEEP_IDLE_BYTES / CLASS.size());
        for (index, &stack) in stacks.iter().enumerate() {
            if !index.is_multiple_of(stacks_in_slab(CLASS)) {
                pool.give(stack);
            }
        }
        assert_eq!(pool.idle, stacks.len() - stacks.len().div_ceil(stacks_in_slab(CLASS)));
    }
}
