//! What keeps a named scope's record in place while somebody looks at it who may come too late.
//!
//! A word of the scope's handle, which outlives the record. Who comes through the gate finds the record; the owner closes the gate
//! before the record goes, and waits for those who are inside, which is for a few instructions.

use crate::sync_shim::{AtomicUsize, Ordering, thread};

/// Set once the gate is closed.
const CLOSED: usize = 1;

/// One more inside.
const INSIDE: usize = 2;

/// How often the owner looks before it lets other threads run: who is inside has lost its processor then.
const LOOKS: u32 = 100;

/// The gate.
pub struct Gate(AtomicUsize);

impl Gate {
    /// Open, with nobody inside.
    pub fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Whether it is closed: for the owner, who alone closes it, and for a task that may be taken for the owner because it has the
    /// address that the owner had.
    pub fn is_closed(&self) -> bool {
        self.0.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Goes inside. False when it is closed.
    pub fn enter(&self) -> bool {
        // Acquire: what is read inside is read after this.
        let is_open = self.0.fetch_add(INSIDE, Ordering::Acquire) & CLOSED == 0;
        if !is_open {
            self.leave();
        }
        is_open
    }

    /// Leaves.
    pub fn leave(&self) {
        // Pairs with the Acquire in `close`.
        self.0.fetch_sub(INSIDE, Ordering::Release);
    }

    /// Closes it, and waits until nobody is inside.
    pub fn close(&self) {
        let mut inside = self.0.fetch_or(CLOSED, Ordering::Acquire) & !CLOSED;
        let mut looks = 0;
        while inside != 0 {
            looks += 1;
            if looks > LOOKS || cfg!(loom) {
                thread::yield_now()
            } else {
                core::hint::spin_loop()
            }
            inside = self.0.load(Ordering::Acquire) & !CLOSED;
        }
    }
}
