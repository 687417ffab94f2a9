//! The row about stacks.

use crate::context::Outcome;
use crate::scheduler::polls::Poll;
use crate::scheduler::worker::Worker;
use crate::unwind;

/// Row `stack_grow`.
///
/// # Safety
/// Called by compiled code on `worker` through its stub, in a function that has a call site row for it.
pub unsafe extern "C" fn stack_grow(worker: *mut Worker, ends: i64) -> Outcome {
    // SAFETY: as promised.
    let worker = unsafe { &mut *worker };
    let fiber = worker.current_fiber();
    if fiber.has_room_for_callee() {
        return worker.poll(Poll::from_word(ends));
    }
    if !worker.extend_stack(fiber) {
        return unwind::panic(worker, String::from("stack overflow"));
    }
    worker.fields.segment_top = fiber.innermost().stack_top() as u64;
    Outcome::value(1)
}
