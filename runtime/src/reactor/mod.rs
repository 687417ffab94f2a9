//! The reactor: tells fibers when it is worth trying a descriptor again that had nothing for them.
//!
//! It knows what a descriptor is, and nothing of what one stands for. A [`Source`] is registered once, edge-triggered, for both directions,
//! before anybody else knows it; operations try, and wait where trying was in vain. It is never taken out: the system forgets a
//! descriptor when it is closed, and what comes too late, or of a copy that another process has, is of an older
//! generation. A file, of which the system tells no events, is a source too, but not registered: it shares how descriptors are used and closed.
//!
//! It is begun by the first source. Who waits in it is for the scheduler to say (`scheduler::events`, `scheduler::idle`).

pub mod faults;
mod readiness;
mod source;
mod table;
mod usage;

use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};

use mio::unix::SourceFd;
use mio::{Interest, Poll, Registry, Token, Waker};

use crate::fiber::{FiberRef, WaitReason};
use crate::scheduler::events::Events;
use crate::scheduler::worker::Worker;
use crate::sync_shim::{AtomicBool, AtomicUsize, Mutex, OnceLock, Ordering};
pub use source::{Direction, Done, Source, Wait, awaited_by};
use table::Table;

/// Events that are taken from the system at once. Fewer ask more often, more keep those who were woken first waiting.
const EVENTS: usize = 256;

/// So many events before a source's own the processor is told to fetch it, and who waits there: of many both have left the cache.
const AHEAD: (usize, usize) = (8, 4);

/// What stands for the waker; no source has that number.
const WAKER: Token = Token(usize::MAX);

static REACTOR: OnceLock<Reactor> = OnceLock::new();
static TABLE: Table = Table::new();

/// Fibers that wait at sources.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// The reactor.
pub struct Reactor {
    registry: Registry,
    waker: Waker,
    polled: Mutex<Polled>,
    /// Whether `polled` has events that have not been delivered.
    has_found: AtomicBool,
}

/// What belongs to who looks for events.
struct Polled {
    poll: Poll,
    events: mio::Events,
}

impl Reactor {
    /// The reactor, begun if this is its first use.
    fn begun(worker: &Worker) -> io::Result<&'static Self> {
        if let Some(reactor) = REACTOR.get() {
            return Ok(reactor);
        }
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(&registry, WAKER)?;
        let events = mio::Events::with_capacity(EVENTS);
        let polled = Mutex::new(Polled { poll, events });
        let reactor =
            REACTOR.get_or_init(|| Self { registry, waker, polled, has_found: AtomicBool::new(false) });
        faults::enable_if_asked();
        worker.runtime.set_events(reactor);
        Ok(reactor)
    }

    /// A fiber waits at a source.
    fn count_waiting() {
        WAITING.fetch_add(1, Ordering::Relaxed);
    }

    /// It does not any more.
    fn uncount_waiting() {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }

    /// Takes what has been found and wakes those who wait for it. How many.
    fn deliver_found(&self, worker: &mut Worker, polled: &mut Polled) -> usize {
        self.has_found.store(false, Ordering::Relaxed);
        let events = &polled.events;
        let mut sources = events.iter().skip(AHEAD.0);
        let mut waiters = events.iter().skip(AHEAD.1);
        let mut woken = 0;
        for event in events {
            if let Some((source, _)) = sources.next().and_then(source_of) {
                source.prefetch();
            }
            if let Some((source, _)) = waiters.next().and_then(source_of) {
                source.prefetch_waiters();
            }
            woken += deliver(worker, event);
        }
        polled.events.clear();
        woken
    }
}

impl Polled {
    /// Takes the next events from the system. Whether there are any.
    fn take(&mut self, timeout: Option<Duration>) -> bool {
        let timeout = timeout.map(|timeout| wait_precisely(&self.poll, timeout));
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => !self.events.is_empty(),
            // A signal; the caller looks at what there is to do.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => false,
            Err(error) => crate::bug(format_args!("waiting for events failed: {error}")),
        }
    }
}

impl Events for Reactor {
    fn wait(&self, timeout: Option<Duration>) -> bool {
        let mut polled = self.polled.lock().expect("no holder of this lock panics");
        let has_found = self.has_found.load(Ordering::Relaxed) || polled.take(timeout);
        self.has_found.store(has_found, Ordering::Relaxed);
        has_found
    }

    fn deliver(&self, worker: &mut Worker) -> usize {
        if !self.has_found.load(Ordering::Relaxed) {
            return 0;
        }
        let Ok(mut polled) = self.polled.try_lock() else { return 0 };
        self.deliver_found(worker, &mut polled)
    }

