//! Rows about channels.
//!
//! Each is called by compiled code through its stub, on `worker`, with channels it holds or borrows, and places that hold, or have
//! room for, a value of the channel's type: that is what every `SAFETY` here leans on.

use crate::chan::ChannelRef;
use crate::context::Outcome;
use crate::scheduler::worker::Worker;
use crate::unwind;

/// Row `channel_new`.
///
/// # Safety
/// See the module's head; `element` is a static `TypeInfo`.
pub unsafe extern "C" fn channel_new(worker: *mut Worker, capacity: i64, element: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    let (worker, element) = unsafe { (&mut *worker, &*element.cast()) };
    match ChannelRef::new(worker, capacity, element) {
        Some(channel) => Outcome::pointer(channel.as_ptr()),
        None => unwind::panic(worker, format!("a channel cannot have room for {capacity} values")),
    }
}

/// Row `channel_retain`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_retain(_worker: *mut Worker, channel: *mut u8) {
    ChannelRef::from_ptr(channel).retain();
}

/// Row `channel_release`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_release(worker: *mut Worker, channel: *mut u8) {
    // SAFETY: see the module's head.
    ChannelRef::from_ptr(channel).release(unsafe { &mut *worker });
}

/// Row `channel_send`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_send(worker: *mut Worker, channel: *mut u8, value: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    ChannelRef::from_ptr(channel).send(unsafe { &mut *worker }, value)
}

/// Row `channel_recv`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_recv(worker: *mut Worker, channel: *mut u8, into: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    ChannelRef::from_ptr(channel).recv(unsafe { &mut *worker }, into)
}

/// Row `channel_send_until`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_send_until(
    worker: *mut Worker,
    channel: *mut u8,
    value: *mut u8,
    deadline: i64,
) -> Outcome {
    // SAFETY: see the module's head.
    ChannelRef::from_ptr(channel).send_until(unsafe { &mut *worker }, value, deadline)
}

/// Row `channel_recv_until`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_recv_until(
    worker: *mut Worker,
    channel: *mut u8,
    into: *mut u8,
    deadline: i64,
) -> Outcome {
    // SAFETY: see the module's head.
    ChannelRef::from_ptr(channel).recv_until(unsafe { &mut *worker }, into, deadline)
}

/// Row `channel_try_send`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_try_send(worker: *mut Worker, channel: *mut u8, value: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    let sent = ChannelRef::from_ptr(channel).try_send(unsafe { &mut *worker }, value);
    Outcome::value(sent as i64)
}

/// Row `channel_try_recv`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_try_recv(worker: *mut Worker, channel: *mut u8, into: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    let received = ChannelRef::from_ptr(channel).try_recv(unsafe { &mut *worker }, into);
    Outcome::value(received as i64)
}

/// Row `channel_close`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_close(worker: *mut Worker, channel: *mut u8) {
    // SAFETY: see the module's head.
    ChannelRef::from_ptr(channel).close(unsafe { &mut *worker });
}

/// Row `channel_is_closed`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_is_closed(_worker: *mut Worker, channel: *mut u8) -> i64 {
    i64::from(ChannelRef::from_ptr(channel).is_closed())
}

/// Row `channel_length`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_length(_worker: *mut Worker, channel: *mut u8) -> i64 {
    ChannelRef::from_ptr(channel).length() as i64
}

/// Row `channel_capacity`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn channel_capacity(_worker: *mut Worker, channel: *mut u8) -> i64 {
    ChannelRef::from_ptr(channel).capacity()
}
