//! `PLAT_LEAKS=1`: which blocks are alive at exit, by type.
//!
//! Off, it costs one predictable branch an allocation. On, every block stands in one table under a lock.

use std::collections::{BTreeMap, HashMap};

use crate::sync_shim::plain::{AtomicBool, Mutex, Ordering};

static ENABLED: AtomicBool = AtomicBool::new(false);
static LIVE: Mutex<Option<HashMap<usize, &'static str>>> = Mutex::new(None);

/// Starts to record, before any worker runs.
pub fn enable() {
    *LIVE.lock().expect("no holder of this lock panics") = Some(HashMap::new());
    ENABLED.store(true, Ordering::Relaxed);
}

/// Whether blocks are recorded.
pub fn are_recorded() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Records a new block of the type that `name` names.
#[inline]
pub fn record(block: *mut u8, name: impl FnOnce() -> &'static str) {
    // Relaxed: set once before the workers start.
    if ENABLED.load(Ordering::Relaxed) {
        with_live(|live| live.insert(block as usize, name()));
    }
}

/// Records that a block is gone.
#[inline]
pub fn forget(block: *mut u8) {
    if ENABLED.load(Ordering::Relaxed) {
        with_live(|live| live.remove(&(block as usize)));
    }
}

#[cold]
fn with_live<R>(change: impl FnOnce(&mut HashMap<usize, &'static str>) -> Option<R>) {
    change(LIVE.lock().expect("no holder of this lock panics").get_or_insert_default());
}

/// What is alive, as lines `3 × List<Int>`, sorted by type; `None` when nothing is or recording is off.
pub fn report() -> Option<String> {
    let live = LIVE.lock().expect("no holder of this lock panics");
    let mut by_type = BTreeMap::<&str, usize>::new();
    for name in live.as_ref()?.values() {
        *by_type.entry(name).or_default() += 1;
    }
    let lines: Vec<_> = by_type.iter().map(|(name, count)| format!("  {count} × {name}\n")).collect();
    (!lines.is_empty()).then(|| lines.concat())
}
