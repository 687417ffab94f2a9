//! The runtime's side of the C ABI: one file per group of rows of `plat_abi::runtime_functions!`.
//!
//! Conventions, checked at compile time once for every row:
//! - Row `X` is `pub unsafe extern "C" fn X(worker: *mut Worker, …)` with the parameters of the row: `int` is `i64`,
//!   `ptr` is `*mut u8`, `f64` is `f64`. Compiled code never calls it directly, but through the assembly stub `plat_X`.
//! - It runs on the worker's own stack, with `worker.fiber` the calling fiber. It must not unwind.
//! - A `[leaf]` row returns its result.
//! - All other rows return an `Outcome`: a value, or what the stub has to do instead of returning.
//! - Shims only turn words into types; what they do stands in the module that owns it.

pub mod channel;
pub mod clock;
#[cfg(feature = "secure")]
pub mod digest;
pub mod environment;
pub mod error;
pub mod fs;
pub mod heap;
pub mod host;
pub mod http;
#[cfg(feature = "secure")]
mod lent;
pub mod net;
pub mod number;
pub mod panic;
pub mod process;
pub mod scope;
pub mod search;
pub mod select;
pub mod source;
pub mod stack;
pub mod stats;
pub mod stm;
pub mod stream;
pub mod sync;
pub mod task;
pub mod test;
pub mod text;
#[cfg(feature = "secure")]
pub mod tls;
pub mod watch;

use crate::context::{Outcome, define_stub};
use crate::scheduler::worker::Worker;

/// All rows, by name.
mod rows {
    pub use super::channel::*;
    pub use super::clock::*;
    #[cfg(feature = "secure")]
    pub use super::digest::*;
    pub use super::environment::*;
    pub use super::error::*;
    pub use super::fs::*;
    pub use super::heap::*;
    pub use super::host::*;
    pub use super::http::*;
    pub use super::net::*;
    pub use super::number::*;
    pub use super::panic::*;
    pub use super::process::*;
    pub use super::scope::*;
    pub use super::search::*;
    pub use super::select::*;
    pub use super::source::*;
    pub use super::stack::*;
    pub use super::stats::*;
    pub use super::stm::*;
    pub use super::stream::*;
    pub use super::sync::*;
    pub use super::task::*;
    pub use super::test::*;
    pub use super::text::*;
    #[cfg(feature = "secure")]
    pub use super::tls::*;
    pub use super::watch::*;
}

/// The Rust type of a row's parameter or result.
macro_rules! word {
    (int) => { i64 };
    (ptr) => { *mut u8 };
    (f64) => { f64 };
    (()) => { () };
}

/// The Rust type of a row's result, by its effect.
macro_rules! returned {
    (leaf, $result:tt) => {
        word!($result)
    };
    ($effect:ident, $result:tt) => {
        Outcome
    };
}

/// Checks every row's implementation against the table, and defines its stub.
macro_rules! export {
    ($($(#[doc = $doc:literal])* [$effect:ident] fn $name:ident($($parameter:ident: $ty:ident),*) -> $result:tt;)*) => {
        $(
            const _: unsafe extern "C" fn(*mut Worker $(, word!($ty))*) -> returned!($effect, $result) = rows::$name;
            define_stub!($effect, $name, rows::$name);
        )*
    };
}

plat_abi::runtime_functions!(export);
#[cfg(feature = "secure")]
plat_abi::secure_functions!(export,);
