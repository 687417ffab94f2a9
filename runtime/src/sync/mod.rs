//! Waiting for a word of an object of the library to change: what mutexes, semaphores and their like are made of.
//!
//! Compiled code changes the word by atomic operations, in line; only who has to wait, and who may have to wake somebody,
//! comes here. Whether somebody waits is a bit of the word, which the waiter sets before it waits. The lock of the queue makes looking at the word and
//! entering the queue one step, and so is taking a waiter and clearing the bit.
//!
//! The library owns the words' meaning. Each woken waiter is told a token, so that what it waits for may be handed to it.

use core::cell::Cell;

use plat_abi::layout::{Location, WAITERS_SIZE};

use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{Continuation, FiberRef, WaitReason};
use crate::park::{self, Ways};
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync_shim::{AtomicI64, Ordering, is_single_threaded};
use crate::timer::{self, NEVER};
use crate::unwind::backtrace::Backtrace;
use crate::unwind::frame::{Frame, origins};
use crate::unwind::tables::Program;
use crate::unwind::{self, Payload};
use crate::waiter::{WaitQueue, WaiterRef};

/// Those who wait for a word, in the object that has the word. All zeros is nobody.
#[repr(C)]
pub struct Waiters {
    lock: SpinLock,
    queue: WaitQueue,
    /// The record of a task that has what they wait for, if it is something that tasks have. Compiled code writes it.
    holder: Cell<*const u8>,
}

const _: () = assert!(size_of::<Waiters>() <= WAITERS_SIZE);

/// What `wait` returns when it has not waited, or has been woken by nobody in particular.
const NOT_WOKEN: i64 = 0;

/// What everybody is told who is woken with all others.
const WOKEN: i64 = 1;

/// What `wait` returns when it was in vain until the deadline.
const TOO_LATE: i64 = -1;

/// The bit of a word from which a `select` takes that says that somebody waits.
const IS_WAITED_FOR: i64 = 1;

/// The bit of `how` to wait that puts a waiter before the others.
pub const FIRST: i64 = 1;

/// A word and those who wait for it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Gate<'a> {
    /// Those who wait.
    pub waiters: &'a Waiters,
    /// The word.
    pub word: &'a AtomicI64,
}

/// How to wait.
#[derive(Clone, Copy)]
pub struct Wait {
    /// What for, as reports call it.
    pub reason: WaitReason,
    /// Whether to be woken before the others.
    pub is_first: bool,
    /// Until when.
    pub deadline: i64,
}

/// A word that counts what there is to take, for a `select`. Who is woken by it has been handed what it waits for.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Supply<'a> {
    /// The word and who waits for it.
    pub gate: Gate<'a>,
    /// There is something to take when the word is this, as an unsigned number, or more.
    pub least: u64,
    /// What is taken from it.
    pub take: u64,
}

/// A change of the word when somebody is woken.
#[derive(Clone, Copy)]
pub struct Change {
    /// What is added to it.
    pub add: i64,
    /// Bits that are cleared when nobody waits any more.
    pub clear: i64,
}

impl Gate<'_> {
    /// Waits until woken, as long as the word is the expected one.
    pub fn wait(self, worker: &mut Worker, expected: i64, how: Wait) -> Outcome {
        let fiber = worker.current_fiber();
        loop {
            if cancel::is_due(fiber) {
                return unwind::raise(worker, Payload::Cancelled);
            }
            park::register(worker, fiber);
            self.waiters.lock.lock();
            // Acquire: who is not to wait sees what was done before the word was changed.
            if self.word.load(Ordering::Acquire) != expected {
                self.waiters.lock.unlock();
                return Outcome::value(NOT_WOKEN);
            }
            if how.deadline != NEVER && how.deadline <= timer::now() {
                self.waiters.lock.unlock();
                return Outcome::value(TOO_LATE);
            }
            fiber.object.set(core::ptr::from_ref(self.waiters).cast_mut().cast());
            fiber.resume_value.set(NOT_WOKEN);
            let resume = (how.deadline != NEVER).then_some(resume_in_time as Continuation);
            let waits = park::begin(fiber, how.reason, Ways { resume, undo: undo_wait });
            if waits {
                self.waiters.enter(fiber, how.is_first);
                park::arm(worker, fiber, how.deadline);
            }
            self.waiters.lock.unlock();
            if waits {
                return worker.leave();
            }
        }
    }

    /// Wakes who waits first, if anybody does, and then adds to the word. Whether somebody was woken.
    pub fn wake(self, worker: &mut Worker, change: Change, token: i64) -> bool {
        let woken = self.waiters.lock.with(|| {
            let woken = self.waiters.queue.take();
            self.change(change, woken.is_some());
            woken
        });
        let Some(waiter) = woken else { return false };
        end_wait(waiter, token);
        worker.ready(waiter.fiber());
        true
    }

    /// Takes a waiter out, if it is still there.
    pub fn leave(self, waiter: WaiterRef) {
        self.waiters.lock.with(|| self.waiters.queue.remove(waiter));
    }

    /// Wakes all, and if those are any adds to the word, and `each` for each of them. How many were woken.
    pub fn wake_all(self, worker: &mut Worker, change: Change, each: i64) -> i64 {
        let (mut first, mut last, mut count) = (None, None::<WaiterRef>, 0);
        self.waiters.lock.with(|| {
            while let Some(waiter) = self.waiters.queue.take() {
                link(&mut first, &mut last, waiter);
                count += 1;
            }
            self.change(Change { add: change.add + count * each, ..change }, count > 0);
        });
        while let Some(waiter) = first {
            first = waiter.next();
            end_wait(waiter, WOKEN);
            worker.ready_in_turn(waiter.fiber());
        }
        count
    }

    /// Under the lock of the queue.
    fn change(self, change: Change, adds: bool) {
        let clear = if self.waiters.queue.is_empty() { change.clear } else { 0 };
        let add = if adds { change.add } else { 0 };
        let mut word = self.word.load(Ordering::Relaxed);
        // AcqRel: hands on what was done under what the word stands for, to who was woken and to who comes.
        while let Err(now) = self.word.compare_exchange_weak(
            word,
            word.wrapping_add(add) & !clear,
            Ordering::AcqRel,
            Ordering::Relaxed,
        ) {
            word = now;
        }
    }
}

