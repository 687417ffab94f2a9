//! What few scopes have: a name, a limit, a deadline, or failures that stay with their tasks.
//!
//! What tasks look at the owner sets before it spawns; then it is only read, but for the tasks that wait to start, which the scope's
//! lock keeps.

use core::cell::{Cell, OnceCell, UnsafeCell};
use core::ptr::NonNull;
use std::collections::VecDeque;

use super::handle::HandleRef;
use super::{Scope, ScopeRef};
use crate::context::{Code, CompiledCall, Outcome};
use crate::fiber::FiberRef;
use crate::scheduler::worker::Worker;
use crate::sync_shim::Arc;
use crate::task::{TaskRef, run};
use crate::text::output;
use crate::timer::Timer;
use crate::unwind::failure::Failure;
use crate::unwind::frame::Frame;

/// The options of one scope.
pub struct Options {
    /// Whose they are.
    pub scope: ScopeRef,
    /// Cancels it at its deadline.
    pub timer: Timer,
    name: OnceCell<Box<str>>,
    /// What others spawn into it by.
    handle: OnceCell<HandleRef>,
    /// Whether a task's panic leaves the scope alone.
    pub is_isolated: Cell<bool>,
    /// Where cancellation of this scope ends: the stack pointer that the stub of [`catch`] has saved; 0 if nowhere.
    catch: Cell<usize>,
    /// How many of its tasks may run at once; 0 for any number.
    limit: Cell<usize>,
    /// Under the scope's lock.
    started: UnsafeCell<Started>,
}

/// The tasks of a scope with a limit.
#[derive(Default)]
struct Started {
    /// How many have started and not finished.
    running: usize,
    /// Claimed tasks that have not, oldest first.
    waiting: VecDeque<TaskRef>,
}

impl Options {
    /// Those of a scope without any.
    pub fn new(scope: ScopeRef) -> Self {
        Self {
            scope,
            timer: Timer::of_scope(),
            name: OnceCell::new(),
            handle: OnceCell::new(),
            is_isolated: Cell::new(false),
            catch: Cell::new(0),
            limit: Cell::new(0),
            started: UnsafeCell::default(),
        }
    }

    /// Changes what the scope's lock keeps.
    fn with_started<R>(&self, change: impl FnOnce(&mut Started) -> R) -> R {
        // SAFETY: under the lock that keeps it, and `change` does not come back here.
        self.scope.lock.with(|| change(unsafe { &mut *self.started.get() }))
    }
}

impl Scope {
    /// Lets a panic of a task hurt only those who await it.
    pub fn isolate(&self) {
        self.options_or_new().is_isolated.set(true);
    }

    /// Its name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.options()?.name.get().map(|name| &**name)
    }

    /// Names it.
    pub fn set_name(&self, name: &str) {
        // A scope is named once.
        let _ = self.options_or_new().name.set(name.into());
    }

    /// A handle of it, to be given up: others may spawn into it from now on.
    pub fn make_handle(&self, worker: &mut Worker) -> HandleRef {
        let handle = HandleRef::new(worker, ScopeRef(NonNull::from(self)));
        handle.retain();
        self.has_handle.set(true);
        // A scope gets its handle once, where it begins.
        let _ = self.options_or_new().handle.set(handle);
        handle
    }

    /// Lets so many of its tasks run at once.
    pub fn set_limit(&self, limit: usize) {
        self.options_or_new().limit.set(limit);
    }

    /// Cancels it at a deadline.
    pub fn set_deadline(&self, worker: &Worker, deadline: i64) {
        worker.timers().set(&self.options_or_new().timer, deadline);
        worker.note_timer();
    }

    /// Whether the stub of its [`catch`] has saved `stack_pointer`.
    pub fn catches_at(&self, stack_pointer: usize) -> bool {
        self.options().is_some_and(|options| options.catch.get() == stack_pointer)
    }

    /// Whether its tasks are started by [`admit`] alone.
    pub fn has_limit(&self) -> bool {
        self.options().is_some_and(|options| options.limit.get() > 0)
    }
}

/// Calls compiled code inside the scope. A cancellation of the scope ends there, and is the 1 that the stub returns.
pub fn catch(worker: &mut Worker, scope: ScopeRef, code: Code, argument: *mut u8) -> Outcome {
    let frame = Frame::top(worker.current_fiber());
    scope.options_or_new().catch.set(worker.current_fiber().sp.get());
    Outcome::catch(worker, CompiledCall { code, argument, frame_pointer: frame.frame_pointer() })
}

/// Starts a claimed task of a scope with a limit now, or when another has finished.
pub fn admit(worker: &mut Worker, scope: ScopeRef, task: TaskRef) {
    let options = scope.options().expect("a scope with a limit has options");
    let starts = options.with_started(|started| {
        if started.running >= options.limit.get() {
            started.waiting.push_back(task);
            return false;
        }
        started.running += 1;
        true
    });
    if starts {
        let fiber = run::prepare_fiber(worker, task);
        worker.ready_last(fiber);
    }
}

/// A task of a scope with a limit has finished: the next one starts.
pub fn admit_next(worker: &mut Worker, scope: ScopeRef) {
    let Some(options) = scope.options() else { return };
    if options.limit.get() == 0 {
        return;
    }
    let next = options.with_started(|started| {
        let next = started.waiting.pop_front();
        started.running -= usize::from(next.is_none());
        next
    });
    if let Some(task) = next {
        let fiber: FiberRef = run::prepare_fiber(worker, task);
        worker.ready_last(fiber);
    }
}

/// The scope has ended: nobody spawns into it any more, its timer is taken back, and what its tasks panicked with and nobody has seen is printed. Gives its name.
pub fn close(worker: &mut Worker, scope: ScopeRef, failures: &mut Vec<Arc<Failure>>) -> Option<Box<str>> {
    let options = scope.take_options()?;
    if let Some(handle) = options.handle.get() {
        handle.close();
        handle.release(worker);
    }
    options.timer.unset();
    if options.is_isolated.get() {
        for failure in failures.drain(..).filter(|failure| !failure.is_seen()) {
            output::write_error(format_args!("{}", failure.report(worker.program())));
        }
    }
    options.name.into_inner()
}
