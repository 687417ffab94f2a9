//! Channels: a counted object that holds values of one type and those who wait for room or for a value.
//!
//! Invariants, under the channel's lock: a receiver waits only when there is no value and no sender; a sender waits only when
//! the ring is full (a rendezvous has no ring: always). Values are copied bytes, straight from one fiber's stack to the
//! other's where both are there. Waiters are served first in, first out.
//!
//! Knows no scheduler, only `park` and the worker's `ready`.

mod arm;
mod ring;

use core::ops::Deref;
use core::ptr::NonNull;

use plat_abi::layout::TypeInfo;

use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::heap::leaks;
use crate::park::{self, Ways};
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync_shim::{AtomicBool, AtomicI64, Ordering};
use crate::timer::{self, NEVER};
use crate::unwind::{self, Payload};
use crate::waiter::{WaitQueue, WaiterRef};
use ring::Ring;

/// A channel.
pub struct Channel {
    refs: AtomicI64,
    lock: SpinLock,
    /// Written under the lock.
    closed: AtomicBool,
    /// Bytes of an element.
    size: usize,
    element: &'static TypeInfo,
    /// Negative when unbounded.
    capacity: i64,
    /// What waits to be received; under the lock.
    ring: Ring,
    /// Under the lock.
    receivers: WaitQueue,
    /// Under the lock.
    senders: WaitQueue,
}

/// What became of an attempt to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// The channel, or a receiver, has the value.
    Done = 0,
    /// There is no room.
    Full = 1,
    /// The channel is closed.
    Closed = 2,
}

/// What became of an attempt to receive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// A value.
    Done = 0,
    /// There is none now.
    Empty = 1,
    /// There will be none any more.
    Closed = 2,
}

/// A reference to a channel that its holder counts, or borrows from one who does.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct ChannelRef(NonNull<Channel>);

impl Deref for ChannelRef {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        // SAFETY: the holder counts a reference, so the channel has not been freed.
        unsafe { self.0.as_ref() }
    }
}

/// Most elements of a bounded channel, and most bytes that they may take.
const MOST: i64 = 1 << 40;

impl ChannelRef {
    /// A new channel with one reference; `None` when the capacity is absurd.
    pub fn new(worker: &mut Worker, capacity: i64, element: &'static TypeInfo) -> Option<Self> {
        if capacity > 0 && capacity.checked_mul(element.size.max(1) as i64)? > MOST {
            return None;
        }
        let channel = Channel {
            refs: AtomicI64::new(1),
            lock: SpinLock::new(),
            closed: AtomicBool::new(false),
            size: element.size as usize,
            element,
            capacity,
            ring: Ring::new(),
            receivers: WaitQueue::new(),
            senders: WaitQueue::new(),
        };
        let block = worker.heap.alloc(size_of::<Channel>()).cast::<Channel>();
        leaks::record(block.cast(), || "Channel");
        // SAFETY: the block is new and large enough.
        unsafe {
            block.write(channel);
            Some(Self(NonNull::new_unchecked(block)))
        }
    }

    /// Takes back what [`ChannelRef::as_ptr`] gave.
    pub fn from_ptr(pointer: *mut u8) -> Self {
        Self(NonNull::new(pointer.cast()).expect("a channel is never null"))
    }

    /// The channel's address.
    pub fn as_ptr(self) -> *mut u8 {
        self.0.as_ptr().cast()
    }

    /// One reference more.
    pub fn retain(self) {
        self.refs.fetch_add(1, Ordering::Relaxed);
    }

    /// One reference less; the last releases what the channel holds, and frees it.
    pub fn release(self, worker: &mut Worker) {
        // AcqRel: the last holder sees what the others did.
        if self.refs.fetch_sub(1, Ordering::AcqRel) == 1 {
            worker.free_outside_glue(|worker, channel| Self::from_ptr(channel).free(worker), self.as_ptr());
        }
    }

    fn free(self, worker: &mut Worker) {
        if let Some(drop) = self.element.drop {
            while let Some(value) = self.ring.pop_place(self.size) {
                worker.call_glue(drop, value);
            }
        }
        self.ring.free(&mut worker.heap, self.size);
        let block = self.as_ptr();
        leaks::forget(block);
        // SAFETY: this was the last reference, and `new` took this size.
        unsafe { worker.heap.free(block, size_of::<Channel>()) };
    }

    /// Sends the value at `value`, 0; waits for room.
    #[inline(always)]
    pub fn send(self, worker: &mut Worker, value: *mut u8) -> Outcome {
        self.send_within::<false>(worker, value, NEVER)
    }

    /// Sends the value at `value`, 0; waits for room until the deadline at most, 1. Finds the channel closed, 2.
    pub fn send_until(self, worker: &mut Worker, value: *mut u8, deadline: i64) -> Outcome {
        self.send_within::<true>(worker, value, deadline)
    }

