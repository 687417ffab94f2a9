//! Gatherings: a fiber is told of the ends of many tasks, one after the other, in the order in which they finish.
//!
//! A gathering has a *note* for each of its tasks. It stands among those who wait for the task, but belongs to no wait: when the task
//! ends it moves to the ends that the gathering has to tell of, or goes at once to the fiber that waits for the next. So an end costs
//! the same however many tasks there are, and a fiber that does something else meanwhile is not disturbed.
//!
//! The end of a task takes its notes off its list under the lock of the state word, and tells their gatherings once that says that the task
//! has finished. So a note that cannot be taken off has been told, or will be in a moment: until then its gathering stays. One fiber at
//! a time uses a gathering. It holds no references: compiled code keeps the tasks until it has ended it.

use core::cell::Cell;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use super::TaskRef;
use super::run::{ensure_started, push_waiter, remove_waiter};
use super::state::Locked;
use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::heap::leaks;
use crate::park::{self, Ways};
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync_shim::thread;
use crate::unwind::{self, Payload};
use crate::waiter::{Waiter, WaiterRef};

/// What [`next`] gives when it has told of all ends.
const NO_MORE: i64 = -1;

/// The head of a gathering; its notes follow.
#[repr(C)]
pub struct Gathering {
    /// Notes there is room for.
    capacity: usize,
    /// Notes there are.
    count: Cell<usize>,
    /// Over what follows.
    lock: SpinLock,
    /// How many ends were told of.
    told: Cell<usize>,
    /// The ends to tell of, in order.
    ends: Cell<Option<(WaiterRef, WaiterRef)>>,
    /// Who waits for the next one.
    listener: Cell<Option<FiberRef>>,
}

/// A task, and what stands among those who wait for it.
struct Note {
    task: TaskRef,
    waiter: Waiter,
    /// Whether the gathering knows that the task has finished. Under its lock.
    is_told: Cell<bool>,
}

/// A reference to a gathering.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GatheringRef(NonNull<Gathering>);

impl Deref for GatheringRef {
    type Target = Gathering;

    fn deref(&self) -> &Gathering {
        // SAFETY: compiled code uses a gathering from `new` until `end`, which waits for those who tell it something.
        unsafe { self.0.as_ref() }
    }
}

impl GatheringRef {
    /// A gathering with room for so many tasks.
    pub fn new(worker: &mut Worker, capacity: usize) -> Self {
        let block = worker.heap.alloc(Self::bytes(capacity)).cast::<Gathering>();
        leaks::record(block.cast(), || "Gathering");
        let head = Gathering {
            capacity,
            count: Cell::new(0),
            lock: SpinLock::new(),
            told: Cell::new(0),
            ends: Cell::new(None),
            listener: Cell::new(None),
        };
        // SAFETY: the block is new and large enough.
        unsafe {
            block.write(head);
            Self(NonNull::new_unchecked(block))
        }
    }

    fn bytes(capacity: usize) -> usize {
        size_of::<Gathering>() + capacity * size_of::<Note>()
    }

    /// Takes back what [`GatheringRef::address`] gave.
    pub fn from_address(address: usize) -> Self {
        Self(NonNull::new(ptr::with_exposed_provenance_mut(address)).expect("a gathering is never null"))
    }

    /// Its address.
    pub fn address(self) -> usize {
        self.0.as_ptr().expose_provenance()
    }

    fn place(self, number: usize) -> *mut Note {
        const { assert!(size_of::<Gathering>().is_multiple_of(align_of::<Note>())) };
        self.0.as_ptr().wrapping_add(1).cast::<Note>().wrapping_add(number)
    }

    fn note(&self, number: usize) -> &Note {
        assert!(number < self.count.get());
        // SAFETY: `add` has filled the first `count` notes.
        unsafe { &*self.place(number) }
    }

