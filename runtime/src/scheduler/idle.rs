//! Workers without work: looking for some, sleeping, being woken.
//!
//! Rules, each bought with a measurement (a futex round trip costs 30 µs on a virtual machine, spinning 61 ns):
//! - At most half of the workers look for work at once; who finds some and was the last to look wakes another.
//! - A worker looks for [`SPIN`] before it sleeps.
//! - `spawn` wakes another only when its queue has held two or more for [`CROWDED`]; a hand-off never does.
//! - So work may lie unseen on a worker that computes. One sleeper is the *watcher*: it looks again after a while, at growing
//!   intervals.
//!
//! No wake-up is needed for progress: what a worker makes ready it will run itself. Hence pushing needs no fence.
//! The last worker to fall asleep knows that nothing can run any more: a deadlock, as there are no other events.

use core::mem::replace;
use core::time::Duration;
use std::time::Instant;

use super::Runtime;
use super::run_queue::Found;
use super::worker::Worker;
use crate::cancel;
use crate::inspect::deadlock;
use crate::stamp;
use crate::sync_shim::{AtomicU32, Condvar, Mutex, Ordering};
use crate::timeline;

/// How long a worker looks for work before it sleeps. Shorter pays the futex more often, longer burns a processor.
const SPIN: Duration = Duration::from_micros(15);

/// How long a queue must have held two before another worker is woken: stealing tasks that take nanoseconds
/// made two workers slower than one.
const CROWDED: Duration = Duration::from_micros(5);

/// The watcher's intervals: the least and the greatest.
const WATCH: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(5));

/// Who looks and who sleeps.
pub struct Idle {
    /// Workers that sleep or have not started yet. A hint outside the lock.
    sleepers: AtomicU32,
    searching: AtomicU32,
    pub(super) state: Mutex<State>,
    condvar: Condvar,
    /// For who waits until all rest.
    pub(super) came_to_rest: Condvar,
    /// For those who rest.
    pub(super) resumed: Condvar,
}

/// What the lock of idle workers keeps.
pub(super) struct State {
    pub(super) asleep: usize,
    pub(super) unstarted: usize,
    /// Workers that rest because that is asked for.
    pub(super) resting: usize,
    /// Sleepers that have been woken and do not know it yet; they count as awake.
    woken: usize,
    has_watcher: bool,
    watch: Duration,
}

/// What a worker does after it has looked at what is asked of all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    GoOn,
    Leave,
}

impl Idle {
    /// Of a runtime whose first worker is about to run.
    pub fn new(workers: usize) -> Self {
        let unstarted = workers - 1;
        let state = State { asleep: 0, unstarted, resting: 0, woken: 0, has_watcher: false, watch: WATCH.0 };
        Self {
            sleepers: AtomicU32::new(unstarted as u32),
            searching: AtomicU32::new(0),
            state: Mutex::new(state),
            condvar: Condvar::new(),
            came_to_rest: Condvar::new(),
            resumed: Condvar::new(),
        }
    }

    #[inline]
    fn has_sleepers(&self) -> bool {
        self.sleepers.load(Ordering::Relaxed) != 0
    }

    /// Wakes all, because something is asked of them.
    pub fn wake_all(&self) {
        let _state = self.state.lock().expect("no holder of this lock panics");
        self.condvar.notify_all();
    }

    fn wake_one(&self, runtime: &'static Runtime) {
        let mut state = self.state.lock().expect("no holder of this lock panics");
        if state.asleep > 0 {
            state.asleep -= 1;
            state.woken += 1;
            self.sleepers.fetch_sub(1, Ordering::Relaxed);
            self.condvar.notify_one();
        } else if state.unstarted > 0 {
            state.unstarted -= 1;
            self.sleepers.fetch_sub(1, Ordering::Relaxed);
            drop(state);
            runtime.start_worker();
        }
    }

