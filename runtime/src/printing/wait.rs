//! A task that waits until there is room for its line.
//!
//! It tries again whenever there is room, together with all who wait. The line is the caller's, who keeps it while it waits.

use plat_abi::layout::BufferHeader;

use super::{Printer, Progress};
use crate::cancel;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::park::{self, Ways};
use crate::reactor::{Direction, Wait, awaited_by};
use crate::scheduler::worker::Worker;
use crate::stream;
use crate::text::string::text;
use crate::timer::NEVER;
use crate::unwind::{self, Payload};

/// A line for which there was no room.
struct Blocked {
    printer: &'static Printer,
    line: *const BufferHeader,
    progress: Progress,
}

impl Blocked {
    /// Whether it has been written now.
    fn advance(&mut self) -> bool {
        // SAFETY: `print` was given a string that its caller keeps until this ends.
        self.progress = self.printer.advance(unsafe { text(self.line) }, self.progress);
        self.progress == Progress::Done
    }
}

/// Prints a line; waits while there is no room for it.
///
/// # Safety
/// `line` is a live string, and stays that until compiled code goes on.
pub unsafe fn print(worker: &mut Worker, printer: &'static Printer, line: *const BufferHeader) -> Outcome {
    // SAFETY: by the contract.
    match printer.advance(unsafe { text(line) }, Progress::Nowhere) {
        Progress::Done => Outcome::done(),
        progress => wait(worker, Box::new(Blocked { printer, line, progress })),
    }
}

#[cold]
fn wait(worker: &mut Worker, mut blocked: Box<Blocked>) -> Outcome {
    let fiber = worker.current_fiber();
    loop {
        if cancel::is_due(fiber) {
            return unwind::raise(worker, Payload::Cancelled);
        }
        let source = blocked.printer.source(worker);
        if blocked.advance() {
            return Outcome::done();
        }
        let Ok(source) = source else {
            // Without a descriptor nobody tells: this worker waits itself.
            stream::wait_for_room(blocked.printer.descriptor);
            continue;
        };
        park::register(worker, fiber);
        let slot = Box::into_raw(blocked);
        let ways = Ways { resume: Some(resume), undo };
        let reason = WaitReason::Print;
        let wait = Wait { direction: Direction::Out, reason, deadline: NEVER, slot: slot.cast(), ways };
        if source.enter(worker, fiber, wait) {
            worker.foresee();
            return worker.leave();
        }
        // SAFETY: it has just been made of a box, and nobody else has seen it.
        blocked = unsafe { Box::from_raw(slot) };
    }
}

/// What the fiber, which does not wait any more, was to print.
fn blocked(fiber: FiberRef) -> Box<Blocked> {
    // SAFETY: `wait` has put a box there, and each wait ends once.
    unsafe { Box::from_raw(fiber.waiter.slot().cast()) }
}

/// Goes on when there may be room.
fn resume(worker: &mut Worker) -> Outcome {
    let blocked = blocked(worker.current_fiber());
    wait(worker, blocked)
}

/// Takes one out that was cancelled.
fn undo(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    awaited_by(fiber).withdraw(fiber, Direction::Out);
    let blocked = blocked(fiber);
    unwind::raise_cancelled_or(worker, |worker| wait(worker, blocked))
}
