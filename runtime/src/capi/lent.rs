//! What compiled code has of the runtime's by number: the address of a box.

use core::ptr::with_exposed_provenance_mut;

/// Puts the value into a box, and gives its number.
pub(super) fn lent<T>(value: T) -> i64 {
    Box::into_raw(Box::new(value)).expose_provenance() as i64
}

/// Takes the box back.
///
/// # Safety
/// [`lent`] has given the number, of this type, and nobody uses it any more.
pub(super) unsafe fn give_up<T>(number: i64) {
    // SAFETY: by the contract.
    drop(unsafe { Box::<T>::from_raw(with_exposed_provenance_mut(number as usize)) });
}
