//! Models of channels of each flavour, checked in every interleaving by loom, as those in `models` are.
//!
//! The steps are those of `chan`: what it does under the channel's lock is one step here, too, and a fiber is a thread that waits until who
//! has claimed it says so.

#[path = "fiber/wait_word.rs"]
#[allow(dead_code, reason = "the models use parts of it")]
mod wait_word;

use std::collections::VecDeque;

use loom::model::Builder;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use wait_word::WaitWord;

/// A waiting fiber: who claims it leaves what its wait has come to.
struct Waiter {
    word: WaitWord,
    /// What a sender sends.
    value: usize,
    end: Mutex<Option<End>>,
    told: Condvar,
}

/// What a wait has come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// A value was received; what a sender is told is not used.
    Passed(usize),
    Closed,
    Cancelled,
}

impl Waiter {
    fn new(value: usize) -> Arc<Self> {
        Arc::new(Self { word: WaitWord::new(), value, end: Mutex::new(None), told: Condvar::new() })
    }

    fn wake(&self, end: End) {
        *self.end.lock().unwrap() = Some(end);
        self.told.notify_one();
    }

    fn wait(&self) -> End {
        let mut end = self.end.lock().unwrap();
        loop {
            match *end {
                Some(end) => return end,
                None => end = self.told.wait(end).unwrap(),
            }
        }
    }

    fn cancel(&self) {
        if self.word.interrupt() {
            self.wake(End::Cancelled);
        }
    }
}

type Queue = VecDeque<Arc<Waiter>>;

/// Takes who waits first and can still be claimed.
fn take(queue: &mut Queue) -> Option<Arc<Waiter>> {
    std::iter::from_fn(|| queue.pop_front()).find(|waiter| waiter.word.claim())
}

fn leave(queue: &mut Queue, waiter: &Arc<Waiter>) {
    queue.retain(|other| !Arc::ptr_eq(other, waiter));
}

#[derive(Default)]
struct State {
    closed: bool,
    ring: VecDeque<usize>,
    receivers: Queue,
    senders: Queue,
}

struct Channel {
    capacity: usize,
    state: Mutex<State>,
    /// As `ring::Ring` counts: how many values the ring has.
    length: AtomicUsize,
}

impl Channel {
    fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { capacity, state: Mutex::default(), length: AtomicUsize::new(0) })
    }

    /// As `seems_empty` does, of channels with room.
    fn seems_empty(&self) -> bool {
        self.length.load(Ordering::Relaxed) == 0
    }

    fn count(&self, state: &State) {
        self.length.store(state.ring.len(), Ordering::Relaxed);
    }

    fn send(&self, fiber: &Arc<Waiter>) -> End {
        let mut state = self.state.lock().unwrap();
        if state.closed {
            return End::Closed;
        }
        if let Some(receiver) = take(&mut state.receivers) {
            receiver.wake(End::Passed(fiber.value));
            return End::Passed(fiber.value);
        }
        if state.ring.len() < self.capacity {
            state.ring.push_back(fiber.value);
            self.count(&state);
            return End::Passed(fiber.value);
        }
        if !fiber.word.begin() {
            return End::Cancelled;
        }
        state.senders.push_back(fiber.clone());
        drop(state);
        let end = fiber.wait();
        if end == End::Cancelled {
            leave(&mut self.state.lock().unwrap().senders, fiber);
        }
        end
    }

    fn recv(&self, fiber: &Arc<Waiter>) -> End {
        let mut state = self.state.lock().unwrap();
        if let Some(value) = state.ring.pop_front() {
            self.count(&state);
            if let Some(sender) = take(&mut state.senders) {
                state.ring.push_back(sender.value);
                self.count(&state);
                sender.wake(End::Passed(sender.value));
            }
            return End::Passed(value);
        }
        if let Some(sender) = take(&mut state.senders) {
            sender.wake(End::Passed(sender.value));
            return End::Passed(sender.value);
        }
        if state.closed {
            return End::Closed;
        }
        if !fiber.word.begin() {
            return End::Cancelled;
        }
        state.receivers.push_back(fiber.clone());
        drop(state);
        let end = fiber.wait();
        if end == End::Cancelled {
            leave(&mut self.state.lock().unwrap().receivers, fiber);
        }
        end
    }

    fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        while let Some(receiver) = take(&mut state.receivers) {
            receiver.wake(End::Closed);
        }
        while let Some(sender) = take(&mut state.senders) {
            sender.wake(End::Closed);
        }
    }

    /// What is left, once nobody waits any more.
    fn left(&self) -> Vec<usize> {
        let state = self.state.lock().unwrap();
        assert!(state.receivers.is_empty() && state.senders.is_empty(), "nobody is left behind");
        state.ring.iter().copied().collect()
    }
}

