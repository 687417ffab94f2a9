//! Timers: one wheel for each worker, which any worker may advance, and the clock.
//!
//! A timer is part of what it wakes, a fiber or a scope, and stands in the wheel of the worker that set it. The wheel's lock
//! decides between firing and taking out: who fires a fiber's timer claims the fiber under that lock, so a timer that its fiber takes
//! out later can be used again at once.
//!
//! Timers never fire early. How late they fire is [`TICK_BITS`] and what the workers are busy with: each looks at its own wheel now
//! and then and at all wheels when it has nothing to do, and the one that sleeps for shortest sleeps until the first timer. Timers that are
//! due together fire by ticks, and those of one tick in the order in which one worker has set them.

mod sleep;
mod wheel;

use core::cell::{Cell, UnsafeCell};
use core::mem::offset_of;

use crate::cancel;
use crate::fiber::{Fiber, FiberRef};
use crate::scheduler::worker::Worker;
use crate::scope::options::Options;
use crate::spin::SpinLock;
use crate::sync_shim::{AtomicU64, Ordering};
pub use sleep::sleep_until;
use wheel::{Node, Wheel};

/// A tick is 2^16 nanoseconds, 66 µs: a timer is late by that at most, and so are two timers that must come in order. Half of it would
/// wake idle workers twice as often for timers that are close together.
const TICK_BITS: u32 = 16;

/// The last tick whose moment is one of the clock's, in the year 2262 for most machines. Later ones would lie in the past.
const LAST_TICK: u64 = (i64::MAX as u64) >> TICK_BITS;

/// Stands for "no timer".
const NONE: u64 = u64::MAX;

/// A deadline that never comes.
pub const NEVER: i64 = i64::MAX;

/// A timer, set or not. The tag of its node says whether it is a scope's, which it cancels, or a fiber's, whose wait it ends.
#[repr(C)]
pub struct Timer {
    node: Node,
    /// Where it was set last.
    timers: Cell<Option<&'static Timers>>,
}

const OF_FIBER: bool = false;
const OF_SCOPE: bool = true;

impl Timer {
    /// The timer of a fiber, not set.
    pub const fn of_fiber() -> Self {
        Self { node: Node::new(OF_FIBER), timers: Cell::new(None) }
    }

    /// The timer of a scope, not set.
    pub const fn of_scope() -> Self {
        Self { node: Node::new(OF_SCOPE), timers: Cell::new(None) }
    }

    /// Takes it back, if it is set and has not fired.
    pub fn unset(&self) {
        let Some(timers) = self.timers.take() else { return };
        timers.lock.with(|| {
            let wheel = timers.wheel();
            // SAFETY: under the lock, which keeps the wheel; the timer stands in no other.
            unsafe { wheel.remove(&self.node) };
            // A later timer only makes a worker look in vain, but whether there is one at all decides about a deadlock.
            if wheel.is_empty() {
                timers.next.store(NONE, Ordering::Relaxed);
            }
        });
    }
}

/// One worker's timers.
pub struct Timers {
    lock: SpinLock,
    /// Under the lock.
    wheel: UnsafeCell<Wheel>,
    /// When there is something to do, in ticks. Written under the lock; a hint outside.
    next: AtomicU64,
}

// SAFETY: the wheel is used under the lock only.
unsafe impl Sync for Timers {}

impl Timers {
    /// None.
    pub const fn new() -> Self {
        Self { lock: SpinLock::new(), wheel: UnsafeCell::new(Wheel::new()), next: AtomicU64::new(NONE) }
    }

    #[allow(clippy::mut_from_ref)]
    fn wheel(&self) -> &mut Wheel {
        // SAFETY: callers hold the lock and let go of the result before they give it up.
        unsafe { &mut *self.wheel.get() }
    }

    /// Calls `begin` with the lock held and, if it says so, sets the timer to `deadline` before anybody can wake its fiber.
    pub fn set_if(&'static self, timer: &Timer, deadline: i64, begin: impl FnOnce() -> bool) -> bool {
        self.lock.with(|| {
            if !begin() {
                return false;
            }
            timer.timers.set(Some(self));
            let (tick, wheel) = (tick_of(deadline), self.wheel());
            wheel.skip_to(now() as u64 >> TICK_BITS);
            // SAFETY: a timer is part of a record that stays where it is, and is taken out before that goes (`Timer::unset`).
            unsafe { wheel.insert(&timer.node, tick) };
            if tick < self.next.load(Ordering::Relaxed) {
                self.note_next();
            }
            true
        })
    }

