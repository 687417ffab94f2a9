//! The runtime that every Plat executable is linked with.
//!
//! `ARCHITECTURE.md` beside this crate explains tasks, fibers and workers. Compiled code reaches the runtime only
//! through the rows of `plat_abi::runtime_functions!`, whose implementations stand in [`capi`].

pub mod capi;
pub mod heap;
pub mod scheduler;
pub mod sync_shim;
pub mod text;
