//! Task records: what a `spawn` makes.
//!
//! A record is a header, then captures, then the result, laid out by the compiler as its `TaskDescriptor` says. It is
//! counted: one reference for each handle, one for the queue entry of a started task, which becomes that of whoever runs
//! it. An entry whose task somebody else has claimed stays behind in the queue and keeps the record, not the result. Fields without atomics belong to whoever has claimed the task ([`state`]); after it has finished they are only read.

pub mod gathering;
pub mod global;
mod locals;
pub mod run;
pub mod state;
mod transaction;

use core::cell::Cell;
use core::mem::offset_of;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use plat_abi::fork::{IN_TRANSACTION, TASK_RETURNED, TaskHead};
use plat_abi::layout::{TASK_CAPTURES, TaskDescriptor};

use crate::context::GlueCaptures;
use crate::heap::leaks;
use crate::scheduler::worker::Worker;
use crate::scope::{ScopeRef, close};
use crate::sync_shim::{Arc, AtomicPtr, AtomicU32, Ordering};
use crate::unwind::failure::Failure;
use locals::Locals;
use state::StateWord;
use transaction::Transactions;

/// The header of a task record.
#[repr(C)]
pub struct Task {
    /// Claimed, finished, waited for.
    pub state: StateWord,
    /// What few tasks have.
    extra: AtomicPtr<Extra>,
    /// The task on whose stack it runs inline.
    pub outer: Cell<Option<TaskRef>>,
    /// References, [`ENTRY`] and [`CANCELLED`]; see the module's head.
    refs: AtomicU32,
    /// The spawner's cancellation epoch: what was cancelled later is newer.
    pub epoch: Cell<u32>,
    /// The compiler's description.
    pub descriptor: &'static TaskDescriptor,
    /// The scope it was spawned in, the root for the main task; `None` for those of constants. Valid until the task has finished.
    pub scope: Cell<Option<ScopeRef>>,
    /// The innermost scope around what it does: the last that it has opened and not closed, or the one that it is in.
    pub innermost: Cell<Option<ScopeRef>>,
    /// Unique in the program's run; the main task's is 1.
    pub id: Cell<u32>,
    /// How it ended.
    pub ending: Cell<Ending>,
    /// Why it runs inline, if it does.
    pub inline: Cell<Inline>,
    /// How many times it is inside of what does not see cancellations; see [`TaskRef::shield`]. With [`IN_TRANSACTION`] it does not
    /// see them either.
    shields: Cell<u16>,
}

const _: () = assert!(size_of::<Task>() <= TASK_CAPTURES);
const _: () = {
    assert!(offset_of!(Task, state) == offset_of!(TaskHead, state));
    assert!(offset_of!(Task, extra) == offset_of!(TaskHead, extra));
    assert!(offset_of!(Task, outer) == offset_of!(TaskHead, outer));
    assert!(offset_of!(Task, refs) == offset_of!(TaskHead, refs));
    assert!(offset_of!(Task, epoch) == offset_of!(TaskHead, epoch));
    assert!(offset_of!(Task, descriptor) == offset_of!(TaskHead, descriptor));
    assert!(offset_of!(Task, scope) == offset_of!(TaskHead, scope));
    assert!(offset_of!(Task, innermost) == offset_of!(TaskHead, innermost));
    assert!(offset_of!(Task, id) == offset_of!(TaskHead, id));
    assert!(offset_of!(Task, ending) == offset_of!(TaskHead, ending));
    assert!(offset_of!(Task, inline) == offset_of!(TaskHead, inline));
    assert!(offset_of!(Task, shields) == offset_of!(TaskHead, shields));
    assert!(Ending::Open as u8 == 0 && Ending::Returned as u8 == TASK_RETURNED);
    assert!(Inline::Await as u8 == 0);
};

/// Something that few tasks have. Never taken away: what is new stands before what is older.
struct Extra {
    fact: Fact,
    /// What was known before.
    older: *mut Extra,
}

/// What few tasks have.
enum Fact {
    /// What the program calls it.
    Name(Box<str>),
    /// What ended it, if a panic did.
    Failure(Arc<Failure>),
    /// What is bound in it.
    Locals(Locals),
    /// What it keeps for its transactions.
    Transactions(Transactions),
}

/// Set in `refs` while an entry is left behind in a queue.
const ENTRY: u32 = 1 << 31;

