//! Atomics, locks and threads, from `std` or from `loom`: the only file that names `std::sync` and `std::thread`.

#[cfg(not(loom))]
pub use std::{
    sync::{
        Condvar, Mutex, MutexGuard, OnceLock,
        atomic::{
            AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, compiler_fence,
            fence,
        },
    },
    thread,
};

#[cfg(loom)]
pub use loom::{
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
    },
    thread,
};
#[cfg(loom)]
pub use std::sync::{OnceLock, atomic::compiler_fence};

/// Atomics and locks of state that models leave alone because it never decides who runs: reference counts, free blocks,
/// leak records. Always from `std`.
pub mod plain {
    pub use std::sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    };
}
