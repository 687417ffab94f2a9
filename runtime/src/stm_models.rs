//! Models of transactions, checked in every interleaving by loom, as those in `models` are. They run the protocol's very file; the log and the
//! queue of those who wait, which the library and `sync` keep, stand here in a few lines.

#![allow(dead_code, reason = "the models use parts of the protocol")]

#[path = "stm/protocol.rs"]
mod protocol;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::atomic::Ordering::SeqCst;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use protocol::{Clock, Commit, STEP, Turn, Version, commit, extend};

/// A variable.
struct Variable {
    version: Version,
    value: UnsafeCell<i64>,
    /// Whether each of those who wait has been woken.
    waiting: Mutex<Vec<Arc<Place>>>,
}

#[derive(Default)]
struct Place {
    is_woken: Mutex<bool>,
    told: Condvar,
}

/// Variables, all 0 to begin with.
struct Memory<const N: usize> {
    clock: Clock,
    variables: [Variable; N],
}

// SAFETY: the models are about just that: loom reports accesses of values at once.
unsafe impl<const N: usize> Sync for Memory<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Send for Memory<N> {}

/// What a transaction has read and written.
struct Log {
    started: i64,
    reads: Vec<(usize, i64)>,
    writes: Vec<(usize, i64)>,
}

impl<const N: usize> Memory<N> {
    fn new() -> Arc<Self> {
        let variable = |_| Variable {
            version: Version::new(),
            value: UnsafeCell::new(0),
            waiting: Mutex::new(Vec::new()),
        };
        Arc::new(Self { clock: Clock::new(), variables: core::array::from_fn(variable) })
    }

    fn begin(&self) -> Log {
        Log { started: self.clock.now(), reads: Vec::new(), writes: Vec::new() }
    }

    /// `None` where the transaction runs once more.
    fn read(&self, log: &mut Log, number: usize) -> Option<i64> {
        let variable = &self.variables[number];
        // SAFETY: nobody changes the value meanwhile, as loom sees.
        let (version, value) = variable.version.read(|| variable.value.with(|value| unsafe { *value }));
        log.reads.push((number, version));
        if version > log.started {
            log.started = extend(&self.clock, self.versions(log))?;
        }
        Some(value)
    }

    fn versions<'a>(&'a self, log: &'a Log) -> impl Iterator<Item = (&'a Version, i64)> {
        log.reads.iter().map(|&(number, version)| (&self.variables[number].version, version))
    }

    fn commit(&self, log: &Log, owner: usize, turn: Turn) -> Commit {
        let locks = log.writes.iter().map(|&(number, _)| &self.variables[number].version);
        commit(&self.clock, (owner, turn, log.started), self.versions(log), locks, |version| {
            for &(number, new) in &log.writes {
                let variable = &self.variables[number];
                // SAFETY: it is locked, as loom sees.
                variable.value.with_mut(|value| unsafe { *value = new });
                if variable.version.publish(version) {
                    variable.wake_all();
                }
            }
        })
    }

    fn transact(&self, owner: usize, body: impl Fn(&Self, &mut Log) -> Option<()>) {
        loop {
            let mut log = self.begin();
            if body(self, &mut log).is_some() && self.commit(&log, owner, Turn::None) == Commit::Done {
                return;
            }
            thread::yield_now();
        }
    }

    fn value(&self, number: usize) -> i64 {
        self.read(&mut self.begin(), number).expect("nobody else is there")
    }
}

impl Variable {
    /// As `sync::Supply::join`; nothing where the version is newer.
    fn join(&self, read: i64) -> Option<Arc<Place>> {
        let mut waiting = self.waiting.lock().unwrap();
        let mut word = self.version.word().load(SeqCst);
        while word < read + STEP {
            match self.version.word().compare_exchange(word, word | 1, SeqCst, SeqCst) {
                Ok(_) => {
                    let place = Arc::new(Place::default());
                    waiting.push(place.clone());
                    return Some(place);
                }
                Err(now) => word = now,
            }
        }
        None
    }

