//! What is ready on one worker, and what others may take of it.
//!
//! - The *next* slot: the fiber woken last. It runs next, so that a hand-off through a channel stays on one worker; others take
//!   it only when the worker has not switched for a while.
//! - Woken fibers, first in first out ([`ready`](super::ready)).
//! - Unstarted tasks, last in first out for the owner, oldest first for thieves, who take half. The few newest stand apart
//!   ([`newest`](super::newest)), where the owner needs no fence and `await` finds them in any order.

use core::ptr;

use crossbeam_deque::{Steal, Stealer, Worker as Deque};
use crossbeam_utils::CachePadded;

use super::counters::{Counter, Counters};
use super::newest::Newest;
use super::ready::Ready;
use crate::fiber::{Fiber, FiberRef};
use crate::sync_shim::{AtomicPtr, Ordering, is_single_threaded};
use crate::task::TaskRef;
use crate::timeline;

/// So many tasks that have not started are a crowd: 100 kB of records. Fewer are a burst, which is over soon, and fibers that are ready
/// need no new stack; more would only take more memory.
const CROWD: usize = 1000;

/// Fibers run from the next slot in a row before those in the queue get their turn: long enough that a hand-off
/// pair is not torn apart, short enough that nobody waits for more than some microseconds.
const NEXT_IN_A_ROW: u32 = 64;

/// Fibers that run in a row without the worker loop, which looks after timers and after those who have waited longer: more
/// would delay these, and save little.
const TURNS: u32 = 16;

/// Something to run.
#[derive(Debug)]
pub enum Found {
    /// A fiber that goes on.
    Fiber(FiberRef),
    /// A task that may be stale.
    Task(TaskRef),
}

/// The owner's end.
pub struct RunQueue {
    tasks: Deque<TaskRef>,
    /// Fibers that found no room in the ring, and all that came after them.
    spilled: Deque<FiberRef>,
    /// Whether there may be any.
    has_spilled: bool,
    remote: &'static Remote,
    next_in_a_row: u32,
    /// Whether there was a crowd of tasks when the worker loop last looked.
    is_crowded: bool,
    /// Whether the crowd had its turn last.
    is_crowds_turn: bool,
    /// Fibers that may run before the worker loop has its turn.
    turns: u32,
    /// Whether the newest tasks stand apart.
    keeps_newest: bool,
}

/// The end for other workers.
pub struct Remote {
    tasks: Stealer<TaskRef>,
    spilled: Stealer<FiberRef>,
    ready: CachePadded<Ready<Fiber>>,
    pub newest: CachePadded<Newest<TaskRef>>,
    next: CachePadded<AtomicPtr<Fiber>>,
    /// The owner's.
    pub counters: CachePadded<Counters>,
}

/// The owner's ends of a worker's queues, before its thread runs.
pub struct Ends {
    tasks: Deque<TaskRef>,
    spilled: Deque<FiberRef>,
}

impl Remote {
    /// Queues of a worker.
    pub fn new() -> (Ends, Self) {
        let ends = Ends { tasks: Deque::new_lifo(), spilled: Deque::new_fifo() };
        let remote = Self {
            tasks: ends.tasks.stealer(),
            spilled: ends.spilled.stealer(),
            ready: CachePadded::new(Ready::new()),
            newest: CachePadded::new(Newest::new()),
            next: CachePadded::new(AtomicPtr::new(ptr::null_mut())),
            counters: CachePadded::new(Counters::new()),
        };
        (ends, remote)
    }

    /// Whether something here can be stolen at once.
    pub fn has_work(&self) -> bool {
        !self.tasks.is_empty() || self.has_ready()
    }

    fn has_ready(&self) -> bool {
        self.ready.length() > 0 || !self.spilled.is_empty()
    }

    /// How often the owner has switched.
    pub fn switches(&self) -> u64 {
        self.counters.get(Counter::Switched) as u64
    }

    /// What the owner is at: changes when it switches.
    pub fn observe_next(&self) -> Option<(*mut Fiber, u64)> {
        let next = self.next.load(Ordering::Relaxed);
        (!next.is_null()).then(|| (next, self.switches()))
    }

    /// Takes the next slot's fiber if the owner is still where it was observed.
    pub fn steal_next(&self, (fiber, switches): (*mut Fiber, u64)) -> Option<FiberRef> {
        if self.switches() != switches {
            return None;
        }
        // Acquire pairs with the Release in `offer_next`.
        self.next
            .compare_exchange(fiber, ptr::null_mut(), Ordering::Acquire, Ordering::Relaxed)
            .ok()
            .and_then(FiberRef::from_ptr)
    }
}

