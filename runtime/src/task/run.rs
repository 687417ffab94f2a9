//! Starting, finishing and awaiting tasks.
//!
//! A task starts in one of two ways: *inline* on the stack of a fiber whose task awaits it or is at the end of its scope, or on
//! a fiber of its own, which a worker finds it for. Inline only where the task's scope is the innermost open one of the
//! task below: then everything on a stack is nested in one chain of scopes, which `cancel` relies on.
//!
//! Fork-join that nobody steals from is the path that everything here is laid out for; what leaves it stands in functions that are
//! not inlined, so that the path saves few registers.

use super::{Ending, Inline, TaskRef, gathering, state::Locked};
use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::park::{self, Ways};
use crate::scheduler::counters::Counter;
use crate::scheduler::hosts;
use crate::scheduler::worker::Worker;
use crate::scope::{self, ScopeRef, options};
use crate::stack::{self, canary};
use crate::sync_shim::Arc;
use crate::timeline;
use crate::timer;
use crate::unwind::failure::Failure;
use crate::unwind::{self, Payload};
use crate::waiter::WaiterRef;
use plat_abi::layout::TaskDescriptor;

/// A new task in `scope`, not yet startable: its captures are missing.
pub fn create(worker: &mut Worker, descriptor: &'static TaskDescriptor, scope: Option<ScopeRef>) -> TaskRef {
    if let Some(scope) = scope {
        scope.count_spawned();
    }
    let epoch = worker.current_fiber().epoch.get();
    create_counted(worker, descriptor, scope, epoch)
}

/// A new task in a scope that counts it already, perhaps another's. Whether that has been cancelled it looks when it begins.
pub fn create_claimed(worker: &mut Worker, descriptor: &'static TaskDescriptor, scope: ScopeRef) -> TaskRef {
    let epoch = worker.current_fiber().epoch.get().wrapping_sub(1);
    create_counted(worker, descriptor, Some(scope), epoch)
}

fn create_counted(
    worker: &mut Worker,
    descriptor: &'static TaskDescriptor,
    scope: Option<ScopeRef>,
    epoch: u32,
) -> TaskRef {
    worker.queue.count(Counter::Spawned);
    let task = TaskRef::allocate(worker, descriptor, scope, epoch);
    timeline::spawned(task);
    task
}

/// Lets the task be run by whoever comes first.
pub fn start(worker: &mut Worker, task: TaskRef) {
    task.count_queue_entry();
    match task.scope.get() {
        Some(scope) if scope.has_limit() => {
            task.state.claim_exclusively();
            options::admit(worker, scope, task);
        }
        _ => worker.push_task(task),
    }
}

/// Starts a new task on a thread of its own.
pub fn start_on_thread(worker: &mut Worker, task: TaskRef) {
    task.count_queue_entry();
    task.state.claim_exclusively();
    let fiber = prepare_fiber(worker, task);
    hosts::start_thread(worker, fiber, task);
}

/// The current fiber goes on on a thread that it may block.
pub fn enter_pool(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    if cancel::is_due(fiber) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    if fiber.host.get().is_some() {
        return Outcome::value(0);
    }
    fiber.host.set(Some(&hosts::POOL));
    timeline::will_wait(WaitReason::Blocking);
    fiber.resume_value.set(1);
    hosts::POOL.push(worker.runtime, fiber);
    Outcome::switch()
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
    if is_nested(fiber, task) && worker.take_task(task) {
        // The entry's reference is ours now. With only the awaiter's handle beside it nobody else can claim the task.
        if task.has_references(2) {
            task.state.claim_exclusively();
            return run_awaited(worker, fiber, task);
        }
        return await_taken(worker, fiber, task);
    }
    await_queued(worker, fiber, task)
}

/// The queue's entry is ours, but others have handles.
#[inline(never)]
fn await_taken(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if task.state.claim() {
        if !task.is_cancelled() {
            return run_awaited(worker, fiber, task);
        }
        // Cancelled, but not claimed by who has cancelled it.
        start_apart(worker, task);
        return await_started(worker, fiber, task);
    }
    task.drop_entry(worker);
    await_started(worker, fiber, task)
}

/// Runs a claimed task inline if the stack has room, or gets it; else waits for it.
#[inline]
fn run_awaited(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if make_room(worker, fiber, task) {
        return run_inline(worker, fiber, task, Inline::Await);
    }
    start_apart(worker, task);
    await_started(worker, fiber, task)
}

