//! Workers without work: looking for some, sleeping, being woken.
//!
//! Rules, each bought with a measurement (a futex round trip costs 30 µs on a virtual machine, spinning 61 ns):
//! - At most half of the workers look for work at once; who finds some and was the last to look wakes another.
//! - A worker looks for [`SPIN`] before it sleeps.
//! - `spawn` wakes another only when its queue has held two or more for [`CROWDED`]; a hand-off never does.
//! - So work may lie unseen on a worker that computes. One sleeper is the *watcher*: it looks again after a while (`sleepers`).
//!
//! No wake-up is needed for progress: what a worker makes ready it will run itself. Hence pushing needs no fence.
//! The last worker to fall asleep knows that nothing can run until a timer fires or something happens outside (`events`); where
//! neither can, that is a deadlock.
//!
//! Where fibers wait for something outside, one sleeper, the *poller*, waits for that instead of on the condition variable.

use core::ptr;
use core::time::Duration;
use std::time::Instant;

use super::Runtime;
use super::events::Events;
use super::run_queue::Found;
use super::sleepers::{Ended, NEVER, Notified, Outlook, Sleep, Sleepers};
use super::worker::Worker;
use crate::cancel;
use crate::clock;
use crate::inspect::deadlock;
use crate::signals;
use crate::stamp;
use crate::sync_shim::{AtomicU32, Condvar, Mutex, MutexGuard, Ordering};
use crate::timeline;
use crate::timer;

/// How long a worker looks for work before it sleeps. Shorter pays the futex more often, longer burns a processor.
const SPIN: Duration = Duration::from_micros(15);

