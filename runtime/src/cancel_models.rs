//! Models of a cancellation that meets a fiber which begins to wait, checked in every interleaving by loom, as those in `models` are.

#![allow(dead_code, reason = "the models use parts of each word")]

#[path = "scope/pending.rs"]
mod pending;
#[path = "fiber/wait_word.rs"]
mod wait_word;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use pending::Pending;
use wait_word::WaitWord;

/// How a fiber goes on is said before its wait begins, as `park::begin` does: a canceller that claims it at once has the last word.
#[test]
fn loom_a_fiber_goes_on_as_its_claimer_says() {
    const RESUME: u8 = 1;
    const UNDO: u8 = 2;
    struct Fiber {
        word: WaitWord,
        continuation: UnsafeCell<u8>,
    }
    // SAFETY: the model is about just that: loom reports accesses of the cell at once.
    unsafe impl Sync for Fiber {}
    // SAFETY: as above.
    unsafe impl Send for Fiber {}
    loom::model(|| {
        let fiber = Arc::new(Fiber { word: WaitWord::new(), continuation: UnsafeCell::new(0) });
        // SAFETY: loom checks it.
        let goes_on = |fiber: &Fiber, by: u8| fiber.continuation.with_mut(|place| unsafe { *place = by });
        let canceller = thread::spawn({
            let fiber = fiber.clone();
            move || {
                let claimed = fiber.word.interrupt();
                if claimed {
                    goes_on(&fiber, UNDO);
                }
                claimed
            }
        });
        goes_on(&fiber, RESUME);
        let waits = fiber.word.begin();
        let cancelled = canceller.join().unwrap();
        // SAFETY: loom checks it.
        let by = fiber.continuation.with(|place| unsafe { *place });
        assert!(waits || !cancelled);
        assert_eq!(by, if cancelled { UNDO } else { RESUME });
    });
}

/// A task that waits for the first time while its scope is cancelled, and the scope's owner, which waits for the task: the flag is set
/// before members are looked for, and who has linked itself looks at the flag. So the task is found or finds out, and ends its scope.
#[test]
fn loom_a_cancelled_scope_ends() {
    struct Scope {
        is_cancelled: AtomicBool,
        /// The task's fiber, once it is a member.
        member: Mutex<Option<Arc<WaitWord>>>,
        pending: Pending,
    }
    // SAFETY: the plain half of the count is only used by the model's main thread, the owner.
    unsafe impl Sync for Scope {}
    // SAFETY: as above.
    unsafe impl Send for Scope {}
    loom::model(|| {
        let scope = Arc::new(Scope {
            is_cancelled: AtomicBool::new(false),
            member: Mutex::new(None),
            pending: Pending::new(),
        });
        scope.pending.count();
        let canceller = thread::spawn({
            let scope = scope.clone();
            move || {
                scope.is_cancelled.store(true, Ordering::Release);
                scope.member.lock().unwrap().as_ref().is_some_and(|word| word.interrupt())
            }
        });
        let task = thread::spawn({
            let scope = scope.clone();
            move || {
                let word = Arc::new(WaitWord::new());
                *scope.member.lock().unwrap() = Some(word.clone());
                if scope.is_cancelled.load(Ordering::Acquire) {
                    // As `park::register` does; it may be told twice.
                    word.interrupt();
                }
                let waits = word.begin();
                // Else it has a note, and looks.
                assert!(waits || scope.is_cancelled.load(Ordering::Acquire));
                waits
            }
        });
        assert!(!scope.pending.wait(), "its task has not ended");
        let (woken, waits) = (canceller.join().unwrap(), task.join().unwrap());
        assert_eq!(waits, woken, "it is woken, or does not wait");
        // Cancelled, the task ends, and with it the scope.
        assert!(scope.pending.uncount_remote());
    });
}
