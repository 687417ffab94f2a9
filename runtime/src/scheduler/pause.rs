//! Stopping all workers between two fibers, so that somebody can look at what they otherwise change.

use core::ptr::NonNull;
use core::time::Duration;
use std::time::Instant;

use super::Runtime;
use super::idle::Idle;
use super::polls::Asked;
use super::worker::Worker;
use crate::context::{self, ForeignCall};
use crate::sync_shim::Ordering;

/// How long a worker may take to come to rest: it does at the next poll, or when its task suspends or ends. The others wait meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);

/// How soon those who have not come to rest are told again; see `polls`.
const INSISTS_AFTER: Duration = Duration::from_millis(5);

/// The task that a worker has switched to, or the one that this runs inside of.
#[derive(Clone, Copy)]
pub struct Running {
    /// Its number.
    pub task: u32,
    /// Index of the place of its spawn.
    pub spawned_at: u32,
}

/// A worker that runs something.
pub struct Busy {
    /// Which it is.
    pub worker: usize,
    /// What it runs.
    pub running: Running,
    /// The call of C that it is in.
    pub foreign: Option<ForeignCall>,
}

impl Runtime {
    /// Calls `look` while no worker runs a fiber; else says which workers do not come to rest. Not from a worker.
    pub fn while_paused<R>(&'static self, look: impl FnOnce() -> R) -> Result<R, Vec<Busy>> {
        let idle = &self.idle;
        let end = Instant::now() + PATIENCE;
        self.requests.pause();
        self.ask_all(Asked::Look);
        let mut state = idle.state.lock().expect("no holder of this lock panics");
        let result = loop {
            if state.resting + state.sleepers.count() + state.unstarted == self.worker_count()
                && state.hosted == 0
            {
                // Who sleeps or rests needs the lock to go on.
                break Ok(look());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Err(self.restless());
            }
            let waited = idle.came_to_rest.wait_timeout(state, left.min(INSISTS_AFTER));
            state = waited.expect("no holder of this lock panics").0;
            self.insist();
        };
        self.requests.resume();
        idle.resumed.notify_all();
        result
    }

    fn restless(&self) -> Vec<Busy> {
        (0..self.worker_count()).filter_map(|worker| self.busy(worker)).collect()
    }

    /// What a worker runs, if it runs something.
    pub fn busy(&self, worker: usize) -> Option<Busy> {
        let record = self.record(worker)?;
        let (task, spawned_at) = Worker::running_fiber(record)?.label();
        let running = Running { task, spawned_at };
        Some(Busy { worker, running, foreign: context::foreign_call(record) })
    }

    /// Whether a worker runs a fiber.
    pub(super) fn is_busy(&self, worker: usize) -> bool {
        self.record(worker).and_then(Worker::running_fiber).is_some()
    }

    pub(super) fn record(&self, worker: usize) -> Option<NonNull<Worker>> {
        // Acquire pairs with the Release in `new_worker`.
        NonNull::new(self.records.get(worker)?.load(Ordering::Acquire))
    }
}

impl Idle {
    /// A worker rests for as long as that is asked for.
    pub(super) fn rest(&self, runtime: &Runtime) {
        let mut state = self.state.lock().expect("no holder of this lock panics");
        state.resting += 1;
        self.came_to_rest.notify_one();
        while runtime.requests.is_paused() {
            state = self.resumed.wait(state).expect("no holder of this lock panics");
        }
        state.resting -= 1;
    }
}
