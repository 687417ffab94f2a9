//! Atomics, locks and threads, from `std` or from `loom`: the only file that names `std::sync` and `std::thread`.

#[cfg(not(loom))]
pub use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock,
        atomic::{
            AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
            compiler_fence,
        },
    },
    thread,
};

#[cfg(loom)]
#[allow(unused_imports, reason = "the models use what they need")]
pub use loom::{
    sync::atomic::{
        AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
        fence as compiler_fence,
    },
    thread,
};

/// Whether the process has run one worker only so far. Then words that only workers touch need no atomic read-modify-write: the
/// plain accesses happen before everything in a thread that starts later. Never true again once it was false.
#[inline]
pub fn is_single_threaded() -> bool {
    #[cfg(loom)]
    return false;
    #[cfg(not(loom))]
    // Relaxed: written by the only worker, before it starts the second.
    !SECOND_WORKER_STARTED.load(Ordering::Relaxed)
}

/// Ends [`is_single_threaded`]; before a second worker starts.
#[cfg(not(loom))]
pub fn end_single_threaded() {
    SECOND_WORKER_STARTED.store(true, Ordering::Relaxed);
}

#[cfg(not(loom))]
static SECOND_WORKER_STARTED: AtomicBool = AtomicBool::new(false);

/// Atomics and locks of state that models leave alone because it never decides who runs: reference counts, free blocks,
/// leak records. Always from `std`.
#[cfg(not(loom))]
pub mod plain {
    pub use std::sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, AtomicI64, Ordering},
    };
}
