//! `PLAT_FAULTS=SEED` has operations on sources go now and then as the system may let them go, but seldom does: interrupted, in vain, and with less done than was
//! asked for. So tests see that nobody counts on more.
//!
//! Off, it costs a load and a branch for each operation.

use std::env;

use crate::sync_shim::{AtomicBool, AtomicU64, Ordering};

static IS_ENABLED: AtomicBool = AtomicBool::new(false);
static STATE: AtomicU64 = AtomicU64::new(0);

/// What happens to an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A signal interrupts it.
    Interrupted,
    /// Somebody was told that it was worth trying, and it is not.
    InVain,
}

/// Begins if the environment asks for it; before anything is tried.
pub fn enable_if_asked() {
    if let Some(seed) = env::var("PLAT_FAULTS").ok().and_then(|text| text.parse().ok()) {
        STATE.store(seed, Ordering::Relaxed);
        IS_ENABLED.store(true, Ordering::Relaxed);
    }
}

/// What happens to the next operation, if anything does.
pub fn next() -> Option<Fault> {
    match random_below(6)? {
        0 => Some(Fault::Interrupted),
        1 => Some(Fault::InVain),
        _ => None,
    }
}

/// How many of so many bytes an operation may read or write: at least one, if there is any.
pub fn part(length: usize) -> usize {
    match random_below(4) {
        Some(0) => length.min(1),
        Some(1) => length.min(1 + random_below(length.max(1)).unwrap_or_default()),
        _ => length,
    }
}

/// A number below this one; none while it is off.
fn random_below(end: usize) -> Option<usize> {
    /// The golden ratio, as of SplitMix64.
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    if !IS_ENABLED.load(Ordering::Relaxed) {
        return None;
    }
    let state = STATE.fetch_add(STEP, Ordering::Relaxed);
    let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    Some(((mixed ^ mixed >> 31) % end as u64) as usize)
}
