//! What a `select` asks of a channel for one of its arms.

use plat_abi::layout::TypeInfo;

use super::ChannelRef;
use crate::waiter::WaiterRef;

impl ChannelRef {
    /// Bytes of an element.
    pub fn element_size(self) -> usize {
        self.size
    }

    /// What kind of elements it has.
    pub fn element(self) -> &'static TypeInfo {
        self.element
    }

    /// Whether it is not worth asking it for a value with the lock held. False whenever there may be one or it may be closed, but a value
    /// that comes meanwhile may be missed, and one that takes the place of another: only who looks again under the lock may rely on it.
    #[inline]
    pub fn seems_empty(self) -> bool {
        // Senders wait beside an empty ring where nothing ever stands in it.
        self.capacity != 0 && self.ring.length() == 0 && !self.has_been_closed()
    }

    /// Lets an arm wait for room, unless it may have come: those who seem to wait may have been claimed elsewhere.
    pub fn join_senders(self, waiter: WaiterRef) -> bool {
        self.lock.with(|| {
            let has_room = self.capacity < 0 || (self.ring.length() as i64) < self.capacity;
            let waits = !self.has_been_closed() && !has_room && self.receivers.is_empty();
            if waits {
                self.senders.push(waiter);
            }
            waits
        })
    }

    /// Lets an arm wait for a value, unless one may have come.
    pub fn join_receivers(self, waiter: WaiterRef) -> bool {
        self.lock.with(|| {
            let waits = !self.has_been_closed() && self.ring.length() == 0 && self.senders.is_empty();
            if waits {
                self.receivers.push(waiter);
            }
            waits
        })
    }

    /// Takes a waiter out, if it is still there.
    pub fn leave(self, waiter: WaiterRef, sends: bool) {
        self.lock.with(|| if sends { self.senders.remove(waiter) } else { self.receivers.remove(waiter) });
    }
}
