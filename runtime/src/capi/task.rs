//! Rows about tasks and scopes.
//!
//! Each is called by compiled code through its stub, on `worker`, with task handles it holds or borrows, descriptors that are
//! static data, and scope records in the frame of the calling function: that is what every `SAFETY` here leans on.

use crate::cancel;
use crate::context::Outcome;
use crate::scheduler::polls::Poll;
use crate::scheduler::worker::Worker;
use crate::scope::{ScopeRef, close};
use crate::task::gathering::{self, GatheringRef};
use crate::task::{Ending, TaskRef, global, run};
use crate::text::string::{from_text, text};
use crate::unwind::{self, Payload};

fn handle(task: *mut u8) -> TaskRef {
    TaskRef::from_ptr(task.cast()).expect("a task handle is never null")
}

fn record(scope: *mut u8) -> ScopeRef {
    ScopeRef::from_ptr(scope.cast()).expect("a scope record is never null")
}

/// Row `task_new`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_new(worker: *mut Worker, descriptor: *mut u8, scope: *mut u8) -> *mut u8 {
    // SAFETY: see the module's head.
    let (worker, descriptor) = unsafe { (&mut *worker, &*descriptor.cast()) };
    run::create(worker, descriptor, ScopeRef::from_ptr(scope.cast())).as_ptr().cast()
}

/// Row `task_new_claimed`.
///
/// # Safety
/// See the module's head; the scope is what row `scope_claim` gave.
pub unsafe extern "C" fn task_new_claimed(
    worker: *mut Worker,
    descriptor: *mut u8,
    scope: *mut u8,
) -> *mut u8 {
    // SAFETY: see the module's head.
    let (worker, descriptor) = unsafe { (&mut *worker, &*descriptor.cast()) };
    run::create_claimed(worker, descriptor, record(scope)).as_ptr().cast()
}

/// Row `task_completed`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_completed(worker: *mut Worker, descriptor: *mut u8) -> *mut u8 {
    // SAFETY: see the module's head.
    let (worker, descriptor) = unsafe { (&mut *worker, &*descriptor.cast()) };
    TaskRef::allocate_ended(worker, descriptor).as_ptr().cast()
}

/// Row `has_locals`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn has_locals(worker: *mut Worker) -> i64 {
    // SAFETY: see the module's head.
    i64::from(unsafe { (*worker).current_fiber() }.task().locals().is_some())
}

/// Row `locals`.
///
/// # Safety
/// See the module's head; something is bound.
pub unsafe extern "C" fn locals(worker: *mut Worker) -> *mut u8 {
    // SAFETY: see the module's head.
    let bindings = unsafe { (*worker).current_fiber() }.task().locals();
    let bindings = bindings.expect("whoever asks has looked");
    bindings.retain();
    bindings.as_ptr().cast()
}

/// Row `set_locals`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn set_locals(worker: *mut Worker, bindings: *mut u8) {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    let bindings = handle(bindings);
    bindings.retain();
    worker.current_fiber().task().set_locals(worker, Some(bindings));
}

/// Row `clear_locals`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn clear_locals(worker: *mut Worker) {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    worker.current_fiber().task().set_locals(worker, None);
}

/// Row `inherit_locals`.
///
/// # Safety
/// See the module's head; the task has not started.
pub unsafe extern "C" fn inherit_locals(worker: *mut Worker, task: *mut u8) {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    if let Some(bindings) = worker.current_fiber().task().locals() {
        bindings.retain();
        handle(task).set_locals(worker, Some(bindings));
    }
}

/// Row `task_start`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_start(worker: *mut Worker, task: *mut u8) {
    // SAFETY: see the module's head.
    run::start(unsafe { &mut *worker }, handle(task));
}

/// Row `task_start_filled`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_start_filled(worker: *mut Worker, task: *mut u8) {
    // SAFETY: see the module's head.
    run::start_filled(unsafe { &mut *worker }, handle(task));
}

/// Row `task_numbers`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_numbers(worker: *mut Worker) {
    // SAFETY: see the module's head.
    unsafe { (*worker).take_task_numbers() };
}

/// Row `wake_worker`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn wake_worker(worker: *mut Worker) {
    // SAFETY: see the module's head.
    unsafe { (*worker).consider_waking() };
}

/// Row `task_await`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_await(worker: *mut Worker, task: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    run::await_task(unsafe { &mut *worker }, handle(task))
}

/// Row `task_wait`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_wait(worker: *mut Worker, task: *mut u8, deadline: i64) -> Outcome {
    // SAFETY: see the module's head.
    run::wait_until(unsafe { &mut *worker }, handle(task), deadline)
}

/// Row `gathering_new`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn gathering_new(worker: *mut Worker, tasks: i64) -> i64 {
    // SAFETY: see the module's head.
    GatheringRef::new(unsafe { &mut *worker }, tasks as usize).address() as i64
}

/// Row `gathering_add`.
///
/// # Safety
/// See the module's head; the gathering has room.
pub unsafe extern "C" fn gathering_add(worker: *mut Worker, gathering: i64, task: *mut u8) {
    // SAFETY: see the module's head.
    GatheringRef::from_address(gathering as usize).add(unsafe { &mut *worker }, handle(task));
}

