//! The runtime that every Plat executable is linked with.
//!
//! `ARCHITECTURE.md` beside this crate explains tasks, fibers and workers. Compiled code reaches the runtime only
//! through the rows of `plat_abi::runtime_functions!`, whose implementations stand in [`capi`].

mod cancel;
mod capi;
mod chan;
mod context;
mod fiber;
mod heap;
mod park;
mod scheduler;
mod scope;
mod spin;
mod stack;
mod sync_shim;
mod task;
#[cfg(test)]
mod testing;
mod text;
mod trace;
mod unwind;

/// Ends the process because of a mistake of the runtime or of the compiler.
#[cold]
fn bug(what: core::fmt::Arguments<'_>) -> ! {
    text::output::write_error(format_args!("plat runtime bug: {what}\n"));
    // SAFETY: `abort` only ends the process.
    unsafe { libc::abort() }
}
