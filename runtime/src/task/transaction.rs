//! What a task keeps that is, or was, in a transaction: the log, and what goes when the transaction is over.
//!
//! It stands among the facts that few tasks have. Only the task itself comes to it, but for the flag in its record, by which
//! compiled code knows that there is a transaction.

use core::cell::{Cell, RefCell};

use plat_abi::fork::IN_TRANSACTION;

use super::{Fact, TaskRef};
use crate::context::Code;
use crate::scheduler::worker::Worker;

/// Transactions of a task.
pub struct Transactions {
    /// The library's log of the current one, which the library keeps.
    log: Cell<*mut u8>,
    /// Objects that nothing refers to any more and whose end waits for that of the transaction.
    dropped: RefCell<Vec<Dropped>>,
    /// For waiting.
    record: RefCell<Vec<u64>>,
}

/// An object without references, and what ends its life.
struct Dropped {
    object: *mut u8,
    end: Code,
}

impl TaskRef {
    /// Begins a transaction of the running task.
    pub fn enter_transaction(self, log: *mut u8) {
        match self.transactions() {
            Some(known) => known.log.set(log),
            None => self.add_fact(Fact::Transactions(Transactions {
                log: Cell::new(log),
                dropped: RefCell::default(),
                record: RefCell::default(),
            })),
        }
        self.shields.set(self.shields.get() | IN_TRANSACTION);
    }

    /// The transaction of the running task is over: releases what had to wait for that. What a `deinit` panics with is in the worker record.
    pub fn leave_transaction(self, worker: &mut Worker) {
        self.shields.set(self.shields.get() & !IN_TRANSACTION);
        let Some(known) = self.transactions() else { return };
        known.log.set(core::ptr::null_mut());
        let dropped = core::mem::take(&mut *known.dropped.borrow_mut());
        for Dropped { object, end } in dropped {
            worker.call_glue(end, object);
        }
    }

    /// The log of the current transaction; null if there is none.
    pub fn transaction_log(self) -> *mut u8 {
        self.transactions().map_or(core::ptr::null_mut(), |known| known.log.get())
    }

    /// Ends the life of an object when the current transaction is over.
    pub fn drop_after_transaction(self, object: *mut u8, end: Code) {
        let known = self.transactions().expect("the task is in a transaction");
        known.dropped.borrow_mut().push(Dropped { object, end });
    }

    /// Where it may wait for the variables of a transaction.
    pub fn transaction_record(&self) -> Option<&RefCell<Vec<u64>>> {
        self.transactions().map(|known| &known.record)
    }

    fn transactions(&self) -> Option<&Transactions> {
        self.facts().find_map(|fact| match fact {
            Fact::Transactions(known) => Some(known),
            _ => None,
        })
    }
}
