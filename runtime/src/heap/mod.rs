//! Memory of Plat values: blocks from worker-local free lists, and reference counts.
//!
//! A block belongs to nobody: it may be freed on another worker than it came from, and is then reused there. Batches of
//! free blocks move between workers through [`depot`](depot::Depot), so that a producer on one worker and a consumer on
//! another do not grow without bound. Rejected: blocks owned by the worker that carved them, with an atomic list for
//! remote frees; that costs an owner look-up per free and pays only where locality across workers matters.

pub mod count;
mod depot;
pub mod identity;
pub mod leaks;
mod size_class;

use core::ptr::null_mut;

use crate::sync_shim::plain::{AtomicI64, Ordering};
use depot::{Batch, Depot};
use size_class::{CLASS_COUNT, SizeClass};

/// Free blocks kept on a worker before half of them go to the depot: 64 KiB a class. Smaller moves batches too often
/// (each takes a lock), larger strands memory on a worker that only frees.
const KEEP_BYTES: usize = 64 * 1024;

/// [`KEEP_BYTES`] in blocks of each class: `free` only compares.
const KEEP_BLOCKS: [usize; CLASS_COUNT] = {
    let mut blocks = [0; CLASS_COUNT];
    let mut index = 0;
    while index < CLASS_COUNT {
        blocks[index] = KEEP_BYTES / SizeClass::at(index).bytes();
        index += 1;
    }
    blocks
};

/// Fresh memory is taken from the system in pieces of this size. Smaller costs more calls; larger wastes more in small
/// programs, but is committed only when touched.
const CHUNK_BYTES: usize = 1 << 20;

/// After so many pieces a worker takes them with their pages: a program with millions of blocks spends as much time on page faults
/// as on the blocks. Before that a piece may be more than all the program needs.
const UNTOUCHED_CHUNKS: u32 = 4;

/// Such a piece: it is cleared at once, so it should fit the processor's own cache. Rejected: huge pages, which do not.
const TOUCHED_CHUNK_BYTES: usize = 512 << 10;

/// The free lists of one worker.
pub struct Heap {
    lists: [FreeList; CLASS_COUNT],
    chunk: *mut u8,
    chunk_left: usize,
    /// How many pieces have been taken.
    chunks: u32,
}

/// Free blocks of one class, linked through their first words.
#[derive(Clone, Copy)]
struct FreeList {
    head: *mut u8,
    length: usize,
}

static DEPOT: Depot = Depot::new();

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

impl Heap {
    /// A heap without blocks.
    pub const fn new() -> Self {
        let list = FreeList { head: null_mut(), length: 0 };
        Self { lists: [list; CLASS_COUNT], chunk: null_mut(), chunk_left: 0, chunks: 0 }
    }

    /// A block of at least `size` bytes, aligned to 16, uninitialised. Out of memory ends the program.
    #[inline]
    pub fn alloc(&mut self, size: usize) -> *mut u8 {
        let Some(class) = SizeClass::of(size) else { return system_alloc(size) };
        let list = &mut self.lists[class.index()];
        let block = list.head;
        if block.is_null() {
            return self.refill(class);
        }
        // SAFETY: blocks in a free list are at least 16 bytes, unused, and hold the link to the next (kept by `free` and
        // `carve`, the only ones that fill lists).
        list.head = unsafe { block.cast::<*mut u8>().read() };
        list.length -= 1;
        block
    }

    /// Frees a block.
    ///
    /// # Safety
    /// `block` came from `alloc` of some heap with the same `size`, and nothing refers to it any more.
    #[inline]
    pub unsafe fn free(&mut self, block: *mut u8, size: usize) {
        let Some(class) = SizeClass::of(size) else {
            // SAFETY: blocks without a class come from `system_alloc`, that is from malloc.
            return unsafe { system_free(block, size) };
        };
        let list = &mut self.lists[class.index()];
        // SAFETY: the caller gives the block away, and it has room for a link.
        unsafe { block.cast::<*mut u8>().write(list.head) };
        list.head = block;
        list.length += 1;
        if list.length > KEEP_BLOCKS[class.index()] {
            self.donate(class);
        }
    }

    /// Gets blocks of `class` from the depot, else carves fresh ones, and takes one.
    #[cold]
    fn refill(&mut self, class: SizeClass) -> *mut u8 {
        let list = &mut self.lists[class.index()];
        let Some(batch) = DEPOT.take(class.index()) else { return self.carve(class) };
        let block = batch.head;
        // SAFETY: a batch is a linked list of `length >= 1` free blocks.
        list.head = unsafe { block.cast::<*mut u8>().read() };
        list.length = batch.length - 1;
        block
    }

    /// Cuts one block off the current chunk.
    fn carve(&mut self, class: SizeClass) -> *mut u8 {
        let bytes = class.bytes();
        if self.chunk_left < bytes {
            self.take_chunk();
        }
        let block = self.chunk;
        // SAFETY: `chunk_left >= bytes` bytes of the chunk follow `chunk`.
        self.chunk = unsafe { block.add(bytes) };
        self.chunk_left -= bytes;
        block
    }

