//! Atomics, locks and threads, from `std` or from `loom`: the only file that names `std::sync` and `std::thread`.

#[cfg(not(loom))]
pub use std::{
    sync::{
        Arc, Condvar, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicUsize, Ordering, compiler_fence},
    },
    thread,
};

#[cfg(loom)]
#[allow(unused_imports, reason = "the models use what they need")]
pub use loom::{
    sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicUsize, Ordering},
    thread,
};

/// Atomics and locks of state that models leave alone because it never decides who runs: reference counts, free blocks,
/// leak records. Always from `std`.
#[cfg(not(loom))]
pub mod plain {
    pub use std::sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    };
}
