//! Rows that allocate and free.

use core::ptr::NonNull;
use core::slice;
use core::str;

use plat_abi::layout::TypeInfo;

use crate::heap::{count, identity, leaks};
use crate::scheduler::worker::Worker;

/// Row `alloc`.
///
/// # Safety
/// Called by compiled code on `worker`; `info` is a static `TypeInfo`.
pub unsafe extern "C" fn alloc(worker: *mut Worker, size: i64, info: *mut u8) -> *mut u8 {
    // SAFETY: the worker's record belongs to its thread, which runs this.
    let block = unsafe { (*worker).heap.alloc(size as usize) };
    // SAFETY: the compiler passes the type information of what it stores in the block.
    leaks::record(block, || unsafe { type_name(info.cast()) });
    block
}

/// Row `free`.
///
/// # Safety
/// Called by compiled code on `worker`, which gives up a block of `alloc` with its size.
pub unsafe extern "C" fn free(worker: *mut Worker, block: *mut u8, size: i64) {
    leaks::forget(block);
    // SAFETY: as in `alloc`; the compiler frees a block once, after its last release.
    unsafe { (*worker).heap.free(block, size as usize) };
}

/// Row `object_upgrade`.
///
/// # Safety
/// Called by compiled code, which has a weak reference to the object.
pub unsafe extern "C" fn object_upgrade(_worker: *mut Worker, object: *mut u8) -> i64 {
    // SAFETY: the weak reference keeps the block, which begins with its count; a count above 0 belongs to this task.
    let is_alive = unsafe { count::try_retain(NonNull::new_unchecked(object.cast())) };
    i64::from(is_alive)
}

/// Row `object_identity`.
///
/// # Safety
/// Called by compiled code, which has a reference to the object that the word is in.
pub unsafe extern "C" fn object_identity(_worker: *mut Worker, number: *mut u8) -> i64 {
    // SAFETY: the reference keeps the object; nothing else touches the word.
    unsafe { identity::number(NonNull::new_unchecked(number.cast())) }
}

/// Row `keep`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn keep(_worker: *mut Worker, _object: *mut u8) {}

/// The name of a type.
///
/// # Safety
/// `info` is a static `TypeInfo` of the program.
pub unsafe fn type_name(info: *const TypeInfo) -> &'static str {
    // SAFETY: the compiler emits names as static UTF-8.
    unsafe {
        let name = &(*info).name;
        str::from_utf8_unchecked(slice::from_raw_parts(name.data, name.length as usize))
    }
}
