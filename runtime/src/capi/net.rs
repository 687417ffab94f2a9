//! Rows about sockets.
//!
//! Each is called by compiled code through its stub, on `worker`, with the numbers of sources that the caller has, live strings and buffers,
//! and places of `AddressWords` and of buffers that are the caller's alone: that is what every `SAFETY` here leans on.

use core::mem::MaybeUninit;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::path::Path;

use plat_abi::layout::{AddressWords, BUFFER_DATA, BufferHeader};

use super::error::{AGAIN, status};
use super::source::source;
use crate::net::{self, address};
use crate::reactor::Direction;
use crate::scheduler::worker::Worker;
use crate::select::SelectorRef;
use crate::text::string::{Builder, bytes, from_text, text};

/// # Safety
/// `place` is the place of `AddressWords`.
unsafe fn read_address(place: *mut u8) -> io::Result<SocketAddr> {
    // SAFETY: by the contract.
    let words = unsafe { place.cast::<AddressWords>().read() };
    address::from_words(words).ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))
}

/// # Safety
/// As [`read_address`].
unsafe fn write_address(place: *mut u8, address: Option<SocketAddr>) {
    // SAFETY: by the contract.
    unsafe { place.cast::<AddressWords>().write(address.map_or(address::NONE, address::to_words)) };
}

/// The room behind the elements of a buffer of bytes, up to `most`.
///
/// # Safety
/// `place` holds a buffer that is the caller's alone.
pub(super) unsafe fn room<'a>(place: *mut u8, most: i64) -> &'a mut [MaybeUninit<u8>] {
    // SAFETY: by the contract; a buffer has `capacity` bytes behind its header.
    unsafe {
        let buffer = place.cast::<*mut BufferHeader>().read();
        let (length, capacity) = ((*buffer).length, (*buffer).capacity);
        let free = (capacity - length).clamp(0, most.max(0)) as usize;
        let start = buffer.cast::<MaybeUninit<u8>>().add(BUFFER_DATA + length.max(0) as usize);
        core::slice::from_raw_parts_mut(start, free)
    }
}

/// Lets so many more bytes count as elements of the buffer.
///
/// # Safety
/// As [`room`], of which so many have been filled.
pub(super) unsafe fn lengthen(place: *mut u8, count: usize) {
    if count > 0 {
        // SAFETY: by the contract. A buffer without room, which is everybody's, is left alone.
        unsafe { (*place.cast::<*mut BufferHeader>().read()).length += count as i64 };
    }
}

/// Row `net_listen`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_listen(worker: *mut Worker, place: *mut u8, backlog: i64) -> i64 {
    // SAFETY: see the module's head.
    let (worker, address) = unsafe { (&mut *worker, read_address(place)) };
    let listen = |address| net::listen(worker, address, clamp(backlog));
    status(address.and_then(listen).map(i64::from))
}

fn clamp(backlog: i64) -> i32 {
    backlog.clamp(1, i64::from(i32::MAX)) as i32
}

/// Row `net_accept`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_accept(worker: *mut Worker, listener: i64) -> i64 {
    // SAFETY: see the module's head.
    status(net::accept(unsafe { &mut *worker }, source(listener)).map(i64::from))
}

/// Row `select_accept`.
///
/// # Safety
/// See the module's head; the selector has been made and not given up.
pub unsafe extern "C" fn select_accept(_worker: *mut Worker, selector: i64, listener: i64) {
    SelectorRef::from_address(selector as usize).add_outside(source(listener), |worker, listener| {
        outcome(net::accept(worker, listener).map(i64::from))
    });
}

/// Row `select_readable`.
///
/// # Safety
/// As for `select_accept`.
pub unsafe extern "C" fn select_readable(_worker: *mut Worker, selector: i64, number: i64) {
    SelectorRef::from_address(selector as usize)
        .add_outside(source(number), |_, source| outcome(net::find_readable(source).map(|()| 0)));
}

