//! What happens outside of the program, as far as workers know: something to wait in when there is nothing to run, and to look at now
//! and then. They know no descriptors; what does is linked into programs that use some, and makes itself known when it first does.
//!
//! At most one worker waits there at a time, counted as asleep (`idle`); who finds something delivers it when it is awake again.

use core::time::Duration;

use super::Runtime;
use super::worker::Worker;
use crate::fiber::FiberRef;

/// Something that fibers wait for and that no task does.
pub trait Events: Sync {
    /// Blocks the thread until something has happened, [`Events::wake`] is called, or so much time has passed. Whether there is something
    /// to deliver.
    fn wait(&self, timeout: Option<Duration>) -> bool;

    /// Makes those ready who wait for what `wait` has found. How many.
    fn deliver(&self, worker: &mut Worker) -> usize;

    /// As `deliver`, for what has happened by now, unless another thread looks or waits. Does not wait.
    fn look(&self, worker: &mut Worker) -> usize;

    /// Ends the `wait` that is going on, or else the next one. From any thread.
    fn wake(&self);

    /// How many fibers wait. Exact while no worker runs anything.
    fn waiting(&self) -> usize;

    /// With whom the fiber talks that waits here.
    fn partner(&self, fiber: FiberRef) -> Option<String>;
}

impl Runtime {
    /// Makes events known. Only the first call counts.
    pub fn set_events(&self, events: &'static dyn Events) {
        // Another thread may have been first, with the same.
        let _ = self.events.set(events);
    }

    /// What happens outside, once a fiber has asked for it.
    #[inline]
    pub(super) fn events(&self) -> Option<&'static dyn Events> {
        self.events.get().copied()
    }

    /// Whether a fiber waits for something outside.
    pub(super) fn awaits_events(&self) -> bool {
        self.events().is_some_and(|events| events.waiting() > 0)
    }

    /// With whom the fiber talks that waits for something outside.
    pub fn partner(&self, fiber: FiberRef) -> Option<String> {
        self.events()?.partner(fiber)
    }
}

impl Worker {
    /// Makes ready who waits for what the poller has found. Whether there was anybody.
    pub(super) fn deliver_events(&mut self) -> bool {
        self.runtime.events().is_some_and(|events| self.deliver_found(events))
    }

    #[cold]
    fn deliver_found(&mut self, events: &dyn Events) -> bool {
        events.deliver(self) > 0
    }

    /// Makes ready who waits for what has happened outside. Whether there was anybody.
    pub(super) fn look_outside(&mut self) -> bool {
        self.runtime.events().is_some_and(|events| self.look(events))
    }

    /// Not in line with the way from one fiber to the next, which programs without events take as well.
    #[cold]
    fn look(&mut self, events: &dyn Events) -> bool {
        events.waiting() > 0 && events.look(self) > 0
    }
}
