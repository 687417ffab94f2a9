//! Waiting for a time.

use super::{NEVER, now};
use crate::cancel;
use crate::context::Outcome;
use crate::fiber::WaitReason;
use crate::park;
use crate::scheduler::worker::Worker;
use crate::unwind::{self, Payload};

/// Waits until the deadline has come. One that has lets others have their turn.
pub fn sleep_until(worker: &mut Worker, deadline: i64) -> Outcome {
    let fiber = worker.current_fiber();
    loop {
        if cancel::is_due(fiber) {
            return unwind::raise(worker, Payload::Cancelled);
        }
        if deadline <= now() {
            worker.ready_last(fiber);
            return Outcome::switch();
        }
        park::register(worker, fiber);
        fiber.deadline.set(deadline);
        // The timer alone ends the wait, and a cancellation.
        if park::begin_until(worker, fiber, WaitReason::Sleep, wake, deadline.min(NEVER - 1)) {
            return Outcome::switch();
        }
    }
}

/// It is time, or the sleeper was cancelled.
fn wake(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let deadline = fiber.deadline.get();
    if park::disarm(fiber) {
        return Outcome::done();
    }
    unwind::raise_cancelled_or(worker, |worker| sleep_until(worker, deadline))
}