/// Row `gathering_next`.
///
/// # Safety
/// See the module's head; no other fiber uses the gathering.
pub unsafe extern "C" fn gathering_next(worker: *mut Worker, gathering: i64) -> Outcome {
    // SAFETY: see the module's head.
    gathering::next(unsafe { &mut *worker }, GatheringRef::from_address(gathering as usize))
}

/// Row `gathering_end`.
///
/// # Safety
/// See the module's head; the gathering is not used again.
pub unsafe extern "C" fn gathering_end(worker: *mut Worker, gathering: i64) {
    // SAFETY: see the module's head.
    GatheringRef::from_address(gathering as usize).end(unsafe { &mut *worker });
}

/// Row `task_take`.
///
/// # Safety
/// See the module's head; the task has finished with a result.
pub unsafe extern "C" fn task_take(worker: *mut Worker, task: *mut u8) -> Outcome {
    if handle(task).take_result() {
        return Outcome::done();
    }
    // SAFETY: see the module's head.
    unwind::panic(unsafe { &mut *worker }, String::from("result already taken"))
}

/// Row `task_outcome`.
///
/// # Safety
/// See the module's head; the task has finished.
pub unsafe extern "C" fn task_outcome(_worker: *mut Worker, task: *mut u8) -> i64 {
    match handle(task).ending.get() {
        Ending::Returned => 0,
        Ending::Panicked => 1,
        Ending::Open | Ending::Cancelled | Ending::NeverBegun => 2,
    }
}

/// Row `task_cancel`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_cancel(worker: *mut Worker, task: *mut u8) {
    // SAFETY: see the module's head.
    cancel::cancel_task(unsafe { &mut *worker }, handle(task));
}

/// Row `task_set_name`.
///
/// # Safety
/// See the module's head; the task is new, and `name` a live string.
pub unsafe extern "C" fn task_set_name(_worker: *mut Worker, task: *mut u8, name: *mut u8) {
    // SAFETY: as promised.
    let name = unsafe { text(name.cast()) };
    if !name.is_empty() {
        handle(task).set_name(name);
    }
}

/// Row `task_name`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_name(worker: *mut Worker, task: *mut u8) -> *mut u8 {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    from_text(&mut worker.heap, &handle(task).name()).cast()
}

/// Row `task_retain`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_retain(_worker: *mut Worker, task: *mut u8) {
    handle(task).retain();
}

/// Row `task_release`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_release(worker: *mut Worker, task: *mut u8) {
    // SAFETY: see the module's head.
    handle(task).release(unsafe { &mut *worker });
}

/// Row `global_task`.
///
/// # Safety
/// `cell` is the static data of a constant; see also the module's head.
pub unsafe extern "C" fn global_task(worker: *mut Worker, cell: *mut u8) -> *mut u8 {
    // SAFETY: as promised.
    let (worker, cell) = unsafe { (&mut *worker, global::Cell::from_ptr(cell.cast())) };
    cell.task(worker).as_ptr().cast()
}

/// Row `global_take`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn global_take(_worker: *mut Worker) -> *mut u8 {
    global::take().map_or(core::ptr::null_mut(), |task| task.as_ptr().cast())
}

/// Row `task_is_done`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_is_done(_worker: *mut Worker, task: *mut u8) -> i64 {
    i64::from(handle(task).state.is_done())
}

/// Row `task_id`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn task_id(_worker: *mut Worker, task: *mut u8) -> i64 {
    i64::from(handle(task).id.get())
}

/// Row `scope_exit`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn scope_exit(worker: *mut Worker, scope: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    close::exit(unsafe { &mut *worker }, record(scope))
}

/// Row `scope_leave`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn scope_leave(worker: *mut Worker, scope: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    close::leave(unsafe { &mut *worker }, record(scope))
}

/// Row `shield`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn shield(worker: *mut Worker) {
    // SAFETY: see the module's head.
    unsafe { (*worker).current_fiber().task().shield() };
}

/// Row `unshield`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn unshield(worker: *mut Worker) {
    // SAFETY: see the module's head.
    unsafe { (*worker).current_fiber().task().unshield() };
}

/// Row `cancel_scope`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn cancel_scope(worker: *mut Worker) {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    if let Some(scope) = worker.current_fiber().task().scope.get() {
        cancel::cancel(worker, scope);
    }
}

/// Row `check_cancelled`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn check_cancelled(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    if cancel::is_due(worker.current_fiber()) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    Outcome::done()
}

/// Row `is_cancelled`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn is_cancelled(worker: *mut Worker) -> i64 {
    // SAFETY: see the module's head.
    i64::from(cancel::is_cancelled(unsafe { (*worker).current_fiber() }))
}

/// Row `yield_now`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn yield_now(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    let fiber = worker.current_fiber();
    if cancel::is_due(fiber) {
        return unwind::raise(worker, Payload::Cancelled);
    }
    worker.ready_last(fiber);
    Outcome::switch()
}

/// Row `poll`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn poll(worker: *mut Worker, ends: i64) -> Outcome {
    // SAFETY: see the module's head.
    unsafe { &mut *worker }.poll(Poll::from_word(ends))
}
