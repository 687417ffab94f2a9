//! Models of the library's locks, checked in every interleaving by loom, as those in `models` are.
//!
//! The locks are written in Plat (`stdlib/mutex.plat`, `semaphore.plat`, `rwlock.plat`, `once.plat`, `promise.plat`); here stand their steps,
//! one by one, over a gate that does what `sync::Gate` does: looking at the word and entering the queue are one step, and so
//! are taking a waiter and changing the word.

use std::collections::VecDeque;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

/// Where who waits finds the token it is woken with.
#[derive(Default)]
struct Place {
    token: Mutex<usize>,
    told: Condvar,
}

impl Place {
    fn wait(&self) -> usize {
        let mut token = self.token.lock().unwrap();
        while *token == 0 {
            token = self.told.wait(token).unwrap();
        }
        *token
    }

    fn wake(&self, token: usize) {
        *self.token.lock().unwrap() = token;
        self.told.notify_one();
    }
}

/// Those who wait, in order.
type Queue = Mutex<VecDeque<Arc<Place>>>;

/// A word, and those who wait for it.
struct Gate {
    word: AtomicUsize,
    queue: Queue,
}

impl Gate {
    fn new(word: usize) -> Self {
        Self { word: AtomicUsize::new(word), queue: Mutex::new(VecDeque::new()) }
    }

    fn wait(&self, expected: usize) -> usize {
        self.wait_in(&self.queue, expected)
    }

    /// Waits in a queue that may be another one's, for the word of this one.
    fn wait_in(&self, queue: &Queue, expected: usize) -> usize {
        let place = Arc::new(Place::default());
        {
            let mut queue = queue.lock().unwrap();
            if self.word.load(SeqCst) != expected {
                return 0;
            }
            queue.push_back(place.clone());
        }
        place.wait()
    }

    /// As `sync_wake`; with `each` as `sync_wake_all`.
    fn wake(&self, add: isize, each: Option<isize>, clear: usize, token: usize) -> usize {
        self.wake_in(&self.queue, add, each, clear, token)
    }

    /// As `wake`, of those in a queue that may be another one's.
    fn wake_in(&self, queue: &Queue, add: isize, each: Option<isize>, clear: usize, token: usize) -> usize {
        let mut queue = queue.lock().unwrap();
        let count = if each.is_some() { queue.len() } else { queue.len().min(1) };
        let woken: Vec<_> = queue.drain(..count).collect();
        let add = if count > 0 { add + each.unwrap_or(0) * count as isize } else { 0 };
        let clear = if queue.is_empty() { clear } else { 0 };
        let change = |word: usize| Some(word.wrapping_add_signed(add) & !clear);
        self.word.fetch_update(SeqCst, SeqCst, change).unwrap();
        drop(queue);
        woken.iter().for_each(|place| place.wake(token));
        count
    }

    fn replace(&self, from: usize, to: usize) -> bool {
        self.word.compare_exchange(from, to, SeqCst, SeqCst).is_ok()
    }
}

/// Checks every interleaving with few preemptions: mistakes in protocols show with two, and three threads have too many without a
/// bound.
fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(body);
}

/// Runs `body` on this thread and on so many others.
fn on_threads<S: Send + Sync + 'static>(others: usize, state: &Arc<S>, body: fn(&S)) {
    let threads: Vec<_> = (0..others)
        .map(|_| {
            let state = state.clone();
            thread::spawn(move || body(&state))
        })
        .collect();
    body(state);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

mod mutex {
    use super::*;

    const LOCKED: usize = 1;
    const WAITERS: usize = 2;
    const STARVING: usize = 4;
    const TRY_AGAIN: usize = 1;
    const HANDED_OVER: usize = 2;

    struct Model {
        gate: Gate,
        /// How often who waits is woken in vain before it is starving.
        patience: usize,
        value: UnsafeCell<usize>,
    }

    // SAFETY: the model is about just that: loom reports accesses of the value at once.
    unsafe impl Sync for Model {}
    // SAFETY: as above.
    unsafe impl Send for Model {}

    impl Model {
        fn new(patience: usize) -> Self {
            Self { gate: Gate::new(0), patience, value: UnsafeCell::new(0) }
        }

