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

/// Defines rows that are functions of one or two floats.
macro_rules! float_rows {
    ($($row:ident($($parameter:ident),*) = $value:expr;)*) => {
        $(
            #[doc = concat!("Row `", stringify!($row), "`.")]
            ///
            /// # Safety
            /// None beyond the row's types.
            pub unsafe extern "C" fn $row(_worker: *mut Worker, $($parameter: f64),*) -> f64 {
                $value
            }
        )*
    };
}

float_rows! {
    float_remainder(dividend, divisor) = dividend % divisor;
    float_pow(base, exponent) = base.powf(exponent);
    float_atan2(y, x) = y.atan2(x);
    float_hypot(x, y) = x.hypot(y);
    float_exp(value) = value.exp();
    float_exp_m1(value) = value.exp_m1();
    float_ln(value) = value.ln();
    float_ln_1p(value) = value.ln_1p();
    float_log2(value) = value.log2();
    float_log10(value) = value.log10();
    float_cbrt(value) = value.cbrt();
    float_sin(value) = value.sin();
    float_cos(value) = value.cos();
    float_tan(value) = value.tan();
    float_asin(value) = value.asin();
    float_acos(value) = value.acos();
    float_atan(value) = value.atan();
    float_sinh(value) = value.sinh();
    float_cosh(value) = value.cosh();
    float_tanh(value) = value.tanh();
}
