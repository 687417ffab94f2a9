//! `select`: a fiber waits for the first of several things.
//!
//! A selector is a block that compiled code fills with arms and then waits with. First the arms are tried one after the other; if
//! none is ready the fiber waits at all of them at once, with a waiter at each: it begins to wait, and then enters one queue after
//! the other, unless it finds there what it waits for. Whoever claims the fiber's one wait word first commits its arm, be it the fiber
//! itself; the other waiters are stale then, which their queues tell by failing to claim. The fiber takes them out before it goes
//! on, which the selector's lock puts after the last of them has entered.
//!
//! A selector holds no references: compiled code keeps channels and tasks alive until the wait is over, and no longer. A value that an
//! arm is to send belongs to the selector until it is sent, or the wait is over.

mod arm;
mod wait;

use core::cell::Cell;
use core::mem::offset_of;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use plat_abi::layout::TypeInfo;

use crate::chan::ChannelRef;
use crate::heap::leaks;
use crate::reactor::Source;
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync::Supply;
use crate::task::TaskRef;
use arm::{Arm, Attempt, Kind};

pub use wait::wait;

/// The head of a selector; its arms follow.
#[repr(C)]
pub struct Selector {
    /// Arms there is room for.
    capacity: usize,
    /// Held while the fiber enters queues.
    lock: SpinLock,
    /// Arms there are.
    count: Cell<usize>,
    /// Whether arms are tried as written, and whether the wait is only tried.
    mode: Cell<Mode>,
    /// What an arm has received.
    buffer: Cell<*mut u8>,
    /// Bytes of the buffer: of the largest element that an arm may receive.
    buffer_size: Cell<usize>,
    /// What kind of value stands in the buffer, once there is one.
    received: Cell<Option<&'static TypeInfo>>,
    /// What came of the arm that was chosen, if it waited for something outside.
    outcome: Cell<i64>,
}

/// How a selector waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mode {
    /// Arms are tried in order, not from a random one on.
    pub is_biased: bool,
    /// It does not wait: without a ready arm the result is the number of arms.
    pub has_default: bool,
}

/// A reference to a selector: whoever fills it or waits with it has the only one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SelectorRef(NonNull<Selector>);

impl Deref for SelectorRef {
    type Target = Selector;

    fn deref(&self) -> &Selector {
        // SAFETY: compiled code uses a selector from `new` until it has been freed, by `take`, `end` or a wait that unwinds.
        unsafe { self.0.as_ref() }
    }
}

impl SelectorRef {
    /// A selector with room for so many arms.
    pub fn new(worker: &mut Worker, capacity: usize) -> Self {
        let block = worker.heap.alloc(Self::bytes(capacity)).cast::<Selector>();
        leaks::record(block.cast(), || "Selector");
        let head = Selector {
            capacity,
            lock: SpinLock::new(),
            count: Cell::new(0),
            mode: Cell::new(Mode { is_biased: false, has_default: false }),
            buffer: Cell::new(ptr::null_mut()),
            buffer_size: Cell::new(0),
            received: Cell::new(None),
            outcome: Cell::new(0),
        };
        // SAFETY: the block is new and large enough.
        unsafe {
            block.write(head);
            Self(NonNull::new_unchecked(block))
        }
    }

    fn bytes(capacity: usize) -> usize {
        size_of::<Selector>() + capacity * size_of::<Arm>()
    }

    /// Takes back what [`SelectorRef::address`] gave.
    pub fn from_address(address: usize) -> Self {
        Self(NonNull::new(ptr::with_exposed_provenance_mut(address)).expect("a selector is never null"))
    }

    /// Its address.
    pub fn address(self) -> usize {
        self.0.as_ptr().expose_provenance()
    }

    fn place(self, number: usize) -> *mut Arm {
        const { assert!(size_of::<Selector>().is_multiple_of(align_of::<Arm>())) };
        const { assert!(offset_of!(Selector, capacity) == 0) };
        self.0.as_ptr().wrapping_add(1).cast::<Arm>().wrapping_add(number)
    }

