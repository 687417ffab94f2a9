//! Rows about threads that tasks may block.
//!
//! Each is called by compiled code through its stub, on `worker`: that is what every `SAFETY` here leans on.

use crate::context::Outcome;
use crate::scheduler::hosts;
use crate::scheduler::worker::Worker;
use crate::task::{TaskRef, run};

/// Row `blocking_enter`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn blocking_enter(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    run::enter_pool(unsafe { &mut *worker })
}

/// Row `blocking_leave`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn blocking_leave(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    hosts::leave(unsafe { &mut *worker })
}

/// Row `thread_start`.
///
/// # Safety
/// See the module's head; `task` is a new task whose captures are stored.
pub unsafe extern "C" fn thread_start(worker: *mut Worker, task: *mut u8) {
    let task = TaskRef::from_ptr(task.cast()).expect("a task handle is never null");
    // SAFETY: see the module's head.
    run::start_on_thread(unsafe { &mut *worker }, task);
}
