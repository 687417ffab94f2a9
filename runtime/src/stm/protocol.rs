//! How transactions see and make one consistent change: TL2 (Dice, Shalev, Shavit, "Transactional Locking II", 2006), with a way to run alone.
//!
//! Each variable has a word: its version, and whether somebody is about to change it. One clock counts commits. A transaction notes the clock
//! when it begins and reads only what is no newer; what it writes, it keeps to itself. To commit it locks what it has written, advances the clock,
//! looks whether what it has read is as it was, and gives what it has written out, with the clock as version. So transactions that
//! touch different variables meet at the clock only, one that writes nothing does so not at all, and none ever sees two
//! variables as they were not at one time.
//!
//! NOrec (Dalessandro, Spear, Scott, 2010) needs no words, but commits one after the other, and lets each look at all it has read
//! after any commit. A transaction that has failed often takes the *turn*: nobody else commits until it has, so none goes on in vain forever.
//!
//! Knows neither values nor who waits: models run this very file.

use crate::sync_shim::{AtomicI64, AtomicUsize, Ordering, thread};

/// Somebody waits for a newer version: `sync::Supply` sets it.
const WAITED_FOR: i64 = 1;

/// Somebody is about to give out a newer version, or has found that it must not.
const LOCKED: i64 = 2;

/// Somebody reads the value, which takes a few instructions.
const READING: i64 = 4;

/// All of these.
const FLAGS: i64 = WAITED_FOR | LOCKED | READING;

/// From one version to the next.
pub const STEP: i64 = 8;

/// In the clock: one transaction commits alone.
const TURN: i64 = 1;

/// Looks at a word that another has locked, each after twice as many pauses as the one before, before a commit gives up. All together
/// take about 20 microseconds, more than commits of some ten variables; who gives up runs once more.
const LOOKS: u32 = if cfg!(loom) { 2 } else { 8 };

/// The word of a variable. All zeros is the first version.
#[repr(C)]
pub struct Version {
    word: AtomicI64,
    /// Who has locked it, to itself: 0 is nobody.
    owner: AtomicUsize,
}

impl Version {
    /// The first version. Variables of programs are made by the library.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self { word: AtomicI64::new(0), owner: AtomicUsize::new(0) }
    }

    /// The word, to wait for.
    pub fn word(&self) -> &AtomicI64 {
        &self.word
    }

    /// Copies the value while nobody changes it; with the version that it is of.
    pub fn read<R>(&self, copy: impl FnOnce() -> R) -> (i64, R) {
        let mut looks = 0;
        loop {
            let word = self.word.load(Ordering::Relaxed);
            // Acquire pairs with the Release in `publish`: the value of this version is seen.
            if word & (LOCKED | READING) == 0 && self.replace(word, word | READING, Ordering::Acquire) {
                let value = copy();
                // Release: whoever locks it next changes the value after it has been copied.
                self.word.fetch_and(!READING, Ordering::Release);
                return (word & !FLAGS, value);
            }
            pause(&mut looks);
        }
    }

    /// Whether it is of this version still, and nobody is about to change that but `owner`, if there is one.
    fn is_still(&self, version: i64, owner: Option<usize>) -> bool {
        // Acquire: what is read after this is no older.
        let word = self.word.load(Ordering::Acquire);
        // Relaxed: it is `owner` that has stored its own number, if anybody has. Of another's lock nothing is known by the number: it is
        // stored after the lock was taken, and cleared before that is let go.
        let is_own = || owner == Some(self.owner.load(Ordering::Relaxed));
        word & !FLAGS == version && (word & LOCKED == 0 || is_own())
    }

    /// Locks it, unless another keeps it locked.
    fn lock(&self, owner: usize) -> bool {
        let mut looks = 0;
        while looks < LOOKS {
            let word = self.word.load(Ordering::Relaxed);
            if word & (LOCKED | READING) == 0 && self.replace(word, word | LOCKED, Ordering::Acquire) {
                self.owner.store(owner, Ordering::Relaxed);
                return true;
            }
            pause(&mut looks);
        }
        false
    }

    /// Lets it go as it was.
    fn unlock(&self) {
        self.owner.store(0, Ordering::Relaxed);
        self.word.fetch_and(!LOCKED, Ordering::Release);
    }

    /// Lets it go with a newer version, whose value is in its place. Whether somebody waits for that.
    pub fn publish(&self, version: i64) -> bool {
        self.owner.store(0, Ordering::Relaxed);
        // Release pairs with `read`. Acquire: who has set the flag has entered the queue under its lock, which the caller takes next.
        self.word.swap(version, Ordering::AcqRel) & WAITED_FOR != 0
    }

    fn replace(&self, from: i64, to: i64, success: Ordering) -> bool {
        self.word.compare_exchange_weak(from, to, success, Ordering::Relaxed).is_ok()
    }
}

