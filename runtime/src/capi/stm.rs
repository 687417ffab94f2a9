//! Rows about transactions.
//!
//! Each is called by compiled code through its stub, on `worker`, with states of variables in objects that the caller keeps, and
//! buffers as its row says, which keep the variables that they name: that is what every `SAFETY` here leans on.

use core::mem;

use crate::context::{Code, Outcome};
use crate::scheduler::worker::Worker;
use crate::stm::protocol::{Commit, Turn};
use crate::stm::{self, Read, State, Write, entries};
use crate::unwind::{self, Payload, Restart};

fn turn(turn: i64) -> Turn {
    if turn == 0 { Turn::None } else { Turn::Own }
}

/// Row `stm_address`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn stm_address(_: *mut Worker, state: *mut u8) -> i64 {
    state.expose_provenance() as i64
}

/// Row `stm_read`.
///
/// # Safety
/// See the module's head; `version` is the caller's place for an integer.
pub unsafe extern "C" fn stm_read(_: *mut Worker, state: *mut u8, version: *mut u8) -> *mut u8 {
    // SAFETY: see the module's head.
    let (value, read) = stm::read(unsafe { &*state.cast::<State>() });
    // SAFETY: as promised.
    unsafe { version.cast::<i64>().write(read) };
    value.as_ptr().cast()
}

/// Row `stm_extend`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn stm_extend(_: *mut Worker, reads: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    stm::extend(unsafe { entries::<Read>(reads) }).unwrap_or(-1)
}

/// Row `stm_commit`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn stm_commit(
    worker: *mut Worker,
    reads: *mut u8,
    writes: *mut u8,
    started: i64,
    own: i64,
) -> i64 {
    // SAFETY: see the module's head.
    let (worker, reads, writes) = unsafe {
        (&mut *worker, entries::<Read>(reads), entries::<Write>(writes.cast::<*const u8>().read()))
    };
    match stm::commit(worker, reads, writes, started, turn(own)) {
        Commit::Done => 0,
        Commit::Conflict => 1,
        Commit::Refused => 2,
    }
}

/// Row `stm_set_turn`.
///
/// # Safety
/// See the module's head; only who has the turn gives it back.
pub unsafe extern "C" fn stm_set_turn(_: *mut Worker, own: i64) {
    stm::set_turn(turn(own));
}

/// Row `stm_wait`.
///
/// # Safety
/// See the module's head; the task has been in a transaction.
pub unsafe extern "C" fn stm_wait(worker: *mut Worker, reads: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    let (worker, reads) = unsafe { (&mut *worker, entries::<Read>(reads)) };
    let task = worker.current_fiber().task();
    let record = task.transaction_record().expect("the task has been in a transaction");
    // SAFETY: see the module's head; a task waits for one thing at a time.
    unsafe { stm::wait(worker, reads, &mut record.borrow_mut()) }
}

/// Row `transaction_enter`.
///
/// # Safety
/// See the module's head; the caller keeps `log` until the task leaves the transaction.
pub unsafe extern "C" fn transaction_enter(worker: *mut Worker, log: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    unsafe { (*worker).current_fiber() }.task().enter_transaction(log);
    stm::now()
}

/// Row `transaction_log`.
///
/// # Safety
/// See the module's head; the task is in a transaction.
pub unsafe extern "C" fn transaction_log(worker: *mut Worker) -> *mut u8 {
    // SAFETY: see the module's head.
    let log = unsafe { (*worker).current_fiber() }.task().transaction_log();
    // SAFETY: who has begun the transaction keeps the object, which begins with a count and belongs to this task.
    unsafe { crate::heap::count::retain_own(log.cast()) };
    log
}

/// Row `transaction_leave`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn transaction_leave(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    worker.current_fiber().task().leave_transaction(worker);
    match unwind::take_deinit_panic(worker) {
        Some(failure) => unwind::raise(worker, Payload::Panic(failure)),
        None => Outcome::done(),
    }
}

/// Row `transaction_drop`.
///
/// # Safety
/// See the module's head; nothing refers to the object any more, and `end` is code that takes it.
pub unsafe extern "C" fn transaction_drop(worker: *mut Worker, object: *mut u8, end: *mut u8) {
    // SAFETY: as promised.
    let (worker, end) = unsafe { (&*worker, mem::transmute::<*mut u8, Code>(end)) };
    worker.current_fiber().task().drop_after_transaction(object, end);
}

/// Row `transaction_restart`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn transaction_restart(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    unwind::raise(unsafe { &mut *worker }, Payload::Restart(Restart::Conflict))
}

/// Row `transaction_retry`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn transaction_retry(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    if worker.current_fiber().task().transaction_log().is_null() {
        return unwind::panic(worker, String::from("`retry` outside of a transaction"));
    }
    unwind::raise(worker, Payload::Restart(Restart::Retry))
}
