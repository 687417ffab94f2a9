//! The few tasks that a worker has spawned last, kept out of the deque so that fork-join costs no fence.
//!
//! A deque's `pop` needs a full fence or worse (half of the cost of a spawn and its `await`), because a thief may be there at the same
//! time. Here the thief pays instead. The owner enters with two plain stores and a load; a thief raises a flag, makes every
//! thread of the process execute a barrier (`membarrier`, some microseconds), and then knows: either it sees the owner
//! inside and waits, or the owner will see the flag and wait. Older tasks overflow into the deque, so thieves rarely come;
//! but what stands here is not stuck when its owner computes for long.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
#[cfg(not(loom))]
use core::mem::offset_of;

pub use plat_abi::fork::KEPT;
#[cfg(not(loom))]
use plat_abi::fork::NewestHead;

use crate::sync_shim::{AtomicBool, AtomicUsize, Ordering, compiler_fence, thread};

/// Tasks that move to the deque when a new one finds no room: the older half.
pub const SPILLED: usize = KEPT / 2;

/// How long a thief waits for an owner it has found inside, which is there for a few instructions unless it has lost its
/// processor.
const PATIENCE: u32 = if cfg!(loom) { 1 } else { 200 };

/// One worker's newest tasks; a type of their own in models. Compiled code, as the owner, pushes and takes the newest by itself.
#[repr(C)]
pub struct Newest<T> {
    /// The owner is inside.
    owner: AtomicBool,
    /// A thief is inside, or about to be.
    thief: AtomicBool,
    /// How many there are; written inside, read by anyone as a hint.
    length: AtomicUsize,
    /// Oldest first; for who is inside.
    tasks: UnsafeCell<[MaybeUninit<T>; KEPT]>,
}

#[cfg(not(loom))]
const _: () = {
    assert!(offset_of!(Newest<usize>, owner) == offset_of!(NewestHead, owner));
    assert!(offset_of!(Newest<usize>, thief) == offset_of!(NewestHead, thief));
    assert!(offset_of!(Newest<usize>, length) == offset_of!(NewestHead, length));
    assert!(offset_of!(Newest<usize>, tasks) == offset_of!(NewestHead, tasks));
};

// SAFETY: `tasks` is only used by who is inside, one at a time (module head).
unsafe impl<T: Send> Sync for Newest<T> {}

/// The tasks, for who is inside.
struct Inside<'a, T> {
    length: &'a AtomicUsize,
    tasks: &'a mut [MaybeUninit<T>; KEPT],
}

impl<T: Copy> Inside<'_, T> {
    fn length(&self) -> usize {
        self.length.load(Ordering::Relaxed)
    }

    fn get(&self, index: usize) -> T {
        debug_assert!(index < self.length());
        // SAFETY: the first `length` are initialised, kept by `push` and `remove`, the only ones that change it.
        unsafe { self.tasks[index].assume_init() }
    }

    fn push(&mut self, task: T) {
        let length = self.length();
        self.tasks[length] = MaybeUninit::new(task);
        self.length.store(length + 1, Ordering::Relaxed);
    }

    fn remove(&mut self, index: usize) -> T {
        let task = self.get(index);
        let last = self.length() - 1;
        // No `copy_within`: that is a call, mostly to move nothing.
        for index in index..last {
            self.tasks[index] = self.tasks[index + 1];
        }
        self.length.store(last, Ordering::Relaxed);
        task
    }
}

impl<T: Copy + PartialEq> Newest<T> {
    /// None.
    pub fn new() -> Self {
        Self {
            owner: AtomicBool::new(false),
            thief: AtomicBool::new(false),
            length: AtomicUsize::new(0),
            tasks: UnsafeCell::new([MaybeUninit::uninit(); KEPT]),
        }
    }

