//! Models of how workers are got to look up, checked in every interleaving by loom, as those in `models` are: what is asked of a worker that
//! computes is answered at a poll, and what happens outside while one computes is noticed by another.

#![allow(dead_code, reason = "the models use parts of each")]

#[path = "scheduler/attention.rs"]
mod attention;
#[path = "scheduler/requests.rs"]
mod requests;
#[path = "scheduler/sleepers.rs"]
mod sleepers;

use loom::model::Builder;
use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use attention::Attention;
use requests::Requests;
use sleepers::{Ended, NEVER, Outlook, Sleepers};

/// What is asked, as in `polls::Asked`.
const LOOK: u64 = 1;
const TURN: u64 = 2;

/// The limit of the fiber that runs, and of one before it.
const LIMIT: u64 = 64;
const OTHER_LIMIT: u64 = 32;

/// A worker's words, and what can be asked.
struct Asked {
    word: AtomicU64,
    limit: AtomicU64,
    /// As a scope's flag and `cancel::EPOCH`.
    is_cancelled: AtomicBool,
    epoch: AtomicU32,
    requests: Requests,
}

/// What a worker has found at its polls.
#[derive(Default)]
struct Found {
    asked: u64,
    is_cancelled: bool,
    is_paused: bool,
    interrupts: usize,
}

impl Asked {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            word: AtomicU64::new(0),
            limit: AtomicU64::new(LIMIT),
            is_cancelled: AtomicBool::new(false),
            epoch: AtomicU32::new(0),
            requests: Requests::new(),
        })
    }

    fn attention(&self) -> Attention<'_> {
        Attention { word: &self.word, limit: &self.limit }
    }

    /// As `cancel::cancel` of a scope.
    fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
        self.epoch.fetch_add(1, Ordering::Release);
        self.attention().ask(LOOK);
    }

    /// A loop's poll.
    fn poll_in_loop(&self, found: &mut Found) {
        if self.word.load(Ordering::Relaxed) != 0 {
            self.answer(found);
        }
    }

    /// The poll of a function that checks the stack.
    fn poll_in_function(&self, found: &mut Found) {
        if self.limit.load(Ordering::Relaxed) > LIMIT {
            self.answer(found);
        }
    }

    /// As `Worker::poll`.
    fn answer(&self, found: &mut Found) {
        found.asked |= self.attention().take(0);
        self.attention().apply(LIMIT);
        if self.epoch.load(Ordering::Acquire) != 0 {
            found.is_cancelled |= self.is_cancelled.load(Ordering::Relaxed);
        }
        found.is_paused |= self.requests.is_paused();
        found.interrupts += usize::from(self.requests.take_interrupt());
    }
}

#[test]
fn loom_a_computing_task_sees_that_it_is_cancelled() {
    loom::model(|| {
        let asked = Asked::new();
        let canceller = thread::spawn({
            let asked = asked.clone();
            move || asked.cancel()
        });
        let mut found = Found::default();
        asked.poll_in_loop(&mut found);
        asked.poll_in_loop(&mut found);
        canceller.join().unwrap();
        asked.poll_in_loop(&mut found);
        assert!(found.is_cancelled);
    });
}

