//! Panics and cancellation: unwinding a task's frames.
//!
//! The unwinder runs on the worker's stack and walks the fiber's frames by the frame-pointer chain. For each frame it finds the
//! call site in the program's tables, and cleans up what the row lists, innermost first: it has owned values released and `defer`s run, and
//! cancels and joins open scopes. Where a task's entry was called the payload becomes the task's outcome, and what the
//! fiber was doing below goes on.
//!
//! **Cleanup is compiled code and runs on the task's own stack**, where the frame that it belongs to ends: the frames above
//! are gone. The unwinder returns to its stub with [`Outcome::call`], and the stub comes back with [`cleanup_finished`]. So cleanup
//! may suspend and go on with another worker, and it may panic. Between steps the walk's state is kept in the fiber; an
//! unwinding of cleanup code stands before the one it interrupts, and ends where that called it:
//! - a panic out of a `defer` stands beside the panic that was unwinding, or replaces a cancellation;
//! - a run of a transaction that is to be done once more is nobody's concern any more: neither are its panics;
//! - a panic that a `deinit` leaves in the worker record is reported and dropped.
//!
//! A panic of a `deinit` ends where that was called (`plat_call_deinit`), so that all else that the release was to do is done. Then
//! it is raised: by compiled code after the release, or by the runtime where that released something by itself.
//!
//! While cleanup runs its task does not see cancellations (`Task::shield`).
//!
//! No Rust frame and no foreign frame ever stands on a fiber, so there is nothing else to unwind.

pub mod backtrace;
pub mod failure;
pub mod frame;
pub mod tables;

use core::ptr;

use plat_abi::layout::{Slot, SlotKind};

use crate::cancel::{self, probe};
use crate::context::{Code, CompiledCall, Outcome};
use crate::fiber::FiberRef;
use crate::sanitizer;
use crate::scheduler::worker::Worker;
use crate::scope::{self, ScopeRef};
use crate::sync_shim::Arc;
use crate::task::{Ending, TaskRef, run};
use crate::text::output;
use backtrace::Backtrace;
use failure::{Failure, Left};
use frame::Frame;
use tables::Program;

/// Why a task unwinds.
#[derive(Clone)]
pub enum Payload {
    /// A scope around it was cancelled. Programs cannot see this.
    Cancelled,
    /// It, or a task it depends on, panicked.
    Panic(Arc<Failure>),
    /// Its transaction runs once more. Ends where that was begun.
    Restart(Restart),
}

/// Why a transaction runs once more, as `catch_panic` gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restart {
    /// What it reads has changed.
    Conflict = -1,
    /// It waits for that.
    Retry = -2,
}

impl Restart {
    /// What `catch_panic` has given, unless it is a panic.
    pub fn of(caught: i64) -> Option<Self> {
        [Self::Conflict, Self::Retry].into_iter().find(|&why| why as i64 == caught)
    }
}

/// An unwinding in progress.
pub struct Unwinding {
    payload: Payload,
    /// The frame to be cleaned up.
    frame: Frame,
    /// How many slots of it have been.
    cleaned: usize,
    /// What a `deinit` before, in the release during which this began, has panicked with.
    aside: Option<Arc<Failure>>,
    /// The unwinding whose cleanup this one unwinds.
    outer: Option<Box<Unwinding>>,
}

/// Panics in the current task, at its innermost frame.
#[cold]
pub fn panic(worker: &mut Worker, message: String) -> Outcome {
    let fiber = worker.current_fiber();
    let backtrace = Backtrace::new(Frame::top(fiber), fiber.task());
    raise(worker, Payload::Panic(Arc::new(Failure::new(message, backtrace))))
}

/// Unwinds the current task with the panics of a closed scope: the first, the others beside it.
#[cold]
pub fn raise_failures(worker: &mut Worker, failures: Vec<Arc<Failure>>, left: Left) -> Outcome {
    let failure = Failure::first_of(failures);
    let fiber = worker.current_fiber();
    failure.leaves_scope(left, Frame::top(fiber), fiber.task());
    raise(worker, Payload::Panic(failure))
}

/// Unwinds the current task from its innermost frame.
#[cold]
pub fn raise(worker: &mut Worker, payload: Payload) -> Outcome {
    if let (Payload::Cancelled, Some(message)) = (&payload, probe::panic_of(worker.current_fiber())) {
        return panic(worker, message);
    }
    // A task that fails inline makes the one below fail, and so on: that is a loop here, not a recursion, because inline
    // tasks can be nested a million deep.
    if worker.is_unwinding {
        worker.raised = Some(payload);
        return Outcome::switch();
    }
    begin(worker, payload);
    drive(worker)
}

/// Calls compiled code on the current fiber's stack; a panic in it is returned from the stub that called this.
pub fn catch(worker: &mut Worker, code: Code, argument: *mut u8) -> Outcome {
    let frame_pointer = Frame::top(worker.current_fiber()).frame_pointer();
    Outcome::catch(worker, CompiledCall { code, argument, frame_pointer })
}