    /// Adds a task: its number is how many there were before it. Starts the task, as what is waited for among other things.
    pub fn add(self, worker: &mut Worker, task: TaskRef) {
        let number = self.count.get();
        assert!(number < self.capacity, "a gathering was made for its tasks");
        ensure_started(worker, task);
        // SAFETY: the block has room for `capacity` notes, and this one is not in use.
        unsafe { self.place(number).write(Note { task, waiter: Waiter::new(), is_told: Cell::new(false) }) };
        self.count.set(number + 1);
        let note = &self.note(number).waiter;
        note.prepare_note(self.0.as_ptr().cast(), number);
        match task.state.lock() {
            Locked::Running(waiters) => push_waiter(task, waiters, note.into()),
            Locked::Done => self.lock.with(|| self.push_end(note.into())),
            Locked::Unstarted => unreachable!("it has just been started"),
        }
    }

    fn push_end(self, note: WaiterRef) {
        self.note(note.number()).is_told.set(true);
        note.set_next(None);
        let ends = match self.ends.get() {
            Some((first, last)) => {
                last.set_next(Some(note));
                (first, note)
            }
            None => (note, note),
        };
        self.ends.set(Some(ends));
    }

    fn take_end(self) -> Option<WaiterRef> {
        let (first, last) = self.ends.get()?;
        self.ends.set(first.next().map(|next| (next, last)));
        self.told.set(self.told.get() + 1);
        Some(first)
    }

    /// Forgets the tasks that have not finished, and frees the gathering.
    pub fn end(self, worker: &mut Worker) {
        for number in 0..self.count.get() {
            let Note { task, waiter, is_told } = self.note(number);
            if !self.lock.with(|| is_told.get()) && !remove_waiter(*task, waiter.into()) {
                while !self.lock.with(|| is_told.get()) {
                    thread::yield_now();
                }
            }
        }
        let (block, size) = (self.0.as_ptr().cast::<u8>(), Self::bytes(self.capacity));
        leaks::forget(block);
        // SAFETY: `new` took this size, the caller gives the gathering up, and no task knows it any more.
        unsafe { worker.heap.free(block, size) };
    }
}

/// Waits for the next task to finish, and gives its number; or that there are no more.
pub fn next(worker: &mut Worker, gathering: GatheringRef) -> Outcome {
    let fiber = worker.current_fiber();
    loop {
        if cancel::is_due(fiber) {
            return unwind::raise(worker, Payload::Cancelled);
        }
        park::register(worker, fiber);
        gathering.lock.lock();
        let end = gathering.take_end().map(|end| end.number() as i64);
        if let Some(number) = end.or_else(|| gathering.has_told_all().then_some(NO_MORE)) {
            gathering.lock.unlock();
            return Outcome::value(number);
        }
        fiber.object.set(gathering.0.as_ptr().cast());
        let waits = park::begin(fiber, WaitReason::NextOf, Ways { resume: None, undo });
        if waits {
            gathering.listener.set(Some(fiber));
        }
        gathering.lock.unlock();
        if waits {
            return Outcome::switch();
        }
    }
}

impl Gathering {
    fn has_told_all(&self) -> bool {
        self.told.get() == self.count.get()
    }
}

/// The task of this note has finished. The fiber that waits for that, claimed and told, for the caller to make ready.
pub fn tell(note: WaiterRef) -> Option<FiberRef> {
    let gathering = GatheringRef(NonNull::new(note.slot().cast()).expect("a note knows its gathering"));
    gathering.lock.with(|| match gathering.listener.take() {
        Some(fiber) if fiber.wait.claim() => {
            gathering.note(note.number()).is_told.set(true);
            gathering.told.set(gathering.told.get() + 1);
            fiber.resume_value.set(note.number() as i64);
            Some(fiber)
        }
        // A listener that is not ours to claim has been cancelled.
        _ => {
            gathering.push_end(note);
            None
        }
    })
}

/// Ends the wait of a cancelled listener.
fn undo(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let gathering = GatheringRef(NonNull::new(fiber.object.get().cast()).expect("it has begun to wait"));
    gathering.lock.with(|| gathering.listener.set(None));
    unwind::raise_cancelled_or(worker, |worker| next(worker, gathering))
}
