//! A source of events: a descriptor that does not block, and the fibers that wait until one of its two directions is worth trying.
//!
//! Operations try first and wait only where there is nothing to do. An event wakes all who wait for its direction: who finds nothing left
//! waits again.

use core::cell::Cell;
use core::mem::offset_of;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use super::Reactor;
use super::faults::{self, Fault};
use super::readiness::Readiness;
use super::usage::Usage;
use crate::cancel;
use crate::context::{self, Outcome};
use crate::fiber::{FiberRef, WaitReason};
use crate::park::{self, Ways};
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync_shim::{AtomicI32, AtomicU32, Ordering};
use crate::timer::{self, NEVER};
use crate::unwind::{self, Payload};
use crate::waiter::{WaitQueue, WaiterRef};

/// What `wait` returns when it is worth trying.
const READY: i64 = 1;

/// What `wait` returns when its time is up.
const LATE: i64 = 0;

/// Stands for "no descriptor".
const NO_DESCRIPTOR: RawFd = -1;

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Into the program; connections to be accepted, too.
    In = 0,
    /// Out of it; an attempt to connect that comes to its end, too.
    Out = 1,
}

impl Direction {
    /// The one with this number; everything but 0 is [`Direction::Out`].
    pub fn of(number: i64) -> Self {
        if number == Self::In as i64 { Self::In } else { Self::Out }
    }
}

/// A source. It stays where it is, for one descriptor after the other. What events and tries touch is one cache line.
#[repr(C, align(64))]
pub struct Source {
    lock: SpinLock,
    /// Which descriptor it has: events of one before are not of this one.
    generation: AtomicU32,
    descriptor: AtomicI32,
    usage: Usage,
    sides: [Side; 2],
    /// Who is at the other end, for reports. Written before the source is known.
    peer: Cell<Option<SocketAddr>>,
    /// Whether events come. Written before the source is known.
    is_registered: Cell<bool>,
    /// While it is free, what the table knows by it.
    next_free: Cell<u32>,
}

const _: () = assert!(offset_of!(Source, peer) == 64);

/// One direction of a source.
struct Side {
    readiness: Readiness,
    /// Under the lock.
    waiters: WaitQueue,
}

// SAFETY: queues are used under the lock only, and the cells are written only while nobody else knows the source.
unsafe impl Sync for Source {}

// SAFETY: as above; nothing in it belongs to a thread.
unsafe impl Send for Source {}

/// How a fiber waits at a source.
pub struct Wait {
    /// For which direction.
    pub direction: Direction,
    /// What reports say.
    pub reason: WaitReason,
    /// Until when at the latest.
    pub deadline: i64,
    /// What its ways find in the slot of its waiter.
    pub slot: *mut u8,
    /// How it goes on.
    pub ways: Ways,
}

/// What became of a try.
#[derive(Clone, Copy)]
pub struct Done {
    /// How much was done, or what was made.
    pub count: usize,
    /// Whether that was all there was to do: trying again at once would be in vain.
    pub is_all: bool,
}

impl Source {
    /// Without a descriptor.
    pub fn new() -> Self {
        Self {
            lock: SpinLock::new(),
            generation: AtomicU32::new(0),
            descriptor: AtomicI32::new(NO_DESCRIPTOR),
            usage: Usage::new(),
            sides: [Side::new(), Side::new()],
            peer: Cell::new(None),
            is_registered: Cell::new(false),
            next_free: Cell::new(0),
        }
    }

    /// What was written down in it when it was given back.
    pub fn next_free(&self) -> u32 {
        self.next_free.get()
    }

    /// Writes a number down in one that nobody has.
    pub fn set_next_free(&self, next: u32) {
        self.next_free.set(next);
    }

    /// Takes a descriptor over, which has been registered. Only while nobody knows the source.
    pub fn adopt(&self, descriptor: OwnedFd, peer: Option<SocketAddr>) {
        self.is_registered.set(true);
        self.peer.set(peer);
        self.hold(descriptor);
    }

