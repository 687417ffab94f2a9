//! Cancellation: of a scope, and with it of everything inside.
//!
//! A cancelled scope keeps a flag; who is inside finds out at a suspension point by walking the scopes outwards. The walk is
//! taken only when the global epoch has moved since the fiber last looked, so that a suspension point costs one load and a
//! comparison. Fibers that wait are found through the members of scopes and woken.
//!
//! A fiber is always inside every scope that a task on its stack is in or has open (`task::run`), so a woken fiber is
//! really cancelled, unless the scope has ended since, or a shield stands between.

use crate::fiber::FiberRef;
use crate::scheduler::worker::Worker;
use crate::scope::{ScopeRef, members};
use crate::sync_shim::{AtomicBool, AtomicU32, Ordering};

/// Moves with every cancellation.
static EPOCH: AtomicU32 = AtomicU32::new(0);

/// Whether a task has found out that it is cancelled since the last cancellation.
static NOTICED: AtomicBool = AtomicBool::new(false);

/// Whether the fiber's innermost task is to unwind because a scope around it has been cancelled.
#[inline]
pub fn is_due(fiber: FiberRef) -> bool {
    // Acquire pairs with the Release in `cancel`: the flags set before are seen.
    let epoch = EPOCH.load(Ordering::Acquire);
    epoch != fiber.epoch.get() && look(fiber, epoch)
}

/// Walks the scopes around the innermost task.
#[cold]
fn look(fiber: FiberRef, epoch: u32) -> bool {
    let task = fiber.task();
    let open = task.open_scope.get();
    let seen_from = open.map_or(0, ScopeRef::shields);
    if task.shields() > seen_from {
        return false;
    }
    let mut next = open.or(task.scope.get());
    while let Some(scope) = next {
        if scope.is_cancelled() {
            NOTICED.store(true, Ordering::Relaxed);
            return true;
        }
        if scope.is_shielded() {
            // What is outside may have been cancelled, and will be seen when the shield ends.
            return false;
        }
        next = scope.parent();
    }
    fiber.epoch.set(epoch);
    false
}

/// Cancels what `scope` has not finished, and its body at the next suspension point.
pub fn cancel(worker: &mut Worker, scope: ScopeRef) {
    if announce(scope) {
        interrupt_all(worker, scope);
    }
}

/// Marks a scope as cancelled: running tasks find out at their next suspension point. False when it was already; else a worker has to
/// [`interrupt_all`] next, to reach those who wait. From any thread.
pub fn announce(scope: ScopeRef) -> bool {
    let first = scope.mark_cancelled();
    if first {
        NOTICED.store(false, Ordering::Relaxed);
        EPOCH.fetch_add(1, Ordering::Release);
    }
    first
}

/// Whether a task has found out that it is cancelled, since something last was.
pub fn is_noticed() -> bool {
    NOTICED.load(Ordering::Relaxed)
}

/// Wakes the fibers that wait inside a cancelled scope, or leaves them a note.
pub fn interrupt_all(worker: &mut Worker, scope: ScopeRef) {
    interrupt(worker, scope.fiber());
    members::for_each_fiber(scope, |fiber| interrupt(worker, fiber));
}

fn interrupt(worker: &mut Worker, fiber: FiberRef) {
    if fiber.wait.interrupt() {
        let undo = fiber.undo.take();
        fiber.continuation.set(undo);
        worker.ready(fiber);
    }
}
