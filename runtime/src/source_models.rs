//! Models of the words of a source of events, checked in every interleaving by loom, as those in `models` are: an event is not missed by
//! who is about to wait, and a descriptor is closed once, when nobody uses it.

#[path = "reactor/readiness.rs"]
mod readiness;
#[path = "reactor/usage.rs"]
mod usage;
#[path = "fiber/wait_word.rs"]
mod wait_word;

use loom::model::Builder;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use readiness::Readiness;
use usage::Usage;
use wait_word::WaitWord;

/// Fibers that may wait in a model.
const FIBERS: usize = 2;

/// A source, and what the system has for it.
struct Source {
    /// Bytes to be read.
    bytes: AtomicUsize,
    readiness: Readiness,
    /// Who waits, under the lock.
    waiting: Mutex<[bool; FIBERS]>,
    words: [WaitWord; FIBERS],
}

/// What became of a reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Read {
    Got,
    Waits,
    /// It found a note of a cancellation when it was about to wait.
    Noted,
}

impl Source {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            bytes: AtomicUsize::new(0),
            readiness: Readiness::new(),
            waiting: Mutex::new([false; FIBERS]),
            words: [WaitWord::new(), WaitWord::new()],
        })
    }

    /// As `Source::attempt` and `Source::wait`, until it has read or waits.
    fn read(&self, fiber: usize) -> Read {
        loop {
            if !self.readiness.is_drained() {
                let observed = self.readiness.observe();
                let take = |bytes: usize| bytes.checked_sub(1);
                if self.bytes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                    return Read::Got;
                }
                self.readiness.drain(observed);
            }
            let mut waiting = self.waiting.lock().unwrap();
            if !self.readiness.is_drained() {
                continue;
            }
            if !self.words[fiber].begin() {
                return Read::Noted;
            }
            waiting[fiber] = true;
            return Read::Waits;
        }
    }

    /// Bytes come in, and then their event. Which fibers it wakes.
    fn receive(&self, bytes: usize) -> [bool; FIBERS] {
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
        self.announce(false)
    }

    fn announce(&self, is_over: bool) -> [bool; FIBERS] {
        let mut waiting = self.waiting.lock().unwrap();
        self.readiness.announce(is_over);
        let waited = std::mem::take(&mut *waiting);
        [0, 1].map(|fiber| waited[fiber] && self.words[fiber].claim())
    }
}

#[test]
fn loom_an_event_is_seen_or_wakes() {
    loom::model(|| {
        let source = Source::new();
        let system = thread::spawn({
            let source = source.clone();
            move || source.receive(1)
        });
        let read = source.read(0);
        let woken = system.join().unwrap()[0];
        assert_eq!(read == Read::Waits, woken, "who waits is woken, and nobody else");
    });
}

#[test]
fn loom_two_readers_do_not_hide_events_from_each_other() {
    // Three threads with loops: all interleavings take minutes.
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let source = Source::new();
        let other = thread::spawn({
            let source = source.clone();
            move || source.read(1)
        });
        let system = thread::spawn({
            let source = source.clone();
            move || source.receive(1)
        });
        let reads = [source.read(0), other.join().unwrap()];
        let woken = system.join().unwrap();
        let waits_in_vain = |fiber: usize| reads[fiber] == Read::Waits && !woken[fiber];
        let is_left = source.bytes.load(Ordering::SeqCst) > 0;
        assert!(!(is_left && (0..FIBERS).all(waits_in_vain)), "bytes are there, and somebody looks");
        assert!(!is_left || (0..FIBERS).any(|fiber| woken[fiber]), "who was woken reads them");
    });
}

#[test]
fn loom_a_cancelled_reader_loses_nothing() {
    loom::model(|| {
        let source = Source::new();
        let system = thread::spawn({
            let source = source.clone();
            move || source.receive(1)
        });
        let canceller = thread::spawn({
            let source = source.clone();
            move || source.words[0].interrupt()
        });
        let read = source.read(0);
        let (woken, interrupted) = (system.join().unwrap()[0], canceller.join().unwrap());
        assert!(!(woken && interrupted), "it is woken once");
        assert_eq!(read == Read::Waits, woken || interrupted);
        let left = source.bytes.load(Ordering::SeqCst);
        assert_eq!(left, usize::from(read != Read::Got), "the byte was read, or is still there");
    });
}

#[test]
fn loom_closing_wakes_who_waits() {
    loom::model(|| {
        let source = Source::new();
        let closer = thread::spawn({
            let source = source.clone();
            move || source.announce(true)
        });
        // It tries for ever once the source is over; its next try fails, as the descriptor is closed.
        let waits = {
            let observed = source.readiness.observe();
            source.readiness.drain(observed);
            let mut waiting = source.waiting.lock().unwrap();
            let waits = source.readiness.is_drained() && source.words[0].begin();
            waiting[0] = waits;
            waits
        };
        assert_eq!(waits, closer.join().unwrap()[0]);
        assert!(!source.readiness.is_drained(), "nobody waits any more");
    });
}

/// A descriptor that several use while one closes it.
struct Descriptor {
    usage: Usage,
    is_closed: AtomicBool,
    closed: AtomicUsize,
}

impl Descriptor {
    /// As `Source::close_descriptor`, which takes it out once.
    fn close(&self) {
        if !self.is_closed.swap(true, Ordering::SeqCst) {
            self.closed.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// As `Source::with`.
    fn using(&self) {
        if self.usage.enter() {
            assert!(!self.is_closed.load(Ordering::SeqCst), "it is open while it is used");
        }
        if self.usage.leave() {
            self.close();
        }
    }
}

#[test]
fn loom_a_descriptor_is_closed_once_and_not_while_it_is_used() {
    loom::model(|| {
        let descriptor = Arc::new(Descriptor {
            usage: Usage::new(),
            is_closed: AtomicBool::new(false),
            closed: AtomicUsize::new(0),
        });
        descriptor.usage.open();
        let users: Vec<_> = (0..2)
            .map(|_| {
                let descriptor = descriptor.clone();
                thread::spawn(move || descriptor.using())
            })
            .collect();
        if descriptor.usage.close() == Some(true) {
            descriptor.close();
        }
        assert_eq!(descriptor.usage.close(), None, "closing it again has no effect");
        users.into_iter().for_each(|user| user.join().unwrap());
        assert_eq!(descriptor.closed.load(Ordering::SeqCst), 1);
    });
}
