//! Starting, finishing and awaiting tasks.
//!
//! A task starts in one of two ways: *inline* on the stack of a fiber whose task awaits it or is at the end of its scope, or on
//! a fiber of its own, which a worker finds it for. Inline only where the task's scope is the innermost open one of the
//! task below: then everything on a stack is nested in one chain of scopes, which `cancel` relies on.
//!
//! Fork-join that nobody steals from is the path that everything here is laid out for; what leaves it stands in functions that are
//! not inlined, so that the path saves few registers.

use super::{Ending, Inline, TaskRef, state::Locked};
use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::park;
use crate::scheduler::worker::{Room, Worker};
use crate::scope::{self, ScopeRef};
use crate::stack::{self, StackClass};
use crate::unwind::{self, Payload};
use plat_abi::layout::TaskDescriptor;

/// A new task in `scope`, not yet startable: its captures are missing.
pub fn create(worker: &mut Worker, descriptor: &'static TaskDescriptor, scope: ScopeRef) -> TaskRef {
    scope.count_spawned();
    let epoch = worker.current_fiber().epoch.get();
    TaskRef::allocate(worker, descriptor, Some(scope), epoch)
}

/// Lets the task be run by whoever comes first.
pub fn start(worker: &mut Worker, task: TaskRef) {
    task.count_queue_entry();
    worker.push_task(task);
}

/// Waits until `task` has finished.
pub fn await_task(worker: &mut Worker, task: TaskRef) -> Outcome {
    let fiber = worker.current_fiber();
    if cancel::is_due(fiber) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    if task.state.is_unstarted() {
        return await_unstarted(worker, fiber, task);
    }
    await_started(worker, fiber, task)
}

fn await_unstarted(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if can_run_inline(fiber, task) && worker.take_task(task) {
        // The entry's reference is ours now. With only the awaiter's handle beside it nobody else can claim the task.
        if task.has_references(2) {
            task.state.claim_exclusively();
            return run_inline(worker, fiber, task, Inline::Await);
        }
        return await_taken(worker, fiber, task);
    }
    await_queued(worker, fiber, task)
}

/// The queue's entry is ours, but others have handles.
#[inline(never)]
fn await_taken(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if task.state.claim() {
        return run_inline(worker, fiber, task, Inline::Await);
    }
    task.release(worker);
    await_started(worker, fiber, task)
}

/// The queue's entry is out of reach, or the stack has no room.
#[inline(never)]
fn await_queued(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if task.state.claim() {
        // The queue's entry is stale from now on and keeps its own reference.
        task.retain();
        worker.queue.count_stale();
        if can_run_inline(fiber, task) {
            return run_inline(worker, fiber, task, Inline::Await);
        }
        start_with_room(worker, task);
    }
    await_started(worker, fiber, task)
}

/// Whether the fiber's innermost task may run `task` on its stack.
pub fn can_run_inline(fiber: FiberRef, task: TaskRef) -> bool {
    task.scope.get() == fiber.task().open_scope.get()
        && stack::fits(fiber.stack_left(), task.descriptor.stack_bound)
}

/// Runs a claimed task inline.
pub fn run_inline(worker: &mut Worker, fiber: FiberRef, task: TaskRef, inline: Inline) -> Outcome {
    task.inline.set(inline);
    task.outer.set(Some(fiber.task()));
    fiber.set_task(Some(task));
    worker.consider_waking();
    Outcome::run(task.as_ptr())
}

/// Parks until a task that someone runs has finished.
#[inline(never)]
fn await_started(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    park::register(worker, fiber);
    let waiters = match task.state.lock() {
        Locked::Done => return finish_await(worker, task),
        Locked::Running(waiters) => waiters,
        Locked::Unstarted => unreachable!("only a claimed task is awaited by parking"),
    };
    fiber.object.set(task.as_ptr().cast());
    if !park::begin(fiber, WaitReason::Await, undo_await) {
        task.state.unlock(waiters);
        return await_task(worker, task);
    }
    fiber.continuation.set(Some(resume_await));
    fiber.next.set(FiberRef::from_address(waiters));
    task.state.unlock(fiber.address());
    Outcome::switch()
}

/// What an awaiter does once it runs again.
fn resume_await(worker: &mut Worker) -> Outcome {
    let task = awaited(worker.current_fiber());
    finish_await(worker, task)
}