    #[cold]
    fn take_chunk(&mut self) {
        self.chunks = self.chunks.saturating_add(1);
        let touched = if self.chunks > UNTOUCHED_CHUNKS { map_touched(TOUCHED_CHUNK_BYTES) } else { None };
        (self.chunk, self.chunk_left) = match touched {
            Some(chunk) => (chunk, TOUCHED_CHUNK_BYTES),
            None => (system_alloc(CHUNK_BYTES), CHUNK_BYTES),
        };
    }

    /// Gives half of the free blocks of `class` to the depot.
    #[cold]
    fn donate(&mut self, class: SizeClass) {
        let list = &mut self.lists[class.index()];
        let keep = list.length / 2;
        let mut last = list.head;
        for _ in 1..keep {
            // SAFETY: the list has `length > keep` linked blocks.
            last = unsafe { last.cast::<*mut u8>().read() };
        }
        // SAFETY: as above; `last` is the `keep`-th block, whose link becomes the end of the list.
        let head = unsafe {
            let rest = last.cast::<*mut u8>().read();
            last.cast::<*mut u8>().write(null_mut());
            rest
        };
        let length = list.length - keep;
        list.length = keep;
        DEPOT.give(class.index(), Batch { head, length });
    }
}

/// Bytes taken from the system and not given back.
static TAKEN: AtomicI64 = AtomicI64::new(0);

/// Bytes that all heaps have taken from the system and not given back.
pub fn bytes_taken() -> i64 {
    TAKEN.load(Ordering::Relaxed)
}

/// Gives memory of [`system_alloc`] back.
///
/// # Safety
/// `block` came from there with the same `size`, and nothing refers to it any more.
#[cold]
unsafe fn system_free(block: *mut u8, size: usize) {
    TAKEN.fetch_sub(size as i64, Ordering::Relaxed);
    // SAFETY: as the caller promises.
    unsafe { libc::free(block.cast()) };
}

/// Memory from the system, aligned to 16. Ends the program when there is none.
#[cold]
fn system_alloc(size: usize) -> *mut u8 {
    // SAFETY: malloc has no preconditions; it aligns to 16 on the 64-bit targets we support.
    let block = unsafe { libc::malloc(size) };
    if block.is_null() {
        out_of_memory(size);
    }
    TAKEN.fetch_add(size as i64, Ordering::Relaxed);
    block.cast()
}

/// Memory from the system that stays with the program, with its pages where it can do that; `None` where it gives none this way.
fn map_touched(size: usize) -> Option<*mut u8> {
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new anonymous mapping touches no existing memory, and advice about it may be ignored.
    let base = unsafe {
        let base = libc::mmap(null_mut(), size, protection, flags, -1, 0);
        if base == libc::MAP_FAILED {
            return None;
        }
        libc::madvise(base, size, libc::MADV_POPULATE_WRITE);
        base
    };
    TAKEN.fetch_add(size as i64, Ordering::Relaxed);
    Some(base.cast())
}

/// Reports that the system has no memory left, and ends the program as a panic would.
fn out_of_memory(size: usize) -> ! {
    crate::text::output::write_error(format_args!("panic: out of memory (allocating {size} bytes)\n"));
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(101) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freed_blocks_are_reused_last_first() {
        let mut heap = Heap::new();
        let (first, second) = (heap.alloc(40), heap.alloc(40));
        assert_ne!(first, second);
        // SAFETY: both come from `alloc(40)` and are not used again.
        unsafe {
            heap.free(first, 40);
            heap.free(second, 40);
        }
        assert_eq!((heap.alloc(33), heap.alloc(48)), (second, first));
    }

    #[test]
    fn blocks_are_aligned_and_do_not_overlap() {
        let mut heap = Heap::new();
        for size in [1, 16, 17, 100, 512, 513, 4096, 5000, 1 << 20] {
            let blocks: Vec<_> = (0..20).map(|_| heap.alloc(size)).collect();
            for (number, &block) in blocks.iter().enumerate() {
                assert_eq!(block as usize % 16, 0);
                // SAFETY: the block has `size` bytes of its own.
                unsafe { block.write_bytes(number as u8, size) };
            }
            for (number, &block) in blocks.iter().enumerate() {
                // SAFETY: as above, written by the loop before.
                let bytes = unsafe { core::slice::from_raw_parts(block, size) };
                assert!(bytes.iter().all(|&byte| byte == number as u8));
                // SAFETY: allocated with `size`, not used again.
                unsafe { heap.free(block, size) };
            }
        }
    }

    #[test]
    fn a_heap_that_only_frees_feeds_one_that_only_allocates() {
        let (mut producer, mut consumer) = (Heap::new(), Heap::new());
        let before: std::collections::HashSet<usize> = (0..3000)
            .map(|_| {
                let block = producer.alloc(64);
                // SAFETY: allocated with 64, not used again.
                unsafe { consumer.free(block, 64) };
                block as usize
            })
            .collect();
        assert!(before.len() < 2500, "no block came back through the depot");
    }
}
