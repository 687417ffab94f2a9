//! The clocks of the operating system, in nanoseconds.

const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;

/// A clock that only goes forward, since some moment before the program began.
pub fn monotonic() -> i64 {
    nanoseconds_of(libc::CLOCK_MONOTONIC)
}

/// Since the beginning of 1970, UTC.
pub fn wall() -> i64 {
    nanoseconds_of(libc::CLOCK_REALTIME)
}

fn nanoseconds_of(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to `time` alone. Both clocks exist on every system, so it does not fail.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec * NANOSECONDS_PER_SECOND + time.tv_nsec
}
