//! Fibers: a stack and its saved stack pointer, the thing that is scheduled.
//!
//! The record stands at the top of its own stack. Who may touch it: the worker that runs the fiber; while it waits,
//! whoever has claimed its [`WaitWord`]; while it is free, the stack pool. Fields under another keeper say so.

pub mod wait_word;

use core::cell::Cell;
use core::mem::offset_of;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use plat_abi::layout::{FIBER_EPOCH, FIBER_TASK};

use crate::context::{Outcome, SAVED_BYTES};
use crate::scheduler::hosts::Host;
use crate::scheduler::worker::Worker;
use crate::scope::members::Member;
use crate::stack::StackClass;
use crate::stack::canary::Canaries;
use crate::sync_shim::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use crate::task::{Task, TaskRef};
use crate::timer::{NEVER, Timer};
use crate::unwind::Unwinding;
use crate::waiter::Waiter;
use wait_word::WaitWord;

/// What a worker does with a fiber before compiled code goes on. The fiber is the worker's current one.
pub type Continuation = fn(&mut Worker) -> Outcome;

/// A stack and what is needed to continue on it. What every wait and every switch touches stands first, in two cache lines.
#[repr(C, align(64))]
pub struct Fiber {
    /// Saved stack pointer; see `context` for what it points at.
    pub sp: Glimpsed<AtomicUsize>,
    /// The innermost task that runs here: the fiber's own, or one run inline. Compiled code reads it.
    task: Cell<*mut Task>,
    /// Lowest stack pointer at which a function that checks may be entered.
    pub stack_limit: Cell<usize>,
    /// What the runtime function that suspended returns.
    pub resume_value: Cell<i64>,
    /// Runs instead of returning `resume_value`.
    pub continuation: Cell<Option<Continuation>>,
    /// The threads that it runs on, if not on workers'.
    pub host: Cell<Option<&'static Host>>,
    /// Whether it waits, and the right to wake it.
    pub wait: WaitWord,
    /// Cancellation epoch at which the innermost position was last seen uncancelled. Compiled code reads it.
    pub epoch: Cell<u32>,
    /// Since when it waits; see `stamp`.
    pub since: Cell<u32>,
    /// What it waits for, for reports.
    pub reason: Cell<WaitReason>,
    /// Whether `member` is linked; written by the fiber alone.
    pub registered: Cell<bool>,
    /// Whether its timer has ended its wait; for `undo`.
    pub timed_out: Cell<bool>,
    /// Its place in the queue of what it waits for, if that is one thing.
    pub waiter: Waiter,
    /// What the fiber waits for.
    pub object: Glimpsed<AtomicPtr<u8>>,
    /// Takes back the wait when a cancellation or its timer has ended it, and goes on accordingly.
    pub undo: Cell<Option<Continuation>>,
    /// When its wait ends at the latest, on the clock of `timer`.
    pub deadline: Cell<i64>,
    /// Whether it runs a task at all.
    pub is_live: Cell<bool>,
    /// Which stacks it belongs to.
    pub class: Cell<StackClass>,
    /// Which slab of those; kept by the pool of stacks.
    pub slab: Cell<u32>,
    /// Lowest address of the stack.
    pub stack_base: Cell<usize>,
    /// The segment it runs on: a stack that it has borrowed because its own is too small. Of a stack that is lent, the segment
    /// that the borrower goes back to.
    pub segment: Cell<Option<FiberRef>>,
    /// The segment that it has left last, kept for a while.
    pub spare: Cell<Option<FiberRef>>,
    /// The task it was started for; valid while it is live.
    base: Cell<*mut Task>,
    /// What that task is called, for reports of who runs what: from any thread, at any time.
    label: Label,
    /// Link in a list of fibers that nobody else can reach: of free ones, or of those about to be made ready.
    pub next: Cell<Option<FiberRef>>,
    /// Ends its wait at a time.
    pub timer: Timer,
    /// An unwinding in progress.
    pub unwinding: Cell<Option<Box<Unwinding>>>,
    /// Node in the members of the base task's scope; kept by that scope's lock.
    pub member: Member,
    /// What checks the stack of the tasks on it, if that is checked.
    pub canaries: Cell<Option<Box<Canaries>>>,
}

const _: () = assert!(offset_of!(Fiber, task) == FIBER_TASK);
const _: () = assert!(offset_of!(Fiber, epoch) == FIBER_EPOCH);
const _: () = assert!(offset_of!(Fiber, waiter) == 64 && offset_of!(Fiber, deadline) == 128);
const _: () = assert!(size_of::<Fiber>() <= 256, "a million tasks may have one");