/// The queue's entry is out of reach.
#[inline(never)]
fn await_queued(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    if task.state.claim() {
        if let Some(scope) = task.scope.get().filter(|_| task.is_in_frame()) {
            // The frame, which is the awaiter's and opened the scope, stays until the entry is gone.
            scope.count_spawned();
        }
        task.leave_entry();
        worker.count_stale();
        if is_nested(fiber, task) && !task.is_cancelled() {
            return run_awaited(worker, fiber, task);
        }
        start_apart(worker, task);
    }
    await_started(worker, fiber, task)
}

/// Whether the fiber's innermost task may run `task` on its stack.
fn is_nested(fiber: FiberRef, task: TaskRef) -> bool {
    task.scope.get() == fiber.task().open_scope()
}

/// Makes room for `task` on the fiber's stack, which may be extended for it. False when that is as large as it may get.
#[inline]
pub fn make_room(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> bool {
    stack::fits(fiber.stack_left(), task.descriptor.stack_bound, worker.stack_reserve())
        || extend_for(worker, fiber, task)
}

#[cold]
fn extend_for(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> bool {
    if !worker.extend_stack(fiber) {
        return false;
    }
    if stack::fits(fiber.segment_room(), task.descriptor.stack_bound, worker.stack_reserve()) {
        fiber.begin_segment();
        return true;
    }
    worker.shrink_stack(fiber);
    false
}

/// Runs a claimed task inline.
pub fn run_inline(worker: &mut Worker, fiber: FiberRef, task: TaskRef, inline: Inline) -> Outcome {
    worker.queue.count(Counter::Inline);
    timeline::began_inline(task);
    task.inline.set(inline);
    task.outer.set(Some(fiber.task()));
    fiber.set_task(Some(task));
    worker.consider_waking();
    begin_entry(fiber, task)
}

/// Runs the entry of a task where the fiber stands.
#[inline]
pub fn begin_entry(fiber: FiberRef, task: TaskRef) -> Outcome {
    if canary::is_enabled() {
        canary::begin(fiber, task.descriptor.stack_bound);
    }
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
    let ways = Ways { resume: Some(resume_await), undo: undo_await };
    if !park::begin(fiber, WaitReason::Await, ways) {
        task.state.unlock(waiters);
        return await_task(worker, task);
    }
    push_waiter(task, waiters, (&fiber.waiter).into());
    worker.leave()
}

/// Waits until `task` has finished, 1, or the deadline has come, 0. What the task ended with is not raised.
pub fn wait_until(worker: &mut Worker, task: TaskRef, deadline: i64) -> Outcome {
    let fiber = worker.current_fiber();
    if cancel::is_due(fiber) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    ensure_started(worker, task);
    park::register(worker, fiber);
    let Locked::Running(waiters) = task.state.lock() else { return Outcome::value(1) };
    if deadline <= timer::now() {
        task.state.unlock(waiters);
        return Outcome::value(0);
    }
    fiber.object.set(task.as_ptr().cast());
    fiber.deadline.set(deadline);
    let ways = Ways { resume: Some(resume_wait), undo: undo_wait };
    if !park::begin(fiber, WaitReason::Await, ways) {
        task.state.unlock(waiters);
        return wait_until(worker, task, deadline);
    }
    park::arm(worker, fiber, deadline);
    push_waiter(task, waiters, (&fiber.waiter).into());
    Outcome::switch()
}

fn resume_wait(worker: &mut Worker) -> Outcome {
    park::disarm(worker.current_fiber());
    Outcome::value(1)
}

/// Puts a waiter before those of a locked task, and unlocks it.
pub fn push_waiter(task: TaskRef, waiters: usize, waiter: WaiterRef) {
    waiter.set_next(WaiterRef::from_address(waiters));
    task.state.unlock(waiter.address());
}

/// Takes a waiter off a task's list. False when the task has finished, and knows none any more.
pub fn remove_waiter(task: TaskRef, waiter: WaiterRef) -> bool {
    let Locked::Running(waiters) = task.state.lock() else { return false };
    task.state.unlock(without(WaiterRef::from_address(waiters), waiter));
    true
}

/// Sees to it that somebody runs a task that is to be waited for among other things: on a stack of its own.
pub fn ensure_started(worker: &mut Worker, task: TaskRef) {
    if task.state.is_unstarted() && task.state.claim() {
        task.leave_entry();
        worker.count_stale();
        start_apart(worker, task);
    }
}

/// Ends a claimed task that has been cancelled before it began.
pub fn end_unstarted(worker: &mut Worker, task: TaskRef) {
    task.leave_entry();
    worker.count_stale();
    discard_captures(worker, task);
    let Some(scope) = task.scope.get() else { return publish(worker, task) };
    if task.ending.get() == Ending::Panicked {
        report_to_scope(worker, task, scope);
    }
    publish_in(worker, task, scope);
    if scope.uncount_remote() {
        scope::close::wake_owner(worker, scope);
    }
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
            failure.see();
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
    unwind::panic(worker, format!("{} was cancelled", task.name()))
}

/// Takes a cancelled awaiter off the task's list.
fn undo_await(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let task = awaited(fiber);
    let _ = remove_waiter(task, (&fiber.waiter).into());
    unwind::raise_cancelled_or(worker, |worker| await_task(worker, task))
}

/// As `undo_await` for [`wait_until`], whose time may also be up.
fn undo_wait(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let (task, deadline) = (awaited(fiber), fiber.deadline.get());
    let _ = remove_waiter(task, (&fiber.waiter).into());
    if park::disarm(fiber) {
        return Outcome::value(i64::from(task.state.is_done()));
    }
    unwind::raise_cancelled_or(worker, |worker| wait_until(worker, task, deadline))
}

fn awaited(fiber: FiberRef) -> TaskRef {
    TaskRef::from_ptr(fiber.object.get().cast()).expect("an awaiter keeps the task it waits for")
}

/// The list of waiters that begins with `head`, without `waiter`, as the state word keeps it.
fn without(head: Option<WaiterRef>, waiter: WaiterRef) -> usize {
    if head == Some(waiter) {
        return waiter.next().map_or(0, WaiterRef::address);
    }
    let mut link = head;
    while let Some(before) = link {
        if before.next() == Some(waiter) {
            before.set_next(waiter.next());
            break;
        }
        link = before.next();
    }
    head.map_or(0, WaiterRef::address)
}

/// A fresh fiber for a claimed task, which will start when the fiber is run.
pub fn prepare_fiber(worker: &mut Worker, task: TaskRef) -> FiberRef {
    let fiber = worker.stacks.take(worker.class_for(task));
    worker.queue.count(Counter::StackTaken);
    place_on(worker, fiber, task);
    fiber
}

/// Starts a claimed task on a fiber of its own.
pub fn start_apart(worker: &mut Worker, task: TaskRef) {
    let fiber = prepare_fiber(worker, task);
    worker.ready(fiber);
}

/// Makes `task` the base task of a fiber that runs nothing.
pub fn place_on(worker: &mut Worker, fiber: FiberRef, task: TaskRef) {
    fiber.sp.set(fiber.stack_top());
    worker.limit_stack(fiber);
    fiber.set_base(task);
    fiber.epoch.set(task.epoch.get());
    fiber.registered.set(false);
    fiber.host.set(None);
    fiber.is_live.set(true);
    fiber.continuation.set(Some(begin));
}

/// Begins `task` on a fiber whose last one has just ended. Called in the worker's stead, so a cancelled task goes back to the
/// queue: ending it here could recurse through a million of them.
pub fn begin_on(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    place_on(worker, fiber, task);
    worker.queue.tick();
    timeline::switched_to(fiber);
    if cancel::is_cancelled(fiber) {
        worker.ready_last(fiber);
        return Outcome::switch();
    }
    worker.apply_limit(fiber);
    fiber.continuation.set(None);
    begin_entry(fiber, task)
}

/// The first continuation of every fiber.
fn begin(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let task = fiber.task();
    if cancel::is_cancelled(fiber) {
        discard_captures(worker, task);
        return finish_base(worker, fiber, task);
    }
    begin_entry(fiber, task)
}

/// Releases the captures of a claimed task that will not begin. A panic in that is the task's.
pub fn discard_captures(worker: &mut Worker, task: TaskRef) {
    task.discard_captures(worker);
    if let Some(failure) = unwind::take_deinit_panic(worker) {
        failure.ends(task);
        task.set_failure(failure);
    }
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
    if canary::is_enabled() {
        canary::end(fiber);
    }
    match task.outer.get() {
        Some(outer) => finish_inline(worker, fiber, task, outer),
        None => finish_base(worker, fiber, task),
    }
}

/// A task that compiled code has called by itself has ended by unwinding.
pub fn finish_called(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    let outer = task.outer.get().expect("who calls a task is one");
    worker.queue.count(Counter::Inline);
    finish_inline(worker, fiber, task, outer)
}

/// Makes a task ready whose record compiled code has filled, and counted.
pub fn start_filled(worker: &mut Worker, task: TaskRef) {
    timeline::spawned(task);
    start(worker, task);
}

/// Ends an inline task, and goes on with what the task below was doing.
fn finish_inline(worker: &mut Worker, fiber: FiberRef, task: TaskRef, outer: TaskRef) -> Outcome {
    fiber.set_task(Some(outer));
    timeline::ended_inline(outer);
    if fiber.ends_segment() {
        worker.shrink_stack(fiber);
    }
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
                worker.queue.count(Counter::Ended);
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
            publish_in(worker, task, scope);
            scope::close::advance(worker, scope)
        }
    }
}