    /// Sleeps until woken, or as the watcher for a while.
    fn sleep(&self, worker: &mut Worker) {
        let runtime = worker.runtime;
        let mut state = self.state.lock().expect("no holder of this lock panics");
        if runtime.has_work() || runtime.has_requests() {
            return;
        }
        state.asleep += 1;
        if state.asleep + state.unstarted == runtime.worker_count() {
            deadlock::report(worker.program());
        }
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        let (mut watches, mut timed_out) = (false, false);
        while state.woken == 0 && !timed_out && !runtime.has_requests() {
            let expectation = "no holder of this lock panics";
            watches = watches || !replace(&mut state.has_watcher, true);
            if watches {
                let interval = state.watch;
                let (next, timeout) = self.condvar.wait_timeout(state, interval).expect(expectation);
                (state, timed_out) = (next, timeout.timed_out());
            } else {
                state = self.condvar.wait(state).expect(expectation);
            }
        }
        if watches {
            state.has_watcher = false;
            state.watch = if timed_out { (state.watch * 2).min(WATCH.1) } else { WATCH.0 };
        }
        if state.woken > 0 {
            state.woken -= 1;
        } else {
            state.asleep -= 1;
            self.sleepers.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A worker that was asleep, perhaps the watcher, has work now: another sleeper watches.
    fn pass_on_watch(&self) {
        let state = self.state.lock().expect("no holder of this lock panics");
        if !state.has_watcher && state.asleep > 0 {
            self.condvar.notify_one();
        }
    }
}

impl Worker {
    /// The next thing to run; `None` when the program ends.
    pub(super) fn find(&mut self) -> Option<Found> {
        loop {
            if self.runtime.has_requests() && self.answer_requests() == Answer::Leave {
                return None;
            }
            if let Some(found) = self.take_local() {
                return Some(found);
            }
            self.stand_still();
            if let Some(found) = self.search() {
                return Some(found);
            }
            self.runtime.idle.sleep(self);
            stamp::set();
        }
    }

    /// The fiber that ran has left, and none follows at once.
    fn stand_still(&mut self) {
        self.queue.stand_still();
        timeline::left();
    }

    /// Does what is asked of all workers.
    #[cold]
    fn answer_requests(&mut self) -> Answer {
        self.stand_still();
        let runtime = self.runtime;
        if runtime.is_stopping() {
            return Answer::Leave;
        }
        if runtime.requests.take_interrupt() {
            cancel::interrupt_all(self, runtime.root());
        }
        if runtime.requests.is_paused() {
            runtime.idle.rest(runtime);
            stamp::set();
        }
        Answer::GoOn
    }

    /// What is ready here, or has let others go first; now and then the latter before the former.
    fn take_local(&mut self) -> Option<Found> {
        /// Switches between two looks at the shared queue: rare enough to cost nothing, often enough that nobody starves.
        const OTHERS_FIRST: u32 = 61;
        let runtime = self.runtime;
        if self.queue.ticks().is_multiple_of(OTHERS_FIRST) {
            stamp::set();
            if let Some(fiber) = runtime.take_injected() {
                return Some(Found::Fiber(fiber));
            }
        }
        self.queue.pop().or_else(|| runtime.take_injected().map(Found::Fiber))
    }

    /// Looks for work elsewhere for a while.
    fn search(&mut self) -> Option<Found> {
        let runtime = self.runtime;
        let count = runtime.worker_count();
        if count == 1 {
            return None;
        }
        let idle = &runtime.idle;
        if 2 * idle.searching.fetch_add(1, Ordering::Relaxed) as usize >= count {
            idle.searching.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let found = self.search_for(SPIN);
        let was_last = idle.searching.fetch_sub(1, Ordering::Relaxed) == 1;
        if found.is_some() && idle.has_sleepers() {
            if was_last && self.queue.length() > 0 {
                idle.wake_one(runtime);
            }
            idle.pass_on_watch();
        }
        found
    }

    fn search_for(&mut self, duration: Duration) -> Option<Found> {
        let runtime = self.runtime;
        let victims = runtime.remotes();
        let first = self.random() as usize % victims.len();
        let observed: Vec<_> = victims.iter().map(|victim| victim.observe_next()).collect();
        let end = Instant::now() + duration;
        loop {
            if runtime.has_requests() {
                return None;
            }
            for offset in 0..victims.len() {
                let victim = &victims[(first + offset) % victims.len()];
                if let Some(found) = self.queue.steal_from(victim) {
                    return Some(found);
                }
            }
            if let Some(fiber) = runtime.take_injected() {
                return Some(Found::Fiber(fiber));
            }
            if Instant::now() >= end {
                break;
            }
            for _ in 0..8 {
                core::hint::spin_loop();
            }
        }
        let mut stale = victims.iter().zip(observed);
        let next = stale.find_map(|(victim, seen)| victim.steal_next(seen?));
        next.map(Found::Fiber).or_else(|| victims.iter().find_map(|victim| self.queue.rob(victim)))
    }

    /// After something has been queued, and before something long may begin: wakes another worker if that seems worth it.
    #[inline]
    pub fn consider_waking(&mut self) {
        if self.runtime.idle.has_sleepers() {
            self.consider_waking_now();
        }
    }

    #[cold]
    fn consider_waking_now(&mut self) {
        let idle = &self.runtime.idle;
        if self.runtime.has_one_thread() {
            // From now on there is a watcher.
            idle.wake_one(self.runtime);
            return;
        }
        if idle.searching.load(Ordering::Relaxed) > 0 || self.queue.length() < 2 {
            self.crowded_since = None;
            return;
        }
        let now = Instant::now();
        match self.crowded_since {
            None => self.crowded_since = Some(now),
            Some(since) if now - since >= CROWDED => {
                self.crowded_since = None;
                idle.wake_one(self.runtime);
            }
            Some(_) => {}
        }
    }
}
