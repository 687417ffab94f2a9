//! The runtime's side of the C ABI: one file per group of rows of `plat_abi::runtime_functions!`.
//!
//! Conventions, checked at compile time once for every row:
//! - Row `X` is `pub unsafe extern "C" fn X(worker: *mut Worker, …)` with the parameters of the row: `int` is `i64`,
//!   `ptr` is `*mut u8`, `f64` is `f64`. Compiled code never calls it directly, but through the assembly stub `plat_X`.
//! - It runs on the worker's own stack, with `worker.current` the calling fiber. It must not unwind.
//! - A `[leaf]` row returns its result.
//! - All other rows return an `Outcome`: a value, or what the stub has to do instead of returning.
//! - Shims only turn words into types; what they do stands in the module that owns it.

pub mod heap;
pub mod number;
pub mod text;