/// Goes on after a cancellation has woken the current fiber: unwinds its task, or repeats what it waited for, if the cancelled
/// scope has ended since or the task is shielded from it.
#[cold]
pub fn raise_cancelled_or(worker: &mut Worker, repeat: impl FnOnce(&mut Worker) -> Outcome) -> Outcome {
    if cancel::is_due(worker.current_fiber()) { raise(worker, Payload::Cancelled) } else { repeat(worker) }
}

/// Goes on after the scope that the unwinding waited for has closed with `failures`.
#[cold]
pub fn resume(worker: &mut Worker, failures: Vec<Arc<Failure>>, left: Left) -> Outcome {
    let fiber = worker.current_fiber();
    with_current(fiber, |unwinding| {
        if !failures.is_empty() {
            let failure = Failure::first_of(failures);
            failure.leaves_scope(left, unwinding.frame, fiber.task());
            unwinding.payload = Payload::Panic(failure);
        }
    });
    if worker.is_unwinding {
        worker.has_rejoined = true;
        return Outcome::switch();
    }
    drive(worker)
}

/// Goes on after cleanup that the unwinder called has returned.
pub fn cleanup_finished(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    fiber.task().unshield();
    if let Some(failure) = take_deinit_panic(worker) {
        report_dropped(worker, &failure);
    }
    drive(worker)
}

/// A `deinit` has panicked: that is raised when the release that it was part of is over.
pub fn deinit_panicked(worker: &mut Worker, failure: Arc<Failure>) {
    let failure = match take_deinit_panic(worker) {
        Some(first) => {
            first.add(failure);
            first
        }
        None => failure,
    };
    worker.fields.deinit_panic = Arc::into_raw(failure).expose_provenance() as u64;
}

/// The panic that a release has left in the worker record.
pub fn take_deinit_panic(worker: &mut Worker) -> Option<Arc<Failure>> {
    let address = core::mem::take(&mut worker.fields.deinit_panic);
    if address == 0 {
        return None;
    }
    // SAFETY: `deinit_panicked` has stored the address of a reference that it gave up, and nobody else takes it.
    Some(unsafe { Arc::from_raw(ptr::with_exposed_provenance(address as usize)) })
}

/// Prints a panic of a `deinit` that goes no further.
pub fn report_dropped(worker: &Worker, failure: &Failure) {
    let report = failure.report(worker.program());
    let reason = "dropped: `deinit` was called because of another panic or a cancellation";
    output::write_error(format_args!("{report}  {reason}\n"));
}

/// Whether the fiber is unwinding, or cleaning up for that.
pub fn is_in_progress(fiber: FiberRef) -> bool {
    let unwinding = fiber.unwinding.take();
    let is_in_progress = unwinding.is_some();
    fiber.unwinding.set(unwinding);
    is_in_progress
}

/// The unwinding in progress on a fiber.
fn with_current<R>(fiber: FiberRef, change: impl FnOnce(&mut Unwinding) -> R) -> R {
    let mut unwinding = fiber.unwinding.take().expect("an unwinding is in progress");
    let result = change(&mut unwinding);
    fiber.unwinding.set(Some(unwinding));
    result
}

fn begin(worker: &mut Worker, payload: Payload) {
    let fiber = worker.current_fiber();
    let (frame, outer, aside) = (Frame::top(fiber), fiber.unwinding.take(), take_deinit_panic(worker));
    fiber.unwinding.set(Some(Box::new(Unwinding { payload, frame, cleaned: 0, aside, outer })));
}

/// Unwinds until nothing more is raised. Where the program goes on after it, be it at the end of a scope that a panic leaves alone, the frames
/// above are gone, with the stub that has raised.
fn drive(worker: &mut Worker) -> Outcome {
    worker.is_unwinding = true;
    let outcome = loop {
        let outcome = walk(worker);
        if let Some(payload) = worker.raised.take() {
            begin(worker, payload);
        } else if !core::mem::take(&mut worker.has_rejoined) {
            break outcome;
        }
    };
    worker.is_unwinding = false;
    outcome.elsewhere()
}

/// Pops frames up to the end of the task, to cleanup that has to run, or to a scope that has to be waited for.
fn walk(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    let task = fiber.task();
    loop {
        let mut unwinding = fiber.unwinding.take().expect("an unwinding is in progress");
        let frame = unwinding.frame;
        if frame.ends(task) {
            return end_task(worker, *unwinding);
        }
        if frame.is_cleanup_return() {
            fiber.unwinding.set(Some(leave_cleanup(task, *unwinding)));
            continue;
        }
        if frame.is_catch_return() {
            match end_catch(worker, unwinding) {
                Some(outcome) => return outcome,
                None => continue,
            }
        }
        if frame.is_segment_return() {
            worker.shrink_stack(fiber);
            unwinding.frame = frame.caller();
            fiber.unwinding.set(Some(unwinding));
            continue;
        }
        let Some(slot) = slots(worker.program(), frame).get(unwinding.cleaned) else {
            unwinding.frame = frame.caller();
            unwinding.cleaned = 0;
            fiber.unwinding.set(Some(unwinding));
            continue;
        };
        unwinding.cleaned += 1;
        let panic = match &unwinding.payload {
            Payload::Panic(failure) => Some(failure.clone()),
            Payload::Cancelled | Payload::Restart(_) => None,
        };
        fiber.unwinding.set(Some(unwinding));
        match (slot.kind, slot.run) {
            (SlotKind::Shield, _) => task.unshield(),
            (SlotKind::Use, _) => frame.end_use(slot.frame_offset),
            (SlotKind::Scope, _) => {
                let scope = ScopeRef::from_ptr(frame.slot(slot.frame_offset).cast());
                let scope = scope.expect("a frame has an address");
                // A body's panic goes its own way past an isolated scope.
                if let Some(failure) = panic.filter(|_| !scope.is_isolated()) {
                    scope.add_failure(failure);
                }
                frame.stand_on(fiber);
                return scope::close::unwind(worker, scope);
            }
            (SlotKind::Release | SlotKind::Defer, Some(code)) => return clean_up(worker, code, frame, slot),
            (SlotKind::Release | SlotKind::Defer, None) => {}
        }
    }
}

