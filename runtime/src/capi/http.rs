//! Rows about HTTP.

use plat_abi::layout::{BUFFER_DATA, BufferHeader};

use crate::http::{self, Kind, Mistake};
use crate::scheduler::worker::Worker;
use crate::text::string::{bytes, text};

/// Row `http_parse_head`.
///
/// # Safety
/// Called by compiled code with a live buffer of bytes, and the place of an empty buffer of integers that is the caller's alone and has room for
/// `MOST_WORDS`.
pub unsafe extern "C" fn http_parse_head(
    _worker: *mut Worker,
    buffer: *mut u8,
    start: i64,
    seen: i64,
    is_response: i64,
    place: *mut u8,
) -> i64 {
    // SAFETY: by the contract.
    let (buffer, words) = unsafe { (bytes(buffer.cast()), place.cast::<*mut BufferHeader>().read()) };
    // SAFETY: by the contract.
    debug_assert!(unsafe { (*words).capacity } >= http::MOST_WORDS as i64, "there is room for a head");
    let kind = if is_response == 0 { Kind::Request } else { Kind::Response };
    let end = http::parse_head(buffer, start as usize, seen as usize, kind, |word| {
        // SAFETY: by the contract there is room for all words of a head behind the header.
        unsafe {
            let length = (*words).length;
            words.cast::<u8>().add(BUFFER_DATA).cast::<i64>().add(length as usize).write(word);
            (*words).length = length + 1;
        }
    });
    match end {
        Ok(end) => end.map_or(0, |end| end as i64),
        Err(Mistake::Malformed) => -1,
        Err(Mistake::TooManyHeaders) => -2,
        Err(Mistake::OtherVersion) => -3,
    }
}

/// Row `http_date`.
///
/// # Safety
/// Called by compiled code with a live string.
pub unsafe extern "C" fn http_date(_worker: *mut Worker, date: *mut u8) -> i64 {
    // SAFETY: by the contract.
    http::seconds_of(unsafe { text(date.cast()) }).map_or(-1, |seconds| seconds as i64)
}
