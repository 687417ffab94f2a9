//! Rows about TLS.
//!
//! Each is called by compiled code through its stub, on `worker`, with settings and sessions that the caller has, live strings and buffers, and places
//! of strings and buffers that are the caller's alone: that is what every `SAFETY` here leans on.

use core::ptr::{from_mut, with_exposed_provenance};

use super::error::AGAIN;
use super::lent::{give_up, lent};
use super::net::{lengthen, room};
use super::text::texts;
use crate::scheduler::worker::Worker;
use crate::text::string::{Builder, bytes, from_text, text};
use crate::tls::{Fact, Failure, Session, Settings, Taken};

/// # Safety
/// A row here has given them, and `tls_settings_release` has not taken them back.
unsafe fn settings<'a>(settings: i64) -> &'a Settings {
    // SAFETY: by the contract.
    unsafe { &*with_exposed_provenance(settings as usize) }
}

/// # Safety
/// `tls_begin` has given it, and `tls_release` has not taken it back.
unsafe fn session<'a>(session: i64) -> &'a Session {
    // SAFETY: by the contract.
    unsafe { &*with_exposed_provenance(session as usize) }
}

/// The result, or the number of what went wrong, whose reason is appended to the string at `place`.
///
/// # Safety
/// `place` is that of a string and the caller's alone.
unsafe fn outcome(worker: *mut Worker, place: *mut u8, result: Result<i64, Failure>) -> i64 {
    match result {
        Ok(number) => number,
        Err(failure) => {
            // SAFETY: by the contract; the worker's record belongs to its thread, which runs this.
            unsafe { Builder::new(&mut (*worker).heap, place.cast()).push(&failure.reason) };
            -(failure.kind as i64)
        }
    }
}

/// Row `tls_server`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_server(
    worker: *mut Worker,
    certificates: *mut u8,
    key: *mut u8,
    reason: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    unsafe {
        let made = Settings::server(text(certificates.cast()), text(key.cast()));
        outcome(worker, reason, made.map(lent))
    }
}

/// Row `tls_client`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_client(
    worker: *mut Worker,
    authorities: *mut u8,
    trusts_system: i64,
    reason: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    unsafe {
        let made = Settings::client(text(authorities.cast()), trusts_system != 0);
        outcome(worker, reason, made.map(lent))
    }
}

/// Row `tls_offering`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_offering(_worker: *mut Worker, like: i64, protocols: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    unsafe { lent(settings(like).offering(&texts(protocols))) }
}

/// Row `tls_asking`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_asking(
    worker: *mut Worker,
    like: i64,
    authorities: *mut u8,
    required: i64,
    reason: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    unsafe {
        let made = settings(like).asking(text(authorities.cast()), required != 0);
        outcome(worker, reason, made.map(lent))
    }
}

/// Row `tls_showing`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_showing(
    worker: *mut Worker,
    like: i64,
    certificates: *mut u8,
    key: *mut u8,
    reason: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    unsafe {
        let made = settings(like).showing(text(certificates.cast()), text(key.cast()));
        outcome(worker, reason, made.map(lent))
    }
}

/// Row `tls_settings_release`.
///
/// # Safety
/// See the module's head; nobody uses the settings any more.
pub unsafe extern "C" fn tls_settings_release(_worker: *mut Worker, settings: i64) {
    // SAFETY: see above.
    unsafe { give_up::<Settings>(settings) };
}

/// Row `tls_begin`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_begin(worker: *mut Worker, by: i64, name: *mut u8, reason: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    unsafe {
        let begun = settings(by).begin(text(name.cast()));
        outcome(worker, reason, begun.map(lent))
    }
}

/// Row `tls_release`.
///
/// # Safety
/// See the module's head; nobody uses the session any more.
pub unsafe extern "C" fn tls_release(_worker: *mut Worker, session: i64) {
    // SAFETY: see above.
    unsafe { give_up::<Session>(session) };
}

/// Row `tls_is_ready`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_is_ready(_worker: *mut Worker, of: i64) -> i64 {
    // SAFETY: see the module's head.
    i64::from(unsafe { session(of) }.is_ready())
}

/// Row `tls_bring`.
///
/// # Safety
/// See the module's head; `start` is at most the buffer's length.
pub unsafe extern "C" fn tls_bring(
    worker: *mut Worker,
    to: i64,
    brought: *mut u8,
    start: i64,
    reason: *mut u8,
) -> i64 {
    // SAFETY: see above.
    unsafe {
        let used = session(to).bring(&bytes(brought.cast())[start as usize..]);
        outcome(worker, reason, used.map(|count| count as i64))
    }
}

/// Row `tls_take`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_take(_worker: *mut Worker, from: i64, into: *mut u8, most: i64) -> i64 {
    // SAFETY: see the module's head; all of the room is given a value before it is read as one.
    unsafe {
        let room = room(into, most);
        room.as_mut_ptr().write_bytes(0, room.len());
        match session(from).take(&mut *(from_mut(room) as *mut [u8])) {
            Taken::Bytes(count) => {
                lengthen(into, count);
                count as i64
            }
            Taken::End => 0,
            Taken::Nothing => AGAIN,
        }
    }
}

/// Row `tls_put`.
///
/// # Safety
/// See the module's head; `start` is at most the buffer's length.
pub unsafe extern "C" fn tls_put(_worker: *mut Worker, to: i64, said: *mut u8, start: i64) -> i64 {
    // SAFETY: see above.
    unsafe { session(to).put(&bytes(said.cast())[start as usize..]) as i64 }
}

/// Row `tls_send`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_send(_worker: *mut Worker, from: i64, into: *mut u8, most: i64) -> i64 {
    // SAFETY: see the module's head; `send` passes no more than there is room for.
    unsafe {
        let size = room(into, most).len();
        let sent = session(from).send(size, |piece| {
            let room = room(into, most);
            piece.as_ptr().copy_to_nonoverlapping(room.as_mut_ptr().cast(), piece.len());
            lengthen(into, piece.len());
        });
        sent as i64
    }
}

/// Row `tls_finish`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_finish(_worker: *mut Worker, of: i64) {
    // SAFETY: see the module's head.
    unsafe { session(of) }.finish();
}

/// Row `tls_fact`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn tls_fact(worker: *mut Worker, of: i64, fact: i64) -> *mut u8 {
    let fact = match fact {
        0 => Fact::Version,
        1 => Fact::Cipher,
        2 => Fact::Protocol,
        _ => Fact::PeerNames,
    };
    // SAFETY: see the module's head; the worker's record belongs to its thread, which runs this.
    unsafe { from_text(&mut (*worker).heap, &session(of).fact(fact)).cast() }
}
