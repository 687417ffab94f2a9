//! The boundary between compiled Plat code and its runtime.
//!
//! [`functions`] is the one table of runtime functions: from it come the compiler's enum of them, their Cranelift
//! signatures, the runtime's assembly stubs, and the compile-time check that each is exported with exactly this
//! type. [`layout`], [`fork`] and [`select`] hold the structures that both sides touch. Neither knows anything of compiler or runtime.
#![no_std]
#![forbid(unsafe_code)]

pub mod fork;
pub mod functions;
pub mod layout;
mod secure;
pub mod select;

/// Changes whenever the table or a layout does; the runtime refuses a program with another one.
pub const ABI_VERSION: u32 = 12;
