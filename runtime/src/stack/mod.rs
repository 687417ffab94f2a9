//! Stacks of fibers, by size class.
//!
//! A class is a few large `MAP_NORESERVE` mappings cut into slots ([`pool`]); a page costs memory once it is touched. There are no guard
//! pages: one a stack stops at 32,753 tasks (`vm.max_map_count`). Compiled code keeps within its bound instead, exactly
//! computed by the compiler, or checks, and borrows another stack when its own is too small ([`segment`]). Slots are never unmapped, so
//! the fiber records in them stay valid.

pub mod canary;
mod pool;
pub mod segment;

use core::ptr;

use self::pool::{FreeList, Pool};
use crate::fiber::{Fiber, FiberRef};
use crate::sync_shim::{AtomicPtr, Mutex, Ordering};

/// Sizes of the classes, multiples of 64. The least holds a fiber's record and a task that does nothing but wait; up to 4 KiB each is
/// at most a quarter larger than the one before, because programs may have a million tasks. Those from 64 KiB on are for recursion and for
/// trees of tasks that run inline: each is four times the one before, so that the deepest stack has few segments.
const SIZES: [usize; CLASS_COUNT] = [
    512,
    640,
    768,
    896,
    1024,
    1152,
    1280,
    1536,
    1792,
    2 << 10,
    2560,
    3 << 10,
    3584,
    4 << 10,
    8 << 10,
    16 << 10,
    64 << 10,
    256 << 10,
    1 << 20,
    4 << 20,
    16 << 20,
    64 << 20,
    256 << 20,
];
const CLASS_COUNT: usize = 23;

/// The class where recursion begins. Only touched pages cost memory; with less, more tasks would have to borrow a second stack.
const RECURSIVE: usize = 16;

/// Free stacks a worker keeps of a class, at most so many and so many bytes. Fewer go through the lock more often, more strand memory.
const KEEP: usize = 64;
const KEEP_BYTES: usize = 4 << 20;

/// Above this class's size a stack's pages go back to the system when it leaves a worker.
const KEEP_PAGES_UP_TO: usize = 16 << 10;

/// A class of stacks of one size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackClass(u8);

impl StackClass {
    /// The main task's: a class of its own that is never reused.
    pub const MAIN: Self = Self(CLASS_COUNT as u8);

    /// The class for a task that needs `bound` bytes, or 0 if it checks, for itself and for what it calls, whether there are `reserve`.
    pub fn of_bound(bound: u32, reserve: usize) -> Self {
        let (least, needed) =
            if bound == 0 { (RECURSIVE, 2 * reserve) } else { (0, bound as usize + canary::room()) };
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

    /// Bytes of a stack, with the record at its top.
    fn size(self) -> usize {
        SIZES[self.index()]
    }

    /// How many free ones a worker keeps.
    fn kept(self) -> usize {
        (KEEP_BYTES / self.size()).min(KEEP)
    }
}

/// Whether `left` bytes of stack suffice to run a task inline that needs `bound`, or 0 if it checks whether there are `reserve`.
pub fn fits(left: usize, bound: u32, reserve: usize) -> bool {
    let needed = if bound == 0 { reserve } else { bound as usize };
    left >= needed + canary::room()
}

/// Whether stacks of a class share pages with others, or have few.
fn is_small(class: StackClass) -> bool {
    class.size() <= KEEP_PAGES_UP_TO
}

static POOLS: [Mutex<Pool>; CLASS_COUNT] = [const { Mutex::new(Pool::new()) }; CLASS_COUNT];

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
        if list.length() > class.kept() {
            self.donate(class);
        }
    }

    #[cold]
    fn refill(&self, class: StackClass) -> FiberRef {
        let list = &self.lists[class.index()];
        let mut pool = POOLS[class.index()].lock().expect("no holder of this lock panics");
        // Small stacks come in batches: cutting one off touches a page that the next one is on, too.
        let count = if is_small(class) { class.kept() / 4 } else { 1 };
        for _ in 0..count {
            match pool.take(class) {
                Some(fiber) => list.push(fiber),
                None => break,
            }
        }
        list.pop().unwrap_or_else(|| out_of_stacks(class.size()))
    }

    #[cold]
    fn donate(&self, class: StackClass) {
        let list = &self.lists[class.index()];
        let mut pool = POOLS[class.index()].lock().expect("no holder of this lock panics");
        for _ in 0..(class.kept() / 2).max(1) {
            let Some(fiber) = list.pop() else { break };
            if !is_small(class) {
                release_pages(fiber);
            }
            pool.give(fiber);
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
    for (class, pool) in POOLS.iter().enumerate() {
        let pool = pool.lock().expect("no holder of this lock panics");
        pool.for_each(StackClass(class as u8), &mut look);
    }
}

/// Reports that the system gives no more address space, and ends the program as a panic would.
#[cold]
fn out_of_stacks(size: usize) -> ! {
    eprintln!("panic: out of memory (reserving a stack of {size} bytes)");
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(101) }
}
