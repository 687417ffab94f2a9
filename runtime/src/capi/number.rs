//! Rows of arithmetic that is no machine instruction.

use crate::scheduler::worker::Worker;
use crate::text::hash;

/// Row `random_seed`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn random_seed(_worker: *mut Worker) -> i64 {
    hash::seed().cast_signed()
}

/// Row `float_remainder`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn float_remainder(_worker: *mut Worker, dividend: f64, divisor: f64) -> f64 {
    dividend % divisor
}

/// Row `float_pow`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn float_pow(_worker: *mut Worker, base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}
