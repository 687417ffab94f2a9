//! Sees to it that no fiber keeps its worker for long: asks a worker for its attention that has run one for [`TURN`], and when timers are due
//! that nobody fires because all compute.
//!
//! It has no thread of its own: the one that takes signals looks in between. While all workers sleep it stops looking after some
//! looks, and the first worker to wake up wakes it (`wake`). So a program that waits costs nothing, and one that is busy now and then not much.
//! Rejected: a signal to the worker's thread as Go sends it, in place of polls; each instruction would have to be one where a task can be
//! paused, and functions of C would be interrupted.

use core::time::Duration;

use super::Runtime;
use super::hosts;
use super::polls::Asked;
use crate::clock;

/// How long a fiber may run while others wait: as long as nobody notices, and long enough that changing between them costs nothing.
const TURN: Duration = Duration::from_millis(10);

/// The shortest time between two looks, for timers. To look costs microseconds.
const LEAST: Duration = Duration::from_millis(1);

/// Looks in vain before it stops looking: waking it up costs as much as some looks.
const PATIENCE: u32 = 10;

/// What the monitor knows.
pub struct Monitor {
    runtime: &'static Runtime,
    /// Of each worker, the switches that it had counted when it was looked at last, if it ran something.
    switches: Vec<Option<u64>>,
    /// When turns were looked at last, on the monotonic clock.
    looked: i64,
    /// Looks since a worker was awake.
    idle_looks: u32,
}

impl Monitor {
    /// A monitor that has not looked yet.
    pub fn new(runtime: &'static Runtime) -> Self {
        let switches = vec![None; runtime.worker_count()];
        Self { runtime, switches, looked: clock::monotonic(), idle_looks: 0 }
    }

    /// Looks, and says when to look again: `None` when it is to be woken.
    pub fn look(&mut self) -> Option<Duration> {
        let now = clock::monotonic();
        if now - self.looked >= TURN.as_nanos() as i64 {
            self.looked = now;
            self.look_for_turns();
        }
        self.look_for_timers(now);
        self.idle_looks =
            if self.runtime.idle.are_all_asleep(self.runtime) { self.idle_looks + 1 } else { 0 };
        if self.idle_looks > PATIENCE && self.runtime.idle.let_monitor_sleep(self.runtime) {
            self.idle_looks = 0;
            return None;
        }
        Some(self.pause(now))
    }

    /// Asks the workers that have been at one fiber since the last look. Others are to look outside meanwhile.
    fn look_for_turns(&mut self) {
        let mut are_held = false;
        for (index, last) in self.switches.iter_mut().enumerate() {
            let switches = self.runtime.running_since(index);
            if switches.is_some() && switches == *last {
                self.runtime.ask(index, Asked::Turn);
                are_held = true;
            }
            *last = switches;
        }
        // Those beside the workers have no turns, but what is asked of them may have come while they could not answer.
        hosts::for_each(|attention| attention.ask(Asked::Look as u64));
        if are_held {
            self.runtime.idle.call_poller(self.runtime);
        }
    }

    /// Asks a worker to fire timers that are due, and those that have not noticed yet that they were asked.
    fn look_for_timers(&self, now: i64) {
        let runtime = self.runtime;
        runtime.insist();
        if !runtime.idle.has_watcher() && runtime.next_deadline().is_some_and(|deadline| deadline <= now) {
            let busy = (0..runtime.worker_count()).find(|&index| runtime.running_since(index).is_some());
            if let Some(busy) = busy {
                runtime.ask(busy, Asked::Turn);
            }
        }
    }

    fn pause(&self, now: i64) -> Duration {
        let turn = TURN.saturating_sub(Duration::from_nanos((now - self.looked) as u64));
        let runtime = self.runtime;
        let timer = runtime.next_deadline().filter(|_| !runtime.idle.has_watcher());
        let timer =
            timer.map_or(turn, |deadline| Duration::from_nanos(deadline.saturating_sub(now).max(0) as u64));
        turn.min(timer).max(LEAST)
    }
}
