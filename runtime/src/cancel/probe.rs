//! `PLAT_CANCEL_AT=n` cancels the program at its n-th suspension point, as SIGINT would; `PLAT_PANIC_AT=n` makes that point panic. A
//! program that ends before says how many points there were; with 0 it always does. A test can so try them all, one after the other.
//!
//! Costs nothing while it is off: it makes every suspension point look for cancellations, and counts there.

use std::env;

use crate::fiber::FiberRef;
use crate::scheduler::Runtime;
use crate::sync_shim::{AtomicU64, AtomicUsize, OnceLock, Ordering};

/// As after SIGINT.
const EXIT_CODE: i32 = 130;

static PROBE: OnceLock<Probe> = OnceLock::new();

struct Probe {
    runtime: &'static Runtime,
    deed: Deed,
    /// The suspension point where it is done, from 1.
    at: u64,
    passed: AtomicU64,
    /// Where the stack of the fiber ends that is to panic, until it does; 0 before and after.
    chosen: AtomicUsize,
}

/// What happens at the suspension point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Cancel,
    Panic,
}

/// Starts to count if the environment asks for it; before anything runs.
pub fn enable_if_asked(runtime: &'static Runtime) {
    let asked = |variable| env::var(variable).ok().and_then(|text| text.parse().ok());
    let (deed, at) = match (asked("PLAT_CANCEL_AT"), asked("PLAT_PANIC_AT")) {
        (Some(at), _) => (Deed::Cancel, at),
        (None, Some(at)) => (Deed::Panic, at),
        (None, None) => return,
    };
    PROBE.get_or_init(|| Probe { runtime, deed, at, passed: AtomicU64::new(0), chosen: AtomicUsize::new(0) });
    super::look_always();
}

/// Whether every suspension point is to be noticed.
pub fn is_enabled() -> bool {
    PROBE.get().is_some()
}

/// The innermost task of a fiber has come to a suspension point. Whether it is to panic there, with [`panic_of`].
pub fn pass(fiber: FiberRef) -> bool {
    let Some(probe) = PROBE.get() else { return false };
    if probe.passed.fetch_add(1, Ordering::Relaxed) + 1 != probe.at {
        return false;
    }
    match probe.deed {
        Deed::Cancel => probe.runtime.interrupt(EXIT_CODE),
        Deed::Panic => probe.chosen.store(fiber.stack_top(), Ordering::Relaxed),
    }
    probe.deed == Deed::Panic
}

/// What a fiber panics with that would unwind as cancelled, if it was chosen for that.
pub fn panic_of(fiber: FiberRef) -> Option<String> {
    let probe = PROBE.get()?;
    // Relaxed: the fiber itself was on this thread when it was chosen, and asks at once.
    let chosen =
        probe.chosen.compare_exchange(fiber.stack_top(), 0, Ordering::Relaxed, Ordering::Relaxed).is_ok();
    chosen.then(|| format!("suspension point {}", probe.at))
}

/// How many suspension points the program has come to, if that is fewer than it was to come to.
pub fn count() -> Option<u64> {
    let probe = PROBE.get()?;
    let passed = probe.passed.load(Ordering::Relaxed);
    (probe.at == 0 || passed < probe.at).then_some(passed)
}
