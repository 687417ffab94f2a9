//! Stacks of fibers, by size class.
//!
//! A class is a few large `MAP_NORESERVE` mappings cut into slots; a page costs memory once it is touched. There are no guard
//! pages: one a stack stops at 32,753 tasks (`vm.max_map_count`). Compiled code keeps within its bound instead, exactly
//! computed by the compiler, or checks, and borrows another stack when its own is too small ([`segment`]). Slots are never unmapped, so
//! the fiber records in them stay valid.

pub mod canary;
pub mod segment;

use core::cell::Cell;
use core::ptr;

use crate::fiber::{Fiber, FiberRef};
use crate::sync_shim::{AtomicPtr, Mutex, Ordering};

/// Sizes of the classes. The least holds a fiber's record and a task that calls a little. Those from 64 KiB on are for recursion and for
/// trees of tasks that run inline: each is four times the one before, so that the deepest stack has few segments.
const SIZES: [usize; CLASS_COUNT] =
    [2 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20];
const CLASS_COUNT: usize = 10;

/// The class where recursion begins. Only touched pages cost memory; with less, more tasks would have to borrow a second stack.
const RECURSIVE: usize = 3;

/// Address space taken at once: enough slots to make the call rare, little enough for a limited address space. A larger class
/// takes it slot by slot.
const CHUNK_BYTES: usize = 64 << 20;

/// Free stacks a worker keeps of a class, at most so many and so many bytes. Fewer go through the lock more often, more strand memory.
const KEEP: usize = 64;
const KEEP_BYTES: usize = 4 << 20;

/// Above this class's size a stack's pages go back to the system when it leaves a worker.
const KEEP_PAGES_UP_TO: usize = 16 << 10;

/// What a runtime stub pushes on top of compiled frames, rounded up.
const STUB_BYTES: usize = 256;

/// A class of stacks of one size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackClass(u8);

impl StackClass {
    /// The main task's: a class of its own that is never reused.
    pub const MAIN: Self = Self(CLASS_COUNT as u8);

    /// The class for a task that needs `bound` bytes, or 0 if it checks, for itself and for what it calls, whether there are `reserve`.
    pub fn of_bound(bound: u32, reserve: usize) -> Self {
        let (least, needed) =
            if bound == 0 { (RECURSIVE, 2 * reserve) } else { (0, bound as usize + STUB_BYTES) };
        let size = needed + size_of::<Fiber>();
        let class = (least..CLASS_COUNT).find(|&class| size <= SIZES[class]).unwrap_or(CLASS_COUNT - 1);
        Self(class as u8)
    }

    /// Whether a stack of this class can hold what needs `other`.
    pub fn holds(self, other: Self) -> bool {
        self.0 >= other.0
    }

    fn index(self) -> usize {
        self.0 as usize
    }

    /// How many free ones a worker keeps.
    fn kept(self) -> usize {
        (KEEP_BYTES / SIZES[self.index()]).min(KEEP)
    }
}

/// Whether `left` bytes of stack suffice to run a task inline that needs `bound`, or 0 if it checks whether there are `reserve`.
pub fn fits(left: usize, bound: u32, reserve: usize) -> bool {
    let needed = if bound == 0 { reserve } else { bound as usize };
    left >= needed + STUB_BYTES
}

/// Free stacks linked through `Fiber::next`.
struct FreeList {
    head: Cell<Option<FiberRef>>,
    length: Cell<usize>,
}

impl FreeList {
    const fn new() -> Self {
        Self { head: Cell::new(None), length: Cell::new(0) }
    }

    fn push(&self, fiber: FiberRef) {
        fiber.next.set(self.head.replace(Some(fiber)));
        self.length.set(self.length.get() + 1);
    }

    fn pop(&self) -> Option<FiberRef> {
        let fiber = self.head.get()?;
        self.head.set(fiber.next.take());
        self.length.set(self.length.get() - 1);
        Some(fiber)
    }
}

/// The stacks of one class that no worker keeps.
struct Pool {
    free: FreeList,
    /// First and end address of each chunk's slots that have been handed out.
    chunks: Vec<(usize, usize)>,
    /// The chunk that slots are cut from, and where it ends.
    fresh: *mut u8,
    fresh_end: usize,
}

// SAFETY: a pool is only used under its lock, and free stacks belong to the list that holds them.
unsafe impl Send for Pool {}

static POOLS: [Mutex<Pool>; CLASS_COUNT] = [const { Mutex::new(Pool::new()) }; CLASS_COUNT];

impl Pool {
    const fn new() -> Self {
        Self { free: FreeList::new(), chunks: Vec::new(), fresh: ptr::null_mut(), fresh_end: 0 }
    }

    /// Cuts a slot off the last chunk.
    fn carve(&mut self, class: StackClass) -> Option<FiberRef> {
        let size = SIZES[class.index()];
        if self.fresh as usize + size > self.fresh_end || self.fresh.is_null() {
            let chunk = CHUNK_BYTES.max(size);
            self.fresh = reserve(chunk)?;
            if size > KEEP_PAGES_UP_TO {
                keep_pages_small(self.fresh, chunk);
            }
            self.fresh_end = self.fresh as usize + chunk;
            self.chunks.push((self.fresh as usize, self.fresh as usize));
        }
        let base = self.fresh;
        self.fresh = base.wrapping_add(size);
        self.chunks.last_mut().expect("a chunk was pushed with `fresh`").1 = self.fresh as usize;
        // SAFETY: the slot lies in a mapping of our own, is handed out once, and chunks are never unmapped.
        Some(unsafe { Fiber::place(base, size, class) })
    }
}

