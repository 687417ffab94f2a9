//! The only way to wait and to be woken.
//!
//! A runtime function that has to wait: [`register`]s the fiber, takes the lock of what it waits for, looks once more,
//! [`begin`]s the wait, enters the queue, unlocks, and returns `Outcome::switch()`; it does not touch the fiber any more. Whoever
//! wakes it takes it out under the same lock, claims it, writes what the wait is to return, and makes it ready. A
//! cancellation may claim it instead: then the fiber's `undo` runs, which leaves the queue under that lock.

use crate::cancel;
use crate::fiber::{Continuation, FiberRef, WaitReason};
use crate::scheduler::worker::Worker;
use crate::scope::members;
use crate::stamp;
use crate::timeline;

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
}

/// Begins a wait. False when the fiber has been told of a cancellation: it runs on, and looks. Under the lock of what it
/// waits for; on true the caller must enter that queue.
#[must_use]
pub fn begin(fiber: FiberRef, reason: WaitReason, undo: Continuation) -> bool {
    fiber.reason.set(reason);
    fiber.since.set(stamp::stamp());
    fiber.undo.set(Some(undo));
    let waits = fiber.wait.begin();
    if waits {
        timeline::will_wait(reason);
    }
    waits
}

/// Begins a wait that a cancellation does not end.
pub fn begin_firmly(fiber: FiberRef, reason: WaitReason) {
    fiber.reason.set(reason);
    fiber.since.set(stamp::stamp());
    fiber.wait.begin_firmly();
}