/// Ends a fiber's own task, and with it the fiber.
#[inline(never)]
fn finish_base(worker: &mut Worker, fiber: FiberRef, task: TaskRef) -> Outcome {
    worker.queue.count(Counter::EndedOnFiber);
    if task.is_main() {
        worker.finish_main(fiber, task);
        return Outcome::switch();
    }
    let Some(scope) = task.scope.get() else {
        if worker.runs_glue(fiber) {
            return Outcome::switch();
        }
        publish(worker, task);
        return worker.next_on_finished(fiber);
    };
    if task.ending.get() == Ending::Panicked {
        report_to_scope(worker, task, scope);
    }
    if fiber.registered.get() {
        scope.unlink_member(&fiber.member);
    }
    publish_in(worker, task, scope);
    options::admit_next(worker, scope);
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
    fail_scope(worker, scope, failure);
}

/// A panic of a task, as the scope that it was in takes it.
fn fail_scope(worker: &mut Worker, scope: ScopeRef, failure: Arc<Failure>) {
    scope.add_failure(failure);
    if !scope.is_isolated() {
        cancel::cancel(worker, scope);
    }
}

/// As `publish`, of a task in `scope`. Where nobody has a handle any more its result is released, and a panic in that is one of the
/// task.
#[inline]
pub fn publish_in(worker: &mut Worker, task: TaskRef, scope: ScopeRef) {
    publish(worker, task);
    if worker.fields.deinit_panic != 0 {
        fail_by_deinit(worker, scope);
    }
}

