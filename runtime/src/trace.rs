//! Reports about what waits.

use core::fmt::Write;

use crate::fiber::{FiberRef, WaitReason};
use crate::stack;
use crate::task::Inline;
use crate::text::output;
use crate::unwind::frame::{self, Frame};
use crate::unwind::tables::Program;

/// Exit code of a deadlocked program.
const DEADLOCK_EXIT_CODE: i32 = 102;

/// Tasks that a report lists; a program with more says how many.
const LISTED: usize = 100;

/// Reports that no task can ever run again, and ends the program. Only when no worker runs a fiber.
#[cold]
pub fn report_deadlock(program: &Program) -> ! {
    let mut waits = Vec::new();
    stack::for_each_live(|fiber| list_waits(program, fiber, &mut waits));
    waits.sort_unstable();
    let mut report = String::from("deadlock\n");
    for (_, line) in waits.iter().take(LISTED) {
        let _ = writeln!(report, "  {line}");
    }
    if waits.len() > LISTED {
        let _ = writeln!(report, "  and {} more", waits.len() - LISTED);
    }
    output::write_error(format_args!("{report}"));
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(DEADLOCK_EXIT_CODE) }
}

/// Lists the tasks on a fiber's stack, innermost first, by number: what each waits for, and where.
fn list_waits(program: &Program, fiber: FiberRef, waits: &mut Vec<(u32, String)>) {
    let mut task = fiber.task();
    let mut reason = fiber.reason.get();
    let mut frame = Frame::top(fiber);
    loop {
        let id = task.id.get();
        let name = if task.is_main() { String::from("main") } else { format!("task-{id}") };
        let place = frame::place_of(program, frame)
            .map_or_else(String::new, |place| format!(" at {}", program.display(place)));
        waits.push((id, format!("{name} waits in {}{place}", reason.name())));
        let Some(outer) = task.outer.get() else { return };
        while !frame.is_entry_return() {
            frame = frame.outwards();
        }
        frame = frame.below_stub();
        reason = match task.inline.get() {
            Inline::Await => WaitReason::Await,
            Inline::ScopeEnd => WaitReason::ScopeEnd,
        };
        task = outer;
    }
}