        fn lock(&self) {
            if self.gate.replace(0, LOCKED) {
                return;
            }
            let mut woken = 0;
            loop {
                let word = self.gate.word.load(SeqCst);
                if word & LOCKED == 0 {
                    if self.gate.replace(word, word | LOCKED) {
                        return;
                    }
                    continue;
                }
                let flags = if woken >= self.patience { WAITERS | STARVING } else { WAITERS };
                let expected = word | flags;
                if expected != word && !self.gate.replace(word, expected) {
                    continue;
                }
                match self.gate.wait(expected) {
                    HANDED_OVER => return,
                    TRY_AGAIN => woken += 1,
                    _ => {}
                }
            }
        }

        fn unlock(&self) {
            if self.gate.replace(LOCKED, 0) {
                return;
            }
            if self.gate.word.load(SeqCst) & STARVING != 0 {
                self.gate.word.fetch_and(!STARVING, SeqCst);
                if self.gate.wake(0, None, WAITERS, HANDED_OVER) > 0 {
                    return;
                }
            }
            if self.gate.word.fetch_and(!LOCKED, SeqCst) & WAITERS != 0 {
                self.gate.wake(0, None, WAITERS, TRY_AGAIN);
            }
        }

        fn add(&self) {
            self.lock();
            // SAFETY: locked; loom checks it.
            self.value.with_mut(|value| unsafe { *value += 1 });
            self.unlock();
        }
    }

    #[test]
    fn loom_one_at_a_time_holds_a_mutex() {
        for patience in [0, 1] {
            model(move || {
                let state = Arc::new(Model::new(patience));
                on_threads(2, &state, Model::add);
                // SAFETY: all others have finished.
                state.value.with(|value| assert_eq!(unsafe { *value }, 3));
                assert_eq!(state.gate.word.load(SeqCst), 0);
            });
        }
    }
}

mod semaphore {
    use super::*;

    const WAITERS: usize = 1;
    const PERMIT: usize = 2;

    struct Model {
        gate: Gate,
        inside: AtomicUsize,
    }

    impl Model {
        fn try_acquire(&self) -> bool {
            let mut word = self.gate.word.load(SeqCst);
            while word >= PERMIT {
                match self.gate.word.compare_exchange(word, word - PERMIT, SeqCst, SeqCst) {
                    Ok(_) => return true,
                    Err(now) => word = now,
                }
            }
            false
        }

        fn acquire(&self) {
            while !self.try_acquire() {
                let word = self.gate.word.load(SeqCst);
                let is_noted = word == WAITERS || word == 0 && self.gate.replace(0, WAITERS);
                if is_noted && self.gate.wait(WAITERS) != 0 {
                    return;
                }
            }
        }

        fn release(&self) {
            loop {
                let word = self.gate.word.load(SeqCst);
                if word & WAITERS != 0 {
                    if self.gate.wake(0, None, WAITERS, 1) > 0 {
                        return;
                    }
                } else if self.gate.replace(word, word + PERMIT) {
                    return;
                }
            }
        }

        fn use_one(&self) {
            self.acquire();
            assert_eq!(self.inside.fetch_add(1, SeqCst), 0);
            self.inside.fetch_sub(1, SeqCst);
            self.release();
        }
    }

    /// `semaphore.acquire()` as an arm (`sync::Supply`), beside another that is chosen meanwhile. Who hands a permit over claims
    /// the `select` first, and who cannot keeps it.
    #[derive(Default)]
    struct Selecting {
        claimed: AtomicUsize,
        is_queued: Mutex<bool>,
    }

    impl Model {
        /// Enters the queue, unless there is a permit to take.
        fn join(&self, selecting: &Selecting) -> bool {
            let mut is_queued = selecting.is_queued.lock().unwrap();
            let note = |word: usize| (word < PERMIT).then_some(word | WAITERS);
            *is_queued = self.gate.word.fetch_update(SeqCst, SeqCst, note).is_ok();
            *is_queued
        }

        /// As `release`. Whether the permit was handed to the `select`.
        fn release_to(&self, selecting: &Selecting) -> bool {
            loop {
                let word = self.gate.word.load(SeqCst);
                if word & WAITERS != 0 {
                    let mut is_queued = selecting.is_queued.lock().unwrap();
                    let takes = std::mem::take(&mut *is_queued) && selecting.claim();
                    self.gate.word.fetch_and(!WAITERS, SeqCst);
                    if takes {
                        return true;
                    }
                } else if self.gate.replace(word, word + PERMIT) {
                    return false;
                }
            }
        }
    }

