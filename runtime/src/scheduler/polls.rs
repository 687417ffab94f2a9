//! Polls: where code that computes lets others have their turn, and finds out that it has been cancelled.
//!
//! The loops of compiled code test a word of the worker record, and functions on a cycle of the call graph compare the stack pointer with the
//! limit of the stack, which they do anyway. Who wants a worker's attention [`ask`](Runtime::ask_all)s: sets the word, then raises the limit so that
//! nobody has room. The worker takes the word back, and lowers the limit, before it looks at what it is asked.
//!
//! The worker also writes the limit where its fiber or its stack changes, which may undo what was raised at the same moment. Then only
//! functions miss what is asked, until the monitor raises the limit once more: it does as long as the word is set. To rule that out
//! would take a fence at each change of fibers.
//!
//! A poll is no suspension point to programs: what must not wait may be paused. It is passed by where the worker record is not only the fiber's:
//! in glue that the runtime calls, and while a panic of a `deinit` waits there.

use core::mem::offset_of;
use std::env;

use plat_abi::layout::{WORKER_POLL, WORKER_STACK_LIMIT};

use super::Runtime;
use super::worker::Worker;
use crate::cancel;
use crate::context::Outcome;
use crate::sync_shim::{AtomicU32, AtomicU64, Ordering};
use crate::unwind::{self, Payload};

/// A limit of the stack that no stack pointer is above.
pub const NO_ROOM: u64 = u64::MAX;

/// How many polls `PLAT_POLL_EVERY` lets pass between two that pause; 0 without it.
static EVERY: AtomicU32 = AtomicU32::new(0);

/// Polls that have passed, if they are counted.
static PASSED: AtomicU32 = AtomicU32::new(0);

/// What a worker is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Asked {
    /// To look for cancellations, and at what is asked of all workers.
    Look = 1,
    /// To let another fiber have its turn as well.
    Turn = 2,
}

/// What a poll may do to the task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// It stands in code that is not to be left half done.
    Pauses,
    /// It also ends the task if that has been cancelled.
    Ends,
}

impl Poll {
    /// As compiled code says it.
    pub fn from_word(ends: i64) -> Self {
        if ends == 0 { Self::Pauses } else { Self::Ends }
    }
}

/// `PLAT_POLL_EVERY=k`: each poll calls the runtime, and every k-th lets others have their turn as after a long time. For tests: what may
/// happen at a poll happens at many of them. Before anything runs.
pub fn force_if_asked() {
    let every = env::var("PLAT_POLL_EVERY").ok().and_then(|text| text.parse().ok());
    EVERY.store(every.unwrap_or(0), Ordering::Relaxed);
}

/// Whether all polls call the runtime.
pub fn are_forced() -> bool {
    EVERY.load(Ordering::Relaxed) != 0
}

/// What the word of a worker is that nobody asks for anything.
pub fn unasked() -> u64 {
    if are_forced() { Asked::Look as u64 } else { 0 }
}

impl Runtime {
    /// Asks all workers that have started. From any thread.
    pub fn ask_all(&self, asked: Asked) {
        (0..self.worker_count()).for_each(|index| self.ask(index, asked));
    }

    /// Asks one worker, if it has started.
    pub fn ask(&self, index: usize, asked: Asked) {
        if let Some([word, limit]) = self.words(index) {
            // Release pairs with the Acquire in `poll`: what was cancelled before is seen.
            word.fetch_or(asked as u64, Ordering::Release);
            limit.store(NO_ROOM, Ordering::Relaxed);
        }
    }

    /// Raises the limit of a worker that is still asked for something.
    pub fn insist(&self, index: usize) {
        if let Some([word, limit]) = self.words(index)
            && word.load(Ordering::Relaxed) != 0
        {
            limit.store(NO_ROOM, Ordering::Relaxed);
        }
    }

    /// The word and the limit of a worker that has started.
    fn words(&self, index: usize) -> Option<[&'static AtomicU64; 2]> {
        let record = self.record(index)?;
        Some([WORKER_POLL, WORKER_STACK_LIMIT].map(|field| {
            let word = record.cast::<u8>().as_ptr().wrapping_add(offset_of!(Worker, fields) + field);
            // SAFETY: records of started workers stay for the rest of the process, and all change these fields by atomic operations only.
            unsafe { AtomicU64::from_ptr(word.cast()) }
        }))
    }
}

impl Worker {
    /// The current fiber has come to a poll, and something is asked.
    pub fn poll(&mut self, poll: Poll) -> Outcome {
        let fiber = self.current_fiber();
        let asked = self.fields.poll.swap(unasked(), Ordering::Acquire);
        self.apply_limit(fiber);
        if self.runs_glue(fiber) || self.fields.deinit_panic != 0 {
            return Outcome::done();
        }
        let is_turn = asked & Asked::Turn as u64 != 0 || is_forced_turn();
        if is_turn && !self.is_hosted() {
            self.fire_timers();
        }
        if poll == Poll::Ends && cancel::is_due_at_poll(fiber) {
            return unwind::raise(self, Payload::Cancelled);
        }
        if self.is_hosted() || !(self.runtime.has_requests() || is_turn && self.has_others()) {
            return Outcome::done();
        }
        // Those that have waited for longest, and those that are ready here, take turns.
        self.prefers_injected = !self.prefers_injected && self.runtime.has_injected();
        fiber.resume_value.set(0);
        self.ready_last(fiber);
        Outcome::switch()
    }

    /// Whether anything could run here instead.
    fn has_others(&self) -> bool {
        self.queue.has_fibers() || self.queue.length() > 0 || self.runtime.has_injected()
    }
}

/// Counts a poll if that is asked for; whether it is one that others have their turn at.
fn is_forced_turn() -> bool {
    let every = EVERY.load(Ordering::Relaxed);
    every != 0 && PASSED.fetch_add(1, Ordering::Relaxed).is_multiple_of(every)
}
