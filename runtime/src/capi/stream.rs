//! Rows about reading and writing whatever a source stands for.
//!
//! Each is called by compiled code through its stub, on `worker`, with the numbers of sources that the caller has, live buffers, and places of
//! buffers that are the caller's alone: that is what every `SAFETY` here leans on.

use std::io;

use super::error::{AGAIN, status};
use super::net::{lengthen, room};
use super::source::source;
use crate::scheduler::worker::Worker;
use crate::stream::{self, Patience, Tried};
use crate::text::string::bytes;

/// What a row returns that has to be called again where it may block.
const ELSEWHERE: i64 = AGAIN + 1;

fn patience(may_block: i64) -> Patience {
    if may_block == 0 { Patience::Now } else { Patience::Blocking }
}

fn outcome(tried: io::Result<Tried>) -> i64 {
    status(tried.map(|tried| match tried {
        Tried::Done(count) => count as i64,
        Tried::Elsewhere => ELSEWHERE,
    }))
}

/// Row `stream_standard`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn stream_standard(worker: *mut Worker, descriptor: i64) -> i64 {
    // SAFETY: see the module's head.
    status(stream::standard(unsafe { &*worker }, descriptor as i32).map(i64::from))
}

/// Row `stream_read`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn stream_read(
    _worker: *mut Worker,
    number: i64,
    into: *mut u8,
    most: i64,
    may_block: i64,
) -> i64 {
    // SAFETY: see the module's head.
    let tried = stream::read(source(number), unsafe { room(into, most) }, patience(may_block));
    if let Ok(Tried::Done(count)) = tried {
        // SAFETY: see the module's head.
        unsafe { lengthen(into, count) };
    }
    outcome(tried)
}

/// Row `stream_write`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn stream_write(
    _worker: *mut Worker,
    number: i64,
    buffer: *mut u8,
    start: i64,
    may_block: i64,
) -> i64 {
    // SAFETY: see the module's head.
    let bytes = unsafe { bytes(buffer.cast()) };
    let rest = bytes.get(start as usize..).unwrap_or_default();
    outcome(stream::write(source(number), rest, patience(may_block)))
}