/// Set in `refs` once the task, as one, has been cancelled. It stands there because fork-join compares the word with numbers of
/// references, and so leaves its fast path for such a task at no cost.
const CANCELLED: u32 = 1 << 30;

/// Set in `refs` once a result that belongs to one task at a time has been taken out. It stands there for the same reason.
const TAKEN: u32 = 1 << 29;

/// What of `refs` stays as it is until the record is freed.
const MARKS: u32 = CANCELLED | TAKEN;

/// What of `refs` counts.
const COUNT: u32 = TAKEN - 1;

/// Shields that can be counted.
const MOST_SHIELDS: u16 = IN_TRANSACTION - 1;

/// The number of the main task, which is the first.
pub const MAIN_ID: u32 = 1;

/// Of tasks that are none of the program's.
const NO_ID: u32 = u32::MAX;

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Ending {
    /// Not yet.
    Open,
    /// With a result.
    Returned,
    /// By a panic.
    Panicked,
    /// By cancellation after it had begun.
    Cancelled,
    /// By cancellation before it began; its captures have been released.
    NeverBegun,
}

/// What an outer task goes on with when an inline one has finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Inline {
    /// It awaits this task.
    Await,
    /// It is at the end of this task's scope.
    ScopeEnd,
}

/// A reference to a task record that its holder counts, or borrows from one who does.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct TaskRef(NonNull<Task>);

// SAFETY: the header's plain fields follow the claim (module rules), which synchronises.
unsafe impl Send for TaskRef {}

impl Deref for TaskRef {
    type Target = Task;

    fn deref(&self) -> &Task {
        // SAFETY: the holder counts a reference (module rules), so the record has not been freed.
        unsafe { self.0.as_ref() }
    }
}

impl TaskRef {
    /// Takes back what [`TaskRef::as_ptr`] gave.
    pub fn from_ptr(pointer: *mut Task) -> Option<Self> {
        NonNull::new(pointer).map(Self)
    }

    /// The record's address.
    pub fn as_ptr(self) -> *mut Task {
        self.0.as_ptr()
    }

    /// A new task with one reference, its captures uninitialised.
    pub fn allocate(
        worker: &mut Worker,
        descriptor: &'static TaskDescriptor,
        scope: Option<ScopeRef>,
        epoch: u32,
    ) -> Self {
        let id = worker.next_task_id();
        let task = Self::place(worker, descriptor, scope, epoch, id);
        leaks::record(task.as_ptr().cast(), || "Task");
        task
    }

    /// A task of the runtime's own, with one reference, its captures uninitialised.
    pub fn allocate_unrecorded(worker: &mut Worker, descriptor: &'static TaskDescriptor) -> Self {
        Self::place(worker, descriptor, None, 0, NO_ID)
    }

    /// A task that has ended with a result, which is yet to be stored, with one reference.
    pub fn allocate_ended(worker: &mut Worker, descriptor: &'static TaskDescriptor) -> Self {
        let task = Self::place(worker, descriptor, None, 0, NO_ID);
        task.ending.set(Ending::Returned);
        task.state.finish();
        task
    }

    fn place(
        worker: &mut Worker,
        descriptor: &'static TaskDescriptor,
        scope: Option<ScopeRef>,
        epoch: u32,
        id: u32,
    ) -> Self {
        let record = worker.heap.alloc(descriptor.record_size as usize).cast::<Task>();
        let header = Task {
            state: StateWord::new(),
            extra: AtomicPtr::new(ptr::null_mut()),
            outer: Cell::new(None),
            refs: AtomicU32::new(1),
            epoch: Cell::new(epoch),
            descriptor,
            scope: Cell::new(scope),
            innermost: Cell::new(scope),
            id: Cell::new(id),
            ending: Cell::new(Ending::Open),
            inline: Cell::new(Inline::Await),
            shields: Cell::new(0),
        };
        // SAFETY: the block is new and has room for the record, whose header comes first.
        unsafe {
            record.write(header);
            Self(NonNull::new_unchecked(record))
        }
    }

