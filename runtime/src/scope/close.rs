//! The end of a scope: its unstarted tasks run inline, then its owner waits until none is unfinished.

use super::{Scope, ScopeRef, options};
use crate::cancel;
use crate::context::Outcome;
use crate::fiber::WaitReason;
use crate::park;
use crate::scheduler::worker::Worker;
use crate::task::{Inline, run};
use crate::timeline;
use crate::unwind::failure::Left;
use crate::unwind::{self, Payload};

/// Why a scope is being closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Closing {
    /// Compiled code leaves it, at its end or early.
    Return,
    /// The frame it stands in is being unwound.
    Unwind,
}

/// Closes a scope whose end is reached.
pub fn exit(worker: &mut Worker, scope: ScopeRef) -> Outcome {
    if !scope.may_have_tasks() && !scope.linked.get() {
        return finish(worker, scope);
    }
    advance(worker, scope)
}

/// Closes a scope that is left early: what it has not finished is cancelled.
pub fn leave(worker: &mut Worker, scope: ScopeRef) -> Outcome {
    cancel_unfinished(worker, scope);
    advance(worker, scope)
}

/// Closes a scope whose frame is being unwound.
pub fn unwind(worker: &mut Worker, scope: ScopeRef) -> Outcome {
    scope.closing.set(Closing::Unwind);
    cancel_unfinished(worker, scope);
    advance(worker, scope)
}

fn cancel_unfinished(worker: &mut Worker, scope: ScopeRef) {
    if scope.may_have_tasks() {
        cancel::cancel(worker, scope);
    }
}

/// Runs the scope's tasks that stand on top of the worker's own queue inline, one by one (each comes back here when it has
/// finished), then waits for the others.
pub fn advance(worker: &mut Worker, scope: ScopeRef) -> Outcome {
    let fiber = worker.current_fiber();
    while scope.may_have_tasks() {
        let Some(task) = worker.pop_task_of(scope) else { break };
        if cancel::is_cancelled(fiber) || task.is_cancelled() {
            run::discard_captures(worker, task);
            if let Some(failure) = task.failure() {
                scope.add_failure(failure);
            }
            scope.uncount_inline();
            run::publish(worker, task);
            continue;
        }
        if run::make_room(worker, fiber, task) {
            return run::run_inline(worker, fiber, task, Inline::ScopeEnd);
        }
        run::start_apart(worker, task);
        break;
    }
    wait(worker, scope)
}

fn wait(worker: &mut Worker, scope: ScopeRef) -> Outcome {
    let fiber = worker.current_fiber();
    if !scope.may_have_tasks() {
        return finish(worker, scope);
    }
    park::register(worker, fiber);
    fiber.object.set(scope.as_ptr().cast());
    fiber.continuation.set(Some(resume));
    park::begin_firmly(fiber, WaitReason::ScopeEnd);
    if scope.pending.wait() {
        fiber.wait.end_firmly();
        fiber.continuation.set(None);
        return finish(worker, scope);
    }
    timeline::will_wait(WaitReason::ScopeEnd);
    Outcome::switch()
}

/// The scope's last task has finished while its owner waits.
pub fn wake_owner(worker: &mut Worker, scope: ScopeRef) {
    let fiber = scope.fiber();
    fiber.wait.end_firmly();
    worker.ready(fiber);
}

fn resume(worker: &mut Worker) -> Outcome {
    let scope = worker.current_fiber().object.get().cast::<Scope>();
    let scope = ScopeRef::from_ptr(scope).expect("the owner keeps the scope it waits for");
    finish(worker, scope)
}

/// All tasks have finished: the scope is closed, and its owner goes on.
fn finish(worker: &mut Worker, scope: ScopeRef) -> Outcome {
    scope.unlink_self();
    worker.drop_stale();
    if let Some(owner) = scope.owner {
        owner.innermost.set(scope.parent);
    }
    let mut failures = scope.take_failures();
    let left = Left { name: options::close(worker, scope, &mut failures), site: scope.site };
    if scope.closing.get() == Closing::Unwind {
        return unwind::resume(worker, failures, left);
    }
    if !failures.is_empty() {
        return unwind::raise_failures(worker, failures, left);
    }
    // What the scope has is complete, and stays if nothing was cut short: the cancellation comes at the next wait.
    if scope.is_cut_short() && cancel::is_due(worker.current_fiber()) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    Outcome::done()
}
