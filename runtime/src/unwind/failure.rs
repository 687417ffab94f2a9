//! What a panic leaves: its message, its backtrace, the tasks and scopes it came through, and the panics beside it.
//!
//! A report, described in `runtime/ARCHITECTURE.md`, says these in this order.

use core::fmt::Write;
use std::collections::{HashSet, VecDeque};

use plat_abi::fork::ScopeSite;

use super::backtrace::Backtrace;
use super::frame::Frame;
use super::tables::Program;
use crate::sync_shim::{Arc, AtomicBool, Mutex, Ordering};
use crate::task::TaskRef;

/// Tasks and scopes on its way that a panic's report lists.
const LISTED: usize = 50;

/// One panic.
pub struct Failure {
    message: String,
    backtrace: Backtrace,
    path: Mutex<Path>,
    also: Mutex<Vec<Arc<Failure>>>,
    /// Whether a task has been told that another ended by it.
    is_seen: AtomicBool,
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
        name: String,
        /// Index of the place of the spawn.
        spawned_at: u32,
    },
    /// It left a scope, perhaps with a name, and went on in the task that had opened it, through these functions.
    Scope(Option<Box<str>>, Backtrace),
}

/// A scope that a panic has left.
pub struct Left {
    /// Its name, if it had one.
    pub name: Option<Box<str>>,
    /// Where it was opened.
    pub site: Option<&'static ScopeSite>,
}

impl Drop for Failure {
    /// A panic may stand beside one that stands beside another, through as many scopes as were nested: no recursion.
    fn drop(&mut self) {
        let mut pending = self.take_others();
        while let Some(failure) = pending.pop() {
            if let Some(mut failure) = Arc::into_inner(failure) {
                pending.append(&mut failure.take_others());
            }
        }
    }
}

impl Failure {
    /// A panic that has not left its task yet.
    pub fn new(message: String, backtrace: Backtrace) -> Self {
        Self {
            message,
            backtrace,
            path: Mutex::default(),
            also: Mutex::new(Vec::new()),
            is_seen: AtomicBool::new(false),
        }
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
            self.add_step(|| Step::Task { name: task.name(), spawned_at: task.descriptor.location });
        }
    }

    /// Records that the panic has left a scope, and unwinds the functions from `frame` outwards, of this task.
    pub fn leaves_scope(&self, Left { name, site }: Left, frame: Frame, task: TaskRef) {
        self.add_step(|| Step::Scope(name, Backtrace::at(site.map(Into::into), frame, task)));
    }

    /// Notes that a task has been told.
    pub fn see(&self) {
        self.is_seen.store(true, Ordering::Relaxed);
    }

    /// Whether a task has been told.
    pub fn is_seen(&self) -> bool {
        self.is_seen.load(Ordering::Relaxed)
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
        let mut described = HashSet::from([core::ptr::from_ref(self)]);
        let mut queue = VecDeque::from(self.others());
        while let Some(failure) = queue.pop_front() {
            if described.insert(Arc::as_ptr(&failure)) {
                failure.describe(program, "also", &mut report);
                queue.extend(failure.others());
            }
        }
        report
    }

    fn take_others(&mut self) -> Vec<Arc<Self>> {
        core::mem::take(self.also.get_mut().expect("no holder of this lock panics"))
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
                Step::Task { name, spawned_at } => {
                    let place = program.display(program.location(*spawned_at));
                    let _ = writeln!(report, "  in {name} spawned at {place}");
                }
                Step::Scope(None, backtrace) => backtrace.write(program, "in concurrent at", report),
                Step::Scope(Some(name), backtrace) => {
                    backtrace.write(program, &format!("in concurrent {name} at"), report);
                }
            }
        }
        if path.omitted > 0 {
            let _ = writeln!(report, "  … through {} more tasks and scopes", path.omitted);
        }
    }
}
