//! Rows that tell what the workers have done.

use plat_abi::layout::Statistic;

use crate::heap;
use crate::scheduler::worker::Worker;

/// Row `worker_count`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn worker_count(worker: *mut Worker) -> i64 {
    // SAFETY: every row is called on a worker.
    unsafe { &*worker }.runtime.worker_count() as i64
}

/// Row `worker_statistic`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn worker_statistic(worker: *mut Worker, index: i64, statistic: i64) -> i64 {
    // SAFETY: every row is called on a worker.
    let runtime = unsafe { &*worker }.runtime;
    let statistic = Statistic::ALL.get(statistic as usize);
    statistic.map_or(0, |&statistic| runtime.statistic(index as usize, statistic))
}

/// Row `heap_bytes`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn heap_bytes(_worker: *mut Worker) -> i64 {
    heap::bytes_taken()
}
