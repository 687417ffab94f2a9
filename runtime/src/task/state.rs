//! The task state word: who may start a task, whether it has finished, and who waits for that.
//!
//! ```text
//! UNSTARTED ─claim─► RUNNING ⇄ LOCKED ─finish─► DONE
//!                       ⇅         ⇅
//!                    a waiter (head of the list)
//! ```
//! The list of waiters is the waiter's to link; this word only holds its head and the lock over it. Rejected: a lock-free
//! list; a cancelled waiter has to leave from the middle, and waiters are few.

use plat_abi::fork::{TASK_DONE, TASK_RUNNING};

use crate::sync_shim::{AtomicUsize, Ordering, thread};

const UNSTARTED: usize = 0;
const RUNNING: usize = TASK_RUNNING as usize;
const LOCKED: usize = 2;
const DONE: usize = TASK_DONE as usize;

/// The state of one task.
pub struct StateWord(AtomicUsize);

/// What [`StateWord::lock`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Locked {
    /// Nobody has claimed it; the word is not locked.
    Unstarted,
    /// Someone runs it; the word is locked, and these wait (0 for none).
    Running(usize),
    /// It has finished; the word is not locked.
    Done,
}

impl StateWord {
    /// Of a task that nobody has claimed.
    pub fn new() -> Self {
        Self(AtomicUsize::new(UNSTARTED))
    }

    /// Takes the right to run the task.
    pub fn claim(&self) -> bool {
        // Acquire pairs with the queue's Release that published the captures, for claims that bypass the queue.
        self.0.compare_exchange(UNSTARTED, RUNNING, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// As `claim`, where nobody else can know the task.
    pub fn claim_exclusively(&self) {
        self.0.store(RUNNING, Ordering::Relaxed);
    }

    /// Whether nobody has claimed it yet.
    pub fn is_unstarted(&self) -> bool {
        self.0.load(Ordering::Relaxed) == UNSTARTED
    }

    /// Whether the task has finished; its result can be read then.
    pub fn is_done(&self) -> bool {
        // Pairs with the Release in `finish`.
        self.0.load(Ordering::Acquire) == DONE
    }

    /// Locks the list of waiters of a running task.
    pub fn lock(&self) -> Locked {
        let mut spins = 0;
        loop {
            match self.0.load(Ordering::Acquire) {
                UNSTARTED => return Locked::Unstarted,
                DONE => return Locked::Done,
                LOCKED => {
                    // The holder links one waiter or wakes a few; it may have lost its processor meanwhile.
                    spins += 1;
                    if spins > 100 || cfg!(loom) { thread::yield_now() } else { core::hint::spin_loop() }
                }
                word => {
                    if self
                        .0
                        .compare_exchange_weak(word, LOCKED, Ordering::Acquire, Ordering::Relaxed)
                        .is_ok()
                    {
                        return Locked::Running(if word == RUNNING { 0 } else { word });
                    }
                }
            }
        }
    }

    /// Unlocks, leaving `waiters` (0 for none), an address aligned to 4 at least.
    pub fn unlock(&self, waiters: usize) {
        // Pairs with the Acquire in `lock`.
        self.0.store(if waiters == 0 { RUNNING } else { waiters }, Ordering::Release);
    }

    /// Ends the task. The word is locked by the caller, or nobody else knows the task.
    pub fn finish(&self) {
        self.0.store(DONE, Ordering::Release);
    }
}