#[test]
fn loom_what_several_ask_is_all_answered() {
    let mut model = Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let asked = Asked::new();
        let dump = thread::spawn({
            let asked = asked.clone();
            move || {
                asked.requests.pause();
                asked.attention().ask(LOOK);
            }
        });
        let monitor = thread::spawn({
            let asked = asked.clone();
            move || asked.attention().ask(TURN)
        });
        let mut found = Found::default();
        asked.poll_in_loop(&mut found);
        dump.join().unwrap();
        monitor.join().unwrap();
        asked.poll_in_loop(&mut found);
        assert!(found.is_paused);
        assert_eq!(found.asked, LOOK | TURN);
        assert_eq!(asked.word.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn loom_one_of_two_workers_takes_an_interrupt() {
    loom::model(|| {
        let workers = [Asked::new(), Asked::new()];
        let requests = Arc::new(Requests::new());
        let signals = thread::spawn({
            let (workers, requests) = (workers.clone(), requests.clone());
            move || {
                requests.interrupt();
                workers.iter().for_each(|worker| worker.attention().ask(LOOK));
            }
        });
        let poll = |worker: &Asked, requests: &Requests| {
            worker.word.load(Ordering::Relaxed) != 0 && {
                worker.attention().take(0);
                requests.take_interrupt()
            }
        };
        let other = thread::spawn({
            let (worker, requests) = (workers[1].clone(), requests.clone());
            move || poll(&worker, &requests)
        });
        let mut taken = usize::from(poll(&workers[0], &requests));
        signals.join().unwrap();
        taken += usize::from(other.join().unwrap());
        taken += workers.iter().filter(|worker| poll(worker, &requests)).count();
        assert_eq!(taken, 1);
    });
}

#[test]
fn loom_functions_see_what_is_asked_once_somebody_insists() {
    loom::model(|| {
        let asked = Asked::new();
        let canceller = thread::spawn({
            let asked = asked.clone();
            move || asked.cancel()
        });
        let mut found = Found::default();
        // The worker's fiber changes meanwhile, which may undo what was raised.
        asked.attention().apply(OTHER_LIMIT);
        asked.poll_in_function(&mut found);
        asked.attention().apply(LIMIT);
        canceller.join().unwrap();
        asked.attention().insist();
        asked.poll_in_function(&mut found);
        assert!(found.is_cancelled);
        // A limit that was raised too late costs one look.
        asked.poll_in_function(&mut found);
        assert_eq!(asked.limit.load(Ordering::Relaxed), LIMIT);
    });
}

/// Workers that sleep, and what happens outside: a fiber waits for it all the time.
struct Outside {
    sleepers: Mutex<Sleepers>,
    condvar: Condvar,
    /// Events that nobody has found, and whether the waker was used; the poller waits here.
    happened: Mutex<(usize, bool)>,
    reactor: Condvar,
    found: AtomicUsize,
}

/// Workers of the model.
const WORKERS: usize = 2;

impl Outside {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            sleepers: Mutex::new(Sleepers::new()),
            condvar: Condvar::new(),
            happened: Mutex::new((0, false)),
            reactor: Condvar::new(),
            found: AtomicUsize::new(0),
        })
    }

    /// An event.
    fn happen(&self) {
        self.happened.lock().unwrap().0 += 1;
        self.reactor.notify_one();
    }

    /// As `Idle::poll`: until an event, or the waker.
    fn poll(&self) -> Ended {
        let mut happened = self.happened.lock().unwrap();
        loop {
            match &mut *happened {
                (0, false) => {}
                (0, wakes) => {
                    *wakes = false;
                    return Ended::Notified;
                }
                (events, _) => {
                    *events -= 1;
                    return Ended::Event;
                }
            }
            happened = self.reactor.wait(happened).unwrap();
        }
    }

    /// A worker that sleeps until something happens outside, and then computes for ever.
    fn work(&self, worker: usize) {
        let mut sleepers = self.sleepers.lock().unwrap();
        sleepers.enter();
        loop {
            let is_quiet = sleepers.count() == WORKERS;
            let outlook = Outlook { now: 0, deadline: NEVER, awaits_events: true, is_quiet };
            let sleep = sleepers.begin(worker, outlook);
            let ended = if sleep.polls {
                drop(sleepers);
                let ended = self.poll();
                sleepers = self.sleepers.lock().unwrap();
                ended
            } else if sleep.until == NEVER {
                sleepers = self.condvar.wait(sleepers).unwrap();
                Ended::Notified
            } else {
                // Any time may pass.
                drop(sleepers);
                thread::yield_now();
                sleepers = self.sleepers.lock().unwrap();
                Ended::Late
            };
            sleepers.end(worker, sleep, ended);
            if ended == Ended::Event {
                break;
            }
        }
        sleepers.leave();
        drop(sleepers);
        let notified = self.sleepers.lock().unwrap().pass_on(false);
        match notified {
            Some(sleepers::Notified::Poller) => {
                self.happened.lock().unwrap().1 = true;
                self.reactor.notify_one();
            }
            Some(sleepers::Notified::Another) => self.condvar.notify_one(),
            None => {}
        }
        self.found.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn loom_who_leaves_the_reactor_to_compute_is_replaced() {
    let mut model = Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let outside = Outside::new();
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let outside = outside.clone();
                thread::spawn(move || outside.work(worker))
            })
            .collect();
        (0..WORKERS).for_each(|_| outside.happen());
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        assert_eq!(outside.found.load(Ordering::Relaxed), WORKERS);
    });
}