    #[inline(always)]
    fn send_within<const TIMED: bool>(self, worker: &mut Worker, value: *mut u8, deadline: i64) -> Outcome {
        let fiber = worker.current_fiber();
        loop {
            if cancel::is_due(fiber) {
                return unwind::raise(worker, Payload::Cancelled);
            }
            self.lock.lock();
            match self.send_locked(worker, value) {
                Sent::Done => return Outcome::done(),
                Sent::Closed if TIMED => return Outcome::value(SEND_FOUND_CLOSED),
                Sent::Closed => return raise_closed(worker),
                Sent::Full => {}
            }
            // Still locked.
            match self.enter::<TIMED>(worker, fiber, value, Wait::Send, deadline) {
                Entered::Waits => return worker.leave(),
                Entered::Looks => {}
                Entered::IsLate => return Outcome::value(SEND_TIMED_OUT),
            }
        }
    }

    /// Receives into `into`, 1, or finds the channel closed and empty, 0; waits for a value.
    #[inline(always)]
    pub fn recv(self, worker: &mut Worker, into: *mut u8) -> Outcome {
        self.recv_within::<false>(worker, into, NEVER)
    }

    /// As `recv`, but waits until the deadline at most, 2.
    pub fn recv_until(self, worker: &mut Worker, into: *mut u8, deadline: i64) -> Outcome {
        self.recv_within::<true>(worker, into, deadline)
    }

    #[inline(always)]
    fn recv_within<const TIMED: bool>(self, worker: &mut Worker, into: *mut u8, deadline: i64) -> Outcome {
        let fiber = worker.current_fiber();
        loop {
            if cancel::is_due(fiber) {
                return unwind::raise(worker, Payload::Cancelled);
            }
            self.lock.lock();
            match self.recv_locked(worker, into) {
                Received::Done => return Outcome::value(1),
                Received::Closed => return Outcome::value(0),
                Received::Empty => {}
            }
            // Still locked.
            match self.enter::<TIMED>(worker, fiber, into, Wait::Recv, deadline) {
                Entered::Waits => return worker.leave(),
                Entered::Looks => {}
                Entered::IsLate => return Outcome::value(RECV_TIMED_OUT),
            }
        }
    }

    /// Sends if there is room.
    pub fn try_send(self, worker: &mut Worker, value: *mut u8) -> Sent {
        self.lock.lock();
        let sent = self.send_locked(worker, value);
        if sent == Sent::Full {
            self.lock.unlock();
        }
        sent
    }

    /// Receives if there is a value.
    pub fn try_recv(self, worker: &mut Worker, into: *mut u8) -> Received {
        self.lock.lock();
        let received = self.recv_locked(worker, into);
        if received == Received::Empty {
            self.lock.unlock();
        }
        received
    }

    /// Sends under the lock, and unlocks unless it was full.
    #[inline(always)]
    fn send_locked(self, worker: &mut Worker, value: *mut u8) -> Sent {
        if self.has_been_closed() {
            self.lock.unlock();
            return Sent::Closed;
        }
        if let Some(receiver) = self.receivers.take() {
            copy(value, receiver.slot(), self.size);
            self.lock.unlock();
            receiver.succeed();
            worker.ready(receiver.fiber());
            return Sent::Done;
        }
        let ring = &self.ring;
        if self.capacity >= 0 && ring.length() as i64 >= self.capacity {
            return Sent::Full;
        }
        copy(value, ring.push_place(&mut worker.heap, self.size), self.size);
        self.lock.unlock();
        Sent::Done
    }

    /// Receives under the lock, and unlocks unless it was empty.
    #[inline(always)]
    fn recv_locked(self, worker: &mut Worker, into: *mut u8) -> Received {
        let ring = &self.ring;
        if let Some(value) = ring.pop_place(self.size) {
            copy(value, into, self.size);
            let sender = self.senders.take();
            if let Some(sender) = sender {
                copy(sender.slot(), ring.push_place(&mut worker.heap, self.size), self.size);
            }
            self.lock.unlock();
            if let Some(sender) = sender {
                wake_sender(worker, sender);
            }
            return Received::Done;
        }
        if let Some(sender) = self.senders.take() {
            copy(sender.slot(), into, self.size);
            self.lock.unlock();
            wake_sender(worker, sender);
            return Received::Done;
        }
        if self.has_been_closed() {
            self.lock.unlock();
            return Received::Closed;
        }
        Received::Empty
    }

    /// Lets the fiber wait, under the lock, which it gives up.
    #[inline(always)]
    fn enter<const TIMED: bool>(
        self,
        worker: &mut Worker,
        fiber: FiberRef,
        slot: *mut u8,
        wait: Wait,
        deadline: i64,
    ) -> Entered {
        if park::needs_registration(fiber) {
            self.lock.unlock();
            park::register(worker, fiber);
            return Entered::Looks;
        }
        if TIMED && deadline <= timer::now() {
            self.lock.unlock();
            return Entered::IsLate;
        }
        let (queue, reason) = match wait {
            Wait::Send => (&self.senders, WaitReason::Send),
            Wait::Recv => (&self.receivers, WaitReason::Recv),
        };
        fiber.object.set(self.as_ptr());
        fiber.waiter.set_slot(slot);
        let ways = if TIMED {
            fiber.deadline.set(deadline);
            Ways { resume: Some(resume_before_deadline), undo: undo_timed_wait }
        } else {
            Ways { resume: None, undo: undo_wait }
        };
        let waits = park::begin(fiber, reason, ways);
        if waits {
            queue.push((&fiber.waiter).into());
            if TIMED {
                park::arm(worker, fiber, deadline);
            }
        }
        self.lock.unlock();
        if waits { Entered::Waits } else { Entered::Looks }
    }

