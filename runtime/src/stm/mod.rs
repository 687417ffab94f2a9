//! Transactional variables: what `TVar` is made of.
//!
//! The library keeps the log of a transaction (`stdlib/sys/transaction.plat`): what it has read, with versions, and what it has written. Values are
//! results of tasks that nothing ever ran, so that all are one word, counted, whatever their types are. Here stands what has to
//! be done at once: reading a variable, committing a log, and waiting for a change of anything that was read. None of the first two
//! suspends, so no task stands still with a variable locked.
//!
//! A commit leaves the values that it has replaced in the log: the library releases them when the transaction is over.

pub mod protocol;

use core::cell::Cell;
use core::mem::size_of;

use plat_abi::layout::{BUFFER_DATA, BufferHeader, TVAR_STATE_SIZE};

use crate::context::Outcome;
use crate::sanitizer;
use crate::scheduler::worker::Worker;
use crate::select::{self, Mode, SelectorRef};
use crate::sync::{Change, Gate, Supply, Waiters};
use crate::task::{Task, TaskRef};
use protocol::{Clock, Commit, STEP, Turn, Version};

/// One for the whole program.
static CLOCK: Clock = Clock::new();

/// A variable, in an object of the library (`TVarState` there).
#[repr(C)]
pub struct State {
    version: Version,
    /// The task whose result is the value; its handle is counted. Under the version's lock.
    value: Cell<*mut Task>,
    /// Who waits for a newer version.
    waiters: Waiters,
}

const _: () = assert!(size_of::<State>() == TVAR_STATE_SIZE);

/// What was read, as the library keeps it.
#[repr(C)]
pub struct Read {
    /// Keeps the variable.
    cell: *const u8,
    state: *const State,
    version: i64,
}

/// What is to be written, as the library keeps it.
#[repr(C)]
pub struct Write {
    /// Keeps the variable.
    cell: *const u8,
    state: *const State,
    /// The new value; after a commit the one before.
    value: Cell<*mut Task>,
    /// Where the variable was written before in this transaction; negative if it was not.
    earlier: i64,
}

impl Read {
    fn state(&self) -> &State {
        // SAFETY: `cell` keeps the object that it stands in (contract of `entries`).
        unsafe { &*self.state }
    }
}

impl Write {
    fn state(&self) -> &State {
        // SAFETY: as in `Read::state`.
        unsafe { &*self.state }
    }

    fn is_first(&self) -> bool {
        self.earlier < 0
    }
}

/// The entries of a log.
///
/// # Safety
/// `buffer` is a live buffer of them, which nobody else uses meanwhile, and which keeps the variables that they name.
pub unsafe fn entries<'a, T>(buffer: *const u8) -> &'a [T] {
    // SAFETY: as promised; a buffer's elements follow its head, as many as that says.
    unsafe {
        let length = (*buffer.cast::<BufferHeader>()).length as usize;
        core::slice::from_raw_parts(buffer.add(BUFFER_DATA).cast::<T>(), length)
    }
}

/// When a transaction begins.
pub fn now() -> i64 {
    CLOCK.now()
}

/// Takes the turn, or gives it back.
pub fn set_turn(turn: Turn) {
    match turn {
        Turn::Own => CLOCK.take_turn(),
        Turn::None => CLOCK.give_turn(),
    }
}

/// The value of a variable, with one more handle, and its version.
pub fn read(state: &State) -> (TaskRef, i64) {
    let (version, value) = state.version.read(|| {
        let value = TaskRef::from_ptr(state.value.get()).expect("a variable has a value");
        // Before a commit can release it.
        value.retain();
        value
    });
    (value, version)
}

/// Goes on at a later time, if all that was read is as it was.
pub fn extend(reads: &[Read]) -> Option<i64> {
    protocol::extend(&CLOCK, versions(reads))
}

fn versions(reads: &[Read]) -> impl Iterator<Item = (&Version, i64)> {
    reads.iter().map(|read| (&read.state().version, read.version))
}

/// Commits the log of the running task's transaction, which began at `started`, and wakes who waits for what has changed.
pub fn commit(worker: &mut Worker, reads: &[Read], writes: &[Write], started: i64, turn: Turn) -> Commit {
    let owner = worker.current_fiber().task().as_ptr().expose_provenance();
    let written = writes.iter().filter(|write| write.is_first());
    let locks = written.clone().map(|write| &write.state().version);
    protocol::commit(&CLOCK, (owner, turn, started), versions(reads), locks, |version| {
        for write in writes {
            // What was written last comes last; the log gets what it has replaced.
            write.value.swap(&write.state().value);
            sanitizer::release(write.state);
        }
        for write in written {
            let state = write.state();
            if state.version.publish(version) {
                state.gate().wake_all(worker, Change { add: 0, clear: 0 }, 0);
            }
        }
    })
}

/// Waits until something has changed that was read. `record` is for the runtime to wait with.
///
/// # Safety
/// The variables are kept, and nobody else uses the record, until the wait is over.
pub unsafe fn wait(worker: &mut Worker, reads: &[Read], record: &mut Vec<u64>) -> Outcome {
    let words = plat_abi::select::record_size(reads.len()).div_ceil(size_of::<u64>());
    record.resize(words.max(record.len()), 0);
    // SAFETY: the record is as large, and the caller's alone.
    let selector = unsafe { SelectorRef::new(record.as_mut_ptr().cast(), reads.len() as u32) };
    for read in reads {
        // SAFETY: the caller keeps the variables.
        let state = unsafe { &*read.state };
        let least = (read.version + STEP).cast_unsigned();
        selector.add_word(Supply { gate: state.gate(), least, take: 0 });
    }
    select::wait(worker, selector, Mode::RETRY)
}

impl State {
    fn gate(&self) -> Gate<'_> {
        Gate { waiters: &self.waiters, word: self.version.word() }
    }
}