/// Its keeper uses it as a `Cell`. Anybody may have a look at any time, for a hint: of a fiber that has been taken to another worker meanwhile.
#[repr(transparent)]
pub struct Glimpsed<A>(A);

impl Glimpsed<AtomicUsize> {
    /// What was set last.
    #[inline(always)]
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets it.
    #[inline(always)]
    pub fn set(&self, value: usize) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl Glimpsed<AtomicPtr<u8>> {
    /// What was set last.
    #[inline(always)]
    pub fn get(&self) -> *mut u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets it.
    #[inline(always)]
    pub fn set(&self, value: *mut u8) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// What a task is called in reports: its number, and the index of the place of its spawn. Written where a fiber begins; who reads
/// meanwhile may find the one of one task and the other of another.
struct Label(AtomicU32, AtomicU32);

/// Why a fiber waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitReason {
    /// For a task to finish.
    Await,
    /// For one of several tasks to finish.
    NextOf,
    /// For the tasks of a scope.
    ScopeEnd,
    /// For a value.
    Recv,
    /// For room in a channel, or a receiver.
    Send,
    /// For the first of several things.
    Select,
    /// For a change of what a transaction has read.
    Retry,
    /// For a time.
    Sleep,
    /// For its turn.
    Yield,
    /// For a thread that it may block.
    Blocking,
    /// For room for a line.
    Print,
    /// For something that tasks share: one of [`SHARED`].
    Shared(u8),
    /// For something that happens outside of the program: one of [`OUTSIDE`].
    Outside(u8),
}

/// What tasks share and wait for, by the numbers that the library has for it.
const SHARED: [&str; 9] = [
    "Mutex.with",
    "Mutex.wait_until",
    "RwLock",
    "Semaphore.acquire",
    "Barrier.wait",
    "Condition.wait",
    "Lazy.get",
    "Promise.await",
    "a lock",
];

/// What happens outside and is waited for, by the numbers that the library has for it.
const OUTSIDE: [&str; 7] = ["read", "write", "accept", "connect", "receive", "send", "an event"];

impl WaitReason {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Await => "await",
            Self::NextOf => "the next of several tasks",
            Self::ScopeEnd => "the end of a scope",
            Self::Recv => "recv",
            Self::Send => "send",
            Self::Select => "select",
            Self::Retry => "retry",
            Self::Sleep => "sleep",
            Self::Yield => "yield_now",
            Self::Blocking => "blocking",
            Self::Print => "print",
            Self::Shared(number) => SHARED[usize::from(number)],
            Self::Outside(number) => OUTSIDE[usize::from(number)],
        }
    }

    /// For what the library waits with this number at a source.
    pub fn of_source(number: i64) -> Self {
        let other = OUTSIDE.len() as i64 - 1;
        Self::Outside(number.clamp(0, other) as u8)
    }

    /// For what the library waits with this number.
    pub fn of_lock(number: i64) -> Self {
        let other = SHARED.len() as i64 - 1;
        Self::Shared(number.clamp(0, other) as u8)
    }
}

/// A reference to a fiber's record. Stacks are never unmapped, so it cannot dangle; the module's rules say who may use it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FiberRef(NonNull<Fiber>);

// SAFETY: a fiber belongs to one worker at a time (module rules), and moves between them through queues that synchronise.
unsafe impl Send for FiberRef {}

impl Deref for FiberRef {
    type Target = Fiber;

    fn deref(&self) -> &Fiber {
        // SAFETY: the record was initialised by `Fiber::place` and its stack is never unmapped (kept by `stack`).
        unsafe { self.0.as_ref() }
    }
}

impl FiberRef {
    /// Takes back what [`FiberRef::as_ptr`] gave.
    pub fn from_ptr(pointer: *mut Fiber) -> Option<Self> {
        NonNull::new(pointer).map(Self)
    }

    /// The record's address.
    pub fn as_ptr(self) -> *mut Fiber {
        self.0.as_ptr()
    }

    /// Where the stack's usable part ends: the record's address.
    pub fn stack_top(self) -> usize {
        self.0.as_ptr() as usize
    }

    /// The stack that it runs on: its own, or that of the innermost segment.
    pub fn innermost(self) -> Self {
        self.segment.get().unwrap_or(self)
    }

    /// Bytes of stack on the innermost segment for a task that begins on it.
    pub fn segment_room(self) -> usize {
        self.first_on_segment() - self.innermost().stack_base.get()
    }

    /// The saved stack pointer below which a task begins on the innermost segment.
    fn first_on_segment(self) -> usize {
        self.innermost().stack_top() - SAVED_BYTES
    }

