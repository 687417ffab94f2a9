//! Polls: where code that computes lets others have their turn, and finds out that it has been cancelled.
//!
//! The loops of compiled code test a word of the worker record, and functions on a cycle of the call graph compare the stack pointer with the
//! limit of the stack, which they do anyway. Who wants a worker's [`Attention`] asks, by both; the monitor insists as long as that is in vain.
//! Threads beside the workers are asked as well.
//!
//! A poll is no suspension point to programs: what must not wait may be paused. It is passed by where the worker record is not only the fiber's:
//! in glue that the runtime calls, and while a panic of a `deinit` waits there.

use core::mem::offset_of;
use core::ptr::NonNull;
use std::env;

use plat_abi::layout::{WORKER_POLL, WORKER_STACK_LIMIT};

use super::Runtime;
use super::attention::Attention;
use super::hosts;
use super::worker::Worker;
use crate::cancel;
use crate::context::Outcome;
use crate::inspect;
use crate::sync_shim::{AtomicU32, AtomicU64, Ordering};
use crate::unwind::{self, Payload};

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
    /// To say where the task is that runs there (`inspect::watchdog`).
    Place = 4,
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
    /// Asks all workers that have started, and the threads beside them. From any thread.
    pub fn ask_all(&self, asked: Asked) {
        self.for_all(|attention| attention.ask(asked as u64));
    }

    /// Asks one worker, if it has started.
    pub fn ask(&self, index: usize, asked: Asked) {
        if let Some(record) = self.record(index) {
            attention_of(record).ask(asked as u64);
        }
    }

    /// Tells those once more who are still asked for something.
    pub fn insist(&self) {
        self.for_all(Attention::insist);
    }

    fn for_all(&self, tell: impl Fn(Attention<'static>)) {
        let workers = (0..self.worker_count()).filter_map(|index| self.record(index));
        workers.map(attention_of).for_each(&tell);
        hosts::for_each(tell);
    }
}

/// The words of a worker, or of a thread beside the workers, whose record stays.
pub(super) fn attention_of(record: NonNull<Worker>) -> Attention<'static> {
    let [word, limit] = [WORKER_POLL, WORKER_STACK_LIMIT].map(|field| {
        let word = record.cast::<u8>().as_ptr().wrapping_add(offset_of!(Worker, fields) + field);
        // SAFETY: records of threads that have started stay for the rest of the process (kept by `Runtime::new_worker` and `hosts`), and all
        // change these fields by atomic operations only.
        unsafe { AtomicU64::from_ptr(word.cast()) }
    });
    Attention { word, limit }
}

impl Worker {
    /// The current fiber has come to a poll, and something is asked.
    pub fn poll(&mut self, poll: Poll) -> Outcome {
        let fiber = self.current_fiber();
        let asked = self.attention().take(unasked());
        self.apply_limit(fiber);
        if self.runs_glue(fiber) || self.fields.deinit_panic != 0 {
            return Outcome::done();
        }
        if asked & Asked::Place as u64 != 0 {
            inspect::note_place(self, fiber);
        }
        let is_turn = asked & Asked::Turn as u64 != 0 || is_forced_turn();
        if is_turn && !self.is_hosted() {
            self.fire_timers();
            self.look_outside();
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
