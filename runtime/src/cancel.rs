//! Cancellation: of a scope or of one task, and with it of everything inside.
//!
//! What is cancelled keeps a flag; who is inside finds out at a suspension point by walking scopes and tasks outwards. The walk is
//! taken only when the global epoch has moved since the fiber last looked, so that a suspension point costs one load and a
//! comparison. Fibers that wait are found through the members of scopes and woken.
//!
//! A fiber is always inside every scope that a task on its stack is in or has open (`task::run`), so a woken fiber is
//! really cancelled, unless the scope has ended since, or a shield stands between; a wait that was ended in vain begins again.

pub mod probe;

use crate::fiber::FiberRef;
use crate::scheduler::polls::{self, Asked};
use crate::scheduler::worker::Worker;
use crate::scope::{ScopeRef, members};
use crate::sync_shim::{AtomicBool, AtomicU32, Ordering};
use crate::task::state::Locked;
use crate::task::{TaskRef, run};

/// Moves with every cancellation.
pub static EPOCH: AtomicU32 = AtomicU32::new(0);

/// Whether a task has found out that it is cancelled since the last cancellation.
static NOTICED: AtomicBool = AtomicBool::new(false);

/// At a suspension point: whether the fiber's innermost task is to unwind here, because it or a scope around it has been cancelled.
#[inline]
pub fn is_due(fiber: FiberRef) -> bool {
    // Acquire pairs with the Release in `cancel`: the flags set before are seen.
    let epoch = EPOCH.load(Ordering::Acquire);
    epoch != fiber.epoch.get() && look(fiber, epoch)
}

/// Where nothing can unwind: whether the fiber's innermost task will at its next suspension point.
#[inline]
pub fn is_cancelled(fiber: FiberRef) -> bool {
    // Acquire as in `is_due`.
    let epoch = EPOCH.load(Ordering::Acquire);
    epoch != fiber.epoch.get() && is_reached(fiber, epoch)
}

/// As [`is_due`] at a poll, which is no suspension point that [`probe`] counts, unless polls are as regular as these.
pub fn is_due_at_poll(fiber: FiberRef) -> bool {
    if polls::are_forced() { is_due(fiber) } else { is_cancelled(fiber) }
}

#[cold]
fn look(fiber: FiberRef, epoch: u32) -> bool {
    let panics = probe::pass(fiber);
    is_reached(fiber, epoch) || panics
}

/// Walks the scopes around the innermost task, and remembers that it did.
#[cold]
fn is_reached(fiber: FiberRef, epoch: u32) -> bool {
    let is_due = is_around(fiber);
    if is_due == Some(false) && !probe::is_enabled() {
        fiber.epoch.set(epoch);
    }
    is_due.unwrap_or(false)
}

/// Whether a cancellation stands around the innermost task, as far as it sees; `None` where a shield stands between.
fn is_around(fiber: FiberRef) -> Option<bool> {
    let task = fiber.task();
    let open = task.open_scope();
    let seen_from = open.map_or(0, ScopeRef::shields);
    if task.shields() > seen_from {
        return None;
    }
    let (mut within, mut next) = (Some(task), open.or(task.scope.get()));
    loop {
        let owner = next.and_then(ScopeRef::owner);
        if owner != within && within.is_some_and(TaskRef::is_cancelled) {
            NOTICED.store(true, Ordering::Relaxed);
            return Some(true);
        }
        within = owner;
        let Some(scope) = next else { break };
        if scope.is_cancelled() {
            NOTICED.store(true, Ordering::Relaxed);
            return Some(true);
        }
        let outer = scope.parent();
        // What the scope outside was opened behind is around both; a task begins behind nothing.
        let seen_from = outer.filter(|outer| outer.owner() == owner).map_or(0, ScopeRef::shields);
        if scope.shields() > seen_from {
            // What is outside may have been cancelled, and will be seen when the shield ends.
            return None;
        }
        next = outer;
    }
    Some(false)
}

/// Cancels what `scope` has not finished, and its body at the next suspension point.
pub fn cancel(worker: &mut Worker, scope: ScopeRef) {
    if announce(scope) {
        worker.runtime.ask_all(Asked::Look);
        interrupt_all(worker, scope);
    }
}

/// Marks a scope as cancelled: running tasks find out at their next suspension point. False when it was already; else the workers are to
/// be asked to look at their next polls, and one has to [`interrupt_all`] next, to reach those who wait. From any thread.
pub fn announce(scope: ScopeRef) -> bool {
    let first = scope.mark_cancelled();
    if first {
        NOTICED.store(false, Ordering::Relaxed);
        EPOCH.fetch_add(1, Ordering::Release);
    }
    first
}

/// Makes every suspension point look; before anything runs.
fn look_always() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
}

/// Whether a task has found out that it is cancelled, since something last was.
pub fn is_noticed() -> bool {
    NOTICED.load(Ordering::Relaxed)
}

/// Cancels one task, which other tasks of its scope do not notice. One that has not begun never will.
pub fn cancel_task(worker: &mut Worker, task: TaskRef) {
    if !task.mark_cancelled() {
        return;
    }
    NOTICED.store(false, Ordering::Relaxed);
    EPOCH.fetch_add(1, Ordering::Release);
    worker.runtime.ask_all(Asked::Look);
    if task.state.claim() {
        run::end_unstarted(worker, task);
        return;
    }
    // Its lock keeps the task from finishing, and so its scope open.
    let Locked::Running(waiters) = task.state.lock() else { return };
    if let Some(scope) = task.scope.get() {
        // It may run inline on the fiber of its scope's owner, which is woken in vain if it does not.
        interrupt(worker, scope.fiber());
        members::for_each_fiber_of(scope, task, |fiber| interrupt(worker, fiber));
    }
    task.state.unlock(waiters);
}

/// Leaves a fiber that is about to wait a note if a task on its stack has been cancelled.
pub fn note_cancelled_task(worker: &mut Worker, fiber: FiberRef) {
    let tasks = core::iter::successors(Some(fiber.task()), |task| task.outer.get());
    if tasks.into_iter().any(TaskRef::is_cancelled) {
        interrupt(worker, fiber);
    }
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
