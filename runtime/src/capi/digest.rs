//! Rows about hashes.
//!
//! Each is called by compiled code through its stub, on `worker`, with hashes that the caller has and nobody uses meanwhile, live buffers of bytes, and
//! places of such buffers that are the caller's alone: that is what every `SAFETY` here leans on.

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use super::lent::{give_up, lent};
use super::net::{lengthen, room};
use crate::digest::{self, Function, Hash};
use crate::scheduler::worker::Worker;
use crate::text::string::bytes;

/// Row `hash_begin`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn hash_begin(_worker: *mut Worker, function: i64, is_keyed: i64, key: *mut u8) -> i64 {
    let Some(function) = Function::of(function) else {
        crate::bug(format_args!("there is no hash function {function}"));
    };
    if is_keyed == 0 {
        return lent(Hash::begin(function));
    }
    // SAFETY: see the module's head.
    lent(Hash::begin_keyed(function, unsafe { bytes(key.cast()) }))
}

/// Row `hash_feed`.
///
/// # Safety
/// See the module's head; the bytes from `start` to `end` are some of the buffer's.
pub unsafe extern "C" fn hash_feed(_worker: *mut Worker, hash: i64, fed: *mut u8, start: i64, end: i64) {
    // SAFETY: see above; `hash_begin` has given the hash.
    let (hash, fed) =
        unsafe { (&mut *with_exposed_provenance_mut::<Hash>(hash as usize), bytes(fed.cast())) };
    hash.feed(&fed[start as usize..end as usize]);
}

/// Row `hash_finish`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn hash_finish(_worker: *mut Worker, hash: i64, into: *mut u8) {
    // SAFETY: see the module's head; `hash_begin` has given the hash.
    let hash = unsafe { &*with_exposed_provenance::<Hash>(hash as usize) };
    hash.finish(|digest| {
        // SAFETY: see the module's head.
        let room = unsafe { room(into, digest.len() as i64) };
        assert_eq!(room.len(), digest.len(), "there is room for a hash");
        room.write_copy_of_slice(digest);
        // SAFETY: as many have been written.
        unsafe { lengthen(into, digest.len()) };
    });
}

/// Row `hash_release`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn hash_release(_worker: *mut Worker, hash: i64) {
    // SAFETY: see the module's head; `hash_begin` has given it.
    unsafe { give_up::<Hash>(hash) };
}

/// Row `bytes_same`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn bytes_same(_worker: *mut Worker, one: *mut u8, other: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let (one, other) = unsafe { (bytes(one.cast()), bytes(other.cast())) };
    i64::from(digest::are_same(one, other))
}

/// Row `random_fill`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn random_fill(_worker: *mut Worker, into: *mut u8, count: i64) -> i64 {
    // SAFETY: see the module's head.
    let room = unsafe { room(into, count) };
    // The system writes into memory that is there.
    room.iter_mut().for_each(|byte| _ = byte.write(0));
    // SAFETY: all have been written.
    let filled = digest::fill_with_random(unsafe { room.assume_init_mut() });
    if filled {
        // SAFETY: as many have been written.
        unsafe { lengthen(into, room.len()) };
    }
    i64::from(filled)
}
