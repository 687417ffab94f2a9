//! What a panic leaves: its message, its backtrace, the tasks and scopes it came through, and the panics beside it.
//!
//! A report, described in `runtime/ARCHITECTURE.md`, says these in this order.

use core::fmt::Write;
use std::collections::VecDeque;

use super::backtrace::Backtrace;
use super::tables::Program;
use crate::sync_shim::{Arc, Mutex};
use crate::task::TaskRef;

/// Tasks and scopes on its way that a panic's report lists.
const LISTED: usize = 50;

/// One panic.
pub struct Failure {
    message: String,
    backtrace: Backtrace,
    path: Mutex<Path>,
    also: Mutex<Vec<Arc<Failure>>>,
}

/// What a panic came through.
#[derive(Default)]
struct Path {
    /// The first [`LISTED`].
    steps: Vec<Step>,
    /// How many more.
    omitted: usize,
}

/// A step of a panic on its way.
enum Step {
    /// It ended a task.
    Task {
        id: u32,
        /// Index of the place of the spawn.
        spawned_at: u32,
    },
    /// It left a scope and went on in the task that had opened it, through these functions.
    Scope(Backtrace),
}

impl Failure {
    /// A panic that has not left its task yet.
    pub fn new(message: String, backtrace: Backtrace) -> Self {
        Self { message, backtrace, path: Mutex::default(), also: Mutex::new(Vec::new()) }
    }

    /// The first of some panics, with the others beside it.
    pub fn first_of(failures: Vec<Arc<Self>>) -> Arc<Self> {
        let mut failures = failures.into_iter();
        let first = failures.next().expect("a scope failed by at least one panic");
        first.also.lock().expect("no holder of this lock panics").extend(failures);
        first
    }

    /// Records that the panic has ended `task`.
    pub fn ends(&self, task: TaskRef) {
        if !task.is_main() {
            self.add_step(|| Step::Task { id: task.id.get(), spawned_at: task.descriptor.location });
        }
    }

    /// Records that the panic has left a scope, and unwinds the functions that `outwards` lists.
    pub fn leaves_scope(&self, outwards: impl FnOnce() -> Backtrace) {
        self.add_step(|| Step::Scope(outwards()));
    }

    fn add_step(&self, step: impl FnOnce() -> Step) {
        let mut path = self.path.lock().expect("no holder of this lock panics");
        if path.steps.len() < LISTED {
            path.steps.push(step());
        } else {
            path.omitted += 1;
        }
    }

    /// Puts a panic beside this one.
    pub fn add(&self, other: Arc<Self>) {
        self.also.lock().expect("no holder of this lock panics").push(other);
    }

    /// What it says.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The user's line that it began at, as `file:line:column`; empty if there is none.
    pub fn place(&self, program: &Program) -> String {
        self.backtrace.place(program).map_or_else(String::new, |place| program.display(place))
    }

    /// What a program that dies of this panic prints.
    pub fn report(&self, program: &Program) -> String {
        let mut report = String::new();
        self.describe(program, "panic", &mut report);
        // Two panics may have each other beside them, by different scopes.
        let mut described = vec![core::ptr::from_ref(self)];
        let mut queue = VecDeque::from(self.others());
        while let Some(failure) = queue.pop_front() {
            if !described.contains(&Arc::as_ptr(&failure)) {
                described.push(Arc::as_ptr(&failure));
                failure.describe(program, "also", &mut report);
                queue.extend(failure.others());
            }
        }
        report
    }

    fn others(&self) -> Vec<Arc<Self>> {
        self.also.lock().expect("no holder of this lock panics").clone()
    }

    fn describe(&self, program: &Program, heading: &str, report: &mut String) {
        let _ = writeln!(report, "{heading}: {}", self.message);
        self.backtrace.write(program, "at", report);
        let path = self.path.lock().expect("no holder of this lock panics");
        for step in &path.steps {
            match step {
                Step::Task { id, spawned_at } => {
                    let place = program.display(program.location(*spawned_at));
                    let _ = writeln!(report, "  in task-{id} spawned at {place}");
                }
                Step::Scope(backtrace) => backtrace.write(program, "in concurrent at", report),
            }
        }
        if path.omitted > 0 {
            let _ = writeln!(report, "  … through {} more tasks and scopes", path.omitted);
        }
    }
}
