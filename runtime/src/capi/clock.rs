//! Rows that ask the operating system for the time and for randomness, or wait for a time.

use crate::clock;
use crate::context::Outcome;
use crate::scheduler::worker::Worker;
use crate::timer;

/// Row `clock_monotonic`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn clock_monotonic(_worker: *mut Worker) -> i64 {
    clock::monotonic()
}

/// Row `clock_wall`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn clock_wall(_worker: *mut Worker) -> i64 {
    clock::wall()
}

/// Row `sleep_until`.
///
/// # Safety
/// Called by compiled code through its stub, on `worker`.
pub unsafe extern "C" fn sleep_until(worker: *mut Worker, deadline: i64) -> Outcome {
    // SAFETY: the worker's record belongs to its thread, which runs this.
    timer::sleep_until(unsafe { &mut *worker }, deadline)
}

/// Row `random_bits`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn random_bits(_worker: *mut Worker) -> i64 {
    let mut seed = 0_i64;
    // SAFETY: writes at most the eight bytes of `seed`.
    let written = unsafe { libc::getrandom((&raw mut seed).cast(), size_of::<i64>(), 0) };
    if written == size_of::<i64>() as isize {
        return seed;
    }
    // Without the system call: a clock and an address, which differ from run to run.
    let time = clock::wall();
    time.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) ^ (&raw const seed as i64)
}