#[cold]
fn fail_by_deinit(worker: &mut Worker, scope: ScopeRef) {
    if let Some(failure) = unwind::take_deinit_panic(worker) {
        fail_scope(worker, scope, failure);
    }
}

/// Marks a task as finished, wakes those who wait for it, and gives up the runner's reference.
#[inline]
pub fn publish(worker: &mut Worker, task: TaskRef) {
    worker.queue.count(Counter::Ended);
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
    let (mut woken, mut notes) = (None, None::<WaiterRef>);
    let mut link = WaiterRef::from_address(waiters);
    while let Some(waiter) = link {
        link = waiter.next();
        if waiter.is_note() {
            waiter.set_next(notes);
            notes = Some(waiter);
            continue;
        }
        // A waiter that is not ours to claim has been woken otherwise, and looks for itself once the word is unlocked.
        let fiber = waiter.fiber();
        if fiber.wait.claim() {
            waiter.succeed();
            fiber.next.set(woken);
            woken = Some(fiber);
        }
    }
    task.state.finish();
    while let Some(waiter) = woken {
        woken = waiter.next.take();
        worker.ready_in_turn(waiter);
    }
    while let Some(note) = notes {
        // A gathering that has been told may be gone.
        notes = note.next();
        if let Some(listener) = gathering::tell(note) {
            worker.ready_in_turn(listener);
        }
    }
}

/// Claims a task taken from a queue. `None`, and the entry is gone, when it was stale.
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
    task.drop_entry(worker);
    None
}
