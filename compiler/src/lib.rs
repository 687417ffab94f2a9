//! The Plat compiler.
//!
//! `text → tokens → AST → HIR → HIR + TypeckResults → MIR → mono MIR → CLIF → object → executable`; see `ARCHITECTURE.md`.
#![forbid(unsafe_code)]

pub mod hir;
pub mod mir;
pub mod typeck;
pub mod types;

/// Stops the compiler because of a mistake of its own: exit code 70 with a request to report it.
#[macro_export]
macro_rules! bug {
    ($($message:tt)+) => {
        panic!("compiler bug: {}", format_args!($($message)+))
    };
}
