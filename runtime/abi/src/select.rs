//! The record of a `select`, in the frame that waits: a head, and an arm for each thing that it waits for.
//!
//! Compiled code fills the head and the arms that the constants here stand for, and takes small values out; the rest is the runtime's, which has
//! these records with types of its own, and asserts that they agree.

use core::mem::size_of;

/// The head of the record.
#[repr(C)]
#[derive(Debug)]
pub struct SelectorHead {
    /// Arms there are so far.
    pub count: u64,
    /// 0: nobody is inside.
    pub lock: u64,
    /// Null: the fiber waits nowhere.
    pub waiters: u64,
    /// Null: nothing has been received.
    pub received: u64,
    /// Null: there is no place for a value larger than `value`.
    pub buffer: u64,
    /// 0: no arm receives such a value.
    pub buffer_size: u64,
    /// Arms there is room for.
    pub capacity: u32,
    /// How it waits; nothing before it does.
    pub mode: u32,
    /// What came of an arm that waits for something outside; nothing before.
    pub outcome: u64,
    /// What has been received, if there is room for it.
    pub value: [u64; SMALL_VALUE / size_of::<u64>()],
}

/// An arm: which kind it is, and then what that kind waits for.
#[repr(C)]
#[derive(Debug)]
pub struct ArmHead {
    /// One of the constants below.
    pub kind: u64,
    /// What it waits for: of [`RECV`] the channel and whether it ignores the channel's end, of [`SEND`] the channel and
    /// the address of the value, of [`AWAIT`] the task, of [`WORD`] the waiters, the
    /// word, what it is at least and what is taken, of [`DEADLINE`] the time.
    pub words: [u64; 4],
}

/// Receives.
pub const RECV: u64 = 0;

/// Waits for a task to finish.
pub const AWAIT: u64 = 1;

/// Waits for a word.
pub const WORD: u64 = 2;

/// Waits for a time.
pub const DEADLINE: u64 = 3;

/// Is never ready.
pub const NEVER: u64 = 4;

/// Sends.
pub const SEND: u64 = 5;

/// Most bytes of a value that is received into the record. What is larger takes a block of its own, and calls that say so; with more than
/// this, frames of the many that receive numbers would grow.
pub const SMALL_VALUE: usize = 32;

/// Bytes of a record of so many arms.
pub const fn record_size(arms: usize) -> usize {
    size_of::<SelectorHead>() + arms * size_of::<ArmHead>()
}