/// Ends an `await` of a finished task.
fn finish_await(worker: &mut Worker, task: TaskRef) -> Outcome {
    match task.ending.get() {
        Ending::Returned => Outcome::done(),
        Ending::Panicked => {
            let failure = task.failure().expect("a panicked task has its panic");
            unwind::raise(worker, Payload::Panic(failure))
        }
        Ending::Cancelled | Ending::NeverBegun => await_cancelled(worker, task),
        Ending::Open => unreachable!("a finished task has ended"),
    }
}

/// The awaited task was cancelled: with the awaiter, or behind its back.
fn await_cancelled(worker: &mut Worker, task: TaskRef) -> Outcome {
    if cancel::is_due(worker.current_fiber()) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    unwind::panic(worker, format!("task-{} was cancelled", task.id.get()))
}

/// Takes a cancelled awaiter off the task's list.
fn undo_await(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let task = awaited(fiber);
    if let Locked::Running(waiters) = task.state.lock() {
        task.state.unlock(without(FiberRef::from_address(waiters), fiber));
    }
    unwind::raise_cancelled_or(worker, |worker| await_task(worker, task))
}

fn awaited(fiber: FiberRef) -> TaskRef {
    TaskRef::from_ptr(fiber.object.get().cast()).expect("an awaiter keeps the task it waits for")
}

/// The list of waiters that begins with `head`, without `fiber`, as the state word keeps it.
fn without(head: Option<FiberRef>, fiber: FiberRef) -> usize {
    if head == Some(fiber) {
        return fiber.next.get().map_or(0, FiberRef::address);
    }
    let mut link = head;
    while let Some(waiter) = link {
        if waiter.next.get() == Some(fiber) {
            waiter.next.set(fiber.next.get());
            break;
        }
        link = waiter.next.get();
    }
    head.map_or(0, FiberRef::address)
}

/// A fresh fiber for a claimed task, which will start when the fiber is run.
pub fn prepare_fiber(worker: &mut Worker, task: TaskRef) -> FiberRef {
    let fiber = worker.stacks.take(StackClass::of_bound(task.descriptor.stack_bound));
    place_on(worker, fiber, task);
    fiber
}

/// Starts a claimed task that would run inline if the stack below had room: on a large stack, where its own tasks can run
/// inline in turn. With an exact one a tree of tasks would run every node on a fiber of its own.
pub fn start_with_room(worker: &mut Worker, task: TaskRef) {
    let fiber = worker.stacks.take(StackClass::LARGEST);
    place_on(worker, fiber, task);
    worker.ready(fiber);
}

/// Makes `task` the base task of a fiber that runs nothing.
pub fn place_on(worker: &mut Worker, fiber: FiberRef, task: TaskRef) {
    fiber.sp.set(fiber.stack_top());
    worker.limit_stack(fiber, Room::Kept);
    fiber.set_task(Some(task));
    fiber.epoch.set(task.epoch.get());
    fiber.registered.set(false);
    fiber.is_live.set(true);
    fiber.continuation.set(Some(begin));
}

/// Begins `task` on a fiber whose last one has just ended. Called in the worker's stead, so a cancelled task goes back to the
/// queue: ending it here could recurse through a million of them.
pub fn begin_on(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    place_on(worker, fiber, task);
    if cancel::is_due(fiber) {
        worker.ready_last(fiber);
        return Outcome::switch();
    }
    worker.queue.tick(task);
    worker.apply_limit(fiber);
    fiber.continuation.set(None);
    Outcome::run(task.as_ptr())
}

/// The first continuation of every fiber.
fn begin(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let task = fiber.task();
    if cancel::is_due(fiber) {
        task.discard_captures(worker);
        return finish_base(worker, fiber, task);
    }
    Outcome::run(task.as_ptr())
}

/// Called by the stub when a task's entry has returned.
///
/// # Safety
/// `worker` is the current worker's record, and the entry of the current fiber's innermost task has just returned.
pub unsafe extern "C" fn entry_finished(worker: *mut Worker) -> Outcome {
    // SAFETY: the record is only used by its own thread, and compiled code keeps no Rust reference to it.
    let worker = unsafe { &mut *worker };
    worker.current_fiber().task().ending.set(Ending::Returned);
    finish(worker)
}

