//! The two words by which anybody gets the attention of a worker that runs compiled code: loops test the one, functions that check the
//! stack compare with the other.
//!
//! Who asks sets the word, then raises the limit of the stack so that nobody has room. The worker takes the word back before it looks
//! at what it is asked: what is asked after that is a new question. It also writes the limit where its fiber or its stack changes, which
//! may undo what was raised at the same moment; then only functions miss what is asked, until somebody insists. To rule that out would
//! take a fence at each change of fibers.

use crate::sync_shim::{AtomicU64, Ordering};

/// A limit of the stack that no stack pointer is above.
const NO_ROOM: u64 = u64::MAX;

/// The words of one worker.
#[derive(Clone, Copy)]
pub struct Attention<'a> {
    /// What is asked, 0 for nothing.
    pub word: &'a AtomicU64,
    /// How far down the stack of the fiber reaches.
    pub limit: &'a AtomicU64,
}

impl Attention<'_> {
    /// Asks for something more, a bit or some. From any thread.
    pub fn ask(self, asked: u64) {
        // Release pairs with the Acquire in `take`: what was done before, such as cancelling, is seen by who answers.
        self.word.fetch_or(asked, Ordering::Release);
        self.limit.store(NO_ROOM, Ordering::Relaxed);
    }

    /// Raises the limit again if something is still asked. From any thread.
    pub fn insist(self) {
        if self.word.load(Ordering::Relaxed) != 0 {
            self.limit.store(NO_ROOM, Ordering::Relaxed);
        }
    }

    /// Takes what is asked, and leaves `rest`. For the worker, which then puts the limit of its fiber in force.
    pub fn take(self, rest: u64) -> u64 {
        self.word.swap(rest, Ordering::Acquire)
    }

    /// Puts the limit of a fiber in force, unless something is asked. For the worker.
    pub fn apply(self, limit: u64) {
        let is_asked = self.word.load(Ordering::Relaxed) != 0;
        self.limit.store(if is_asked { NO_ROOM } else { limit }, Ordering::Relaxed);
    }
}
