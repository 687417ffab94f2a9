//! The storage of `String`, and building one in place.
//!
//! Invariant: the first `length` bytes of a string's block are UTF-8, kept by everything that appends here and by the
//! standard library's `string_from_bytes`.

use core::fmt;
use core::ptr::{NonNull, addr_of_mut, copy_nonoverlapping};

use plat_abi::layout::{BUFFER_DATA, BufferHeader};

use crate::heap::{Heap, count, leaks};
use crate::sanitizer;

/// Smallest capacity a growing string gets: with its header it fills a 48-byte block.
const LEAST_CAPACITY: usize = 24;

/// The text of a string.
///
/// # Safety
/// `string` is a live string, not changed while the result is used.
pub unsafe fn text<'a>(string: *const BufferHeader) -> &'a str {
    // SAFETY: by the contract above and the module's invariant.
    unsafe { core::str::from_utf8_unchecked(bytes(string)) }
}

/// The bytes of a string, or of a buffer of bytes, which looks alike.
///
/// # Safety
/// As for [`text`].
pub unsafe fn bytes<'a>(string: *const BufferHeader) -> &'a [u8] {
    // SAFETY: a live string has `length` initialised bytes behind its header.
    unsafe {
        let data = string.cast::<u8>().add(BUFFER_DATA);
        core::slice::from_raw_parts(data, (*string).length as usize)
    }
}

/// A new string without text that has room for `capacity` bytes.
fn with_capacity(heap: &mut Heap, capacity: usize) -> *mut BufferHeader {
    let block = heap.alloc(BUFFER_DATA + capacity).cast::<BufferHeader>();
    sanitizer::block_taken(block.cast());
    // SAFETY: the block has room for the header and is nobody else's yet.
    unsafe { block.write(BufferHeader { count: 1, length: 0, capacity: capacity as i64 }) };
    leaks::record(block.cast(), || "String");
    block
}

/// A new string of this text.
pub fn from_text(heap: &mut Heap, text: &str) -> *mut BufferHeader {
    let string = with_capacity(heap, text.len());
    // SAFETY: `string` is fresh and has room for the text.
    unsafe { append(string, text) };
    string
}

/// A new string of this text, which `change` has changed in place.
pub fn from_changed(heap: &mut Heap, original: &str, change: impl Fn(&mut str)) -> *mut BufferHeader {
    let string = from_text(heap, original);
    // SAFETY: `string` is fresh: nobody else sees its bytes, which are UTF-8, and are that as a `str` afterwards.
    unsafe {
        let data = string.cast::<u8>().add(BUFFER_DATA);
        change(core::str::from_utf8_unchecked_mut(core::slice::from_raw_parts_mut(data, original.len())));
    }
    string
}

/// The two texts, one after the other.
///
/// # Safety
/// Both are live strings.
pub unsafe fn concat(
    heap: &mut Heap,
    left: *const BufferHeader,
    right: *const BufferHeader,
) -> *mut BufferHeader {
    // SAFETY: passed on from the caller.
    let (left, right) = unsafe { (text(left), text(right)) };
    let string = with_capacity(heap, left.len() + right.len());
    // SAFETY: `string` is fresh and has room for both.
    unsafe {
        append(string, left);
        append(string, right);
    }
    string
}

/// Appends to a string that is nobody else's and has room.
unsafe fn append(string: *mut BufferHeader, text: &str) {
    // SAFETY: by the contract: `text.len()` bytes are free behind the first `length`.
    unsafe {
        let length = (*string).length as usize;
        let end = string.cast::<u8>().add(BUFFER_DATA + length);
        copy_nonoverlapping(text.as_ptr(), end, text.len());
        (*string).length = (length + text.len()) as i64;
    }
}

/// Releases a string.
///
/// # Safety
/// `string` is live, and the caller's reference to it is gone afterwards.
pub unsafe fn release(heap: &mut Heap, string: *mut BufferHeader) {
    sanitizer::release(string);
    // SAFETY: the caller's reference keeps it alive; the last one frees it, with the size it was allocated with.
    unsafe {
        if count::release(NonNull::new_unchecked(addr_of_mut!((*string).count))) {
            leaks::forget(string.cast());
            sanitizer::acquire(string);
            sanitizer::block_given(string.cast());
            let size = BUFFER_DATA + (*string).capacity as usize;
            heap.free(string.cast(), size);
        }
    }
}

/// A place that holds a string, being appended to.
pub struct Builder<'a> {
    heap: &'a mut Heap,
    place: &'a mut *mut BufferHeader,
}

impl<'a> Builder<'a> {
    /// Appends to the string at `place`.
    ///
    /// # Safety
    /// `place` holds a live string and belongs to the caller.
    pub unsafe fn new(heap: &'a mut Heap, place: *mut *mut BufferHeader) -> Self {
        // SAFETY: by the contract.
        Self { heap, place: unsafe { &mut *place } }
    }

    /// Appends `text`, in place when nobody else refers to the string and there is room.
    pub fn push(&mut self, text: &str) {
        self.reserve(text.len());
        // SAFETY: `reserve` left a string of our own with room.
        unsafe { append(*self.place, text) };
    }

    /// Makes the string nobody else's, with room for `more` bytes.
    pub fn reserve(&mut self, more: usize) {
        let old = *self.place;
        // SAFETY: the place holds a live string.
        let (count, length, capacity) =
            unsafe { ((*old).count, (*old).length as usize, (*old).capacity as usize) };
        if count == 1 && capacity - length >= more {
            return;
        }
        let capacity = (length + more).max(length * 2).max(LEAST_CAPACITY);
        // Fill the block that this will get anyway.
        let capacity = (BUFFER_DATA + capacity).next_multiple_of(16) - BUFFER_DATA;
        let new = with_capacity(self.heap, capacity);
        // SAFETY: the new one has room for the old one's text; our reference to the old one ends here.
        unsafe {
            append(new, text(old));
            release(self.heap, old);
        }
        *self.place = new;
    }
}

impl fmt::Write for Builder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What `write` makes of an empty string.
    pub fn built(write: impl FnOnce(&mut Builder<'_>)) -> String {
        let mut heap = Heap::new();
        let mut place = with_capacity(&mut heap, 0);
        // SAFETY: `place` holds the string just made.
        unsafe {
            write(&mut Builder::new(&mut heap, &mut place));
            let result = text(place).to_owned();
            release(&mut heap, place);
            result
        }
    }

    #[test]
    fn building_grows_in_steps() {
        let result = built(|builder| (0..1000).for_each(|_| builder.push("ab")));
        assert_eq!(result, "ab".repeat(1000));
    }

    #[test]
    fn a_shared_string_is_copied_and_not_changed() {
        let mut heap = Heap::new();
        let original = with_capacity(&mut heap, 100);
        // SAFETY: `original` is fresh; the second reference is counted before it is used.
        unsafe {
            append(original, "one");
            (*original).count = 2;
            let mut place = original;
            Builder::new(&mut heap, &mut place).push(" two");
            assert_eq!((text(original), text(place)), ("one", "one two"));
            assert_eq!((*original).count, 1);
            release(&mut heap, original);
            release(&mut heap, place);
        }
    }
}
