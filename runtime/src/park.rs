//! The only way to wait and to be woken.
//!
//! A runtime function that has to wait: [`register`]s the fiber, takes the lock of what it waits for, looks once more,
//! [`begin`]s the wait, enters the queue, unlocks, and returns [`Worker::leave`]; it does not touch the fiber any more. Whoever
//! wakes it takes it out under the same lock, claims it, writes what the wait is to return, and makes it ready. A
//! cancellation or the fiber's timer may claim it instead: then the fiber's `undo` runs, which leaves the queue under that lock.
//!
//! A wait with a deadline [`arm`]s the fiber's timer under the lock, once it has begun, and whatever the fiber goes on with
//! [`disarm`]s it.

use crate::cancel;
use crate::fiber::{Continuation, FiberRef, WaitReason};
use crate::scheduler::worker::Worker;
use crate::scope::members;
use crate::stamp;
use crate::timeline;
use crate::timer::NEVER;

/// Makes sure that cancellations find the fiber. Before the lock of what it waits for: this takes locks of scopes.
pub fn register(worker: &mut Worker, fiber: FiberRef) {
    if !fiber.registered.get() {
        register_first(worker, fiber);
    }
}

/// Whether [`register`] would do anything.
pub fn needs_registration(fiber: FiberRef) -> bool {
    !fiber.registered.get()
}

#[cold]
fn register_first(worker: &mut Worker, fiber: FiberRef) {
    fiber.registered.set(true);
    let mut base = fiber.task();
    while let Some(outer) = base.outer.get() {
        base = outer;
    }
    // Only the tasks of constants have no scope, and what they open knows its fiber.
    let Some(scope) = base.scope.get() else { return };
    members::link_fiber(fiber, scope);
    // A cancellation outwards may have passed while a link was missing.
    for scope in scope.outwards() {
        if scope.is_cancelled() {
            cancel::interrupt_all(worker, scope);
        }
    }
    cancel::note_cancelled_task(worker, fiber);
}

/// How a fiber goes on after a wait.
#[derive(Clone, Copy)]
pub struct Ways {
    /// When what it waits for has come; nothing where its stub returns what the waker has left.
    pub resume: Option<Continuation>,
    /// When a cancellation or its timer has ended the wait.
    pub undo: Continuation,
}

/// Begins a wait. False when the fiber has been told of a cancellation: it runs on, and looks. Under the lock of what it
/// waits for; on true the caller must enter that queue, and leave everything else of the fiber alone that a claimer may change: a
/// cancellation needs no lock to claim it, and says by which of its ways it goes on.
#[must_use]
#[inline]
pub fn begin(fiber: FiberRef, reason: WaitReason, ways: Ways) -> bool {
    fiber.reason.set(reason);
    fiber.since.set(stamp::stamp());
    fiber.undo.set(Some(ways.undo));
    if ways.resume.is_some() {
        fiber.continuation.set(ways.resume);
    }
    let waits = fiber.wait.begin();
    if waits {
        timeline::will_wait(reason);
    } else if ways.resume.is_some() {
        fiber.continuation.set(None);
    }
    waits
}

/// Begins a wait that a cancellation does not end.
pub fn begin_firmly(fiber: FiberRef, reason: WaitReason) {
    fiber.reason.set(reason);
    fiber.since.set(stamp::stamp());
    fiber.wait.begin_firmly();
}

/// Ends a wait that has begun at a deadline, unless that never comes. Under the lock of what the fiber waits for.
pub fn arm(worker: &mut Worker, fiber: FiberRef, deadline: i64) {
    if deadline != NEVER {
        worker.timers().set(&fiber.timer, deadline);
    }
}

/// Ends a wait that no queue knows of at a deadline: begins it, and false when the caller has to look again.
#[must_use]
pub fn begin_until(
    worker: &mut Worker,
    fiber: FiberRef,
    reason: WaitReason,
    undo: Continuation,
    deadline: i64,
) -> bool {
    worker.timers().set_if(&fiber.timer, deadline, || begin(fiber, reason, Ways { resume: None, undo }))
}

/// Takes the timer of a fiber that goes on back. Whether it has ended the wait.
pub fn disarm(fiber: FiberRef) -> bool {
    fiber.timer.unset();
    fiber.timed_out.take()
}