/// What a selector is told of a try; `None` where it is to wait.
fn outcome(result: io::Result<i64>) -> Option<i64> {
    Some(status(result)).filter(|&status| status != AGAIN)
}

/// Row `select_outcome`.
///
/// # Safety
/// As for `select_accept`; the chosen arm is of one of these two rows.
pub unsafe extern "C" fn select_outcome(_worker: *mut Worker, selector: i64) -> i64 {
    SelectorRef::from_address(selector as usize).outcome()
}

/// Row `net_shed`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_shed(_worker: *mut Worker, listener: i64) -> i64 {
    status(net::shed(source(listener)).map(|()| 0))
}

/// Row `net_connect`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_connect(worker: *mut Worker, place: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let (worker, address) = unsafe { (&mut *worker, read_address(place)) };
    status(address.and_then(|address| net::connect(worker, address)).map(i64::from))
}

/// Row `net_connected`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_connected(_worker: *mut Worker, number: i64) -> i64 {
    status(net::finish_connect(source(number)).map(|()| 0))
}

/// Row `net_datagrams`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_datagrams(worker: *mut Worker, place: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let (worker, address) = unsafe { (&mut *worker, read_address(place)) };
    status(address.and_then(|address| net::datagrams(worker, address)).map(i64::from))
}

/// Row `net_receive`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_receive(_worker: *mut Worker, number: i64, into: *mut u8, most: i64) -> i64 {
    // SAFETY: see the module's head.
    let received = net::receive(source(number), unsafe { room(into, most) });
    status(received.map(|count| {
        // SAFETY: see the module's head.
        unsafe { lengthen(into, count) };
        count as i64
    }))
}

/// Row `net_receive_from`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_receive_from(
    _worker: *mut Worker,
    number: i64,
    into: *mut u8,
    most: i64,
    place: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    let received = net::receive_from(source(number), unsafe { room(into, most) });
    status(received.map(|(count, sender)| {
        // SAFETY: see the module's head.
        unsafe {
            lengthen(into, count);
            write_address(place, sender);
        }
        count as i64
    }))
}

/// Row `net_send`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_send(
    _worker: *mut Worker,
    number: i64,
    buffer: *mut u8,
    start: i64,
    end: i64,
) -> i64 {
    // SAFETY: see the module's head.
    let bytes = unsafe { bytes(buffer.cast()) };
    let part = bytes.get(start as usize..end as usize).unwrap_or_default();
    status(net::send(source(number), part).map(|count| count as i64))
}

/// Row `net_send_all`.
///
/// # Safety
/// See the module's head; `parts` is a buffer of buffers of bytes.
pub unsafe extern "C" fn net_send_all(
    _worker: *mut Worker,
    number: i64,
    parts: *mut u8,
    first: i64,
    skip: i64,
) -> i64 {
    /// Pieces of one call; the system takes no more than about a thousand.
    const MOST_PIECES: usize = 64;
    // SAFETY: see the module's head; elements of a buffer stand behind its header.
    let parts = unsafe {
        let length = (*parts.cast::<BufferHeader>()).length as usize;
        core::slice::from_raw_parts(parts.add(BUFFER_DATA).cast::<*const BufferHeader>(), length)
    };
    let pieces = parts.iter().skip(first as usize).take(MOST_PIECES).enumerate().map(|(index, &part)| {
        // SAFETY: see the module's head.
        let bytes = unsafe { bytes(part) };
        IoSlice::new(if index == 0 { bytes.get(skip as usize..).unwrap_or_default() } else { bytes })
    });
    let pieces: Vec<_> = pieces.collect();
    status(net::send_all(source(number), &pieces).map(|count| count as i64))
}

/// Row `net_send_to`.
///
/// # Safety
/// See the module's head; `place` may hold no address.
pub unsafe extern "C" fn net_send_to(
    _worker: *mut Worker,
    number: i64,
    buffer: *mut u8,
    place: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    let (bytes, words) = unsafe { (bytes(buffer.cast()), place.cast::<AddressWords>().read()) };
    let sent = net::send_to(source(number), bytes, address::from_words(words));
    status(sent.map(|count| count as i64))
}

