//! Which test an executable of tests is to run.

use std::env;

use crate::scheduler::worker::Worker;

/// The variable with the number of the test.
const NUMBER: &str = "PLAT_TEST";

/// Whether this process is there to run a test.
pub fn is_test() -> bool {
    env::var_os(NUMBER).is_some()
}

/// Row `test_number`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn test_number(_worker: *mut Worker) -> i64 {
    env::var(NUMBER).ok().and_then(|text| text.parse().ok()).unwrap_or(-1)
}
