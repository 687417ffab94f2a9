//! Waiting for a word of an object of the library to change: what mutexes, semaphores and their like are made of.
//!
//! Compiled code changes the word by atomic operations, in line; only who has to wait, and who may have to wake somebody,
//! comes here. Whether somebody waits is a bit of the word, which the waiter sets before it waits. The lock of the queue makes looking at the word and
//! entering the queue one step, and so is taking a waiter and clearing the bit.
//!
//! The library owns the words' meaning. Each woken waiter is told a token, so that what it waits for may be handed to it.

use plat_abi::layout::{Location, WAITERS_SIZE};

use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::park;
use crate::scheduler::worker::Worker;
use crate::spin::SpinLock;
use crate::sync_shim::{AtomicI64, Ordering, is_single_threaded};
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
}

const _: () = assert!(size_of::<Waiters>() <= WAITERS_SIZE);

/// What `wait` returns when it has not waited, or has been woken by nobody in particular.
const NOT_WOKEN: i64 = 0;

/// What everybody is told who is woken with all others.
const WOKEN: i64 = 1;

/// The bit of `how` to wait that puts a waiter before the others.
pub const FIRST: i64 = 1;

/// A word and those who wait for it.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// Those who wait.
    pub waiters: &'a Waiters,
    /// The word.
    pub word: &'a AtomicI64,
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
    pub fn wait(self, worker: &mut Worker, expected: i64, reason: WaitReason, is_first: bool) -> Outcome {
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
            fiber.object.set(core::ptr::from_ref(self.waiters).cast_mut().cast());
            fiber.resume_value.set(NOT_WOKEN);
            let waits = park::begin(fiber, reason, undo_wait);
            if waits {
                self.waiters.enter(fiber, is_first);
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
        let Some(fiber) = woken.map(|waiter| waiter.fiber()) else { return false };
        fiber.resume_value.set(token);
        worker.ready(fiber);
        true
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
            let fiber = waiter.fiber();
            fiber.resume_value.set(WOKEN);
            worker.ready(fiber);
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

/// Takes a cancelled waiter out of its queue. If it is not to unwind, its caller looks at the word again.
fn undo_wait(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let waiters = fiber.object.get().cast::<Waiters>();
    // SAFETY: the waiting function keeps the object that they stand in (contract of row `sync_wait`).
    let waiters = unsafe { &*waiters };
    waiters.lock.with(|| waiters.queue.remove((&fiber.waiter).into()));
    unwind::raise_cancelled_or(worker, |_| Outcome::value(NOT_WOKEN))
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
    let program = worker.program();
    let place = frame_at(worker.current_fiber(), frame)
        .and_then(|frame| place_of(program, frame))
        .map(|place| program.display(place));
    let since = place.map_or_else(String::new, |place| format!(", since {place}"));
    unwind::panic(worker, format!("{what} by this task already{since}"))
}

/// Where the frame has locked what it holds: the user's line that it has come from, or where it locks once more itself, the one
/// around that.
fn place_of(program: &Program, frame: Frame) -> Option<&'static Location> {
    let mut places = origins(program, frame.return_address()).filter(|origin| origin.is_users);
    let place = match (places.next(), places.last()) {
        (Some(_), Some(outer)) => outer.place,
        (Some(only), None) => only.place,
        (None, _) => return Backtrace::new(frame).place(program),
    };
    Some(place)
}

/// The frame at that address, if the fiber's innermost task has it.
fn frame_at(fiber: FiberRef, address: usize) -> Option<Frame> {
    let mut frame = Frame::top(fiber);
    while !frame.is_entry_return() {
        if frame.frame_pointer() == address {
            return Some(frame);
        }
        frame = frame.outwards();
    }
    None
}