impl RunQueue {
    /// The queue whose ends these are.
    pub fn new(ends: Ends, remote: &'static Remote, keeps_newest: bool) -> Self {
        Self {
            tasks: ends.tasks,
            spilled: ends.spilled,
            has_spilled: false,
            remote,
            next_in_a_row: 0,
            is_crowded: false,
            is_crowds_turn: false,
            turns: 0,
            keeps_newest,
        }
    }

    /// Counts what the worker does.
    #[inline]
    pub fn count(&self, counter: Counter) {
        self.remote.counters.count(counter);
    }

    fn note_theft(&self) {
        self.count(Counter::Stolen);
        timeline::stole();
    }

    /// Counts a switch.
    #[inline]
    pub fn tick(&mut self) {
        self.count(Counter::Switched);
    }

    /// Counted switches.
    pub fn switches(&self) -> u64 {
        self.remote.switches()
    }

    /// Puts a fiber into the next slot; the one that was there comes back.
    pub fn offer_next(&mut self, fiber: FiberRef) -> Option<FiberRef> {
        let slot = &*self.remote.next;
        if slot.load(Ordering::Relaxed).is_null() {
            // Only the owner fills the slot, so it is still empty. Release pairs with the Acquire of who takes it.
            slot.store(fiber.as_ptr(), Ordering::Release);
            return None;
        }
        FiberRef::from_ptr(slot.swap(fiber.as_ptr(), Ordering::AcqRel))
    }

    fn take_next(&mut self) -> Option<FiberRef> {
        let slot = &*self.remote.next;
        if slot.load(Ordering::Relaxed).is_null() {
            return None;
        }
        if is_single_threaded() {
            let fiber = slot.load(Ordering::Relaxed);
            slot.store(ptr::null_mut(), Ordering::Relaxed);
            return FiberRef::from_ptr(fiber);
        }
        FiberRef::from_ptr(slot.swap(ptr::null_mut(), Ordering::Acquire))
    }

    /// Lets fibers run one after the other without the worker loop, so many at most. Not for threads of hosts.
    pub fn allow_turns(&mut self) {
        self.turns = if self.is_crowded { 0 } else { TURNS };
    }

    /// Takes the fiber to go over to without the worker loop, if that is not the loop's turn.
    #[inline]
    pub fn take_turn(&mut self) -> Option<FiberRef> {
        if self.turns == 0 {
            return None;
        }
        let fiber = self.take_next().or_else(|| self.pop_fiber())?;
        self.turns -= 1;
        self.next_in_a_row += 1;
        Some(fiber)
    }

    /// Takes the oldest task although fibers may be ready: every other time, while there is a crowd of tasks. Fibers that wake each other,
    /// such as one that receives and spawns and one that sends, would else keep all of them from starting.
    #[inline]
    pub fn pop_of_crowd(&mut self) -> Option<TaskRef> {
        self.is_crowded = self.tasks.len() > CROWD;
        if self.is_crowded { self.pop_every_other() } else { None }
    }

    #[cold]
    fn pop_every_other(&mut self) -> Option<TaskRef> {
        self.is_crowds_turn = !self.is_crowds_turn;
        if self.is_crowds_turn { self.pop_oldest() } else { None }
    }

    /// Puts back what [`take_turn`](Self::take_turn) gave.
    #[cold]
    pub fn put_back(&mut self, fiber: FiberRef) {
        self.turns = 0;
        self.remote.next.store(fiber.as_ptr(), Ordering::Release);
    }

    /// Queues a fiber behind the others.
    #[inline]
    pub fn push_fiber(&mut self, fiber: FiberRef) {
        if self.has_spilled || !self.remote.ready.push(fiber.as_ptr()) {
            self.spill(fiber);
        }
    }

    #[cold]
    fn spill(&mut self, fiber: FiberRef) {
        self.spilled.push(fiber);
        self.has_spilled = true;
    }

    /// Takes the fiber that was queued first.
    #[inline]
    fn pop_fiber(&mut self) -> Option<FiberRef> {
        match self.remote.ready.pop() {
            Some(fiber) => FiberRef::from_ptr(fiber),
            None if self.has_spilled => self.pop_spilled(),
            None => None,
        }
    }

    /// The fiber in the ring that so many others come before. Another worker may have taken it: only for hints.
    #[inline]
    pub fn peek(&self, distance: usize) -> Option<FiberRef> {
        self.remote.ready.peek(distance).and_then(FiberRef::from_ptr)
    }

    /// The ring is empty: fills half of it, so that only some go the slow way.
    #[cold]
    fn pop_spilled(&mut self) -> Option<FiberRef> {
        let first = self.spilled.pop();
        while self.remote.ready.has_room_for_half()
            && let Some(fiber) = self.spilled.pop()
        {
            self.remote.ready.push(fiber.as_ptr());
        }
        self.has_spilled = !self.spilled.is_empty();
        first
    }

