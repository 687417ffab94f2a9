//! Rows that make, compare, format and print strings.

use plat_abi::layout::{BUFFER_DATA, BufferHeader, FormatSpec};

use crate::context::Outcome;
use crate::printing;
use crate::scheduler::worker::Worker;
use crate::text::string::{Builder, bytes, concat, text};
use crate::text::{format, hash};

/// The strings in a buffer.
///
/// # Safety
/// `buffer` is a live buffer of strings, not changed while the result is used.
pub(super) unsafe fn texts<'a>(buffer: *mut u8) -> Vec<&'a str> {
    // SAFETY: by the contract; elements of a buffer stand behind its header.
    unsafe {
        let length = (*buffer.cast::<BufferHeader>()).length as usize;
        let strings =
            core::slice::from_raw_parts(buffer.add(BUFFER_DATA).cast::<*const BufferHeader>(), length);
        strings.iter().map(|&string| text(string)).collect()
    }
}

/// Row `string_concat`.
///
/// # Safety
/// Called by compiled code on `worker` with live strings.
pub unsafe extern "C" fn string_concat(worker: *mut Worker, left: *mut u8, right: *mut u8) -> *mut u8 {
    // SAFETY: the worker's record belongs to its thread, which runs this; the strings are borrowed from the caller.
    unsafe { concat(&mut (*worker).heap, left.cast(), right.cast()).cast() }
}

/// Row `bytes_compare`.
///
/// # Safety
/// Called by compiled code with live strings or buffers of bytes.
pub unsafe extern "C" fn bytes_compare(_worker: *mut Worker, left: *mut u8, right: *mut u8) -> i64 {
    // SAFETY: they are borrowed from the caller.
    unsafe { bytes(left.cast()).cmp(bytes(right.cast())) as i64 }
}

/// Row `bytes_hash`.
///
/// # Safety
/// Called by compiled code with a live string or buffer of bytes.
pub unsafe extern "C" fn bytes_hash(_worker: *mut Worker, buffer: *mut u8, seed: i64) -> i64 {
    // SAFETY: it is borrowed from the caller.
    hash::hash(unsafe { bytes(buffer.cast()) }, seed.cast_unsigned()).cast_signed()
}

/// Row `string_push`.
///
/// # Safety
/// Called by compiled code on `worker` with the place of a live string and another live string: a place that is being
/// changed is not read by the same call (kept by the compiler's exclusivity check).
pub unsafe extern "C" fn string_push(worker: *mut Worker, builder: *mut u8, pushed: *mut u8) {
    // SAFETY: as the row promises.
    unsafe {
        let pushed = text(pushed.cast::<BufferHeader>());
        Builder::new(&mut (*worker).heap, builder.cast()).push(pushed);
    }
}

/// Row `print`.
///
/// # Safety
/// Called by compiled code on `worker` with a live string, which stays that until it goes on.
pub unsafe extern "C" fn print(worker: *mut Worker, line: *mut u8) -> Outcome {
    // SAFETY: the worker's record belongs to its thread, which runs this; the string is the caller's.
    unsafe { printing::print(&mut *worker, &printing::OUTPUT, line.cast()) }
}

/// Row `eprint`.
///
/// # Safety
/// As for [`print`].
pub unsafe extern "C" fn eprint(worker: *mut Worker, line: *mut u8) -> Outcome {
    // SAFETY: the worker's record belongs to its thread, which runs this; the string is the caller's.
    unsafe { printing::print(&mut *worker, &printing::ERRORS, line.cast()) }
}

/// Defines a row `format_*`: a builder's place, a word, a packed `FormatSpec`.
macro_rules! format_row {
    ($row:ident($value:ident: $ty:ty), $write:expr) => {
        #[doc = concat!("Row `", stringify!($row), "`.")]
        ///
        /// # Safety
        /// Called by compiled code on `worker` with the place of a live string, and a live value.
        pub unsafe extern "C" fn $row(worker: *mut Worker, builder: *mut u8, $value: $ty, spec: i64) {
            // SAFETY: the worker's record belongs to its thread, which runs this; the rest is as the row promises.
            let mut builder = unsafe { Builder::new(&mut (*worker).heap, builder.cast()) };
            $write(&mut builder, $value, FormatSpec::unpack(spec as u64));
        }
    };
}

format_row!(format_int(value: i64), |builder: &mut Builder<'_>, value: i64, spec| {
    format::integer(builder, value < 0, value.unsigned_abs(), spec)
});
format_row!(format_uint(value: i64), |builder: &mut Builder<'_>, value, spec| {
    format::integer(builder, false, value as u64, spec)
});
format_row!(format_float(value: f64), format::float64);
format_row!(format_float32(value: f64), |builder: &mut Builder<'_>, value, spec| {
    format::float32(builder, value as f32, spec)
});
format_row!(format_bool(value: i64), |builder: &mut Builder<'_>, value, spec| {
    format::boolean(builder, value != 0, spec)
});
format_row!(format_char(value: i64), |builder: &mut Builder<'_>, value, spec| {
    let character = char::from_u32(value as u32).unwrap_or(char::REPLACEMENT_CHARACTER);
    format::character(builder, character, spec)
});
format_row!(format_string(value: *mut u8), |builder: &mut Builder<'_>, value: *mut u8, spec| {
    // SAFETY: the row passes a live string.
    format::string(builder, unsafe { text(value.cast()) }, spec)
});
format_row!(format_duration(value: i64), format::duration);
