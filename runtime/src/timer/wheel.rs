//! A hierarchical timer wheel: inserting and removing cost the same however many timers there are.
//!
//! Time is counted in ticks. A timer stands on the level of the highest digit, base 64, in which its tick differs from the wheel's
//! time, in the slot of that digit; when the time comes to that slot, its timers move to lower levels, and those of level 0
//! fire. So all timers of a level come before those of the next, and within a level slots come in order.
//!
//! Knows no clock and no fibers. Every call is under the lock of the wheel's owner.

use core::cell::Cell;
use core::ptr;

/// Digits of a tick: enough for 48 bits, more than a clock of nanoseconds has ticks.
const LEVELS: usize = 8;

/// Bits of a digit.
const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;

/// The greatest tick.
const LAST_TICK: u64 = (1 << (DIGIT_BITS * LEVELS as u32)) - 1;

/// A timer: part of what it is to wake.
pub struct Node {
    next: Cell<*const Node>,
    /// What points here: a slot, or the `next` of the node before. Null when it stands in no wheel.
    back: Cell<*const Cell<*const Node>>,
    /// From the least significant bit: its tick (48 bits), level and slot (9), and whose it is (1). In one word, because a million may be
    /// set.
    word: Cell<u64>,
}

const PLACE_SHIFT: u32 = DIGIT_BITS * LEVELS as u32;
const TAG: u64 = 1 << 63;
const _: () = assert!((LEVELS * SLOTS).next_power_of_two().ilog2() + PLACE_SHIFT < 63);

impl Node {
    /// In no wheel. The tag is the owner's.
    pub const fn new(tag: bool) -> Self {
        let word = if tag { TAG } else { 0 };
        Self { next: Cell::new(ptr::null()), back: Cell::new(ptr::null()), word: Cell::new(word) }
    }

    /// What it was made with.
    pub fn tag(&self) -> bool {
        self.word.get() & TAG != 0
    }

    fn tick(&self) -> u64 {
        self.word.get() & LAST_TICK
    }

    /// Level times slots of a level, and slot.
    fn place(&self) -> usize {
        ((self.word.get() & !TAG) >> PLACE_SHIFT) as usize
    }

    fn set(&self, tick: u64, place: usize) {
        self.word.set(self.word.get() & TAG | (place as u64) << PLACE_SHIFT | tick);
    }

    /// Whether it stands in a wheel.
    #[cfg(test)]
    fn is_linked(&self) -> bool {
        !self.back.get().is_null()
    }
}

/// Timers in order of their ticks.
pub struct Wheel {
    /// Everything up to here has fired.
    now: u64,
    /// Per level, which slots are not empty.
    occupied: [u64; LEVELS],
    slots: [[Cell<*const Node>; SLOTS]; LEVELS],
}

impl Wheel {
    /// Without timers.
    pub const fn new() -> Self {
        Self {
            now: 0,
            occupied: [0; LEVELS],
            slots: [const { [const { Cell::new(ptr::null()) }; SLOTS] }; LEVELS],
        }
    }

    /// Whether there are no timers.
    pub fn is_empty(&self) -> bool {
        self.occupied == [0; LEVELS]
    }

    /// Lets an empty wheel know what time it is, which spares timers the way down the levels.
    pub fn skip_to(&mut self, now: u64) {
        if self.is_empty() {
            self.now = now;
        }
    }

    /// Inserts a timer. One whose tick has passed fires next.
    ///
    /// # Safety
    /// The node stands in no wheel, and stays where it is until it is out of this one.
    pub unsafe fn insert(&mut self, node: &Node, tick: u64) {
        let tick = tick.clamp(self.now, LAST_TICK);
        let differs = tick ^ self.now;
        let level = (differs | 1).ilog2() / DIGIT_BITS;
        let slot = (tick >> (level * DIGIT_BITS)) as usize % SLOTS;
        let head = &self.slots[level as usize][slot];
        self.occupied[level as usize] |= 1 << slot;
        node.set(tick, level as usize * SLOTS + slot);
        let first = head.replace(node);
        node.next.set(first);
        node.back.set(head);
        // SAFETY: linked nodes stay where they are (contract above).
        if let Some(first) = unsafe { first.as_ref() } {
            first.back.set(&raw const node.next);
        }
    }

    /// Takes a timer out, if it stands here.
    ///
    /// # Safety
    /// The node stands in no other wheel.
    pub unsafe fn remove(&mut self, node: &Node) {
        let back = node.back.replace(ptr::null());
        if back.is_null() {
            return;
        }
        let next = node.next.get();
        // SAFETY: `back` points into this wheel or a node linked in it, and linked nodes stay where they are (contract of `insert`).
        unsafe {
            (*back).set(next);
            if let Some(next) = next.as_ref() {
                next.back.set(back);
            }
        }
        let (level, slot) = (node.place() / SLOTS, node.place() % SLOTS);
        if self.slots[level][slot].get().is_null() {
            self.occupied[level] &= !(1 << slot);
        }
    }