    impl Selecting {
        fn claim(&self) -> bool {
            self.claimed.fetch_add(1, SeqCst) == 0
        }
    }

    #[test]
    fn loom_a_select_takes_a_permit_or_leaves_it() {
        model(|| {
            let state = Arc::new(Model { gate: Gate::new(0), inside: AtomicUsize::new(0) });
            let selecting = Arc::new(Selecting::default());
            let releaser = thread::spawn({
                let (state, selecting) = (state.clone(), selecting.clone());
                move || state.release_to(&selecting)
            });
            let other = thread::spawn({
                let selecting = selecting.clone();
                move || selecting.claim()
            });
            let takes = !state.join(&selecting) && selecting.claim() && state.try_acquire();
            let other = other.join().unwrap();
            // It leaves the queue before it goes on.
            *selecting.is_queued.lock().unwrap() = false;
            let handed_over = releaser.join().unwrap();
            assert!(
                usize::from(takes) + usize::from(other) + usize::from(handed_over) <= 1,
                "one arm is committed"
            );
            let left = state.gate.word.load(SeqCst) / PERMIT;
            assert_eq!(left + usize::from(takes) + usize::from(handed_over), 1, "the permit is somewhere");
        });
    }

    #[test]
    fn loom_a_semaphore_loses_no_permit() {
        model(|| {
            let state = Arc::new(Model { gate: Gate::new(PERMIT), inside: AtomicUsize::new(0) });
            on_threads(2, &state, Model::use_one);
            assert_eq!(state.gate.word.load(SeqCst), PERMIT);
        });
    }
}

mod rwlock {
    use super::*;

    const WRITER: usize = 1;
    const READERS_WAIT: usize = 2;
    const WRITERS_WAIT: usize = 4;
    const READER: usize = 8;

    /// One gate has the word; the other only its queue, beside it.
    struct Model {
        readers: Gate,
        writers: Queue,
        value: UnsafeCell<usize>,
    }

    // SAFETY: the model is about just that: loom reports accesses of the value at once.
    unsafe impl Sync for Model {}
    // SAFETY: as above.
    unsafe impl Send for Model {}

    impl Model {
        fn word(&self) -> usize {
            self.readers.word.load(SeqCst)
        }

        fn wait_to_write(&self, expected: usize) -> bool {
            self.readers.wait_in(&self.writers, expected) != 0
        }

        fn wake_writer(&self, add: isize) -> bool {
            self.readers.wake_in(&self.writers, add, None, WRITERS_WAIT, 1) > 0
        }

        fn note(&self, word: usize, flag: usize) -> bool {
            word & flag != 0 || self.readers.replace(word, word | flag)
        }

        fn read(&self) {
            loop {
                let word = self.word();
                let is_free = word & (WRITER | WRITERS_WAIT) == 0 || word < READER && word & WRITER == 0;
                if is_free {
                    if self.readers.replace(word, word + READER) {
                        return;
                    }
                } else if self.note(word, READERS_WAIT) && self.readers.wait(word | READERS_WAIT) != 0 {
                    return;
                }
            }
        }

        fn write(&self) {
            loop {
                let word = self.word();
                if word & WRITER == 0 && word < READER {
                    if self.readers.replace(word, word | WRITER) {
                        return;
                    }
                } else if self.note(word, WRITERS_WAIT) && self.wait_to_write(word | WRITERS_WAIT) {
                    return;
                }
            }
        }

        fn unlock_reader(&self) {
            loop {
                let word = self.word();
                let is_last = word < 2 * READER;
                let is_done = if is_last && word & WRITERS_WAIT != 0 {
                    self.wake_writer(WRITER as isize - READER as isize)
                } else if is_last && word & READERS_WAIT != 0 {
                    self.readers.wake(-(READER as isize), Some(READER as isize), READERS_WAIT, 1) > 0
                } else {
                    self.readers.replace(word, word - READER)
                };
                if is_done {
                    return;
                }
            }
        }

        fn unlock_writer(&self) {
            loop {
                let word = self.word();
                let is_done = if word & READERS_WAIT != 0 {
                    self.readers.wake(-(WRITER as isize), Some(READER as isize), READERS_WAIT, 1) > 0
                } else if word & WRITERS_WAIT != 0 {
                    self.wake_writer(0)
                } else {
                    self.readers.replace(WRITER, 0)
                };
                if is_done {
                    return;
                }
            }
        }

