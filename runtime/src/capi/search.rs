//! Rows that look into strings, take them apart and read numbers from them.

use plat_abi::layout::{BufferHeader, CharProperty};

use crate::heap::Heap;
use crate::scheduler::worker::Worker;
use crate::text::string::{Builder, bytes, from_changed, from_text, text};

/// The part of a string between two positions, which the library has checked.
///
/// # Safety
/// The string is live, and both positions lie between characters.
unsafe fn part<'a>(string: *mut u8, start: i64, end: i64) -> &'a str {
    // SAFETY: by the contract.
    unsafe { text(string.cast()).get_unchecked(start as usize..end as usize) }
}

/// Row `string_push_part`.
///
/// # Safety
/// Called by compiled code on `worker` with the place of a live string, another live string, and two positions between its
/// characters.
pub unsafe extern "C" fn string_push_part(
    worker: *mut Worker,
    builder: *mut u8,
    text: *mut u8,
    start: i64,
    end: i64,
) {
    // SAFETY: as the row promises.
    unsafe { Builder::new(&mut (*worker).heap, builder.cast()).push(part(text, start, end)) }
}

/// Row `string_reserve`.
///
/// # Safety
/// Called by compiled code on `worker` with the place of a live string.
pub unsafe extern "C" fn string_reserve(worker: *mut Worker, builder: *mut u8, more: i64) {
    // SAFETY: as the row promises.
    unsafe { Builder::new(&mut (*worker).heap, builder.cast()).reserve(more.max(0) as usize) }
}

/// Row `string_part`.
///
/// # Safety
/// Called by compiled code on `worker` with a live string and two positions between its characters.
pub unsafe extern "C" fn string_part(worker: *mut Worker, text: *mut u8, start: i64, end: i64) -> *mut u8 {
    // SAFETY: as the row promises.
    unsafe { from_text(&mut (*worker).heap, part(text, start, end)).cast() }
}

/// Row `string_find`.
///
/// # Safety
/// Called by compiled code with live strings and a position between characters of the first.
pub unsafe extern "C" fn string_find(
    _worker: *mut Worker,
    string: *mut u8,
    wanted: *mut u8,
    start: i64,
) -> i64 {
    // SAFETY: as the row promises.
    let (whole, wanted) = unsafe { (text(string.cast()), text(wanted.cast())) };
    let found = whole.get(start as usize..).and_then(|rest| rest.find(wanted));
    found.map_or(-1, |found| start + found as i64)
}

/// Row `string_rfind`.
///
/// # Safety
/// Called by compiled code with live strings and a position between characters of the first.
pub unsafe extern "C" fn string_rfind(
    _worker: *mut Worker,
    string: *mut u8,
    wanted: *mut u8,
    end: i64,
) -> i64 {
    // SAFETY: as the row promises.
    let (whole, wanted) = unsafe { (text(string.cast()), text(wanted.cast())) };
    let found = whole.get(..end as usize).and_then(|rest| rest.rfind(wanted));
    found.map_or(-1, |found| found as i64)
}

/// The text in another case: ASCII is changed in place, which makes no second copy.
fn cased(
    heap: &mut Heap,
    text: &str,
    change_ascii: impl Fn(&mut str),
    change: impl Fn(&str) -> String,
) -> *mut BufferHeader {
    if text.is_ascii() { from_changed(heap, text, change_ascii) } else { from_text(heap, &change(text)) }
}

/// Row `string_upper`.
///
/// # Safety
/// Called by compiled code on `worker` with a live string.
pub unsafe extern "C" fn string_upper(worker: *mut Worker, string: *mut u8) -> *mut u8 {
    // SAFETY: as the row promises.
    unsafe {
        let (heap, text) = (&mut (*worker).heap, text(string.cast()));
        cased(heap, text, str::make_ascii_uppercase, str::to_uppercase).cast()
    }
}

/// Row `string_lower`.
///
/// # Safety
/// Called by compiled code on `worker` with a live string.
pub unsafe extern "C" fn string_lower(worker: *mut Worker, string: *mut u8) -> *mut u8 {
    // SAFETY: as the row promises.
    unsafe {
        let (heap, text) = (&mut (*worker).heap, text(string.cast()));
        cased(heap, text, str::make_ascii_lowercase, str::to_lowercase).cast()
    }
}

/// Row `utf8_length`.
///
/// # Safety
/// Called by compiled code with a live buffer of bytes.
pub unsafe extern "C" fn utf8_length(_worker: *mut Worker, buffer: *mut u8) -> i64 {
    // SAFETY: a buffer of bytes has the layout of a string.
    let bytes = unsafe { bytes(buffer.cast()) };
    match core::str::from_utf8(bytes) {
        Ok(_) => bytes.len() as i64,
        Err(error) => error.valid_up_to() as i64,
    }
}

/// Row `float_parse`.
///
/// # Safety
/// Called by compiled code with a live string and the place of a `Float64`.
pub unsafe extern "C" fn float_parse(_worker: *mut Worker, string: *mut u8, into: *mut u8) -> i64 {
    // SAFETY: as the row promises.
    unsafe { store_parsed(text(string.cast()).parse::<f64>().ok(), into) }
}

/// Row `float32_parse`.
///
/// # Safety
/// Called by compiled code with a live string and the place of a `Float64`.
pub unsafe extern "C" fn float32_parse(_worker: *mut Worker, string: *mut u8, into: *mut u8) -> i64 {
    // SAFETY: as the row promises.
    unsafe { store_parsed(text(string.cast()).parse::<f32>().ok().map(f64::from), into) }
}

/// # Safety
/// `into` is the place of a `Float64`.
unsafe fn store_parsed(parsed: Option<f64>, into: *mut u8) -> i64 {
    let Some(parsed) = parsed else { return 0 };
    // SAFETY: by the contract.
    unsafe { into.cast::<f64>().write(parsed) };
    1
}

fn character(code: i64) -> char {
    char::from_u32(code as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Row `char_is`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn char_is(_worker: *mut Worker, code: i64, property: i64) -> i64 {
    const LETTER: i64 = CharProperty::Letter as i64;
    const NUMBER: i64 = CharProperty::Number as i64;
    const WHITE_SPACE: i64 = CharProperty::WhiteSpace as i64;
    const UPPER: i64 = CharProperty::Upper as i64;
    const LOWER: i64 = CharProperty::Lower as i64;
    const CONTROL: i64 = CharProperty::Control as i64;
    let character = character(code);
    i64::from(match property {
        LETTER => character.is_alphabetic(),
        NUMBER => character.is_numeric(),
        WHITE_SPACE => character.is_whitespace(),
        UPPER => character.is_uppercase(),
        LOWER => character.is_lowercase(),
        CONTROL => character.is_control(),
        _ => false,
    })
}

/// Row `char_upper`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn char_upper(_worker: *mut Worker, code: i64) -> i64 {
    single(character(code).to_uppercase()).map_or(code, i64::from)
}

/// Row `char_lower`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn char_lower(_worker: *mut Worker, code: i64) -> i64 {
    single(character(code).to_lowercase()).map_or(code, i64::from)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<u32> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first as u32)
}