    /// The tick at which there is something to do: a timer fires, or some move down.
    pub fn next_tick(&self) -> Option<u64> {
        self.next_slot().map(|(level, slot)| self.tick_of(level, slot))
    }

    fn next_slot(&self) -> Option<(usize, usize)> {
        let level = self.occupied.iter().position(|&slots| slots != 0)?;
        Some((level, self.occupied[level].trailing_zeros() as usize))
    }

    /// When the time comes to a slot.
    fn tick_of(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * DIGIT_BITS;
        let higher = u64::MAX.checked_shl(shift + DIGIT_BITS).unwrap_or(0);
        (self.now & higher) | (slot as u64) << shift
    }

    /// Goes forward to `now`: calls `fire` with each timer whose tick has come, those of earlier ticks first, those of one tick in
    /// the order of insertion. They are out of the wheel then.
    pub fn advance(&mut self, now: u64, mut fire: impl FnMut(&Node)) {
        while let Some((level, slot)) = self.next_slot() {
            let tick = self.tick_of(level, slot);
            if tick > now {
                break;
            }
            self.now = self.now.max(tick);
            self.occupied[level] &= !(1 << slot);
            let mut next = reversed(self.slots[level][slot].replace(ptr::null()));
            // SAFETY: linked nodes stay where they are (contract of `insert`); the link is read before the node is let go.
            while let Some(node) = unsafe { next.as_ref() } {
                next = node.next.get();
                node.back.set(ptr::null());
                if level == 0 {
                    fire(node);
                } else {
                    // SAFETY: the node has just left its slot.
                    unsafe { self.insert(node, node.tick()) };
                }
            }
        }
        self.now = self.now.max(now.min(self.next_tick().unwrap_or(now)));
    }
}

/// A list that was linked last first, first first.
fn reversed(list: *const Node) -> *const Node {
    let (mut done, mut rest) = (ptr::null(), list);
    // SAFETY: linked nodes stay where they are (contract of `Wheel::insert`).
    while let Some(node) = unsafe { rest.as_ref() } {
        rest = node.next.replace(done);
        done = node;
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inserts timers at these ticks, then advances step by step, and gives which fired when.
    fn fired(ticks: &[u64], steps: &[u64]) -> Vec<(u64, u64)> {
        let nodes: Vec<_> = ticks.iter().map(|_| Node::new(false)).collect();
        let mut wheel = Wheel::new();
        for (node, &tick) in nodes.iter().zip(ticks) {
            // SAFETY: the nodes stay in their vector.
            unsafe { wheel.insert(node, tick) };
        }
        let mut fired = Vec::new();
        for &step in steps {
            wheel.advance(step, |node| fired.push((step, node.tick())));
        }
        assert!(nodes.iter().all(|node| !node.is_linked()) == wheel.is_empty());
        fired
    }

    #[test]
    fn timers_fire_in_order_and_not_before_their_tick() {
        let ticks = [5, 3, 64, 63, 4096, 4095, 4097, 300_000, 3];
        let steps: Vec<u64> = (0..=300_000).collect();
        let mut expected: Vec<(u64, u64)> = ticks.iter().map(|&tick| (tick, tick)).collect();
        expected.sort_unstable();
        assert_eq!(fired(&ticks, &steps), expected);
    }

    #[test]
    fn a_late_step_fires_all_that_is_due_in_order() {
        let ticks = [1 << 40, 70, 6, 1 << 30, 5000];
        assert_eq!(fired(&ticks, &[5001]), [(5001, 6), (5001, 70), (5001, 5000)]);
        assert_eq!(fired(&ticks, &[1 << 35, LAST_TICK]).len(), 5);
    }

    #[test]
    fn removed_timers_do_not_fire() {
        let nodes = [const { Node::new(false) }; 300];
        let mut wheel = Wheel::new();
        for (number, node) in nodes.iter().enumerate() {
            // SAFETY: the nodes stay in their array.
            unsafe { wheel.insert(node, number as u64 * 37) };
        }
        wheel.advance(1000, |_| {});
        for node in nodes.iter().skip(1).step_by(2) {
            // SAFETY: they stand here or nowhere.
            unsafe { wheel.remove(node) };
        }
        let mut ticks = Vec::new();
        wheel.advance(LAST_TICK, |node| ticks.push(node.tick() / 37));
        assert!(wheel.is_empty());
        let expected: Vec<u64> = (28..300).step_by(2).collect();
        assert_eq!(ticks, expected);
    }

    #[test]
    fn the_next_tick_is_never_after_the_next_timer() {
        let mut wheel = Wheel::new();
        let nodes = [const { Node::new(false) }; 64];
        let mut tick = 1u64;
        for node in &nodes {
            tick = tick.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            // SAFETY: the nodes stay in their array.
            unsafe { wheel.insert(node, tick) };
        }
        let mut last = 0;
        while let Some(next) = wheel.next_tick() {
            assert!(nodes.iter().filter(|node| node.is_linked()).all(|node| node.tick() >= next));
            wheel.advance(next, |node| {
                assert!(node.tick() >= last);
                last = node.tick();
            });
        }
    }
}
