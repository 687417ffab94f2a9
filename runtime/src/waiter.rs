//! Who waits in a queue: a fiber at one place, one arm of a `select`, of which a fiber has several, or a note of a gathering.
//!
//! A waiter belongs to its fiber. While it is linked, the lock of the queue keeps its links; whoever has taken it out and claimed
//! the fiber's `WaitWord` may use the rest, and resumes the fiber.

use core::cell::Cell;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use crate::fiber::FiberRef;

/// One place in one queue.
pub struct Waiter {
    next: Cell<Option<WaiterRef>>,
    previous: Cell<Option<WaiterRef>>,
    queued: Cell<bool>,
    kind: Cell<Kind>,
    /// What the fiber's wait returns if it ends here without success; one more if with it. Of a note its number.
    token: Cell<i64>,
    fiber: Cell<Option<FiberRef>>,
    /// Where a value is read or written; the gathering of a note.
    slot: Cell<*mut u8>,
}

/// What a waiter is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A fiber's only wait.
    Fiber,
    /// A `select`, which goes on in its own way.
    Arm,
    /// A gathering (`task::gathering`): no fiber waits.
    Note,
}

impl Waiter {
    /// In no queue.
    pub const fn new() -> Self {
        Self {
            next: Cell::new(None),
            previous: Cell::new(None),
            queued: Cell::new(false),
            kind: Cell::new(Kind::Fiber),
            token: Cell::new(0),
            fiber: Cell::new(None),
            slot: Cell::new(ptr::null_mut()),
        }
    }

    /// Makes it the one of a fiber's own.
    pub fn set_fiber(&self, fiber: FiberRef) {
        self.fiber.set(Some(fiber));
    }

    /// Says where a value is read or written.
    #[inline]
    pub fn set_slot(&self, slot: *mut u8) {
        self.slot.set(slot);
    }

    /// Makes it the arm of a `select` with this number.
    pub fn prepare_arm(&self, fiber: FiberRef, slot: *mut u8, number: usize) {
        self.set_fiber(fiber);
        self.set_slot(slot);
        self.kind.set(Kind::Arm);
        self.token.set(2 * number as i64);
    }

    /// Makes it the note of a gathering with this number.
    pub fn prepare_note(&self, gathering: *mut u8, number: usize) {
        self.kind.set(Kind::Note);
        self.slot.set(gathering);
        self.token.set(number as i64);
    }

    /// The number of a note.
    pub fn number(&self) -> usize {
        self.token.get() as usize
    }

    /// The fiber that waits.
    #[inline]
    pub fn fiber(&self) -> FiberRef {
        self.fiber.get().expect("a waiter has its fiber before it is queued")
    }

    /// Where a value is read or written.
    pub fn slot(&self) -> *mut u8 {
        self.slot.get()
    }

    /// Whether it is an arm of a `select`.
    pub fn is_arm(&self) -> bool {
        self.kind.get() == Kind::Arm
    }

    /// Whether it is a note of a gathering, which has no fiber.
    pub fn is_note(&self) -> bool {
        self.kind.get() == Kind::Note
    }

    /// Says that the claimed fiber's wait has ended here with success.
    pub fn succeed(&self) {
        self.fiber().resume_value.set(self.token.get() + 1);
    }

    /// Says that the claimed fiber's wait has ended here without success.
    pub fn fail(&self) {
        self.fiber().resume_value.set(self.token.get());
    }
}

/// A reference to a waiter, which its fiber keeps for as long as it is queued.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WaiterRef(NonNull<Waiter>);

impl Deref for WaiterRef {
    type Target = Waiter;

    fn deref(&self) -> &Waiter {
        // SAFETY: a waiter is part of a fiber's record or of the selector of a fiber that waits, and leaves its queues before
        // either goes on (kept by `park`, `chan` and `select`).
        unsafe { self.0.as_ref() }
    }
}

impl From<&Waiter> for WaiterRef {
    fn from(waiter: &Waiter) -> Self {
        Self(NonNull::from(waiter))
    }
}

impl WaiterRef {
    /// Its address, for words that hold several things.
    pub fn address(self) -> usize {
        self.0.as_ptr().expose_provenance()
    }

    /// Takes back what [`WaiterRef::address`] gave; 0 stands for none.
    pub fn from_address(address: usize) -> Option<Self> {
        NonNull::new(ptr::with_exposed_provenance_mut(address)).map(Self)
    }

    /// The next in a list that is linked one way only.
    pub fn next(self) -> Option<Self> {
        self.next.get()
    }

    /// Links it one way, before `next`.
    pub fn set_next(self, next: Option<Self>) {
        self.next.set(next);
    }
}

/// Those who wait, first in, first out. Every call is under the lock of what they wait for.
pub struct WaitQueue {
    first: Cell<Option<WaiterRef>>,
    last: Cell<Option<WaiterRef>>,
}

impl WaitQueue {
    /// Nobody.
    pub const fn new() -> Self {
        Self { first: Cell::new(None), last: Cell::new(None) }
    }

    /// Whether nobody waits. Some of those who do may have been claimed elsewhere.
    pub fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// Who waits first.
    pub fn first(&self) -> Option<WaiterRef> {
        self.first.get()
    }

    /// Puts a waiter last.
    pub fn push(&self, waiter: WaiterRef) {
        let last = self.last.replace(Some(waiter));
        waiter.previous.set(last);
        waiter.next.set(None);
        waiter.queued.set(true);
        match last {
            Some(last) => last.next.set(Some(waiter)),
            None => self.first.set(Some(waiter)),
        }
    }

    /// Puts a waiter first.
    pub fn push_first(&self, waiter: WaiterRef) {
        let first = self.first.replace(Some(waiter));
        waiter.previous.set(None);
        waiter.next.set(first);
        waiter.queued.set(true);
        match first {
            Some(first) => first.previous.set(Some(waiter)),
            None => self.last.set(Some(waiter)),
        }
    }

    /// Takes the first whose fiber nobody has claimed, and claims it; the caller makes it ready.
    pub fn take(&self) -> Option<WaiterRef> {
        while let Some(waiter) = self.first.get() {
            self.remove(waiter);
            if waiter.fiber().wait.claim() {
                return Some(waiter);
            }
        }
        None
    }

    /// Takes a waiter out, if it is still there.
    pub fn remove(&self, waiter: WaiterRef) {
        if !waiter.queued.replace(false) {
            return;
        }
        let (previous, next) = (waiter.previous.take(), waiter.next.take());
        match previous {
            Some(previous) => previous.next.set(next),
            None => self.first.set(next),
        }
        match next {
            Some(next) => next.previous.set(previous),
            None => self.last.set(previous),
        }
    }
}