    /// Sets a timer.
    pub fn set(&'static self, timer: &Timer, deadline: i64) {
        self.set_if(timer, deadline, || true);
    }

    fn note_next(&self) {
        self.next.store(self.wheel().next_tick().unwrap_or(NONE), Ordering::Relaxed);
    }

    /// When something is to do here, on the clock of [`now`]; `None` when no timer is set.
    pub fn next_deadline(&self) -> Option<i64> {
        let tick = self.next.load(Ordering::Relaxed);
        if tick == NONE { None } else { Some((tick << TICK_BITS) as i64) }
    }

    /// Fires what is due at `now`. Whether something was to do.
    pub fn fire(&self, worker: &mut Worker, now: i64) -> bool {
        if self.next_deadline().is_none_or(|next| next > now) {
            return false;
        }
        self.lock.with(|| {
            self.wheel().advance(now as u64 >> TICK_BITS, |node| fire(worker, node));
            self.note_next();
        });
        true
    }
}

/// Fires what is due at `now` with any worker, earlier ticks first. Whether something was to do.
pub fn fire_due(all: &'static [Timers], worker: &mut Worker, now: i64) -> bool {
    let mut was_due = false;
    while let Some((first, until)) = turn(all.iter().map(Timers::next_deadline), now) {
        was_due |= all[first].fire(worker, until);
    }
    was_due
}

/// Whose turn it is, of all who have something to do next at these times, and until when nobody else has.
fn turn(nexts: impl Iterator<Item = Option<i64>>, now: i64) -> Option<(usize, i64)> {
    let (mut first, mut second) = (None, now);
    for (index, next) in nexts.enumerate() {
        let Some(next) = next.filter(|&next| next <= now) else { continue };
        match first {
            Some((_, least)) if least <= next => second = second.min(next),
            Some((_, least)) => (first, second) = (Some((index, next)), least),
            None => first = Some((index, next)),
        }
    }
    first.map(|(index, _)| (index, second))
}

/// The first tick that is not before a deadline.
fn tick_of(deadline: i64) -> u64 {
    (deadline.max(0) as u64).div_ceil(1 << TICK_BITS).min(LAST_TICK)
}

/// Wakes what a timer belongs to.
fn fire(worker: &mut Worker, node: &Node) {
    const { assert!(offset_of!(Timer, node) == 0) };
    let timer = core::ptr::from_ref(node).cast_mut().cast::<u8>();
    match node.tag() {
        OF_FIBER => {
            let fiber = timer.wrapping_sub(offset_of!(Fiber, timer)).cast();
            let fiber = FiberRef::from_ptr(fiber).expect("such a timer stands in a fiber");
            if fiber.wait.claim() {
                fiber.timed_out.set(true);
                fiber.continuation.set(fiber.undo.take());
                worker.ready_in_turn(fiber);
            }
        }
        OF_SCOPE => {
            let options = timer.wrapping_sub(offset_of!(Options, timer)).cast::<Options>();
            // SAFETY: such a timer stands in the options of a scope, which takes it out before it ends.
            cancel::cancel(worker, unsafe { (*options).scope });
        }
    }
}

/// Nanoseconds of the clock that timers go by, which only goes forward.
pub fn now() -> i64 {
    crate::clock::monotonic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_timers_have_their_turn_first() {
        let next = |nexts: [Option<i64>; 3]| turn(nexts.into_iter(), 100);
        assert_eq!(next([None, None, Some(101)]), None);
        assert_eq!(next([None, Some(40), None]), Some((1, 100)));
        assert_eq!(next([Some(70), Some(40), Some(60)]), Some((1, 60)));
        assert_eq!(next([Some(40), Some(100), Some(200)]), Some((0, 100)));
        assert_eq!(next([Some(40), Some(40), Some(90)]), Some((0, 40)), "of one tick: by worker");
    }

    #[test]
    fn the_farthest_deadlines_lie_in_the_future() {
        for deadline in [NEVER, NEVER - 1, NEVER - (1 << TICK_BITS)] {
            let timers: &'static Timers = Box::leak(Box::new(Timers::new()));
            let timer = Timer::of_fiber();
            timers.set(&timer, deadline);
            assert!(timers.next_deadline().expect("a timer is set") > now());
            timer.unset();
        }
    }
}
