//! Rows about programs that this one starts.
//!
//! Each is called by compiled code through its stub, on `worker`, with processes that the caller has, live strings and buffers of them, and the
//! place of `ChildWords` that are the caller's alone: that is what every `SAFETY` here leans on.

use plat_abi::layout::ChildWords;

use super::error::status;
use super::source::source;
use super::text::texts;
use crate::process::{Process, Start};
use crate::scheduler::worker::Worker;
use crate::text::string::text;

/// # Safety
/// `process_spawn` has given it, and `process_release` has not taken it back.
unsafe fn process<'a>(process: i64) -> &'a Process {
    // SAFETY: by the contract.
    unsafe { &*core::ptr::with_exposed_provenance(process as usize) }
}

/// Row `process_spawn`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn process_spawn(
    worker: *mut Worker,
    program: *mut u8,
    arguments: *mut u8,
    environment: *mut u8,
    directory: *mut u8,
    child: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    let (worker, start, words) = unsafe {
        let start = Start {
            program: text(program.cast()),
            arguments: texts(arguments),
            environment: texts(environment),
            directory: text(directory.cast()),
        };
        (&mut *worker, start, &mut *child.cast::<ChildWords>())
    };
    let started = start.start(worker, words);
    status(started.map(|process| Box::into_raw(Box::new(process)).expose_provenance() as i64))
}

/// Row `process_outcome`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn process_outcome(_worker: *mut Worker, started: i64, ended: i64) -> i64 {
    let ended = (ended >= 0).then(|| source(ended));
    // SAFETY: see the module's head.
    status(unsafe { process(started) }.outcome(ended).map(|outcome| outcome as i64))
}

/// Row `process_signal`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn process_signal(_worker: *mut Worker, started: i64, signal: i64) -> i64 {
    // SAFETY: see the module's head.
    status(unsafe { process(started) }.signal(signal as i32).map(|()| 0))
}

/// Row `process_release`.
///
/// # Safety
/// See the module's head; nobody uses the process any more.
pub unsafe extern "C" fn process_release(_worker: *mut Worker, started: i64) {
    // SAFETY: see the module's head.
    let process: Box<Process> =
        unsafe { Box::from_raw(core::ptr::with_exposed_provenance_mut(started as usize)) };
    process.end();
}
