//! Tasks that leave the queue out of turn: awaited ones, and stale entries of those that were claimed past it.
//!
//! Stale entries stay where they are until they come to the top. The end of a scope looks for them there: a loop that awaits its tasks oldest
//! first would else leave all of them in the queue. Where live tasks stand on top of them, as those of another fiber may for long, that is in
//! vain, and then not tried again before there are twice as many.

use super::worker::Worker;
use crate::scope::ScopeRef;
use crate::task::{TaskRef, run};

/// What a worker knows of stale entries in its queue.
pub struct Stale {
    /// How many there are at most. A thief may take one without a word.
    entries: usize,
    /// With how many it is worth looking on top of the queue.
    worthwhile: usize,
}

impl Stale {
    /// None.
    pub const fn new() -> Self {
        Self { entries: 0, worthwhile: 1 }
    }

    /// One more. Whether it is worth looking for them.
    fn add(&mut self) -> bool {
        self.entries += 1;
        self.entries >= self.worthwhile
    }

    /// One has been dropped.
    fn remove(&mut self) {
        self.entries = self.entries.saturating_sub(1);
    }

    /// The others are out of reach.
    fn leave_rest(&mut self) {
        self.worthwhile = (2 * self.entries).max(1);
    }
}

impl Worker {
    /// Takes `task` out of the queue if it is at hand there: among the newest, or the next behind them.
    #[inline]
    pub fn take_task(&mut self, task: TaskRef) -> bool {
        self.queue.take_newest(task) || self.take_older(task)
    }

    /// As `take_task` behind the newest. Stale entries before it go.
    #[inline(never)]
    fn take_older(&mut self, task: TaskRef) -> bool {
        while let Some(top) = self.queue.pop_older() {
            if top == task {
                return true;
            }
            if top.state.is_unstarted() {
                self.queue.push_older(top);
                return false;
            }
            self.stale.remove();
            top.drop_entry(self);
        }
        false
    }

    /// Takes and claims the next task if it belongs to `scope`. Stale entries before it go.
    #[inline]
    pub fn pop_task_of(&mut self, scope: ScopeRef) -> Option<TaskRef> {
        while let Some(top) = self.queue.pop_task() {
            if top.state.is_unstarted() && top.scope.get() != Some(scope) {
                self.queue.push_task(top);
                return None;
            }
            if let Some(task) = run::claim_queued(self, top) {
                return Some(task);
            }
        }
        None
    }

    /// Notes that a task in the queue has been claimed past it.
    pub fn count_stale(&mut self) {
        self.fields.stale = u64::from(self.stale.add());
    }

    /// Drops the stale entries on top of the queue, if that may be worth looking.
    #[inline]
    pub fn drop_stale(&mut self) {
        if self.fields.stale != 0 {
            self.drop_stale_now();
        }
    }

    #[cold]
    fn drop_stale_now(&mut self) {
        self.fields.stale = 0;
        while let Some(top) = self.queue.pop_task() {
            if top.state.is_unstarted() {
                self.queue.push_task(top);
                return self.stale.leave_rest();
            }
            self.stale.remove();
            top.drop_entry(self);
        }
        self.stale = Stale::new();
    }
}

#[cfg(test)]
mod tests {
    use super::Stale;

    #[test]
    fn entries_out_of_reach_are_left_alone_until_they_are_twice_as_many() {
        let mut stale = Stale::new();
        assert!(stale.add() && stale.add() && stale.add());
        stale.remove();
        stale.leave_rest();
        assert!(!stale.add(), "two are left there");
        assert!(stale.add());
        (0..4).for_each(|_| stale.remove());
        stale.leave_rest();
        assert!(stale.add(), "nothing was left");
    }
}
