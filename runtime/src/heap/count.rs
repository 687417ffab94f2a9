//! Sign-tagged reference counts, as compiled code keeps them too (`plat_abi::layout::Count`).

use core::ptr::NonNull;

use plat_abi::layout::Count;

use crate::sync_shim::plain::{AtomicI64, Ordering};

/// One reference less. Returns whether it was the last, and the block is then the caller's to free.
///
/// # Safety
/// `block` begins with a count, the caller has a reference, which is gone afterwards, and a positive count belongs to the
/// caller's task.
#[inline]
#[must_use]
pub unsafe fn release(block: NonNull<Count>) -> bool {
    // SAFETY: the caller's reference keeps the block alive until the count changes.
    let count = unsafe { AtomicI64::from_ptr(block.as_ptr()) };
    let value = count.load(Ordering::Relaxed);
    if value > 0 {
        count.store(value - 1, Ordering::Relaxed);
        return value == 1;
    }
    // AcqRel: the last release sees every use of the block before the other releases, which pair with it.
    value < 0 && count.fetch_add(1, Ordering::AcqRel) == -1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(mut count: Count, change: impl Fn(NonNull<Count>)) -> Count {
        change(NonNull::from(&mut count));
        count
    }

    #[test]
    fn the_last_release_is_told() {
        for (count, last, left) in
            [(1, true, 0), (2, false, 1), (-1, true, 0), (-2, false, -1), (0, false, 0)]
        {
            // SAFETY: the count is a local of this test.
            let release = |block| assert_eq!(unsafe { release(block) }, last);
            assert_eq!(after(count, release), left);
        }
    }
}