    /// Closes the channel: receivers that wait find it empty, senders that wait panic.
    pub fn close(self, worker: &mut Worker) {
        self.lock.lock();
        self.closed.store(true, Ordering::Relaxed);
        while let Some(receiver) = self.receivers.take() {
            receiver.fail();
            worker.ready_in_turn(receiver.fiber());
        }
        while let Some(sender) = self.senders.take() {
            sender.fail();
            if !sender.is_arm() {
                let fiber = sender.fiber();
                // A wait with a deadline has something to do afterwards as it is.
                match fiber.continuation.get() {
                    None => fiber.continuation.set(Some(raise_closed)),
                    Some(_) => fiber.resume_value.set(SEND_FOUND_CLOSED),
                }
            }
            worker.ready_in_turn(sender.fiber());
        }
        self.lock.unlock();
    }

    /// Whether it is closed.
    pub fn is_closed(self) -> bool {
        self.lock.with(|| self.has_been_closed())
    }

    /// How many values wait in it.
    pub fn length(self) -> usize {
        self.lock.with(|| self.ring.length())
    }

    /// Its capacity, negative when unbounded.
    pub fn capacity(self) -> i64 {
        self.capacity
    }

    /// Whether it has been closed, or without the lock, was a moment ago.
    #[inline]
    fn has_been_closed(&self) -> bool {
        // Relaxed: the lock orders it, and without the lock nothing follows from it.
        self.closed.load(Ordering::Relaxed)
    }
}

/// What a fiber waits for.
#[derive(Clone, Copy)]
enum Wait {
    Send,
    Recv,
}

/// What became of an attempt to wait.
enum Entered {
    /// The fiber waits.
    Waits,
    /// Something has changed: the caller looks again.
    Looks,
    /// The deadline has come.
    IsLate,
}

/// What `send` returns when its time is up.
const SEND_TIMED_OUT: i64 = 1;

/// What a `send` with a deadline returns on a closed channel.
const SEND_FOUND_CLOSED: i64 = 2;

/// What `recv` returns when its time is up.
const RECV_TIMED_OUT: i64 = 2;

/// Copies a value of `size` bytes.
#[inline]
fn copy(from: *const u8, to: *mut u8, size: usize) {
    // SAFETY: both places are `size` bytes: a slot that compiled code passed for a value of the channel's type, which belongs
    // to the calling or to a claimed fiber, or a place in the ring. They are different places.
    unsafe {
        match size {
            8 => to.cast::<u64>().write_unaligned(from.cast::<u64>().read_unaligned()),
            _ => core::ptr::copy_nonoverlapping(from, to, size),
        }
    }
}

/// Panics in a sender whose channel is closed.
pub fn raise_closed(worker: &mut Worker) -> Outcome {
    park::disarm(worker.current_fiber());
    unwind::panic(worker, String::from("send on a closed channel"))
}

/// Makes a claimed sender ready, whose value has been taken.
fn wake_sender(worker: &mut Worker, sender: WaiterRef) {
    // What a `send` returns is 0.
    if sender.is_arm() {
        sender.succeed();
    } else {
        sender.fail();
    }
    worker.ready(sender.fiber());
}

/// Goes on with the result of a wait that ended before its deadline.
fn resume_before_deadline(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    park::disarm(fiber);
    Outcome::value(fiber.resume_value.get())
}

/// Takes a waiter that was cancelled out of its channel, which neither took nor gave a value.
fn undo_wait(worker: &mut Worker) -> Outcome {
    let (channel, sends, slot) = leave(worker.current_fiber());
    unwind::raise_cancelled_or(worker, |worker| match sends {
        true => channel.send(worker, slot),
        false => channel.recv(worker, slot),
    })
}

/// As `undo_wait` for a wait whose time may also be up.
fn undo_timed_wait(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let (channel, sends, slot) = leave(fiber);
    if park::disarm(fiber) {
        return Outcome::value(if sends { SEND_TIMED_OUT } else { RECV_TIMED_OUT });
    }
    let deadline = fiber.deadline.get();
    unwind::raise_cancelled_or(worker, |worker| match sends {
        true => channel.send_until(worker, slot, deadline),
        false => channel.recv_until(worker, slot, deadline),
    })
}

/// Takes a fiber out of the channel that it waited at; that, whether it was to send, and its value's place.
fn leave(fiber: FiberRef) -> (ChannelRef, bool, *mut u8) {
    let channel = ChannelRef::from_ptr(fiber.object.get());
    let sends = fiber.reason.get() == WaitReason::Send;
    channel.leave((&fiber.waiter).into(), sends);
    (channel, sends, fiber.waiter.slot())
}
