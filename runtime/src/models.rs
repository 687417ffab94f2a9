//! Models of the words that decide who runs what, checked in every interleaving by loom:
//! `RUSTFLAGS="--cfg loom" cargo test --release -p plat-rt --lib loom`. The models include the very files the runtime uses; nothing
//! else is built with them.

#![allow(dead_code, reason = "the models use parts of each word")]

#[path = "scope/gate.rs"]
mod gate;
#[path = "scope/pending.rs"]
mod pending;
#[path = "scheduler/ready.rs"]
mod ready;
#[path = "task/state.rs"]
mod state;
#[path = "fiber/wait_word.rs"]
mod wait_word;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use gate::Gate;
use pending::Pending;
use ready::Ready;
use state::{Locked, StateWord};
use wait_word::WaitWord;

/// Stands for a waiting fiber's address.
const WAITER: usize = 64;

#[test]
fn loom_one_of_two_claims_starts_the_task() {
    loom::model(|| {
        let state = Arc::new(StateWord::new());
        let other = thread::spawn({
            let state = state.clone();
            move || state.claim()
        });
        let here = state.claim();
        assert!(here != other.join().unwrap());
    });
}

/// Ends a running task as `task::run::publish` does; whether the waiter was found.
fn publish(state: &StateWord) -> bool {
    let Locked::Running(waiters) = state.lock() else { panic!("a task finishes once") };
    state.finish();
    waiters == WAITER
}

#[test]
fn loom_an_awaiter_sees_the_end_or_is_woken() {
    loom::model(|| {
        let state = Arc::new(StateWord::new());
        assert!(state.claim());
        let result = Arc::new(AtomicUsize::new(0));
        let runner = thread::spawn({
            let (state, result) = (state.clone(), result.clone());
            move || {
                result.store(42, Ordering::Relaxed);
                publish(&state)
            }
        });
        let waits = match state.lock() {
            Locked::Running(0) => {
                state.unlock(WAITER);
                true
            }
            Locked::Done => {
                assert_eq!(result.load(Ordering::Relaxed), 42, "the result is there");
                false
            }
            found => panic!("{found:?}"),
        };
        assert_eq!(runner.join().unwrap(), waits);
        assert!(state.is_done());
    });
}

#[test]
fn loom_a_cancelled_awaiter_leaves_the_list_or_finds_the_end() {
    loom::model(|| {
        let (state, word) = (Arc::new(StateWord::new()), Arc::new(WaitWord::new()));
        assert!(state.claim() && word.begin());
        let Locked::Running(0) = state.lock() else { panic!("it runs") };
        state.unlock(WAITER);
        let runner = thread::spawn({
            let (state, word) = (state.clone(), word.clone());
            move || {
                let Locked::Running(waiters) = state.lock() else { panic!("a task finishes once") };
                let woken = waiters == WAITER && word.claim();
                state.finish();
                woken
            }
        });
        let interrupted = word.interrupt();
        if interrupted && let Locked::Running(waiters) = state.lock() {
            assert_eq!(waiters, WAITER);
            state.unlock(0);
        }
        assert!(runner.join().unwrap() != interrupted, "one of the two wakes it");
    });
}

/// A gathering (`task::gathering`) that ends while a task of it does: it takes its note back, or waits until it has been told.
#[test]
fn loom_a_gathering_is_told_or_takes_its_note_back() {
    loom::model(|| {
        let state = Arc::new(StateWord::new());
        // Whether it was told, while there is a gathering to tell.
        let gathering = Arc::new(Mutex::new(Some(false)));
        assert!(state.claim());
        let Locked::Running(0) = state.lock() else { panic!("it runs") };
        state.unlock(WAITER);
        let runner = thread::spawn({
            let (state, gathering) = (state.clone(), gathering.clone());
            move || {
                let Locked::Running(notes) = state.lock() else { panic!("a task finishes once") };
                state.finish();
                if notes == WAITER {
                    *gathering.lock().unwrap().as_mut().expect("it waits for who tells it") = true;
                }
                notes == WAITER
            }
        });
        let is_told = || gathering.lock().unwrap().expect("only this thread ends it");
        let mut takes_back = false;
        if !is_told() {
            if let Locked::Running(_) = state.lock() {
                state.unlock(0);
                takes_back = true;
            } else {
                while !is_told() {
                    thread::yield_now();
                }
                assert!(state.is_done());
            }
        }
        *gathering.lock().unwrap() = None;
        assert!(runner.join().unwrap() != takes_back);
    });
}

