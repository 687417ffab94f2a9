//! Sign-tagged reference counts, as compiled code keeps them too (`plat_abi::layout::Count`).

use core::ptr::NonNull;

use plat_abi::layout::{COUNT_IN_CHAIN, Count};

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

/// One reference more to a block of the caller's task, which is not shared.
///
/// # Safety
/// `block` begins with a count that is positive, and is kept meanwhile.
pub unsafe fn retain_own(block: *mut Count) {
    // SAFETY: as promised.
    unsafe { *block += 1 };
}

/// Takes a reference to a block that may be on its way out. Returns whether it was alive; if not, nothing has changed.
///
/// # Safety
/// `block` begins with a count and is not freed meanwhile, and a positive count belongs to the caller's task.
pub unsafe fn try_retain(block: NonNull<Count>) -> bool {
    // SAFETY: the caller keeps the block from being freed.
    let count = unsafe { AtomicI64::from_ptr(block.as_ptr()) };
    let mut value = count.load(Ordering::Relaxed);
    if value > 0 {
        let is_alive = value & COUNT_IN_CHAIN == 0;
        if is_alive {
            count.store(value + 1, Ordering::Relaxed);
        }
        return is_alive;
    }
    while value < 0 {
        // Acquire: pairs with what the other holders did before they shared the block.
        match count.compare_exchange_weak(value, value - 1, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(now) => value = now,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(mut count: Count, change: impl Fn(NonNull<Count>)) -> Count {
        change(NonNull::from(&mut count));
        count
    }

    #[test]
    fn only_what_is_alive_can_be_retained() {
        let in_chain = COUNT_IN_CHAIN | 0x7f00_0000_1230;
        for (count, alive, left) in [
            (1, true, 2),
            (-1, true, -2),
            (0, false, 0),
            (COUNT_IN_CHAIN, false, COUNT_IN_CHAIN),
            (in_chain, false, in_chain),
        ] {
            // SAFETY: the count is a local of this test.
            let retain = |block| assert_eq!(unsafe { try_retain(block) }, alive);
            assert_eq!(after(count, retain), left);
        }
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