/// A rendezvous, a channel with room for one value, and one that is never full.
const CAPACITIES: [usize; 3] = [0, 1, usize::MAX];

/// Runs a model for each flavour, with few preemptions.
fn model(body: fn(usize)) {
    for capacity in CAPACITIES {
        let mut builder = Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(move || body(capacity));
    }
}

/// The values that these ends have passed on.
fn passed(ends: impl IntoIterator<Item = End>) -> Vec<usize> {
    let passed = |end| if let End::Passed(value) = end { Some(value) } else { None };
    ends.into_iter().filter_map(passed).collect()
}

#[test]
fn loom_a_channel_passes_each_value_once_and_in_order() {
    model(|capacity| {
        let channel = Channel::new(capacity);
        let sender = thread::spawn({
            let channel = channel.clone();
            move || [1, 2].map(|value| channel.send(&Waiter::new(value)))
        });
        let received = [0; 2].map(|_| channel.recv(&Waiter::new(0)));
        assert_eq!(passed(received), [1, 2]);
        assert_eq!(passed(sender.join().unwrap()), [1, 2]);
        assert!(channel.left().is_empty());
    });
}

#[test]
fn loom_a_cancelled_receiver_has_taken_nothing() {
    model(|capacity| {
        let channel = Channel::new(capacity);
        let receiver = Waiter::new(0);
        let canceller = thread::spawn({
            let receiver = receiver.clone();
            move || receiver.cancel()
        });
        let sender = thread::spawn({
            let channel = channel.clone();
            move || channel.send(&Waiter::new(1))
        });
        let received = channel.recv(&receiver);
        canceller.join().unwrap();
        // What a rendezvous did not hand over has its sender wait on.
        let rest = (received == End::Cancelled).then(|| channel.recv(&Waiter::new(0)));
        assert_eq!(sender.join().unwrap(), End::Passed(1));
        let mut all = passed([received].into_iter().chain(rest));
        all.extend(channel.left());
        assert_eq!(all, [1]);
    });
}

#[test]
fn loom_a_cancelled_sender_has_sent_nothing() {
    model(|capacity| {
        let channel = Channel::new(capacity);
        let full = (capacity == 1).then(|| channel.send(&Waiter::new(0)));
        let cancelled = Waiter::new(1);
        let canceller = thread::spawn({
            let cancelled = cancelled.clone();
            move || cancelled.cancel()
        });
        let receiver = thread::spawn({
            let channel = channel.clone();
            move || channel.recv(&Waiter::new(0))
        });
        let sent = channel.send(&cancelled);
        canceller.join().unwrap();
        // The receiver waits for a value, unless it has one.
        let rest = (sent == End::Cancelled).then(|| channel.send(&Waiter::new(2)));
        let mut all = passed([receiver.join().unwrap()]);
        all.extend(channel.left());
        assert_eq!(all, passed(full.into_iter().chain([sent]).chain(rest)));
    });
}

#[test]
fn loom_closing_ends_all_waits() {
    model(|capacity| {
        let channel = Channel::new(capacity);
        let closer = thread::spawn({
            let channel = channel.clone();
            move || channel.close()
        });
        let sender = thread::spawn({
            let channel = channel.clone();
            move || channel.send(&Waiter::new(1))
        });
        let received = channel.recv(&Waiter::new(0));
        closer.join().unwrap();
        let sent = sender.join().unwrap();
        let mut all = passed([received]);
        all.extend(channel.left());
        assert_eq!(all, passed([sent]), "what was sent was received, or is still there");
        assert_ne!(received, End::Cancelled);
    });
}

/// A `select` that passes over a channel which seems empty (`select::wait::poll`), and then waits at it.
#[test]
fn loom_a_glance_misses_nothing_that_was_there_before() {
    model(|capacity| {
        if capacity == 0 {
            return;
        }
        let channel = Channel::new(capacity);
        let sender = thread::spawn({
            let channel = channel.clone();
            move || [1, 2].map(|value| channel.send(&Waiter::new(value)))
        });
        let first = if channel.seems_empty() { None } else { Some(channel.recv(&Waiter::new(0))) };
        let rest = (0..2 - first.iter().count()).map(|_| channel.recv(&Waiter::new(0)));
        let received: Vec<End> = first.into_iter().chain(rest).collect();
        assert_eq!(passed(received), [1, 2]);
        assert_eq!(passed(sender.join().unwrap()), [1, 2]);
        let _ = channel.send(&Waiter::new(3));
        let teller = thread::spawn(move || assert!(!channel.seems_empty()));
        teller.join().unwrap();
    });
}