    /// Goes to the innermost segment, where a task is to run inline. What the stub below has saved is there as well, for who walks
    /// the frames.
    pub fn begin_segment(self) {
        let (from, to) = (self.sp.get(), self.first_on_segment());
        self.innermost().sp.set(from);
        let word = ptr::with_exposed_provenance_mut::<u8>;
        // SAFETY: a stub has saved that much where the fiber stands, and nobody else uses the segment.
        unsafe { ptr::copy_nonoverlapping(word(from), word(to), SAVED_BYTES) };
        self.sp.set(to);
    }

    /// Goes back to where the innermost segment was begun for a task, if one has just ended that was the first on it.
    pub fn ends_segment(self) -> bool {
        let Some(segment) = self.segment.get() else { return false };
        let ends = self.sp.get() == self.first_on_segment();
        if ends {
            self.sp.set(segment.sp.get());
        }
        ends
    }

    /// Whether a function that checks, and has called a stub where it was entered, has the room that it wants.
    pub fn has_room_for_callee(self) -> bool {
        self.sp.get() + SAVED_BYTES >= self.stack_limit.get()
    }

    /// Bytes of stack below the saved stack pointer.
    pub fn stack_left(self) -> usize {
        self.sp.get() - self.innermost().stack_base.get()
    }
}

impl Fiber {
    /// Where the record stands on the stack `base .. base + size`.
    pub fn at_top_of(base: *mut u8, size: usize) -> *mut Self {
        let top = (base as usize + size - size_of::<Self>()) & !(align_of::<Self>() - 1);
        base.with_addr(top).cast()
    }

    /// A free fiber at the top of the stack `base .. base + size`.
    ///
    /// # Safety
    /// The memory is mapped, writable, aligned to 16 and nobody else's, for the rest of the process.
    pub unsafe fn place(base: *mut u8, size: usize, class: StackClass) -> FiberRef {
        let fiber = Self::at_top_of(base, size);
        let top = fiber as usize;
        let record = Self {
            sp: Glimpsed(AtomicUsize::new(top)),
            task: Cell::new(ptr::null_mut()),
            epoch: Cell::new(0),
            stack_limit: Cell::new(0),
            stack_base: Cell::new(base as usize),
            segment: Cell::new(None),
            spare: Cell::new(None),
            resume_value: Cell::new(0),
            continuation: Cell::new(None),
            undo: Cell::new(None),
            base: Cell::new(ptr::null_mut()),
            label: Label(AtomicU32::new(0), AtomicU32::new(0)),
            next: Cell::new(None),
            waiter: Waiter::new(),
            object: Glimpsed(AtomicPtr::new(ptr::null_mut())),
            timer: Timer::of_fiber(),
            deadline: Cell::new(NEVER),
            unwinding: Cell::new(None),
            member: Member::of_fiber(),
            wait: WaitWord::new(),
            canaries: Cell::new(None),
            reason: Cell::new(WaitReason::Yield),
            since: Cell::new(0),
            class: Cell::new(class),
            slab: Cell::new(0),
            host: Cell::new(None),
            registered: Cell::new(false),
            is_live: Cell::new(false),
            timed_out: Cell::new(false),
        };
        // SAFETY: the record fits below the end of the stack, which is ours by the contract above.
        let fiber = unsafe {
            fiber.write(record);
            FiberRef(NonNull::new_unchecked(fiber))
        };
        fiber.waiter.set_fiber(fiber);
        fiber
    }

    /// The innermost task that runs here.
    pub fn task(&self) -> TaskRef {
        TaskRef::from_ptr(self.task.get()).expect("a live fiber runs a task")
    }

    /// The task it was started for. Any thread may ask while the fiber is known to be live.
    pub fn base(&self) -> TaskRef {
        TaskRef::from_ptr(self.base.get()).expect("a live fiber was started for a task")
    }

    /// The number of the task that it was started for last, and the index of the place of its spawn. From any thread: they may not
    /// belong together.
    pub fn label(&self) -> (u32, u32) {
        (self.label.0.load(Ordering::Relaxed), self.label.1.load(Ordering::Relaxed))
    }

    /// Starts the fiber for a task.
    pub fn set_base(&self, task: TaskRef) {
        self.label.0.store(task.id.get(), Ordering::Relaxed);
        self.label.1.store(task.descriptor.location, Ordering::Relaxed);
        self.base.set(task.as_ptr());
        self.set_task(Some(task));
    }

    /// Changes the innermost task.
    pub fn set_task(&self, task: Option<TaskRef>) {
        self.task.set(task.map_or(ptr::null_mut(), TaskRef::as_ptr));
    }
}

impl core::fmt::Debug for FiberRef {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Fiber({:p})", self.0)
    }
}
