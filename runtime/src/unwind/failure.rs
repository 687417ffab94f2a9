//! What a panic leaves: its message, its place, the tasks it ended, and the panics beside it.

use core::fmt::Write;
use std::collections::VecDeque;

use plat_abi::layout::Location;

use super::tables::Program;
use crate::sync_shim::{Arc, Mutex};
use crate::task::TaskRef;

/// Tasks on its way that a panic's report lists.
const LISTED: usize = 50;

/// One panic.
pub struct Failure {
    message: String,
    place: Option<&'static Location>,
    path: Mutex<Vec<Step>>,
    also: Mutex<Vec<Arc<Failure>>>,
}

/// A task that a panic has ended.
struct Step {
    task: u32,
    spawned_at: u32,
}

impl Failure {
    /// A panic that has not left its task yet.
    pub fn new(message: String, place: Option<&'static Location>) -> Self {
        Self { message, place, path: Mutex::new(Vec::new()), also: Mutex::new(Vec::new()) }
    }

    /// The first of some panics, with the others beside it.
    pub fn first_of(failures: Vec<Arc<Self>>) -> Arc<Self> {
        let mut failures = failures.into_iter();
        let first = failures.next().expect("a scope failed by at least one panic");
        first.also.lock().expect("no holder of this lock panics").extend(failures);
        first
    }

    /// Records that the panic has ended `task`.
    pub fn passes(&self, task: TaskRef) {
        if task.scope.get().is_some() {
            let step = Step { task: task.id.get(), spawned_at: task.descriptor.location };
            self.path.lock().expect("no holder of this lock panics").push(step);
        }
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
        if let Some(place) = self.place {
            let _ = writeln!(report, "  at {}", program.display(place));
        }
        let path = self.path.lock().expect("no holder of this lock panics");
        for step in path.iter().take(LISTED) {
            let place = program.display(program.location(step.spawned_at));
            let _ = writeln!(report, "  in task-{} spawned at {place}", step.task);
        }
        if path.len() > LISTED {
            let _ = writeln!(report, "  and through {} more tasks", path.len() - LISTED);
        }
    }
}