impl Supply<'_> {
    /// Takes what there is to take.
    pub fn take(self) -> bool {
        let mut word = self.gate.word.load(Ordering::Acquire);
        while word.cast_unsigned() >= self.least {
            let rest = word.wrapping_sub_unsigned(self.take);
            // AcqRel: what was done before it was put there is seen, and those who come after this see what was done before.
            match self.gate.word.compare_exchange_weak(word, rest, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Lets an arm wait, unless there is something to take.
    pub fn join(self, waiter: WaiterRef) -> bool {
        self.gate.waiters.lock.with(|| {
            let mut word = self.gate.word.load(Ordering::Relaxed);
            while word.cast_unsigned() < self.least {
                let noted = word | IS_WAITED_FOR;
                match self.gate.word.compare_exchange_weak(word, noted, Ordering::AcqRel, Ordering::Relaxed) {
                    Ok(_) => {
                        self.gate.waiters.queue.push(waiter);
                        return true;
                    }
                    Err(now) => word = now,
                }
            }
            false
        })
    }
}

/// Ends the wait of one that has been taken out of its queue and claimed.
fn end_wait(waiter: WaiterRef, token: i64) {
    if waiter.is_arm() { waiter.succeed() } else { waiter.fiber().resume_value.set(token) }
}

impl Waiters {
    fn enter(&self, fiber: FiberRef, is_first: bool) {
        let waiter = (&fiber.waiter).into();
        if is_first { self.queue.push_first(waiter) } else { self.queue.push(waiter) }
    }
}

/// Puts a claimed waiter, which stands in no queue, behind others.
fn link(first: &mut Option<WaiterRef>, last: &mut Option<WaiterRef>, waiter: WaiterRef) {
    waiter.set_next(None);
    match last.replace(waiter) {
        Some(before) => before.set_next(Some(waiter)),
        None => *first = Some(waiter),
    }
}

/// Goes on with what a waiter with a deadline was told.
fn resume_in_time(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    park::disarm(fiber);
    Outcome::value(fiber.resume_value.get())
}

/// Takes a waiter that is cancelled, or whose time is up, out of its queue. If it is not to unwind, its caller looks at the word again.
fn undo_wait(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let waiters = fiber.object.get().cast::<Waiters>();
    // SAFETY: the waiting function keeps the object that they stand in (contract of row `sync_wait`).
    let waiters = unsafe { &*waiters };
    waiters.lock.with(|| waiters.queue.remove((&fiber.waiter).into()));
    if park::disarm(fiber) {
        return Outcome::value(TOO_LATE);
    }
    unwind::raise_cancelled_or(worker, |_| Outcome::value(NOT_WOKEN))
}

/// The record of a task that has what the fiber waits for, if it is a lock and that is known; the task may have ended. Only while no
/// worker runs a fiber.
pub fn holder(fiber: FiberRef) -> Option<*const u8> {
    let WaitReason::Shared(_) = fiber.reason.get() else { return None };
    let waiters = fiber.object.get().cast::<Waiters>();
    // SAFETY: the waiting function keeps the object that they stand in (contract of row `sync_wait`).
    Some(unsafe { (*waiters).holder.get() }).filter(|task| !task.is_null())
}

/// Lets a moment pass for who holds something for a moment only. False where that is in vain: nobody else runs.
pub fn pause(rounds: i64) -> bool {
    if is_single_threaded() {
        return false;
    }
    (0..rounds).for_each(|_| core::hint::spin_loop());
    true
}

/// Panics because the task waits for itself: `what` says what it does already, in the frame at this address.
pub fn panic_held(worker: &mut Worker, what: &str, frame: usize) -> Outcome {
    let (program, fiber) = (worker.program(), worker.current_fiber());
    let place = frame_at(fiber, frame)
        .and_then(|frame| place_of(program, frame, fiber))
        .map(|place| program.display(place));
    let since = place.map_or_else(String::new, |place| format!(", since {place}"));
    unwind::panic(worker, format!("{what} by this task already{since}"))
}

/// Where the frame has locked what it holds: the user's line that it has come from, or where it locks once more itself, the one
/// around that.
fn place_of(program: &Program, frame: Frame, fiber: FiberRef) -> Option<&'static Location> {
    let mut places = origins(program, frame.return_address()).filter(|origin| origin.is_users);
    let place = match (places.next(), places.last()) {
        (Some(_), Some(outer)) => outer.place,
        (Some(only), None) => only.place,
        (None, _) => return Backtrace::new(frame, fiber.task()).place(program),
    };
    Some(place)
}

/// The frame at that address, if the fiber's innermost task has it.
fn frame_at(fiber: FiberRef, address: usize) -> Option<Frame> {
    let mut frame = Frame::top(fiber);
    while !frame.ends(fiber.task()) {
        if frame.frame_pointer() == address {
            return Some(frame);
        }
        frame = frame.outwards();
    }
    None
}
