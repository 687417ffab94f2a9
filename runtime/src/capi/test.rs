//! Which test an executable of tests is to run.

use std::env;

use crate::scheduler::worker::Worker;

/// Row `test_number`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn test_number(_worker: *mut Worker) -> i64 {
    env::var("PLAT_TEST").ok().and_then(|text| text.parse().ok()).unwrap_or(-1)
}
