//! Rows by which compiled code tells the sanitizer that watches the program who acts.
//!
//! Each is called by compiled code through its stub, on `worker`: that is what every `SAFETY` here leans on.

use crate::sanitizer;
use crate::scheduler::worker::Worker;

/// Row `watch_enter`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn watch_enter(worker: *mut Worker) {
    // SAFETY: see the module's head.
    unsafe { &mut *worker }.act_for_task();
}

/// Row `watch_leave`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn watch_leave(worker: *mut Worker) {
    // SAFETY: see the module's head.
    unsafe { &mut *worker }.act_for_none();
}

/// Row `watch_end`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn watch_end(worker: *mut Worker) {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    worker.act_for_none();
    sanitizer::end_task(worker.current_fiber().task().id.get());
}

/// Row `watch_taken`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn watch_taken(_: *mut Worker, block: *mut u8) {
    sanitizer::block_taken(block);
}

/// Row `watch_given`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn watch_given(_: *mut Worker, block: *mut u8) {
    sanitizer::block_given(block);
}
