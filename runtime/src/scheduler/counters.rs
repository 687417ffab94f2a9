//! What each worker has done since the program began, as numbers that anyone may read.
//!
//! Only the worker itself writes its own, so counting is a plain addition in its own memory. What a reader sees of several workers is
//! not of one moment.

use core::array;
use core::mem::offset_of;

use plat_abi::fork::ForkCounters;
use plat_abi::layout::Statistic;

use super::Runtime;
use crate::sync_shim::{AtomicI64, Ordering};

/// What is counted. [`Statistic`]s are made of it.
#[derive(Clone, Copy)]
pub enum Counter {
    /// Tasks made.
    Spawned,
    /// Tasks that compiled code has run by itself where they were awaited, to their end.
    Called,
    /// Tasks run on the stack of who waits for them.
    Inline,
    /// Tasks that have ended.
    Ended,
    /// Of those, the ones that had a fiber of their own.
    EndedOnFiber,
    /// Fibers that have let others go first.
    Yielded,
    /// Times that something was taken from another worker.
    Stolen,
    /// Fibers made ready.
    Readied,
    /// Fibers switched to, or begun on the stack of one that had ended.
    Switched,
    /// Stacks taken into use.
    StackTaken,
    /// Stacks given back.
    StackGiven,
}

const COUNTERS: usize = Counter::StackGiven as usize + 1;

const _: () = {
    assert!(offset_of!(ForkCounters, spawned) == Counter::Spawned as usize * size_of::<AtomicI64>());
    assert!(offset_of!(ForkCounters, called) == Counter::Called as usize * size_of::<AtomicI64>());
};

/// One worker's numbers.
#[repr(transparent)]
pub struct Counters([AtomicI64; COUNTERS]);

impl Counters {
    /// Zeros.
    pub fn new() -> Self {
        Self(array::from_fn(|_| AtomicI64::new(0)))
    }

    /// Counts one more. For the worker whose they are.
    #[inline]
    pub fn count(&self, counter: Counter) {
        let number = &self.0[counter as usize];
        number.store(number.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// How often something was counted.
    pub fn get(&self, counter: Counter) -> i64 {
        self.0[counter as usize].load(Ordering::Relaxed)
    }

    fn statistic(&self, statistic: Statistic, is_running: bool) -> i64 {
        match statistic {
            Statistic::Spawned => self.get(Counter::Spawned),
            Statistic::Inline => self.get(Counter::Inline) + self.get(Counter::Called),
            Statistic::Ended => self.get(Counter::Ended) + self.get(Counter::Called),
            Statistic::Steals => self.get(Counter::Stolen),
            // What has been switched to has ended, has let others go first, runs, or waits.
            Statistic::Parks => {
                let left = self.get(Counter::EndedOnFiber) + self.get(Counter::Yielded);
                self.get(Counter::Switched) - left - i64::from(is_running)
            }
            Statistic::Wakes => self.get(Counter::Readied),
            Statistic::Switches => self.get(Counter::Switched),
            Statistic::Stacks => self.get(Counter::StackTaken) - self.get(Counter::StackGiven),
        }
    }
}

impl Runtime {
    /// Changes whenever the worker with this index does something that tasks do: it begins, ends, spawns or wakes one. `None` while it
    /// runs none.
    pub fn progress(&'static self, worker: usize) -> Option<i64> {
        const MOVING: [Counter; 4] = [Counter::Spawned, Counter::Ended, Counter::Readied, Counter::Switched];
        let remote = self.remotes().get(worker).filter(|_| self.is_busy(worker))?;
        Some(MOVING.iter().map(|&counter| remote.counters.get(counter)).sum())
    }

    /// A number of the worker with this index; 0 if there is none.
    pub fn statistic(&'static self, worker: usize, statistic: Statistic) -> i64 {
        let remote = self.remotes().get(worker);
        remote.map_or(0, |remote| remote.counters.statistic(statistic, self.is_busy(worker)))
    }
}
