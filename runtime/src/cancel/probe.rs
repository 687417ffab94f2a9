//! `PLAT_CANCEL_AT=n`: cancels the program at its n-th suspension point, as SIGINT would; 0 only counts them. A test can so try them
//! all, one after the other.
//!
//! Costs nothing while it is off: it makes every suspension point look for cancellations, and counts there.

use std::env;

use crate::scheduler::Runtime;
use crate::sync_shim::{AtomicU64, OnceLock, Ordering};

/// As after SIGINT.
const EXIT_CODE: i32 = 130;

static PROBE: OnceLock<Probe> = OnceLock::new();

struct Probe {
    runtime: &'static Runtime,
    /// The suspension point to cancel at, from 1.
    at: u64,
    passed: AtomicU64,
}

/// Starts to count if the environment asks for it; before anything runs.
pub fn enable_if_asked(runtime: &'static Runtime) {
    let Some(at) = env::var("PLAT_CANCEL_AT").ok().and_then(|text| text.parse().ok()) else { return };
    PROBE.get_or_init(|| Probe { runtime, at, passed: AtomicU64::new(0) });
    super::look_always();
}

/// A task has come to a suspension point. Whether every one is to be noticed.
pub fn pass() -> bool {
    let Some(probe) = PROBE.get() else { return false };
    if probe.passed.fetch_add(1, Ordering::Relaxed) + 1 == probe.at {
        probe.runtime.interrupt(EXIT_CODE);
    }
    true
}

/// How many suspension points the program has come to, if it was to be told.
pub fn count() -> Option<u64> {
    let probe = PROBE.get().filter(|probe| probe.at == 0)?;
    Some(probe.passed.load(Ordering::Relaxed))
}