/// The payload becomes the task's outcome.
fn end_task(worker: &mut Worker, unwinding: Unwinding) -> Outcome {
    let fiber = worker.current_fiber();
    let task = fiber.task();
    end(worker, unwinding.outer);
    let frame = unwinding.frame;
    let is_called = !frame.is_entry_return();
    if is_called {
        frame.stand_on(fiber);
    } else {
        fiber.sp.set(frame.stack_pointer());
    }
    match unwinding.payload {
        Payload::Cancelled => task.end_cancelled(Ending::Cancelled),
        Payload::Panic(failure) => {
            failure.ends(task);
            task.set_failure(failure);
        }
        Payload::Restart(why) => crate::bug(format_args!("{why:?} outside of a transaction")),
    }
    sanitizer::end_task(task.id.get());
    if is_called { run::finish_called(worker, fiber, task) } else { run::finish(worker) }
}

/// An unwinding of the current fiber has ended. The one around it, if any, goes on.
fn end(worker: &mut Worker, outer: Option<Box<Unwinding>>) {
    let fiber = worker.current_fiber();
    fiber.unwinding.set(outer);
}

/// What the row of a frame's call site lists.
fn slots(program: &'static Program, frame: Frame) -> &'static [Slot] {
    let Some((_, site)) = program.call_site(frame.return_address()) else {
        crate::bug(format_args!("no call site for return address {:#x}", frame.return_address()))
    };
    program.slots(site)
}

/// Runs the cleanup of a slot on the task's stack, where its frame ends.
fn clean_up(worker: &mut Worker, code: Code, frame: Frame, slot: &Slot) -> Outcome {
    let fiber = worker.current_fiber();
    fiber.task().shield();
    frame.stand_on(fiber);
    let argument = frame.slot(slot.frame_offset);
    Outcome::call(worker, CompiledCall { code, argument, frame_pointer: frame.frame_pointer() })
}

/// An unwinding has come to a `catch`: that of a function returns a panic, or that of a transaction, that of a scope its cancellation. All
/// else goes on.
fn end_catch(worker: &mut Worker, mut unwinding: Box<Unwinding>) -> Option<Outcome> {
    let fiber = worker.current_fiber();
    let is_deinit = unwinding.frame.is_deinit_return();
    if is_deinit {
        fiber.task().unshield();
    }
    let stack_pointer = unwinding.frame.stack_pointer();
    let scope = fiber.task().open_scope().filter(|scope| scope.catches_at(stack_pointer));
    let result = match (&unwinding.payload, scope) {
        (Payload::Cancelled, Some(scope)) if scope.is_cancelled() => 1,
        (Payload::Panic(failure), None) => Arc::into_raw(failure.clone()).expose_provenance() as i64,
        (&Payload::Restart(why), None) if !is_deinit => why as i64,
        (Payload::Cancelled | Payload::Panic(_) | Payload::Restart(_), _) => {
            unwinding.frame = unwinding.frame.below_stub();
            unwinding.cleaned = 0;
            fiber.unwinding.set(Some(unwinding));
            return None;
        }
    };
    if let Some(earlier) = unwinding.aside.take() {
        deinit_panicked(worker, earlier);
    }
    fiber.sp.set(stack_pointer);
    end(worker, unwinding.outer);
    Some(Outcome::resume(result))
}

/// An unwinding has come out of cleanup code: the one that called the code goes on.
fn leave_cleanup(task: TaskRef, inner: Unwinding) -> Box<Unwinding> {
    let mut unwinding = inner.outer.expect("cleanup is called by an unwinding");
    task.unshield();
    match (inner.payload, &unwinding.payload) {
        (Payload::Panic(failure), Payload::Panic(first)) => first.add(failure),
        (Payload::Panic(failure), Payload::Cancelled) => unwinding.payload = Payload::Panic(failure),
        // What the run of the transaction would have come to is nobody's concern any more.
        (Payload::Restart(why), Payload::Panic(_) | Payload::Restart(Restart::Retry)) => {
            unwinding.payload = Payload::Restart(why);
        }
        (Payload::Panic(_), Payload::Restart(_)) | (Payload::Cancelled | Payload::Restart(_), _) => {}
    }
    unwinding
}