/// Called by the stub when the code of an `Outcome::call` has returned.
///
/// # Safety
/// `worker` is the current worker's record, and that code has just returned on the current fiber.
pub unsafe extern "C" fn cleanup_finished(worker: *mut Worker) -> Outcome {
    // SAFETY: as in `entry_finished`.
    unwind::cleanup_finished(unsafe { &mut *worker })
}

/// The innermost task of the current fiber has ended, as its `ending` says.
pub fn finish(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let task = fiber.task();
    match task.outer.get() {
        Some(outer) => finish_inline(worker, fiber, task, outer),
        None => finish_base(worker, fiber, task),
    }
}

/// Ends an inline task, and goes on with what the task below was doing.
fn finish_inline(worker: &mut Worker, fiber: FiberRef, task: TaskRef, outer: TaskRef) -> Outcome {
    fiber.set_task(Some(outer));
    // The tasks of constants have none.
    let scope = task.scope.get();
    if let Some(scope) = scope {
        if task.ending.get() == Ending::Panicked {
            report_to_scope(worker, task, scope);
        }
        scope.uncount_inline();
    }
    match (task.inline.get(), scope) {
        (Inline::Await, _) | (Inline::ScopeEnd, None) => {
            if task.has_references(2) {
                // Ours and the awaiter's handle: nobody else can look.
                task.state.finish();
                task.release_exclusively();
                if task.ending.get() == Ending::Returned {
                    return Outcome::done();
                }
            } else {
                // The awaiter's handle keeps the task.
                publish(worker, task);
            }
            finish_await(worker, task)
        }
        (Inline::ScopeEnd, Some(scope)) => {
            publish(worker, task);
            scope::close::advance(worker, scope)
        }
    }
}

/// Ends a fiber's own task, and with it the fiber.
#[inline(never)]
fn finish_base(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if task.is_main() {
        worker.finish_main(fiber, task);
        return Outcome::switch();
    }
    let Some(scope) = task.scope.get() else {
        publish(worker, task);
        return worker.next_on_finished(fiber);
    };
    if task.ending.get() == Ending::Panicked {
        report_to_scope(worker, task, scope);
    }
    if fiber.registered.get() {
        scope.unlink_member(&fiber.member);
    }
    publish(worker, task);
    // The last touch of the scope: from here on its owner may end it.
    if scope.uncount_remote() {
        scope::close::wake_owner(worker, scope);
    }
    worker.next_on_finished(fiber)
}

/// Tells the scope of a task that a panic ended it.
#[cold]
fn report_to_scope(worker: &mut Worker, task: TaskRef, scope: ScopeRef) {
    let failure = task.failure().expect("a panicked task has its panic");
    scope.add_failure(failure);
    cancel::cancel(worker, scope);
}

/// Marks a task as finished, wakes those who wait for it, and gives up the runner's reference.
#[inline]
pub fn publish(worker: &mut Worker, task: TaskRef) {
    if !task.has_references(1) {
        finish_watched(worker, task);
    }
    task.release(worker);
}

/// Marks a task as finished that others have handles of.
#[inline(never)]
fn finish_watched(worker: &mut Worker, task: TaskRef) {
    let Locked::Running(waiters) = task.state.lock() else {
        unreachable!("a task finishes once, claimed");
    };
    let mut woken = None;
    let mut link = FiberRef::from_address(waiters);
    while let Some(waiter) = link {
        link = waiter.next.get();
        // A waiter that is not ours to claim has been cancelled, and looks for itself once the word is unlocked.
        if waiter.wait.claim() {
            waiter.next.set(woken);
            woken = Some(waiter);
        }
    }
    task.state.finish();
    while let Some(waiter) = woken {
        woken = waiter.next.take();
        worker.ready(waiter);
    }
}

/// Claims a task taken from a queue. `None`, and the entry's reference is given up, when it was stale.
pub fn claim_queued(worker: &mut Worker, task: TaskRef) -> Option<TaskRef> {
    if task.state.is_unstarted() {
        if task.has_references(1) {
            task.state.claim_exclusively();
            return Some(task);
        }
        if task.state.claim() {
            return Some(task);
        }
    }
    task.release(worker);
    None
}
