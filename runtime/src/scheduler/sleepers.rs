//! Which of the workers that sleep does what: the part of what the lock of idle workers keeps that knows no threads. Who changes it
//! notifies whom it names.
//!
//! - Some have been *woken*: they are to look for work. Which of the sleepers that are is whoever notices first.
//! - The *watcher* looks by itself after a while, at growing intervals, and when the next timer fires.
//! - The *poller* waits for what happens outside, if fibers wait for that.
//!
//! Who leaves because something has happened outside may compute for long, and nobody would wait there meanwhile. To wake another each
//! time would cost more than most events do. So somebody watches for as long as events come, and becomes the poller if there is none; a
//! sleeper is notified only when there is no watcher either.

/// A time that never comes.
pub const NEVER: i64 = i64::MAX;

/// The watcher's intervals, in nanoseconds: the least and the greatest.
#[cfg(not(loom))]
const INTERVALS: (i64, i64) = (50_000, 5_000_000);
#[cfg(loom)]
const INTERVALS: (i64, i64) = (1, 2);

/// The first interval of who watches because events come: with a shorter one it would look in vain more often than they come, which cost a
/// program that waits and answers all the time a quarter of its work.
const AFTER_EVENTS: i64 = INTERVALS.1 / 4;

/// The sleepers.
pub struct Sleepers {
    /// Those who have not been woken.
    asleep: usize,
    /// Those who have been woken and do not know it yet.
    woken: usize,
    /// Who looks next, by the index of its worker, and when.
    watcher: Option<(usize, i64)>,
    interval: i64,
    is_polled: bool,
}

/// What who falls asleep sees.
#[derive(Clone, Copy)]
pub struct Outlook {
    pub now: i64,
    /// When the next timer fires, or [`NEVER`].
    pub deadline: i64,
    /// Whether fibers wait for something outside.
    pub awaits_events: bool,
    /// Whether no worker runs anything.
    pub is_quiet: bool,
}

/// How a worker is to sleep.
#[derive(Clone, Copy)]
pub struct Sleep {
    /// Whether it waits for what happens outside, instead of being notified.
    pub polls: bool,
    /// When it looks by itself, or [`NEVER`].
    pub until: i64,
}

/// How a sleep has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was notified.
    Notified,
    /// Its time was up.
    Late,
    /// Something has happened outside.
    Event,
}

/// Whom to notify.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notified {
    Poller,
    Another,
}

impl Sleepers {
    /// Nobody.
    pub fn new() -> Self {
        Self { asleep: 0, woken: 0, watcher: None, interval: INTERVALS.0, is_polled: false }
    }

    /// How many have not been woken.
    pub fn count(&self) -> usize {
        self.asleep
    }

    /// Whether somebody who has been woken does not know it yet.
    pub fn has_woken(&self) -> bool {
        self.woken > 0
    }

    /// Whether somebody waits for what happens outside.
    pub fn is_polled(&self) -> bool {
        self.is_polled
    }

    /// Whether one looks by itself.
    pub fn has_watcher(&self) -> bool {
        self.watcher.is_some()
    }

    /// A worker falls asleep.
    pub fn enter(&mut self) {
        self.asleep += 1;
    }

    /// A worker gets up. Whether it has been woken, and counts as awake already.
    pub fn leave(&mut self) -> bool {
        let is_woken = self.woken > 0;
        if is_woken {
            self.woken -= 1;
        } else {
            self.asleep -= 1;
        }
        is_woken
    }

    /// Wakes one, if any sleeps.
    pub fn wake(&mut self) -> Option<Notified> {
        self.asleep = self.asleep.checked_sub(1)?;
        self.woken += 1;
        Some(self.one_of(self.asleep + 1))
    }

    /// The poller only where nobody else is left.
    fn one_of(&self, count: usize) -> Notified {
        if self.is_polled && count == 1 { Notified::Poller } else { Notified::Another }
    }

    /// How a worker that has entered sleeps next.
    pub fn begin(&mut self, worker: usize, outlook: Outlook) -> Sleep {
        let polls = outlook.awaits_events && !self.is_polled;
        // Events may come again soon.
        let lingers = outlook.awaits_events && self.is_polled && self.interval < INTERVALS.1;
        let mut until = outlook.deadline;
        if !outlook.is_quiet || lingers {
            until = until.min(outlook.now + self.interval);
        }
        let watches = until != NEVER && self.watcher.is_none_or(|(_, then)| then > until);
        if watches {
            self.watcher = Some((worker, until));
        }
        self.is_polled |= polls;
        Sleep { polls, until: if watches { until } else { NEVER } }
    }

    /// What it has begun is over.
    pub fn end(&mut self, worker: usize, sleep: Sleep, ended: Ended) {
        if sleep.polls {
            self.is_polled = false;
        }
        if self.watcher.is_some_and(|(watcher, _)| watcher == worker) {
            self.watcher = None;
            match ended {
                Ended::Late => self.interval = (self.interval * 2).min(INTERVALS.1),
                Ended::Notified => self.interval = INTERVALS.0,
                // Says nothing about work elsewhere.
                Ended::Event => {}
            }
        }
    }

    /// A worker that was asleep, perhaps the watcher or the poller, has work now: whom to notify, so that another is.
    pub fn pass_on(&mut self, has_timers: bool) -> Option<Notified> {
        let is_looked_after = self.watcher.is_some() || self.is_polled && !has_timers;
        if is_looked_after || self.asleep == 0 {
            return None;
        }
        if !has_timers {
            self.interval = AFTER_EVENTS.max(INTERVALS.0);
        }
        Some(self.one_of(self.asleep))
    }
}
