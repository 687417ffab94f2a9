//! Size classes: multiples of 16 up to 512, then four steps to each doubling up to 4 KiB. At most a fifth is wasted.

/// Number of classes.
pub const CLASS_COUNT: usize = SMALL_CLASSES + MEDIUM.len();

const SMALL_LIMIT: usize = 512;
const SMALL_CLASSES: usize = SMALL_LIMIT / 16;
const MEDIUM: [usize; 12] = [640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096];

/// A class of block sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SizeClass(u8);

impl SizeClass {
    /// The smallest class for `size` bytes; `None` for blocks that come from the system.
    #[inline]
    pub const fn of(size: usize) -> Option<Self> {
        if size <= SMALL_LIMIT {
            let rounded = if size == 0 { 16 } else { size };
            return Some(Self(((rounded - 1) / 16) as u8));
        }
        if size > MEDIUM[MEDIUM.len() - 1] {
            return None;
        }
        let mut step = 0;
        while MEDIUM[step] < size {
            step += 1;
        }
        Some(Self((SMALL_CLASSES + step) as u8))
    }

    /// The class at this position, below [`CLASS_COUNT`].
    pub const fn at(index: usize) -> Self {
        assert!(index < CLASS_COUNT);
        Self(index as u8)
    }

    /// The class's position among all.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Bytes in a block of the class.
    #[inline]
    pub const fn bytes(self) -> usize {
        let index = self.index();
        if index < SMALL_CLASSES { (index + 1) * 16 } else { MEDIUM[index - SMALL_CLASSES] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_fits_its_class_and_not_the_one_before() {
        for size in 1..=4096 {
            let class = SizeClass::of(size).expect("up to 4 KiB there is a class");
            assert!(class.bytes() >= size);
            assert!(class.index() == 0 || SizeClass(class.0 - 1).bytes() < size);
        }
        assert_eq!(SizeClass::of(4097), None);
        assert_eq!(SizeClass::of(0).map(SizeClass::bytes), Some(16));
    }
}
