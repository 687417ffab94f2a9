//! Rows that ask the operating system for the time and for randomness.

use crate::scheduler::worker::Worker;

const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;

fn nanoseconds_of(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to `time` alone. Both clocks exist on every system, so it does not fail.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec * NANOSECONDS_PER_SECOND + time.tv_nsec
}

/// Row `clock_monotonic`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn clock_monotonic(_worker: *mut Worker) -> i64 {
    nanoseconds_of(libc::CLOCK_MONOTONIC)
}

/// Row `clock_wall`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn clock_wall(_worker: *mut Worker) -> i64 {
    nanoseconds_of(libc::CLOCK_REALTIME)
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
    let time = nanoseconds_of(libc::CLOCK_REALTIME);
    time.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) ^ (&raw const seed as i64)
}