#[test]
fn loom_a_waiter_is_woken_once_or_told() {
    loom::model(|| {
        let word = Arc::new(WaitWord::new());
        let cancelled = Arc::new(AtomicBool::new(false));
        let canceller = thread::spawn({
            let (word, cancelled) = (word.clone(), cancelled.clone());
            move || {
                cancelled.store(true, Ordering::Relaxed);
                word.interrupt()
            }
        });
        if word.begin() {
            let woken = word.claim();
            assert!(woken != canceller.join().unwrap());
        } else {
            assert!(cancelled.load(Ordering::Relaxed), "the note comes after the flag");
            assert!(!canceller.join().unwrap());
            assert!(word.begin(), "the note is consumed");
        }
    });
}

/// What a fiber waits at: a value, or a waiter. As a channel has it.
#[derive(Default)]
struct Place {
    value: Option<u32>,
    is_waiting: bool,
}

#[test]
fn loom_park_and_ready_lose_no_value() {
    loom::model(|| {
        let place = Arc::new(Mutex::new(Place::default()));
        let word = Arc::new(WaitWord::new());
        let (sender_place, sender_word) = (place.clone(), word.clone());
        let sender = thread::spawn(move || {
            let mut place = sender_place.lock().unwrap();
            if place.is_waiting {
                place.is_waiting = false;
                if sender_word.claim() {
                    return true;
                }
            }
            place.value = Some(1);
            false
        });
        let canceller = thread::spawn({
            let word = word.clone();
            move || word.interrupt()
        });
        let mut parked = false;
        {
            let mut place = place.lock().unwrap();
            if place.value.is_none() && word.begin() {
                place.is_waiting = true;
                parked = true;
            }
        }
        let (handed_over, interrupted) = (sender.join().unwrap(), canceller.join().unwrap());
        if parked {
            assert!(!(handed_over && interrupted), "woken once");
            let value_left = place.lock().unwrap().value.is_some();
            assert!(handed_over != value_left, "the value is with the receiver or in its place");
        } else {
            assert!(!handed_over && !interrupted);
        }
    });
}

/// A `select` that enters two places one after the other, as `select::wait::enter` does: whoever claims the word first commits its
/// place; a place where it finds a value makes it claim itself.
#[test]
fn loom_a_select_commits_one_of_its_places() {
    loom::model(|| {
        let places = Arc::new([Mutex::new(Place::default()), Mutex::new(Place::default())]);
        let (word, selector) = (Arc::new(WaitWord::new()), Arc::new(Mutex::new(())));
        let senders: Vec<_> = (0..2)
            .map(|index| {
                let (places, word, selector) = (places.clone(), word.clone(), selector.clone());
                thread::spawn(move || {
                    let mut place = places[index].lock().unwrap();
                    let hands_over = std::mem::take(&mut place.is_waiting) && word.claim();
                    if !hands_over {
                        place.value = Some(1);
                        return false;
                    }
                    drop(place);
                    // It makes the fiber ready, which waits for this before it goes on.
                    drop(selector.lock().unwrap());
                    true
                })
            })
            .collect();
        let guard = selector.lock().unwrap();
        assert!(word.begin());
        let mut takes_itself = false;
        for place in places.iter() {
            let mut place = place.lock().unwrap();
            if place.value.is_some() {
                takes_itself = word.claim();
                break;
            }
            place.is_waiting = true;
        }
        drop(guard);
        let handed_over = senders.into_iter().map(|sender| sender.join().unwrap());
        let handed_over = handed_over.filter(|&handed_over| handed_over).count();
        assert!(handed_over + usize::from(takes_itself) <= 1, "one arm is committed");
        let left = places.iter().filter(|place| place.lock().unwrap().value.is_some()).count();
        assert_eq!(left + handed_over, 2, "no value is lost");
        assert!(handed_over == 1 || takes_itself, "it does not wait for what is there");
    });
}

/// A timer and another waker: the wheel's lock decides whether the timer still has its fiber to wake.
#[test]
fn loom_a_timer_fires_once_or_is_taken_back() {
    loom::model(|| {
        let (word, wheel) = (Arc::new(WaitWord::new()), Arc::new(Mutex::new(false)));
        {
            // `park::begin`, then `park::arm`, under the lock of what it waits for.
            assert!(word.begin());
            *wheel.lock().unwrap() = true;
        }
        let timer = thread::spawn({
            let (word, wheel) = (word.clone(), wheel.clone());
            move || {
                let mut is_set = wheel.lock().unwrap();
                std::mem::take(&mut *is_set) && word.claim()
            }
        });
        let waker = thread::spawn({
            let (word, wheel) = (word.clone(), wheel.clone());
            move || {
                let woken = word.claim();
                if woken {
                    // The fiber goes on, and takes its timer back before anything else: it may wait again then.
                    *wheel.lock().unwrap() = false;
                    assert!(word.begin());
                }
                woken
            }
        });
        let (fired, woken) = (timer.join().unwrap(), waker.join().unwrap());
        assert!(fired != woken, "one of the two wakes it");
        assert!(!*wheel.lock().unwrap(), "no timer is left");
        assert!(!woken || word.claim(), "the next wait was left alone");
    });
}

