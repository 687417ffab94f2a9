//! Rows about programs that this one starts, and about signals to this one.
//!
//! Each is called by compiled code through its stub, on `worker`, with processes that the caller has, live strings and buffers of them, and the
//! place of `ChildWords` that are the caller's alone: that is what every `SAFETY` here leans on.

use plat_abi::layout::ChildWords;

use super::error::status;
use super::source::source;
use super::text::texts;
use crate::process::{Process, Start};
use crate::reactor;
use crate::scheduler::worker::Worker;
use crate::signals::subscriptions;
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

/// Row `signals_open`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn signals_open(worker: *mut Worker, signals: i64) -> i64 {
    let opened = subscriptions::ends().and_then(|(writer, reader)| {
        // SAFETY: see the module's head.
        let source = reactor::add(unsafe { &*worker }, reader, None)?;
        subscriptions::add(source, signals.cast_unsigned(), writer);
        Ok(source)
    });
    status(opened.map(i64::from))
}

/// Row `signals_release`.
///
/// # Safety
/// See the module's head; nobody uses the source any more.
pub unsafe extern "C" fn signals_release(worker: *mut Worker, source: i64) {
    subscriptions::remove(source as u32);
    // SAFETY: see the module's head.
    reactor::remove(unsafe { &mut *worker }, source as u32);
}