/// How long a queue must have held two before another worker is woken: stealing tasks that take nanoseconds
/// made two workers slower than one.
const CROWDED: Duration = Duration::from_micros(5);

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
    pub(super) sleepers: Sleepers,
    pub(super) unstarted: usize,
    /// Fibers that are at hosts, running or about to.
    pub(super) hosted: usize,
    /// Workers that rest because that is asked for.
    pub(super) resting: usize,
    /// Whether the monitor is to be woken when a worker wakes up.
    is_monitor_asleep: bool,
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
        let sleepers = Sleepers::new();
        let state = State { sleepers, unstarted, hosted: 0, resting: 0, is_monitor_asleep: false };
        Self {
            sleepers: AtomicU32::new(unstarted as u32),
            searching: AtomicU32::new(0),
            state: Mutex::new(state),
            condvar: Condvar::new(),
            came_to_rest: Condvar::new(),
            resumed: Condvar::new(),
        }
    }

    /// Where their number stands.
    pub fn sleepers(&self) -> *const AtomicU32 {
        &raw const self.sleepers
    }

    #[inline]
    fn has_sleepers(&self) -> bool {
        self.sleepers.load(Ordering::Relaxed) != 0
    }

    /// Wakes all, because something is asked of them.
    pub fn wake_all(&self, runtime: &Runtime) {
        let state = self.state.lock().expect("no holder of this lock panics");
        self.condvar.notify_all();
        if state.sleepers.is_polled() {
            self.notify(runtime, Notified::Poller);
        }
    }

    pub(super) fn wake_one(&self, runtime: &'static Runtime) {
        let mut state = self.state.lock().expect("no holder of this lock panics");
        if let Some(notified) = state.sleepers.wake() {
            self.sleepers.fetch_sub(1, Ordering::Relaxed);
            self.notify(runtime, notified);
        } else if state.unstarted > 0 {
            state.unstarted -= 1;
            self.sleepers.fetch_sub(1, Ordering::Relaxed);
            drop(state);
            runtime.start_worker();
        }
    }

    /// Ends the sleep of a worker.
    fn notify(&self, runtime: &Runtime, notified: Notified) {
        match runtime.events().filter(|_| notified == Notified::Poller) {
            Some(events) => events.wake(),
            None => self.condvar.notify_one(),
        }
    }

    /// Has another worker wait for what happens outside, if fibers wait for that and nobody does: those who look now and then
    /// compute.
    pub(super) fn call_poller(&self, runtime: &'static Runtime) {
        let is_polled = || self.state.lock().expect("no holder of this lock panics").sleepers.is_polled();
        if runtime.awaits_events() && !is_polled() {
            self.wake_one(runtime);
        }
    }

    /// A fiber has come to a host.
    pub(super) fn count_hosted(&self) {
        self.state.lock().expect("no holder of this lock panics").hosted += 1;
    }

    /// Lets threads beside the workers finish what they are at, for a while: they may be blocked for good.
    pub(super) fn wait_for_hosts(&self) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let state = self.state.lock().expect("no holder of this lock panics");
        let waited = self.came_to_rest.wait_timeout_while(state, PATIENCE, |state| state.hosted > 0);
        drop(waited.expect("no holder of this lock panics"));
    }

    /// A fiber has left a host, or waits. A worker that sleeps has to look: perhaps all others wait, too, or a timer was set.
    pub(super) fn uncount_hosted(&self, runtime: &'static Runtime) {
        let mut state = self.state.lock().expect("no holder of this lock panics");
        state.hosted -= 1;
        self.came_to_rest.notify_one();
        drop(state);
        self.wake_one(runtime);
    }

    /// Sleeps until woken, or as the watcher for a while.
    #[inline(never)]
    fn sleep(&self, worker: &mut Worker) {
        let runtime = worker.runtime;
        let mut state = self.state.lock().expect("no holder of this lock panics");
        if runtime.has_work() || runtime.has_requests() {
            return;
        }
        state.sleepers.enter();
        let has_no_end = state.hosted == 0 && runtime.next_deadline().is_none() && !runtime.awaits_events();
        if state.all_asleep(runtime) && has_no_end {
            deadlock::report(worker.program());
        }
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        let mut has_to_look = false;
        while !state.sleepers.has_woken() && !has_to_look && !runtime.has_requests() {
            (state, has_to_look) = self.doze(worker.index(), runtime, state);
        }
        if !state.sleepers.leave() {
            self.sleepers.fetch_sub(1, Ordering::Relaxed);
        }
        if core::mem::take(&mut state.is_monitor_asleep) {
            signals::wake_monitor();
        }
    }

    /// Whether no worker runs anything.
    pub(super) fn are_all_asleep(&self, runtime: &Runtime) -> bool {
        self.state.lock().expect("no holder of this lock panics").all_asleep(runtime)
    }

    /// Lets the first worker that wakes up wake the monitor. False if one is awake.
    pub(super) fn let_monitor_sleep(&self, runtime: &Runtime) -> bool {
        let mut state = self.state.lock().expect("no holder of this lock panics");
        state.is_monitor_asleep = state.all_asleep(runtime);
        state.is_monitor_asleep
    }

    /// Whether a sleeping worker fires the timers that are due.
    pub(super) fn has_watcher(&self) -> bool {
        self.state.lock().expect("no holder of this lock panics").sleepers.has_watcher()
    }

    /// Sleeps until notified; the watcher until it has to look, the poller until something has happened: then the result is true.
    fn doze<'a>(
        &'a self,
        index: usize,
        runtime: &Runtime,
        mut state: MutexGuard<'a, State>,
    ) -> (MutexGuard<'a, State>, bool) {
        let now = clock::monotonic();
        let outlook = Outlook {
            now,
            deadline: runtime.next_deadline().unwrap_or(NEVER),
            awaits_events: runtime.awaits_events(),
            is_quiet: state.all_asleep(runtime),
        };
        let sleep = state.sleepers.begin(index, outlook);
        let (mut state, ended) = self.pass(runtime, state, sleep, now);
        state.sleepers.end(index, sleep, ended);
        (state, ended != Ended::Notified)
    }

    /// Sleeps like that.
    fn pass<'a>(
        &'a self,
        runtime: &Runtime,
        state: MutexGuard<'a, State>,
        sleep: Sleep,
        now: i64,
    ) -> (MutexGuard<'a, State>, Ended) {
        let limit = (sleep.until != NEVER)
            .then(|| Duration::from_nanos(sleep.until.saturating_sub(now).max(0) as u64));
        match runtime.events().filter(|_| sleep.polls) {
            Some(events) => self.poll(events, state, limit),
            None => self.wait(state, limit),
        }
    }

    /// Sleeps until notified, or for so long.
    fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        limit: Option<Duration>,
    ) -> (MutexGuard<'a, State>, Ended) {
        const EXPECTATION: &str = "no holder of this lock panics";
        let Some(limit) = limit else {
            return (self.condvar.wait(state).expect(EXPECTATION), Ended::Notified);
        };
        let (state, timeout) = self.condvar.wait_timeout(state, limit).expect(EXPECTATION);
        (state, if timeout.timed_out() { Ended::Late } else { Ended::Notified })
    }

    /// Sleeps until something has happened outside, or as [`Idle::wait`]. The lock is free meanwhile.
    #[cold]
    fn poll<'a>(
        &'a self,
        events: &dyn Events,
        state: MutexGuard<'a, State>,
        limit: Option<Duration>,
    ) -> (MutexGuard<'a, State>, Ended) {
        drop(state);
        let end = limit.map(|limit| Instant::now() + limit);
        let has_happened = events.wait(limit);
        let is_late = end.is_some_and(|end| Instant::now() >= end);
        let ended = match (has_happened, is_late) {
            (true, _) => Ended::Event,
            (false, true) => Ended::Late,
            (false, false) => Ended::Notified,
        };
        (self.state.lock().expect("no holder of this lock panics"), ended)
    }

    /// A worker that was asleep has work now: another sleeper looks after timers and events.
    fn pass_on_watch(&self, runtime: &Runtime) {
        let has_timers = runtime.next_deadline().is_some();
        if !has_timers && !runtime.awaits_events() {
            return;
        }
        let mut state = self.state.lock().expect("no holder of this lock panics");
        if let Some(notified) = state.sleepers.pass_on(has_timers) {
            self.notify(runtime, notified);
        }
    }
}

