//! Panics and cancellation: unwinding a task's frames.
//!
//! The unwinder runs on the worker's stack and walks the fiber's frames by the frame-pointer chain. For each frame it finds the
//! call site in the program's tables, cancels and joins the scopes that stand in the frame, and releases the owned values
//! that the row lists. Where a task's entry was called the payload becomes the task's outcome, and what the fiber was doing
//! below goes on. Joining a scope may suspend: the walk's state is then kept in the fiber.
//!
//! No Rust frame and no foreign frame ever stands on a fiber, so there is nothing else to unwind.

pub mod backtrace;
pub mod failure;
pub mod frame;
pub mod tables;

use plat_abi::layout::CallSite;

use crate::context::Outcome;
use crate::scheduler::worker::Worker;
use crate::scope;
use crate::sync_shim::Arc;
use crate::task::{Ending, run};
use backtrace::Backtrace;
use failure::Failure;
use frame::Frame;

/// Why a task unwinds.
#[derive(Clone)]
pub enum Payload {
    /// A scope around it was cancelled. Programs cannot see this.
    Cancelled,
    /// It, or a task it depends on, panicked.
    Panic(Arc<Failure>),
}

/// An unwinding that waits for a scope.
pub struct Unwinding {
    payload: Payload,
    frame: Frame,
}

/// Panics in the current task, at its innermost frame.
#[cold]
pub fn panic(worker: &mut Worker, message: String) -> Outcome {
    let backtrace = Backtrace::new(Frame::top(worker.current_fiber()));
    raise(worker, Payload::Panic(Arc::new(Failure::new(message, backtrace))))
}

/// Unwinds the current task with the panics of a closed scope, which was entered at `entered_at`: the first, the others
/// beside it.
#[cold]
pub fn raise_failures(worker: &mut Worker, failures: Vec<Arc<Failure>>, entered_at: usize) -> Outcome {
    let failure = Failure::first_of(failures);
    failure.leaves_scope(|| Backtrace::at(entered_at, Frame::top(worker.current_fiber())));
    raise(worker, Payload::Panic(failure))
}

/// Unwinds the current task from its innermost frame.
#[cold]
pub fn raise(worker: &mut Worker, payload: Payload) -> Outcome {
    // A task that fails inline makes the one below fail, and so on: that is a loop here, not a recursion, because inline
    // tasks can be nested a million deep.
    if worker.is_unwinding {
        worker.raised = Some(payload);
        return Outcome::switch();
    }
    let frame = Frame::top(worker.current_fiber());
    drive(worker, Unwinding { payload, frame })
}

/// Goes on after the scope that the unwinding waited for has closed with `failures`.
#[cold]
pub fn resume(worker: &mut Worker, failures: Vec<Arc<Failure>>, entered_at: usize) -> Outcome {
    let unwinding = worker.current_fiber().unwinding.take().expect("only an unwinding closes scopes so");
    let Unwinding { mut payload, frame } = *unwinding;
    if !failures.is_empty() {
        let failure = Failure::first_of(failures);
        failure.leaves_scope(|| Backtrace::at(entered_at, frame));
        payload = Payload::Panic(failure);
    }
    if worker.is_unwinding {
        worker.rejoined = Some(Unwinding { payload, frame });
        return Outcome::switch();
    }
    drive(worker, Unwinding { payload, frame })
}

/// Unwinds until nothing more is raised.
fn drive(worker: &mut Worker, unwinding: Unwinding) -> Outcome {
    worker.is_unwinding = true;
    let mut next = Some(unwinding);
    let mut outcome = Outcome::switch();
    while let Some(unwinding) = next {
        outcome = walk(worker, unwinding);
        next = worker.rejoined.take().or_else(|| {
            let payload = worker.raised.take()?;
            Some(Unwinding { payload, frame: Frame::top(worker.current_fiber()) })
        });
    }
    worker.is_unwinding = false;
    outcome
}

/// Pops frames up to the end of the task, or to a scope that has to be waited for.
fn walk(worker: &mut Worker, mut unwinding: Unwinding) -> Outcome {
    let fiber = worker.current_fiber();
    let task = fiber.task();
    while !unwinding.frame.is_entry_return() {
        let frame = unwinding.frame;
        let inner = task.open_scope.get().filter(|scope| (scope.as_ptr() as usize) < frame.end());
        if let Some(inner) = inner {
            if let Payload::Panic(failure) = &unwinding.payload {
                inner.add_failure(failure.clone());
            }
            fiber.unwinding.set(Some(Box::new(unwinding)));
            return scope::close::unwind(worker, inner);
        }
        release_slots(worker, frame);
        unwinding.frame = frame.caller();
    }
    fiber.sp.set(unwinding.frame.stack_pointer());
    match unwinding.payload {
        Payload::Cancelled => task.ending.set(Ending::Cancelled),
        Payload::Panic(failure) => {
            failure.ends(task);
            task.set_failure(failure);
        }
    }
    run::finish(worker)
}

/// Releases the owned values of a frame.
fn release_slots(worker: &mut Worker, frame: Frame) {
    let program = worker.program();
    let Some((_, site)) = program.call_site(frame.return_address()) else {
        crate::bug(format_args!("no call site for return address {:#x}", frame.return_address()))
    };
    let site: &CallSite = site;
    for slot in program.slots(site) {
        if let Some(drop) = slot.drop {
            worker.call_glue(drop, frame.slot(slot.frame_offset));
        }
    }
}