    fn arm(&self, number: usize) -> &Arm {
        assert!(number < self.count.get());
        // SAFETY: `add` has filled the first `count` arms.
        unsafe { &*self.place(number) }
    }

    fn arms(&self) -> impl Iterator<Item = &Arm> {
        (0..self.count.get()).map(|number| self.arm(number))
    }

    /// Adds an arm.
    fn add(self, kind: Kind) {
        let number = self.count.get();
        assert!(number < self.capacity, "a selector was made for its arms");
        // SAFETY: the block has room for `capacity` arms, and this one is not in use.
        unsafe { self.place(number).write(Arm::new(kind)) };
        self.count.set(number + 1);
    }

    /// An arm that receives. One that ignores the end of its channel is never ready again after it.
    pub fn add_recv(self, channel: ChannelRef, ignores_closed: bool) {
        self.buffer_size.set(self.buffer_size.get().max(channel.element_size()));
        self.add(Kind::Recv { channel, ignores_closed });
    }

    /// An arm that sends the value at `value`, which it takes.
    pub fn add_send(self, worker: &mut Worker, channel: ChannelRef, value: *const u8) {
        let size = channel.element_size();
        let data = worker.heap.alloc(size.max(1));
        // SAFETY: compiled code passes a value of the channel's type; the block is new and as large.
        unsafe { ptr::copy_nonoverlapping(value, data, size) };
        self.add(Kind::Send { channel, data });
    }

    /// An arm that waits for a task to finish.
    pub fn add_await(self, task: TaskRef) {
        self.add(Kind::Await(task));
    }

    /// An arm that waits for something to take from a word.
    pub fn add_word(self, supply: Supply<'static>) {
        self.add(Kind::Word(supply));
    }

    /// An arm that waits for a time.
    pub fn add_deadline(self, deadline: i64) {
        self.add(Kind::Deadline(deadline));
    }

    /// An arm that waits for something outside coming in.
    pub fn add_outside(self, source: &'static Source, attempt: Attempt) {
        self.add(Kind::Outside { source, attempt });
    }

    /// An arm that is never ready.
    pub fn add_never(self) {
        self.add(Kind::Never);
    }

    /// Moves what the chosen arm has received to `into`, 1, or finds its channel closed, 0; and frees the selector.
    pub fn take(self, worker: &mut Worker, into: *mut u8) -> i64 {
        let received = self.received.take();
        if let Some(element) = received {
            // SAFETY: the buffer holds a value of this type, for which compiled code passes a place.
            unsafe { ptr::copy_nonoverlapping(self.buffer.get(), into, element.size as usize) };
        }
        self.free(worker);
        i64::from(received.is_some())
    }

    /// Gives what came of the chosen arm, which has waited for something outside, and frees the selector.
    pub fn take_outcome(self, worker: &mut Worker) -> i64 {
        let outcome = self.outcome.get();
        self.free(worker);
        outcome
    }

    /// Frees the selector with what it still owns.
    pub fn free(self, worker: &mut Worker) {
        self.drop_values(worker);
        if let Some(drop) = self.received.take().and_then(|element| element.drop) {
            worker.call_glue(drop, self.buffer.get());
        }
        if !self.buffer.get().is_null() {
            // SAFETY: `ready_buffer` took it with this size; it is not used again.
            unsafe { worker.heap.free(self.buffer.get(), self.buffer_size.get().max(1)) };
        }
        let block = self.0.as_ptr().cast::<u8>();
        leaks::forget(block);
        // SAFETY: `new` took this size, and the caller gives the selector up.
        unsafe { worker.heap.free(block, Self::bytes(self.capacity)) };
    }

    /// Releases what was not sent.
    fn drop_values(self, worker: &mut Worker) {
        for arm in self.arms() {
            arm.drop_value(worker);
        }
    }

    /// The place for what an arm receives.
    fn ready_buffer(self, worker: &mut Worker) -> *mut u8 {
        if self.buffer.get().is_null() {
            self.buffer.set(worker.heap.alloc(self.buffer_size.get().max(1)));
        }
        self.buffer.get()
    }
}