impl State {
    /// Whether nobody runs anything.
    fn all_asleep(&self, runtime: &Runtime) -> bool {
        self.sleepers.count() + self.unstarted == runtime.worker_count()
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
                if !timeline::is_on() {
                    self.queue.allow_turns();
                }
                return Some(found);
            }
            // Both, so that neither keeps the other waiting.
            if self.fire_timers() | self.deliver_events() {
                continue;
            }
            self.stand_still();
            if let Some(found) = self.search() {
                return Some(found);
            }
            let runtime = self.runtime;
            runtime.idle.sleep(self);
            if runtime.idle.has_sleepers() {
                runtime.idle.pass_on_watch(runtime);
            }
            stamp::set();
        }
    }

    /// The fiber that ran has left, and none follows at once.
    fn stand_still(&mut self) {
        self.fiber.store(ptr::null_mut(), Ordering::Relaxed);
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

    /// Fires what is due on any worker. Whether something may be ready now.
    pub(super) fn fire_timers(&mut self) -> bool {
        let Some(next) = self.runtime.next_deadline() else { return false };
        let now = clock::monotonic();
        if now < next {
            return false;
        }
        timer::fire_due(&self.runtime.timers, self, now)
    }

    /// What is ready here, or has let others go first; now and then the latter before the former.
    #[inline(always)]
    fn take_local(&mut self) -> Option<Found> {
        /// Switches between two looks at the shared queue: rare enough to cost nothing, often enough that nobody starves.
        const OTHERS_FIRST: u64 = 61;
        /// Switches between two looks at the clock while timers are set: a look takes as long as a switch.
        const TIMERS_FIRST: u64 = 16;
        let switches = self.queue.switches();
        if switches >= self.timers_first_at {
            self.timers_first_at = switches + TIMERS_FIRST;
            if self.timers().next_deadline().is_some() {
                self.timers().fire(self, clock::monotonic());
            }
        }
        if switches >= self.others_first_at {
            self.others_first_at = switches + OTHERS_FIRST;
            stamp::set();
            self.look_outside();
            if let Some(found) = self.take_other() {
                return Some(found);
            }
        }
        if self.prefers_injected
            && let Some(fiber) = self.runtime.take_injected()
        {
            return Some(Found::Fiber(fiber));
        }
        if let Some(task) = self.queue.pop_of_crowd() {
            return Some(Found::Task(task));
        }
        self.queue.pop().or_else(|| self.take_yielded())
    }

    /// What those that are ready here would keep from its turn for good, if they woke each other: a fiber that has yielded or a task that
    /// has not started.
    fn take_other(&mut self) -> Option<Found> {
        self.starts_other_task = !self.starts_other_task;
        if self.starts_other_task
            && let Some(task) = self.queue.pop_oldest()
        {
            return Some(Found::Task(task));
        }
        self.runtime.take_injected().map(Found::Fiber)
    }

    /// What has let others go first, those who wait for something outside among them.
    #[inline]
    fn take_yielded(&mut self) -> Option<Found> {
        if self.runtime.injector.is_empty() {
            return None;
        }
        if self.look_outside()
            && let Some(found) = self.queue.pop()
        {
            return Some(found);
        }
        self.runtime.take_injected().map(Found::Fiber)
    }

    /// Looks for work elsewhere for a while.
    fn search(&mut self) -> Option<Found> {
        let runtime = self.runtime;
        let count = runtime.worker_count();
        if count == 1 {
            return None;
        }
        let idle = &runtime.idle;
        if runtime.awaits_events() && idle.sleepers.load(Ordering::Relaxed) as usize + 1 >= count {
            // Nobody makes anything ready but what happens outside: this worker is to be the poller.
            return None;
        }
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
            idle.pass_on_watch(runtime);
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
            if self.fire_timers()
                && let Some(found) = self.take_local()
            {
                return Some(found);
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