    /// Takes a descriptor over of which no events come, such as a file's. Only while nobody knows the source.
    pub fn hold(&self, descriptor: OwnedFd) {
        self.descriptor.store(descriptor.into_raw_fd(), Ordering::Relaxed);
        self.usage.open();
    }

    /// Whether events come. Where they do not, it is always worth trying, and tries must never fail with `WouldBlock`.
    pub fn is_registered(&self) -> bool {
        self.is_registered.get()
    }

    /// Forgets what the descriptor was, which is closed: the source may have another.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.peer.set(None);
        self.is_registered.set(false);
        for side in &self.sides {
            side.readiness.reset();
        }
    }

    /// Which descriptor it has.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Who is at the other end.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer.get()
    }

    fn side(&self, direction: Direction) -> &Side {
        &self.sides[direction as usize]
    }

    /// Calls `operate` with the descriptor, which stays open meanwhile.
    pub fn with<R>(&self, operate: impl FnOnce(BorrowedFd<'_>) -> io::Result<R>) -> io::Result<R> {
        let result = if self.usage.enter() {
            let descriptor = self.descriptor.load(Ordering::Relaxed);
            // SAFETY: it is open until `leave` (kept by `Usage`).
            operate(unsafe { BorrowedFd::borrow_raw(descriptor) })
        } else {
            Err(io::Error::from_raw_os_error(libc::EBADF))
        };
        if self.usage.leave() {
            self.close_descriptor();
        }
        result
    }

    /// Tries an operation of that direction. It does not block, but fails with `WouldBlock`; a signal interrupts it in vain.
    pub fn attempt(
        &self,
        direction: Direction,
        mut operate: impl FnMut(BorrowedFd<'_>) -> io::Result<Done>,
    ) -> io::Result<usize> {
        let readiness = &self.side(direction).readiness;
        let fault = faults::next();
        if fault == Some(Fault::InVain) {
            readiness.doubt();
        }
        if readiness.is_drained() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.with(|descriptor| {
            let mut interrupted = fault == Some(Fault::Interrupted);
            loop {
                let observed = readiness.observe();
                let result =
                    if interrupted { Err(io::ErrorKind::Interrupted.into()) } else { operate(descriptor) };
                interrupted = false;
                match result {
                    Ok(done) => {
                        if done.is_all {
                            readiness.drain(observed);
                        }
                        return Ok(done.count);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        if error.kind() == io::ErrorKind::WouldBlock {
                            readiness.drain(observed);
                        }
                        return Err(error);
                    }
                }
            }
        })
    }

    /// Waits until it is worth trying the direction, 1, or until the deadline, 0. Then it is worth one more try, too: who looks for events
    /// may have been late as well.
    pub fn wait(
        &'static self,
        worker: &mut Worker,
        direction: Direction,
        reason: WaitReason,
        deadline: i64,
    ) -> Outcome {
        let fiber = worker.current_fiber();
        let side = self.side(direction);
        loop {
            if cancel::is_due(fiber) {
                return unwind::raise(worker, Payload::Cancelled);
            }
            if !side.readiness.is_drained() {
                return Outcome::value(READY);
            }
            if deadline != NEVER && deadline <= timer::now() {
                return side.give_up();
            }
            park::register(worker, fiber);
            let slot = core::ptr::without_provenance_mut(direction as usize);
            let ways = Ways { resume: (deadline != NEVER).then_some(resume), undo: undo_wait };
            if self.enter(worker, fiber, Wait { direction, reason, deadline, slot, ways }) {
                worker.foresee();
                return worker.leave();
            }
        }
    }

    /// Begins to wait. False when the caller has to look again.
    pub fn enter(&'static self, worker: &mut Worker, fiber: FiberRef, wait: Wait) -> bool {
        let side = self.side(wait.direction);
        self.lock.with(|| {
            if !side.readiness.is_drained() {
                return false;
            }
            fiber.object.set(core::ptr::from_ref(self).cast_mut().cast());
            fiber.deadline.set(wait.deadline);
            fiber.waiter.set_slot(wait.slot);
            if !park::begin(fiber, wait.reason, wait.ways) {
                return false;
            }
            Reactor::count_waiting();
            side.waiters.push((&fiber.waiter).into());
            park::arm(worker, fiber, wait.deadline);
            true
        })
    }

    /// Takes a fiber out that has entered and goes on otherwise, if it is still there.
    pub fn withdraw(&self, fiber: FiberRef, direction: Direction) {
        self.leave(direction, (&fiber.waiter).into());
    }

    /// Lets an arm of a `select` wait for the direction, unless it may be worth trying.
    pub fn join(&self, direction: Direction, waiter: WaiterRef) -> bool {
        let side = self.side(direction);
        self.lock.with(|| {
            let waits = side.readiness.is_drained();
            if waits {
                Reactor::count_waiting();
                side.waiters.push(waiter);
            }
            waits
        })
    }

    /// Takes an arm out that has joined, if it is still there.
    pub fn leave(&self, direction: Direction, waiter: WaiterRef) {
        self.lock.with(|| self.side(direction).waiters.remove(waiter));
        Reactor::uncount_waiting();
    }

    /// Has the processor fetch it.
    #[inline]
    pub fn prefetch(&self) {
        context::prefetch_line(core::ptr::from_ref(self).addr());
    }

    /// Has the processor fetch what waking those who wait first touches.
    #[inline]
    pub fn prefetch_waiters(&self) {
        self.lock.with(|| {
            for waiter in self.sides.iter().filter_map(|side| side.waiters.first()) {
                context::prefetch_line(waiter.address());
                // A fiber's own stands behind the head of its record.
                context::prefetch_line(waiter.address() - context::LINE);
            }
        });
    }

    /// Something has happened: wakes who waits for that direction. How many.
    pub fn announce(&self, worker: &mut Worker, direction: Direction, is_over: bool) -> usize {
        let side = self.side(direction);
        self.lock.with(|| {
            side.readiness.announce(is_over);
            let mut count = 0;
            while let Some(waiter) = side.waiters.take() {
                waiter.succeed();
                if !waiter.is_arm() {
                    Reactor::uncount_waiting();
                }
                worker.ready_in_turn(waiter.fiber());
                count += 1;
            }
            count
        })
    }

    /// Closes the descriptor as soon as nobody uses it. Who waits finds out; closing it twice has no effect.
    pub fn close(&self, worker: &mut Worker) {
        let Some(is_idle) = self.usage.close() else { return };
        if is_idle {
            self.close_descriptor();
        }
        self.announce(worker, Direction::In, true);
        self.announce(worker, Direction::Out, true);
    }

    /// After the last use of one that is closed.
    fn close_descriptor(&self) {
        let descriptor = self.descriptor.swap(NO_DESCRIPTOR, Ordering::Relaxed);
        if descriptor != NO_DESCRIPTOR {
            // SAFETY: `adopt` took it over, and it is taken out once.
            drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
        }
    }
}

impl Side {
    fn new() -> Self {
        Self { readiness: Readiness::new(), waiters: WaitQueue::new() }
    }

    /// Time is up for one who waits.
    fn give_up(&self) -> Outcome {
        self.readiness.doubt();
        Outcome::value(LATE)
    }
}

/// The source that a fiber waits at.
pub fn awaited_by(fiber: FiberRef) -> &'static Source {
    // SAFETY: `enter` put it there, and sources stay where they are.
    unsafe { &*fiber.object.get().cast::<Source>() }
}

/// Goes on after an event for which it has not waited too long.
fn resume(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    park::disarm(fiber);
    Outcome::value(fiber.resume_value.get())
}

/// Takes a waiter that was cancelled, or whose time is up, out.
fn undo_wait(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let source = awaited_by(fiber);
    let direction = Direction::of(fiber.waiter.slot().addr() as i64);
    source.withdraw(fiber, direction);
    if park::disarm(fiber) {
        return source.side(direction).give_up();
    }
    let (reason, deadline) = (fiber.reason.get(), fiber.deadline.get());
    unwind::raise_cancelled_or(worker, |worker| source.wait(worker, direction, reason, deadline))
}
