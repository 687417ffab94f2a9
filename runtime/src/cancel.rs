//! Cancellation: of a scope, and with it of everything inside.
//!
//! A cancelled scope keeps a flag; who is inside finds out at a suspension point by walking the scopes outwards. The walk is
//! taken only when the global epoch has moved since the fiber last looked, so that a suspension point costs one load and a
//! comparison. Fibers that wait are found through the members of scopes and woken.
//!
//! A fiber is always inside every scope that a task on its stack is in or has open (`task::run`), so a woken fiber is
//! really cancelled, unless the scope has ended since.

use crate::fiber::FiberRef;
use crate::scheduler::worker::Worker;
use crate::scope::{ScopeRef, members};
use crate::sync_shim::{AtomicU32, Ordering};

/// Moves with every cancellation.
static EPOCH: AtomicU32 = AtomicU32::new(0);

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
    let innermost = task.open_scope.get().or(task.scope.get());
    let cancelled = innermost.is_some_and(|scope| scope.outwards().any(|scope| scope.is_cancelled()));
    if !cancelled {
        fiber.epoch.set(epoch);
    }
    cancelled
}

/// Cancels what `scope` has not finished, and its body at the next suspension point.
pub fn cancel(worker: &mut Worker, scope: ScopeRef) {
    if !scope.mark_cancelled() {
        return;
    }
    EPOCH.fetch_add(1, Ordering::Release);
    interrupt_all(worker, scope);
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
