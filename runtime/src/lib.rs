//! The runtime that every Plat executable is linked with.
//!
//! `ARCHITECTURE.md` beside this crate explains tasks, fibers and workers. Compiled code reaches the runtime only
//! through the rows of `plat_abi::runtime_functions!`, whose implementations stand in [`capi`].

#[cfg(all(loom, test))]
mod cancel_models;
#[cfg(all(loom, test))]
mod channel_models;
#[cfg(all(loom, test))]
mod lock_models;
#[cfg(all(loom, test))]
mod models;
#[cfg(all(loom, test))]
mod poll_models;
#[cfg(all(loom, test))]
mod queue_models;
#[cfg(all(loom, test))]
mod source_models;
mod sync_shim;

// Under loom only the models are built.
#[cfg(not(loom))]
mod broken_pipe;
#[cfg(not(loom))]
mod cancel;
#[cfg(not(loom))]
mod capi;
#[cfg(not(loom))]
mod chan;
#[cfg(not(loom))]
mod clock;
#[cfg(not(loom))]
mod context;
#[cfg(all(feature = "secure", not(loom)))]
mod digest;
#[cfg(not(loom))]
mod fiber;
#[cfg(not(loom))]
mod fs;
#[cfg(not(loom))]
mod heap;
#[cfg(not(loom))]
mod http;
#[cfg(not(loom))]
mod inspect;
#[cfg(not(loom))]
mod net;
#[cfg(not(loom))]
mod park;
#[cfg(not(loom))]
mod printing;
#[cfg(not(loom))]
mod process;
#[cfg(not(loom))]
mod reactor;
#[cfg(not(loom))]
mod sanitizer;
#[cfg(not(loom))]
mod scheduler;
#[cfg(not(loom))]
mod scope;
#[cfg(not(loom))]
mod select;
#[cfg(not(loom))]
mod signals;
#[cfg(not(loom))]
mod spin;
#[cfg(not(loom))]
mod stack;
#[cfg(not(loom))]
mod stamp;
#[cfg(not(loom))]
mod standard;
#[cfg(not(loom))]
mod stm;
#[cfg(all(loom, test))]
mod stm_models;
#[cfg(not(loom))]
mod stream;
#[cfg(not(loom))]
mod sync;
#[cfg(not(loom))]
mod task;
#[cfg(all(test, not(loom)))]
mod testing;
#[cfg(not(loom))]
mod text;
#[cfg(not(loom))]
mod timeline;
#[cfg(not(loom))]
mod timer;
#[cfg(all(feature = "secure", not(loom)))]
mod tls;
#[cfg(not(loom))]
mod unwind;
#[cfg(not(loom))]
mod waiter;

/// Ends the process because of a mistake of the runtime or of the compiler.
#[cfg(not(loom))]
#[cold]
fn bug(what: core::fmt::Arguments<'_>) -> ! {
    text::output::write_error(format_args!("plat runtime bug: {what}\n"));
    // SAFETY: `abort` only ends the process.
    unsafe { libc::abort() }
}