/// Lets a moment pass for who holds a word; from the last look on other threads run, as the holder has probably lost its processor.
fn pause(looks: &mut u32) {
    *looks += 1;
    if cfg!(loom) || *looks >= LOOKS {
        thread::yield_now();
    } else {
        (0..8 << *looks).for_each(|_| core::hint::spin_loop());
    }
}

/// Counts commits.
pub struct Clock(AtomicI64);

/// Whether a transaction has the turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It commits beside others.
    None,
    /// It commits alone.
    Own,
}

/// What came of a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Commit {
    /// It is done.
    Done,
    /// Something has changed meanwhile.
    Conflict,
    /// It is another's turn.
    Refused,
}

impl Clock {
    /// Nothing has been committed.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    /// Nothing has been committed.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    /// The newest version that a transaction which begins here may read.
    pub fn now(&self) -> i64 {
        // Acquire pairs with `advance`: who has a version up to this one has locked what it writes, and that is seen.
        self.0.load(Ordering::Acquire) & !TURN
    }

    /// The version of a commit, whose writes are locked, and the one before; `None` if it is another's turn.
    fn advance(&self, turn: Turn) -> Option<(i64, i64)> {
        // AcqRel: of two commits that each write what the other reads, the later one sees that the earlier one has locked.
        let before = self.0.fetch_add(STEP, Ordering::AcqRel);
        let is_refused = before & TURN != 0 && turn == Turn::None;
        let before = before & !TURN;
        (!is_refused).then_some((before + STEP, before))
    }

    /// Takes the turn. Only one at a time does.
    pub fn take_turn(&self) {
        // AcqRel: who has advanced the clock before has locked what it writes, so that who has the turn waits for that.
        self.0.fetch_or(TURN, Ordering::AcqRel);
    }

    /// Gives it back.
    pub fn give_turn(&self) {
        self.0.fetch_and(!TURN, Ordering::AcqRel);
    }
}

/// Goes on at a later time: the newest version that may be read from here on, if all that was read is as it was.
pub fn extend<'a>(clock: &Clock, mut reads: impl Iterator<Item = (&'a Version, i64)>) -> Option<i64> {
    let now = clock.now();
    reads.all(|(version, read)| version.is_still(read, None)).then_some(now)
}

/// Commits what the transaction with this number has written, each variable once, if what it has read, since the clock was `started`, is as it was. `give`
/// puts the values in their places, and publishes the version it is given.
pub fn commit<'a>(
    clock: &Clock,
    (owner, turn, started): (usize, Turn, i64),
    mut reads: impl Iterator<Item = (&'a Version, i64)>,
    writes: impl Iterator<Item = &'a Version> + Clone,
    give: impl FnOnce(i64),
) -> Commit {
    let count = writes.clone().take_while(|version| version.lock(owner)).count();
    let unlock = |count: usize| writes.clone().take(count).for_each(Version::unlock);
    if count < writes.clone().count() {
        unlock(count);
        return Commit::Conflict;
    }
    let Some((version, before)) = clock.advance(turn) else {
        unlock(count);
        return Commit::Refused;
    };
    // If nobody else has committed since, there is nothing to look at.
    if before != started && !reads.all(|(version, read)| version.is_still(read, Some(owner))) {
        unlock(count);
        return Commit::Conflict;
    }
    give(version);
    Commit::Done
}
