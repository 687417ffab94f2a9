//! Fibers that wait at a channel, first in, first out. Every call is under the channel's lock.

use core::cell::Cell;

use crate::fiber::FiberRef;

/// The waiting fibers, linked through their records.
pub struct WaitQueue {
    first: Cell<Option<FiberRef>>,
    last: Cell<Option<FiberRef>>,
}

impl WaitQueue {
    /// Nobody.
    pub const fn new() -> Self {
        Self { first: Cell::new(None), last: Cell::new(None) }
    }

    /// Puts a fiber last.
    pub fn push(&self, fiber: FiberRef) {
        let last = self.last.replace(Some(fiber));
        fiber.previous.set(last);
        fiber.next.set(None);
        fiber.queued.set(true);
        match last {
            Some(last) => last.next.set(Some(fiber)),
            None => self.first.set(Some(fiber)),
        }
    }

    /// Takes the first that nobody has cancelled; the caller makes it ready.
    pub fn take(&self) -> Option<FiberRef> {
        while let Some(fiber) = self.first.get() {
            self.remove(fiber);
            if fiber.wait.claim() {
                return Some(fiber);
            }
        }
        None
    }

    /// Takes a fiber out, if it is still there.
    pub fn remove(&self, fiber: FiberRef) {
        if !fiber.queued.replace(false) {
            return;
        }
        let (previous, next) = (fiber.previous.take(), fiber.next.take());
        match previous {
            Some(previous) => previous.next.set(next),
            None => self.first.set(next),
        }
        match next {
            Some(next) => next.previous.set(previous),
            None => self.last.set(previous),
        }
    }
}