        fn read_and_write(&self) {
            self.write();
            // SAFETY: locked; loom checks it.
            self.value.with_mut(|value| unsafe { *value += 1 });
            self.unlock_writer();
            self.look();
        }

        fn look(&self) {
            self.read();
            // SAFETY: locked for reading; loom checks it.
            self.value.with(|value| assert!(unsafe { *value } <= 2));
            self.unlock_reader();
        }
    }

    #[test]
    fn loom_writers_are_alone() {
        model(|| {
            let state = Arc::new(Model {
                readers: Gate::new(0),
                writers: Mutex::new(VecDeque::new()),
                value: UnsafeCell::new(0),
            });
            let reader = {
                let state = state.clone();
                thread::spawn(move || state.look())
            };
            on_threads(1, &state, Model::read_and_write);
            reader.join().unwrap();
            assert_eq!(state.word(), 0);
        });
    }
}

mod once {
    use super::*;

    const EMPTY: usize = 0;
    const COMPUTING: usize = 1;
    const AWAITED: usize = 2;
    const DONE: usize = 3;

    struct Model {
        gate: Gate,
        computed: AtomicUsize,
        /// How many computations panic before one gives a value.
        failures: AtomicUsize,
    }

    impl Model {
        fn begin(&self) -> bool {
            loop {
                let word = match self.gate.word.compare_exchange(EMPTY, COMPUTING, SeqCst, SeqCst) {
                    Ok(_) => return true,
                    Err(word) => word,
                };
                if word == DONE {
                    return false;
                }
                if word == AWAITED || self.gate.replace(COMPUTING, AWAITED) {
                    self.gate.wait(AWAITED);
                }
            }
        }

        fn end(&self, word: usize) {
            if self.gate.word.swap(word, SeqCst) == AWAITED {
                self.gate.wake(0, Some(0), 0, 1);
            }
        }

        /// Asks until it gets the value: a computation that panics is another's to try again.
        fn get(&self) {
            while self.begin() {
                if self.failures.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    self.end(EMPTY);
                } else {
                    self.computed.fetch_add(1, SeqCst);
                    self.end(DONE);
                }
            }
            assert_eq!(self.computed.load(SeqCst), 1);
        }
    }

    #[test]
    fn loom_a_value_is_computed_once() {
        for failures in [0, 1] {
            model(move || {
                let gate = Gate::new(EMPTY);
                let (computed, failures) = (AtomicUsize::new(0), AtomicUsize::new(failures));
                let state = Arc::new(Model { gate, computed, failures });
                on_threads(2, &state, Model::get);
            });
        }
    }
}

mod promise {
    use super::*;

    const AWAITED: usize = 1;
    const TAKEN: usize = 2;
    const DONE: usize = 4;

    struct Model {
        gate: Gate,
        value: AtomicUsize,
        kept: AtomicUsize,
    }

    impl Model {
        fn complete(&self, value: usize) {
            if self.gate.word.fetch_or(TAKEN, SeqCst) & (TAKEN | DONE) != 0 {
                return;
            }
            self.value.store(value, SeqCst);
            self.kept.fetch_add(1, SeqCst);
            if self.gate.word.swap(DONE | TAKEN, SeqCst) & AWAITED != 0 {
                self.gate.wake(0, Some(0), 0, 1);
            }
        }

        fn wait(&self) {
            loop {
                let word = self.gate.word.load(SeqCst);
                if word & DONE != 0 {
                    break;
                }
                let expected = word | AWAITED;
                if word == expected || self.gate.replace(word, expected) {
                    self.gate.wait(expected);
                }
            }
            assert_eq!(self.value.load(SeqCst), 7);
            assert_eq!(self.kept.load(SeqCst), 1);
        }
    }

    #[test]
    fn loom_a_promise_is_kept_once() {
        model(|| {
            let state =
                Arc::new(Model { gate: Gate::new(0), value: AtomicUsize::new(0), kept: AtomicUsize::new(0) });
            let others = [(); 2].map(|()| {
                let state = state.clone();
                thread::spawn(move || state.complete(7))
            });
            state.wait();
            others.into_iter().for_each(|other| other.join().unwrap());
        });
    }
}