    /// One reference more.
    pub fn retain(self) {
        self.refs.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives the new task's queue entry its reference. Nobody else knows the task yet.
    pub fn count_queue_entry(self) {
        self.refs.store(2, Ordering::Relaxed);
    }

    /// Whether exactly `count` references exist. With the caller holding or borrowing them all, nobody else can know
    /// the task.
    pub fn has_references(self, count: u32) -> bool {
        // Acquire pairs with the Release in `release`: what former holders did is seen.
        self.refs.load(Ordering::Acquire) == count
    }

    /// Gives up one of two references that the caller holds or borrows alone.
    pub fn release_exclusively(self) {
        self.refs.store(1, Ordering::Relaxed);
    }

    /// Gives up a reference; the last releases the result, and frees the record unless an entry keeps that.
    #[inline]
    pub fn release(self, worker: &mut Worker) {
        if self.has_references(1) {
            self.free(worker);
        } else {
            self.release_shared(worker);
        }
    }

    #[inline(never)]
    fn release_shared(self, worker: &mut Worker) {
        let mut refs = self.refs.load(Ordering::Acquire);
        while refs & COUNT > 1 {
            // Release: the last holder sees what this one did.
            match self.refs.compare_exchange_weak(refs, refs - 1, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => refs = now,
            }
        }
        self.free(worker);
    }

    /// Somebody has claimed the task whose entry is still in a queue: the entry's reference is theirs.
    pub fn leave_entry(self) {
        // Whoever finds the entry may have been faster: then this undoes what that has done.
        self.refs.fetch_xor(ENTRY, Ordering::AcqRel);
    }

    /// Gives up an entry, found in a queue, whose task somebody else has claimed.
    pub fn drop_entry(self, worker: &mut Worker) {
        // Read before somebody else may free a record on the heap.
        let scope = self.scope.get().filter(|_| self.is_in_frame());
        if self.refs.fetch_xor(ENTRY, Ordering::AcqRel) & !MARKS == ENTRY {
            self.free_record(worker);
        }
        // What keeps the frame of a record that stands in one: nobody touches it after that.
        if let Some(scope) = scope
            && scope.uncount_remote()
        {
            close::wake_owner(worker, scope);
        }
    }

    /// The caller has the last reference.
    fn free(self, worker: &mut Worker) {
        match (self.ending.get(), self.descriptor.drop_result) {
            (Ending::Returned, Some(_)) => worker.free_outside_glue(free_with_result, self.as_ptr().cast()),
            _ => self.give_up_record(worker),
        }
    }

    /// Gives up the last reference once nothing but the record is left.
    fn give_up_record(self, worker: &mut Worker) {
        if self.has_references(1) || self.refs.fetch_sub(1, Ordering::AcqRel) & !MARKS == 1 {
            self.free_record(worker);
        }
    }

    fn free_record(self, worker: &mut Worker) {
        let mut extra = self.extra.load(Ordering::Acquire);
        while !extra.is_null() {
            // SAFETY: `add_fact` made it of a box, and this was the last reference to the task.
            let known = unsafe { Box::from_raw(extra) };
            extra = known.older;
            if let Fact::Locals(locals) = known.fact
                && let Some(bindings) = locals.into_inner()
            {
                bindings.release(worker);
            }
        }
        if self.is_in_frame() {
            // It goes with the frame that it stands in.
            return;
        }
        leaks::forget(self.as_ptr().cast());
        // SAFETY: this was the last reference, and `allocate` took this size.
        unsafe { worker.heap.free(self.as_ptr().cast(), self.descriptor.record_size as usize) };
    }

    /// Whether its record stands in the frame of the function that has spawned it, and awaits it if anybody does. The end of its scope
    /// waits for an entry that is left behind as for a task.
    pub fn is_in_frame(self) -> bool {
        self.descriptor.record_size == 0
    }

    /// The innermost scope that it has opened and not closed. For who keeps it from going on.
    pub fn open_scope(self) -> Option<ScopeRef> {
        self.innermost.get().filter(|scope| scope.owner() == Some(self))
    }

    /// Whether it runs `main`.
    pub fn is_main(self) -> bool {
        self.id.get() == MAIN_ID
    }

    /// It ends by cancellation, in one of two ways, and its scope without what it would have done.
    pub fn end_cancelled(self, how: Ending) {
        self.ending.set(how);
        if let Some(scope) = self.scope.get() {
            scope.cut_short();
        }
    }

    /// Releases the captures of a claimed task that will not begin.
    pub fn discard_captures(self, worker: &mut Worker) {
        self.end_cancelled(Ending::NeverBegun);
        if let Some(drop_captures) = self.descriptor.drop_captures {
            worker.call_glue(drop_captures, self.as_ptr().cast());
        }
    }

    /// Makes a task whose entry is that of glue ready to be run once more.
    pub fn prepare_glue(self, captures: GlueCaptures) {
        self.ending.set(Ending::Open);
        // SAFETY: the record has room for the captures of its entry, and whoever may run the task is the caller.
        unsafe { self.captures().cast::<GlueCaptures>().write(captures) };
    }

    /// The place of its captures.
    pub fn captures(self) -> *mut u8 {
        self.byte(TASK_CAPTURES)
    }

    fn byte(self, offset: usize) -> *mut u8 {
        self.as_ptr().cast::<u8>().wrapping_add(offset)
    }

    /// The result's place in the record.
    pub fn result(self) -> *mut u8 {
        self.byte(self.descriptor.result_offset as usize)
    }

    /// From here to `unshield` the task does not see cancellations, nor do the scopes that it begins.
    pub fn shield(self) {
        if self.shields.get() & MOST_SHIELDS < MOST_SHIELDS {
            self.shields.set(self.shields.get() + 1);
        }
    }

    /// Ends the last `shield`. Who nests more than can be counted stays behind them.
    pub fn unshield(self) {
        if self.shields.get() & MOST_SHIELDS < MOST_SHIELDS {
            self.shields.set(self.shields.get() - 1);
        }
    }

    /// How many shields it stands behind.
    pub fn shields(self) -> u16 {
        self.shields.get()
    }

    /// Marks it as cancelled. False when it was already.
    pub fn mark_cancelled(self) -> bool {
        self.refs.fetch_or(CANCELLED, Ordering::SeqCst) & CANCELLED == 0
    }

    /// Whether it has been cancelled as one task.
    pub fn is_cancelled(self) -> bool {
        self.refs.load(Ordering::Acquire) & CANCELLED != 0
    }

    /// Takes out the result for the caller alone. False when somebody has done so before.
    pub fn take_result(self) -> bool {
        // The task has finished, and who sees that has acquired its result: of two that take it only one goes on.
        self.refs.fetch_or(TAKEN, Ordering::Relaxed) & TAKEN == 0
    }

    /// Names the task.
    pub fn set_name(self, name: &str) {
        self.add_fact(Fact::Name(name.into()));
    }

    /// What it is called in reports.
    pub fn name(self) -> String {
        if self.is_main() {
            return String::from("main");
        }
        let name = self.facts().find_map(|fact| match fact {
            Fact::Name(name) => Some(&**name),
            _ => None,
        });
        name.map_or_else(|| format!("task-{}", self.id.get()), String::from)
    }

    /// Records the panic that ended the task.
    pub fn set_failure(self, failure: Arc<Failure>) {
        self.ending.set(Ending::Panicked);
        self.add_fact(Fact::Failure(failure));
    }

    /// The panic that ended a finished task.
    pub fn failure(self) -> Option<Arc<Failure>> {
        self.facts().find_map(|fact| match fact {
            Fact::Failure(failure) => Some(failure.clone()),
            _ => None,
        })
    }

    fn facts(&self) -> impl Iterator<Item = &Fact> {
        // SAFETY: what stands here is never taken away, and freed with the task (`add_fact`, `free_record`). Acquire pairs with
        // its Release.
        let first = unsafe { self.extra.load(Ordering::Acquire).as_ref() };
        // SAFETY: likewise.
        core::iter::successors(first, |extra| unsafe { extra.older.as_ref() }).map(|extra| &extra.fact)
    }

    /// Puts a new fact before the old ones, which others may be reading: all are freed with the task.
    fn add_fact(self, fact: Fact) {
        let mut older = self.extra.load(Ordering::Acquire);
        let extra = Box::into_raw(Box::new(Extra { fact, older }));
        // The spawner may name a task while it ends.
        while let Err(other) = self.extra.compare_exchange(older, extra, Ordering::AcqRel, Ordering::Acquire)
        {
            older = other;
            // SAFETY: the box is still this function's alone.
            unsafe { (*extra).older = older };
        }
    }
}

/// Frees the record of a finished task with its result.
fn free_with_result(worker: &mut Worker, record: *mut u8) {
    let task = TaskRef::from_ptr(record.cast()).expect("a record has an address");
    if let Some(drop_result) = task.descriptor.drop_result {
        worker.call_glue(drop_result, task.result());
    }
    task.give_up_record(worker);
}

impl core::fmt::Debug for TaskRef {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "task-{}", self.id.get())
    }
}
