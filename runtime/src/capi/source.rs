//! Rows about sources of events.
//!
//! Each is called by compiled code through its stub, on `worker`, with the number of a source that the caller has: that is what every
//! `SAFETY` here leans on.

use crate::context::Outcome;
use crate::fiber::WaitReason;
use crate::reactor::{self, Direction, Source};
use crate::scheduler::worker::Worker;

/// The source that a row was given.
pub(super) fn source(number: i64) -> &'static Source {
    reactor::source(number as u32)
}

/// Row `source_wait`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn source_wait(
    worker: *mut Worker,
    number: i64,
    direction: i64,
    what: i64,
    deadline: i64,
) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    source(number).wait(worker, Direction::of(direction), WaitReason::of_source(what), deadline)
}

/// Row `source_close`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn source_close(worker: *mut Worker, number: i64) {
    // SAFETY: see the module's head.
    source(number).close(unsafe { &mut *worker });
}

/// Row `source_release`.
///
/// # Safety
/// See the module's head; nobody uses the source any more.
pub unsafe extern "C" fn source_release(worker: *mut Worker, number: i64) {
    // SAFETY: see the module's head.
    reactor::remove(unsafe { &mut *worker }, number as u32);
}
