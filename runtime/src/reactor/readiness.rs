//! Whether it is worth trying one direction of a descriptor: as two words, so that a try costs no lock.
//!
//! Events are told once (edge-triggered), so none may be missed. `events` counts them; who finds that there is nothing to do writes down
//! in `drained` how far it had counted before it looked. As long as both are equal nothing has happened since, and waiting is safe: under
//! the lock of the source, which events take, too. A `drained` that another has written over with an older number only makes somebody
//! look in vain.

use crate::sync_shim::{AtomicU32, Ordering};

/// The bit of `events` that says that the other side has ended this direction, or that there was an error: no further event may come, though
/// there is something to find.
const OVER: u32 = 1 << 31;

/// One direction.
pub struct Readiness {
    /// Events, wrapping around below [`OVER`].
    events: AtomicU32,
    drained: AtomicU32,
}

impl Readiness {
    /// Nobody has looked yet.
    pub fn new() -> Self {
        Self { events: AtomicU32::new(1), drained: AtomicU32::new(0) }
    }

    /// How many events there were, to be read before looking.
    pub fn observe(&self) -> u32 {
        // Acquire pairs with the Release in `announce`: what happened before the event is seen.
        self.events.load(Ordering::Acquire)
    }

    /// Nothing was left when looking after `observed`.
    pub fn drain(&self, observed: u32) {
        self.drained.store(observed, Ordering::Relaxed);
    }

    /// Makes it worth trying once more: something may have happened of which nobody has been told yet.
    pub fn doubt(&self) {
        self.drained.store(self.events.load(Ordering::Relaxed).wrapping_sub(1), Ordering::Relaxed);
    }

    /// Whether nothing has happened since somebody found nothing.
    pub fn is_drained(&self) -> bool {
        let events = self.events.load(Ordering::Acquire);
        self.drained.load(Ordering::Relaxed) == events && events & OVER == 0
    }

    /// Something has happened; under the lock of the source.
    pub fn announce(&self, is_over: bool) {
        let before = self.events.load(Ordering::Relaxed);
        let over = if is_over { OVER } else { before & OVER };
        self.events.store(before.wrapping_add(1) & !OVER | over, Ordering::Release);
    }

    /// For another descriptor; only while nobody knows the source.
    pub fn reset(&self) {
        self.events.store(self.events.load(Ordering::Relaxed) & !OVER, Ordering::Relaxed);
        self.doubt();
    }
}