    fn wake_all(&self) {
        let woken = core::mem::take(&mut *self.waiting.lock().unwrap());
        for place in woken {
            *place.is_woken.lock().unwrap() = true;
            place.told.notify_one();
        }
    }
}

impl Place {
    fn wait(&self) {
        let mut is_woken = self.is_woken.lock().unwrap();
        while !*is_woken {
            is_woken = self.told.wait(is_woken).unwrap();
        }
    }
}

fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(body);
}

/// Runs the first on another thread, and the second here.
fn both<const N: usize>(
    memory: &Arc<Memory<N>>,
    there: impl FnOnce(&Memory<N>) + Send + 'static,
    here: impl FnOnce(&Memory<N>),
) {
    let thread = thread::spawn({
        let memory = memory.clone();
        move || there(&memory)
    });
    here(memory);
    thread.join().unwrap();
}

fn increment(memory: &Memory<1>, owner: usize) {
    memory.transact(owner, |memory, log| {
        let value = memory.read(log, 0)?;
        log.writes.push((0, value + 1));
        Some(())
    });
}

#[test]
fn loom_no_change_is_lost() {
    model(|| {
        let memory = Memory::new();
        both(&memory, |memory| increment(memory, 1), |memory| increment(memory, 2));
        assert_eq!(memory.value(0), 2);
    });
}

#[test]
fn loom_a_transaction_sees_one_time() {
    sees_one_time([0, 1]);
}

#[test]
fn loom_a_transaction_sees_one_time_the_other_way_round() {
    sees_one_time([1, 0]);
}

fn sees_one_time(order: [usize; 2]) {
    model(move || {
        let memory = Memory::<2>::new();
        let write = |memory: &Memory<2>| {
            memory.transact(1, |_, log| {
                log.writes = vec![(0, 1), (1, 1)];
                Some(())
            });
        };
        both(&memory, write, |memory| {
            let mut log = memory.begin();
            let first = memory.read(&mut log, order[0]);
            let second = first.and_then(|_| memory.read(&mut log, order[1]));
            assert!(second.is_none() || first == second);
        });
    });
}

#[test]
fn loom_of_two_that_write_what_the_other_reads_one_comes_first() {
    model(|| {
        let memory = Memory::<2>::new();
        let copy = |from: usize, to: usize| {
            move |memory: &Memory<2>| {
                memory.transact(from + 1, |memory, log| {
                    let value = memory.read(log, from)?;
                    log.writes.push((to, value + 1));
                    Some(())
                });
            }
        };
        both(&memory, copy(0, 1), copy(1, 0));
        assert_eq!(memory.value(0) + memory.value(1), 3);
    });
}

#[test]
fn loom_who_has_the_turn_never_runs_in_vain() {
    model(|| {
        let memory = Memory::<2>::new();
        let other = |memory: &Memory<2>| {
            let mut log = memory.begin();
            log.writes = vec![(0, 1), (1, 1)];
            memory.commit(&log, 1, Turn::None);
        };
        both(&memory, other, |memory| {
            memory.clock.take_turn();
            let mut log = memory.begin();
            let first = memory.read(&mut log, 0);
            assert!(first.is_some() && first == memory.read(&mut log, 1));
            log.writes.push((0, 2));
            // A variable may be locked for the moment that it takes to see whose turn it is.
            while memory.commit(&log, 2, Turn::Own) != Commit::Done {
                thread::yield_now();
            }
            assert_eq!(memory.value(0), 2);
            memory.clock.give_turn();
        });
    });
}

#[test]
fn loom_who_waits_for_a_change_is_woken() {
    model(|| {
        let memory = Memory::<1>::new();
        both(
            &memory,
            |memory| increment(memory, 1),
            |memory| {
                loop {
                    let mut log = memory.begin();
                    if memory.read(&mut log, 0) == Some(1) {
                        break;
                    }
                    if let Some(place) = memory.variables[0].join(log.reads[0].1) {
                        place.wait();
                    }
                }
            },
        );
    });
}