    /// Whether there are none; a hint for anyone but the owner.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.length() == 0
    }

    /// How many there are; a hint for anyone but the owner.
    #[inline]
    pub fn length(&self) -> usize {
        self.length.load(Ordering::Relaxed)
    }

    /// The tasks, for the caller inside.
    #[allow(clippy::mut_from_ref)]
    fn inside(&self) -> Inside<'_, T> {
        // SAFETY: the caller is inside, which the other side respects (module head), and lets go before it leaves.
        Inside { length: &self.length, tasks: unsafe { &mut *self.tasks.get() } }
    }

    /// Runs `body` inside, for the owner.
    #[inline]
    fn as_owner<R>(&self, body: impl FnOnce(Inside<'_, T>) -> R) -> R {
        loop {
            self.owner.store(true, Ordering::Relaxed);
            // The processor may still reorder the load before the store; the thief's barrier makes good for that.
            compiler_fence(Ordering::SeqCst);
            // Acquire pairs with the Release by which a thief leaves.
            if !self.thief.load(Ordering::Acquire) {
                break;
            }
            self.owner.store(false, Ordering::Release);
            self.wait_for_thief();
        }
        let result = body(self.inside());
        // Pairs with the Acquire in `steal`.
        self.owner.store(false, Ordering::Release);
        result
    }

    #[cold]
    fn wait_for_thief(&self) {
        while self.thief.load(Ordering::Relaxed) {
            thread::yield_now();
        }
    }

    /// Adds a task. When there is no room the older half comes back, oldest first, for the deque.
    #[inline]
    pub fn push(&self, task: T) -> Option<[T; SPILLED]> {
        self.as_owner(|mut inside| {
            let spilled = (inside.length() == KEPT).then(|| core::array::from_fn(|_| inside.remove(0)));
            inside.push(task);
            spilled
        })
    }

    /// Takes the newest task.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        self.as_owner(|mut inside| inside.length().checked_sub(1).map(|last| inside.remove(last)))
    }

    /// Takes the oldest task.
    pub fn pop_oldest(&self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        self.as_owner(|mut inside| (inside.length() > 0).then(|| inside.remove(0)))
    }

    /// Takes `task` if it is here.
    #[inline]
    pub fn take(&self, task: T) -> bool {
        if self.is_empty() {
            return false;
        }
        self.as_owner(|mut inside| {
            let found = (0..inside.length()).rev().find(|&index| inside.get(index) == task);
            found.map(|index| inside.remove(index)).is_some()
        })
    }

    /// Takes the older half, for a thief: one of them, and the others through `keep`.
    pub fn steal(&self, mut keep: impl FnMut(T)) -> Option<T> {
        if self.is_empty() || self.thief.swap(true, Ordering::Acquire) {
            return None;
        }
        let stolen = if barrier_everywhere() && self.owner_leaves() {
            let mut inside = self.inside();
            let count = inside.length().div_ceil(2);
            for _ in 1..count {
                keep(inside.remove(0));
            }
            (count > 0).then(|| inside.remove(0))
        } else {
            None
        };
        self.thief.store(false, Ordering::Release);
        stolen
    }

    fn owner_leaves(&self) -> bool {
        (0..PATIENCE).any(|_| {
            core::hint::spin_loop();
            // Pairs with the Release in `as_owner`.
            !self.owner.load(Ordering::Acquire)
        })
    }
}

#[cfg(not(loom))]
const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;
#[cfg(not(loom))]
const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;

/// Prepares the process for thieves. False where the system cannot do it: then workers keep nothing here.
#[cfg(not(loom))]
pub fn can_be_robbed() -> bool {
    membarrier(REGISTER_PRIVATE_EXPEDITED)
}

/// Makes every running thread of the process execute a full barrier.
#[cfg(not(loom))]
fn barrier_everywhere() -> bool {
    membarrier(PRIVATE_EXPEDITED)
}

/// In models the owner's fence is a real one, which is what this makes of it.
#[cfg(loom)]
fn barrier_everywhere() -> bool {
    compiler_fence(Ordering::SeqCst);
    true
}

#[cfg(not(loom))]
fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: this system call touches no memory.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}