/// Row `net_set_peer`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_set_peer(_worker: *mut Worker, number: i64, place: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let address = unsafe { read_address(place) };
    status(address.and_then(|address| net::set_peer(source(number), address)).map(|()| 0))
}

/// Row `net_shutdown`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_shutdown(_worker: *mut Worker, number: i64, direction: i64) -> i64 {
    status(net::shutdown(source(number), Direction::of(direction)).map(|()| 0))
}

/// Row `net_set_option`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_set_option(_worker: *mut Worker, number: i64, option: i64, value: i64) -> i64 {
    status(net::set_option(source(number), option, value).map(|()| 0))
}

/// Row `net_option`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_option(_worker: *mut Worker, number: i64, option: i64) -> i64 {
    status(net::option(source(number), option))
}

/// Row `net_local_address`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_local_address(_worker: *mut Worker, number: i64, place: *mut u8) -> i64 {
    status(net::local_address(source(number)).map(|address| {
        // SAFETY: see the module's head.
        unsafe { write_address(place, address) };
        0
    }))
}

/// Row `net_peer_address`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_peer_address(_worker: *mut Worker, number: i64, place: *mut u8) {
    // SAFETY: see the module's head.
    unsafe { write_address(place, source(number).peer()) };
}

/// Row `net_peer_text`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn net_peer_text(worker: *mut Worker, number: i64) -> *mut u8 {
    let peer = source(number).peer().map(|peer| peer.to_string());
    // SAFETY: see the module's head.
    unsafe { from_text(&mut (*worker).heap, &peer.unwrap_or_default()).cast() }
}

/// Row `unix_listen`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn unix_listen(worker: *mut Worker, path: *mut u8, backlog: i64) -> i64 {
    // SAFETY: see the module's head.
    let (worker, path) = unsafe { (&mut *worker, text(path.cast())) };
    status(net::listen_at_path(worker, Path::new(path), clamp(backlog)).map(i64::from))
}

/// Row `unix_connect`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn unix_connect(worker: *mut Worker, path: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let (worker, path) = unsafe { (&mut *worker, text(path.cast())) };
    status(net::connect_to_path(worker, Path::new(path)).map(i64::from))
}

/// Row `unix_pair`.
///
/// # Safety
/// See the module's head; `other` is the place of a number.
pub unsafe extern "C" fn unix_pair(worker: *mut Worker, other: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    status(net::pair(unsafe { &mut *worker }).map(|(one, second)| {
        // SAFETY: see the module's head.
        unsafe { other.cast::<i64>().write(i64::from(second)) };
        i64::from(one)
    }))
}

/// Row `net_resolve`.
///
/// # Safety
/// See the module's head; `into` is the place of a string.
pub unsafe extern "C" fn net_resolve(worker: *mut Worker, name: *mut u8, into: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let found = net::resolve(unsafe { text(name.cast()) });
    // SAFETY: see the module's head.
    let mut into = unsafe { Builder::new(&mut (*worker).heap, into.cast()) };
    match found {
        Ok(addresses) => {
            for found in &addresses {
                into.push(&address::text(address::to_words(*found)));
                into.push("\n");
            }
            addresses.len() as i64
        }
        Err(error) => {
            into.push(&error.to_string());
            -1
        }
    }
}

/// Row `address_parse`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn address_parse(_worker: *mut Worker, string: *mut u8, place: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let Some(words) = address::parse(unsafe { text(string.cast()) }) else { return 0 };
    // SAFETY: see the module's head.
    unsafe { place.cast::<AddressWords>().write(words) };
    1
}

/// Row `address_text`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn address_text(worker: *mut Worker, place: *mut u8) -> *mut u8 {
    // SAFETY: see the module's head.
    unsafe {
        let words = place.cast::<AddressWords>().read();
        from_text(&mut (*worker).heap, &address::text(words)).cast()
    }
}
