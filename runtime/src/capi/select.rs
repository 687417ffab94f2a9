//! Rows about `select`.
//!
//! Each is called by compiled code through its stub, on `worker`, with a selector that it has made and not given up, with channels and
//! tasks that it keeps until the wait is over, and places that hold, or have room for, a value of a channel's type; a value to be sent stays in
//! its place until the wait is over. That is what every `SAFETY` here leans on.

use super::sync;
use crate::chan::ChannelRef;
use crate::context::Outcome;
use crate::scheduler::worker::Worker;
use crate::select::{self, Mode, SelectorRef};
use crate::sync::Supply;
use crate::task::TaskRef;

fn selector(address: i64) -> SelectorRef {
    SelectorRef::from_address(address as usize)
}

/// Row `select_new`.
///
/// # Safety
/// See the module's head; `record` has room for so many arms.
pub unsafe extern "C" fn select_new(_: *mut Worker, record: *mut u8, arms: i64) -> i64 {
    // SAFETY: as promised.
    unsafe { SelectorRef::new(record, arms as u32).address() as i64 }
}

/// Row `select_recv`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn select_recv(_: *mut Worker, address: i64, channel: *mut u8, ignores_closed: i64) {
    selector(address).add_recv(ChannelRef::from_ptr(channel), ignores_closed != 0);
}

/// Row `select_send`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn select_send(_: *mut Worker, address: i64, channel: *mut u8, value: *mut u8) {
    selector(address).add_send(ChannelRef::from_ptr(channel), value);
}

/// Row `select_await`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn select_await(_: *mut Worker, address: i64, task: *mut u8) {
    let task = TaskRef::from_ptr(task.cast()).expect("a task handle is never null");
    selector(address).add_await(task);
}

/// Row `select_word`.
///
/// # Safety
/// See the module's head, and that of `capi::sync` about the waiters and the word, which are kept until the wait is over.
pub unsafe extern "C" fn select_word(
    _: *mut Worker,
    address: i64,
    waiters: *mut u8,
    word: *mut u8,
    least: i64,
    take: i64,
) {
    // SAFETY: as promised.
    let gate = unsafe { sync::gate(waiters, word) };
    selector(address).add_word(Supply { gate, least: least.cast_unsigned(), take: take.cast_unsigned() });
}

/// Row `select_deadline`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn select_deadline(_: *mut Worker, address: i64, deadline: i64) {
    selector(address).add_deadline(deadline);
}

/// Row `select_never`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn select_never(_: *mut Worker, address: i64) {
    selector(address).add_never();
}

/// Row `select_wait`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn select_wait(
    worker: *mut Worker,
    address: i64,
    is_biased: i64,
    has_default: i64,
) -> Outcome {
    let mode = Mode { is_biased: is_biased != 0, has_default: has_default != 0, is_retry: false };
    // SAFETY: see the module's head.
    select::wait(unsafe { &mut *worker }, selector(address), mode)
}

/// Row `select_take`.
///
/// # Safety
/// See the module's head; the chosen arm receives from a channel of the type that `into` has room for.
pub unsafe extern "C" fn select_take(worker: *mut Worker, address: i64, into: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    selector(address).take(unsafe { &mut *worker }, into)
}