    /// Queues a task before the others.
    #[inline]
    pub fn push_task(&mut self, task: TaskRef) {
        if !self.keeps_newest {
            return self.tasks.push(task);
        }
        if let Some(spilled) = self.remote.newest.push(task) {
            spilled.into_iter().for_each(|task| self.tasks.push(task));
        }
    }

    /// Takes the task queued last.
    #[inline]
    pub fn pop_task(&mut self) -> Option<TaskRef> {
        self.remote.newest.pop().or_else(|| self.tasks.pop())
    }

    /// Takes the task queued first. For tasks that get a stack of their own: the fibers that spawned the newest are about to await
    /// them, or will when they go on elsewhere, and the oldest hold most work. Rejected: the newest; two workers
    /// then meet at the smallest tasks of one tree, again and again.
    pub fn pop_oldest(&mut self) -> Option<TaskRef> {
        while !self.tasks.is_empty() {
            match self.remote.tasks.steal() {
                Steal::Success(task) => return Some(task),
                Steal::Empty => break,
                Steal::Retry => {}
            }
        }
        self.remote.newest.pop_oldest()
    }

    /// Takes `task` if it is among the newest.
    #[inline]
    pub fn take_newest(&mut self, task: TaskRef) -> bool {
        self.remote.newest.take(task)
    }

    /// Takes the newest task that does not stand apart.
    pub fn pop_older(&mut self) -> Option<TaskRef> {
        self.tasks.pop()
    }

    /// Puts back what [`pop_older`](Self::pop_older) gave.
    pub fn push_older(&mut self, task: TaskRef) {
        self.tasks.push(task);
    }

    /// The end that others see.
    pub fn remote(&self) -> &'static Remote {
        self.remote
    }

    /// Whether the newest tasks stand apart.
    pub fn keeps_newest(&self) -> bool {
        self.keeps_newest
    }

    /// Whether fibers are ready, so that no new task should begin.
    pub fn has_fibers(&self) -> bool {
        self.remote.has_ready() || !self.remote.next.load(Ordering::Relaxed).is_null()
    }

    /// How much here others could take.
    pub fn length(&self) -> usize {
        self.remote.newest.length() + self.tasks.len() + self.remote.ready.length() + self.spilled.len()
    }

    /// Takes what this worker is to run next, if anything is ready here.
    pub fn pop(&mut self) -> Option<Found> {
        if self.next_in_a_row < NEXT_IN_A_ROW {
            if let Some(fiber) = self.take_next() {
                self.next_in_a_row += 1;
                return Some(Found::Fiber(fiber));
            }
            self.next_in_a_row = 0;
        } else if let Some(other) = self.pop_behind_next() {
            return Some(other);
        }
        self.pop_fiber()
            .or_else(|| self.take_next())
            .map(Found::Fiber)
            .or_else(|| self.pop_oldest().map(Found::Task))
    }

    /// Takes something else than the next slot's fiber, after many of those in a row.
    #[cold]
    fn pop_behind_next(&mut self) -> Option<Found> {
        self.next_in_a_row = 0;
        self.pop_fiber().map(Found::Fiber).or_else(|| self.pop_oldest().map(Found::Task))
    }

    /// Takes the older half of another worker's newest tasks; costs both of them.
    pub fn rob(&mut self, victim: &Remote) -> Option<Found> {
        if ptr::eq(victim, self.remote) {
            return None;
        }
        let stolen = victim.newest.steal(|task| self.tasks.push(task)).map(Found::Task);
        if stolen.is_some() {
            self.note_theft();
        }
        stolen
    }

    /// Takes half of another worker's ring, or what has spilled from it.
    fn steal_fibers(&mut self, victim: &Remote) -> Option<FiberRef> {
        let own = &self.remote.ready;
        if own.has_room_for_half()
            && let Some(fiber) = victim.ready.steal(own)
        {
            return FiberRef::from_ptr(fiber);
        }
        loop {
            match victim.spilled.steal_batch_and_pop(&self.spilled) {
                Steal::Success(fiber) => {
                    self.has_spilled = true;
                    return Some(fiber);
                }
                Steal::Empty => return None,
                Steal::Retry => {}
            }
        }
    }

    /// Takes half of what another worker has ready; returns one of it.
    pub fn steal_from(&mut self, victim: &Remote) -> Option<Found> {
        if ptr::eq(victim, self.remote) {
            return None;
        }
        if let Some(fiber) = self.steal_fibers(victim) {
            self.note_theft();
            return Some(Found::Fiber(fiber));
        }
        loop {
            match victim.tasks.steal_batch_and_pop(&self.tasks) {
                Steal::Success(task) => {
                    self.note_theft();
                    return Some(Found::Task(task));
                }
                Steal::Empty => return None,
                Steal::Retry => {}
            }
        }
    }
}