    fn look(&self, worker: &mut Worker) -> usize {
        let Ok(mut polled) = self.polled.try_lock() else { return 0 };
        if !self.has_found.load(Ordering::Relaxed) {
            polled.take(Some(Duration::ZERO));
        }
        self.deliver_found(worker, &mut polled)
    }

    fn wake(&self) {
        // It fails only where the counter behind it overflows, and then it has been woken.
        let _ = self.waker.wake();
    }

    fn waiting(&self) -> usize {
        WAITING.load(Ordering::Relaxed)
    }

    fn partner(&self, fiber: FiberRef) -> Option<String> {
        let waits_here = matches!(fiber.reason.get(), WaitReason::Outside(_));
        waits_here.then(|| source::awaited_by(fiber).peer()).flatten().map(|peer| peer.to_string())
    }
}

/// Sleeps, until something happens, for the part of the timeout that `Poll::poll` would round up to milliseconds; gives what is left of it.
#[cfg(target_os = "linux")]
fn wait_precisely(poll: &Poll, timeout: Duration) -> Duration {
    /// From here on the rounding does not matter.
    const LONG: Duration = Duration::from_millis(100);
    if timeout.is_zero() || timeout >= LONG {
        return timeout;
    }
    let mut descriptor = libc::pollfd { fd: poll.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let time = libc::timespec { tv_sec: 0, tv_nsec: timeout.subsec_nanos() as libc::c_long };
    // SAFETY: the call reads and writes these two alone. Whether it has failed, or found something, the look that follows tells.
    unsafe { libc::ppoll(&raw mut descriptor, 1, &raw const time, core::ptr::null()) };
    Duration::ZERO
}

/// Other systems take the time as it is.
#[cfg(not(target_os = "linux"))]
fn wait_precisely(_poll: &Poll, timeout: Duration) -> Duration {
    timeout
}

/// Where an event comes from, and of which generation it is; `None` for the waker.
fn source_of(event: &mio::event::Event) -> Option<(&'static Source, u32)> {
    let is_waker = event.token() == WAKER;
    let (number, generation) = parts_of(event.token());
    (!is_waker).then(|| (TABLE.get(number), generation))
}

/// Wakes those who wait for an event. How many.
fn deliver(worker: &mut Worker, event: &mio::event::Event) -> usize {
    let Some((source, generation)) = source_of(event) else { return 0 };
    if source.generation() != generation {
        return 0;
    }
    let mut woken = 0;
    if event.is_readable() || event.is_read_closed() || event.is_error() {
        let is_over = event.is_read_closed() || event.is_error();
        woken += source.announce(worker, Direction::In, is_over);
    }
    if event.is_writable() || event.is_write_closed() || event.is_error() {
        let is_over = event.is_write_closed() || event.is_error();
        woken += source.announce(worker, Direction::Out, is_over);
    }
    woken
}

/// Takes a descriptor over that does not block, and gives the number of its source.
pub fn add(worker: &Worker, descriptor: OwnedFd, peer: Option<SocketAddr>) -> io::Result<u32> {
    let number = TABLE.take();
    if let Err(error) = register(worker, number, &descriptor) {
        TABLE.give(number);
        return Err(error);
    }
    TABLE.get(number).adopt(descriptor, peer);
    Ok(number)
}

/// Takes any descriptor over: one of which the system tells no events is held without.
pub fn add_any(worker: &Worker, descriptor: OwnedFd) -> io::Result<u32> {
    let number = TABLE.take();
    match register(worker, number, &descriptor) {
        Ok(()) => TABLE.get(number).adopt(descriptor, None),
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => TABLE.get(number).hold(descriptor),
        Err(error) => {
            TABLE.give(number);
            return Err(error);
        }
    }
    Ok(number)
}

/// Lets events of the descriptor be told to the source with this number.
fn register(worker: &Worker, number: u32, descriptor: &OwnedFd) -> io::Result<()> {
    let reactor = Reactor::begun(worker)?;
    let token = token_of(number, TABLE.get(number).generation());
    let interest = Interest::READABLE | Interest::WRITABLE;
    reactor.registry.register(&mut SourceFd(&descriptor.as_raw_fd()), token, interest)
}

/// The source with this number, which the caller has.
pub fn source(number: u32) -> &'static Source {
    TABLE.get(number)
}

/// Gives a source up that nobody uses any more, and closes its descriptor.
pub fn remove(worker: &mut Worker, number: u32) {
    let source = TABLE.get(number);
    source.close(worker);
    source.forget();
    TABLE.give(number);
}

/// What the system gives back with an event.
fn token_of(number: u32, generation: u32) -> Token {
    Token((generation as usize) << u32::BITS | number as usize)
}

fn parts_of(token: Token) -> (u32, u32) {
    (token.0 as u32, (token.0 >> u32::BITS) as u32)
}