#[test]
fn loom_the_owner_or_one_task_ends_the_scope() {
    loom::model(|| {
        struct Shared(Pending);
        // SAFETY: the plain half is only used by the model's main thread, the owner.
        unsafe impl Sync for Shared {}
        // SAFETY: as above.
        unsafe impl Send for Shared {}
        let pending = Arc::new(Shared(Pending::new()));
        for _ in 0..3 {
            pending.0.count();
        }
        pending.0.uncount_local();
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let pending = pending.clone();
                thread::spawn(move || {
                    let pending = &pending;
                    pending.0.uncount_remote()
                })
            })
            .collect();
        let all_finished = pending.0.wait();
        let woken = tasks.into_iter().map(|task| usize::from(task.join().unwrap()));
        assert_eq!(woken.sum::<usize>() + usize::from(all_finished), 1);
    });
}

/// What the model of a ring puts into it: addresses that nobody looks behind.
fn entry(number: usize) -> *mut u8 {
    core::ptr::without_provenance_mut(number)
}

#[test]
fn loom_a_ready_fiber_is_taken_once_and_in_order() {
    loom::model(|| {
        let ring = Arc::new(Ready::new());
        assert!((1..=4).all(|number| ring.push(entry(number))) && !ring.push(entry(9)));
        let thief = thread::spawn({
            let ring = ring.clone();
            move || {
                let own = Ready::new();
                let first = ring.steal(&own);
                let stolen: Vec<_> = first.into_iter().chain(core::iter::from_fn(|| own.pop())).collect();
                stolen
            }
        });
        // The owner takes, and fills the slot again while the thief may still read it.
        let mut here: Vec<_> = ring.pop().into_iter().collect();
        let pushed = ring.push(entry(5));
        here.extend(core::iter::from_fn(|| ring.pop()));
        let stolen = thief.join().unwrap();
        here.extend(core::iter::from_fn(|| ring.pop()));
        assert!(here.is_sorted() && stolen.is_sorted());
        let mut all: Vec<_> = here.into_iter().chain(stolen).map(|entry| entry.addr()).collect();
        all.sort_unstable();
        assert!(pushed && all == [1, 2, 3, 4, 5], "{all:?}");
    });
}

/// A named scope, as its owner, its tasks and others see it.
struct NamedScope {
    pending: Pending,
    gate: Gate,
    /// Whether the scope's record is there.
    is_open: AtomicBool,
    woken: AtomicBool,
}

// SAFETY: the plain half of the count is only used by a model's main thread, the owner.
unsafe impl Sync for NamedScope {}
// SAFETY: as above.
unsafe impl Send for NamedScope {}

impl NamedScope {
    fn new() -> Arc<Self> {
        let (is_open, woken) = (AtomicBool::new(true), AtomicBool::new(false));
        Arc::new(Self { pending: Pending::new(), gate: Gate::new(), is_open, woken })
    }

    /// As `HandleRef::claim`, for others than the owner.
    fn spawn(&self) -> bool {
        if !self.gate.enter() {
            return false;
        }
        assert!(self.is_open.load(Ordering::Relaxed), "who is inside finds the record");
        let is_counted = self.pending.count_remote();
        self.gate.leave();
        is_counted
    }

    /// A task ends.
    fn finish(&self) {
        assert!(self.is_open.load(Ordering::Relaxed), "the scope waits for its tasks");
        if self.pending.uncount_remote() {
            assert!(!self.woken.swap(true, Ordering::AcqRel), "the owner is woken once");
        }
    }

    /// The owner comes to the end.
    fn close(&self) {
        if !self.pending.wait() {
            while !self.woken.load(Ordering::Acquire) {
                thread::yield_now();
            }
        }
        self.gate.close();
        self.is_open.store(false, Ordering::Relaxed);
    }
}

#[test]
fn loom_a_scope_ends_after_what_its_tasks_spawn_into_it() {
    loom::model(|| {
        let scope = NamedScope::new();
        scope.pending.count();
        let task = thread::spawn({
            let scope = scope.clone();
            move || {
                assert!(scope.spawn(), "a task of the scope keeps it open");
                scope.finish();
                scope.finish();
            }
        });
        scope.close();
        task.join().unwrap();
        assert!(!scope.spawn(), "a scope that has ended takes no tasks");
    });
}

#[test]
fn loom_who_comes_too_late_to_a_scope_is_told() {
    loom::model(|| {
        let scope = NamedScope::new();
        let outsider = thread::spawn({
            let scope = scope.clone();
            move || {
                if scope.spawn() {
                    scope.finish();
                }
            }
        });
        scope.close();
        outsider.join().unwrap();
    });
}