/// The free stacks of one worker.
pub struct StackCache {
    lists: [FreeList; CLASS_COUNT],
}

impl StackCache {
    /// A cache without stacks.
    pub fn new() -> Self {
        Self { lists: [const { FreeList::new() }; CLASS_COUNT] }
    }

    /// A free fiber whose stack is of `class`.
    pub fn take(&self, class: StackClass) -> FiberRef {
        self.lists[class.index()].pop().unwrap_or_else(|| self.refill(class))
    }

    /// Gives a fiber back that runs nothing any more.
    pub fn give(&self, fiber: FiberRef) {
        let class = fiber.class.get();
        fiber.is_live.set(false);
        if let Some(spare) = fiber.spare.take() {
            self.give(spare);
        }
        if class == StackClass::MAIN {
            return;
        }
        let list = &self.lists[class.index()];
        list.push(fiber);
        if list.length.get() > class.kept() {
            self.donate(class);
        }
    }

    #[cold]
    fn refill(&self, class: StackClass) -> FiberRef {
        let list = &self.lists[class.index()];
        let mut pool = POOLS[class.index()].lock().expect("no holder of this lock panics");
        // Small stacks come in batches: cutting them does not touch the others.
        for _ in 0..(class.kept() / 4).max(1) {
            match pool.free.pop() {
                Some(fiber) => list.push(fiber),
                None => break,
            }
        }
        let fiber = list.pop().or_else(|| pool.carve(class));
        fiber.unwrap_or_else(|| out_of_stacks(SIZES[class.index()]))
    }

    #[cold]
    fn donate(&self, class: StackClass) {
        let list = &self.lists[class.index()];
        let pool = POOLS[class.index()].lock().expect("no holder of this lock panics");
        for _ in 0..(class.kept() / 2).max(1) {
            let Some(fiber) = list.pop() else { break };
            if SIZES[class.index()] > KEEP_PAGES_UP_TO {
                release_pages(fiber);
            }
            pool.free.push(fiber);
        }
    }
}

/// The main task's fiber, with `size` bytes of stack: all that a task may have, so that it never needs a segment.
pub fn main_fiber(size: usize) -> FiberRef {
    let Some(base) = reserve(size) else { out_of_stacks(size) };
    // SAFETY: the mapping is new, page-aligned, and never unmapped.
    let fiber = unsafe { Fiber::place(base, size, StackClass::MAIN) };
    MAIN_FIBER.store(fiber.as_ptr(), Ordering::Release);
    fiber
}

/// The main task's fiber, for [`for_each_live`].
static MAIN_FIBER: AtomicPtr<Fiber> = AtomicPtr::new(ptr::null_mut());

/// Address space for stacks or glue, lazily committed; `None` when there is none.
pub fn reserve(size: usize) -> Option<*mut u8> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new anonymous mapping touches no existing memory.
    let base = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
    (base != libc::MAP_FAILED).then_some(base.cast())
}

/// Forbids huge pages: the first touch of a large stack would commit 2 MiB.
fn keep_pages_small(base: *mut u8, size: usize) {
    // SAFETY: advice about a mapping of our own; it may be ignored.
    unsafe { libc::madvise(base.cast(), size, libc::MADV_NOHUGEPAGE) };
}

/// Gives all pages of a free stack but the last, which holds the fiber's record, back to the system.
fn release_pages(fiber: FiberRef) {
    const PAGE: usize = 4096;
    let base = fiber.stack_base.get();
    let length = (fiber.stack_top() & !(PAGE - 1)) - base;
    // SAFETY: the range lies in the stack of a free fiber, which nobody reads before writing it.
    unsafe { libc::madvise(fiber.as_ptr().with_addr(base).cast(), length, libc::MADV_DONTNEED) };
}

/// Calls `visit` with every fiber that runs a task. Only while no worker runs.
pub fn for_each_live(mut visit: impl FnMut(FiberRef)) {
    let mut look = |fiber: *mut Fiber| {
        if let Some(fiber) = FiberRef::from_ptr(fiber).filter(|fiber| fiber.is_live.get()) {
            visit(fiber);
        }
    };
    look(MAIN_FIBER.load(Ordering::Acquire));
    for (size, pool) in SIZES.iter().zip(&POOLS) {
        let pool = pool.lock().expect("no holder of this lock panics");
        for &(start, end) in &pool.chunks {
            for base in (start..end).step_by(*size) {
                look(ptr::with_exposed_provenance_mut(
                    (base + size - size_of::<Fiber>()) & !(align_of::<Fiber>() - 1),
                ));
            }
        }
    }
}

/// Reports that the system gives no more address space, and ends the program as a panic would.
#[cold]
fn out_of_stacks(size: usize) -> ! {
    eprintln!("panic: out of memory (reserving a stack of {size} bytes)");
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(101) }
}
