//! Rows about waiting for words to change.
//!
//! Each is called by compiled code through its stub, on `worker`, with the addresses of a `sync::Waiters` and of an aligned word
//! in one object that the caller keeps alive for as long as the call takes, a wait included: that is what every `SAFETY` here leans on.

use crate::context::Outcome;
use crate::fiber::WaitReason;
use crate::scheduler::worker::Worker;
use crate::sync::{self, Change, Gate, Wait, Waiters};
use crate::sync_shim::AtomicI64;
use crate::text::string::text;

/// # Safety
/// See the module's head.
pub(super) unsafe fn gate<'a>(waiters: *mut u8, word: *mut u8) -> Gate<'a> {
    // SAFETY: as promised; compiled code changes the word by atomic operations only, and the waiters not at all.
    unsafe { Gate { waiters: &*waiters.cast::<Waiters>(), word: AtomicI64::from_ptr(word.cast()) } }
}

/// Row `sync_wait`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn sync_wait(
    worker: *mut Worker,
    waiters: *mut u8,
    word: *mut u8,
    expected: i64,
    how: i64,
    deadline: i64,
) -> Outcome {
    // SAFETY: see the module's head.
    let (worker, gate) = unsafe { (&mut *worker, gate(waiters, word)) };
    let reason = WaitReason::of_lock(how >> 1);
    gate.wait(worker, expected, Wait { reason, is_first: how & sync::FIRST != 0, deadline })
}

/// Row `sync_wake`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn sync_wake(
    worker: *mut Worker,
    waiters: *mut u8,
    word: *mut u8,
    add: i64,
    clear: i64,
    token: i64,
) -> i64 {
    // SAFETY: see the module's head.
    let (worker, gate) = unsafe { (&mut *worker, gate(waiters, word)) };
    i64::from(gate.wake(worker, Change { add, clear }, token))
}

/// Row `sync_wake_all`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn sync_wake_all(
    worker: *mut Worker,
    waiters: *mut u8,
    word: *mut u8,
    add: i64,
    each: i64,
    clear: i64,
) -> i64 {
    // SAFETY: see the module's head.
    let (worker, gate) = unsafe { (&mut *worker, gate(waiters, word)) };
    gate.wake_all(worker, Change { add, clear }, each)
}

/// Row `sync_pause`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn sync_pause(_worker: *mut Worker, rounds: i64) -> i64 {
    i64::from(sync::pause(rounds))
}

/// Row `panic_held`.
///
/// # Safety
/// See the module's head; `what` is a live string.
pub unsafe extern "C" fn panic_held(worker: *mut Worker, what: *mut u8, frame: i64) -> Outcome {
    // SAFETY: see the module's head.
    let (worker, what) = unsafe { (&mut *worker, text(what.cast())) };
    sync::panic_held(worker, what, frame as usize)
}
