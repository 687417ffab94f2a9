//! Programs that nobody waits for any more. They are ended, and waited for, so that the system can forget them.
//!
//! A program that was killed is gone in a moment, unless the system is busy for it: then a thread waits, never a worker.

use std::process::Child;

use crate::sync_shim::{Mutex, thread};

/// Waiting needs hardly any.
const STACK_BYTES: usize = 64 << 10;

const EXPECTATION: &str = "no holder of this lock panics";

static ORPHANS: Mutex<Orphans> = Mutex::new(Orphans { ending: Vec::new(), is_awaited: false });

struct Orphans {
    ending: Vec<Child>,
    /// Whether a thread waits for them.
    is_awaited: bool,
}

/// Ends a program, if it has not ended.
pub fn end(mut child: Child) {
    // It fails where the program has ended.
    let _ = child.kill();
    if child.try_wait().is_ok_and(|status| status.is_none()) {
        let mut orphans = ORPHANS.lock().expect(EXPECTATION);
        orphans.ending.push(child);
        if !orphans.is_awaited {
            let thread = thread::Builder::new().name(String::from("plat-orphans")).stack_size(STACK_BYTES);
            // Without a thread the next one tries again, and at the end the system forgets them.
            orphans.is_awaited = thread.spawn(wait_for_all).is_ok();
        }
    }
}

fn wait_for_all() {
    while let Some(mut child) = next() {
        // It fails if somebody else has waited for it.
        let _ = child.wait();
    }
}

fn next() -> Option<Child> {
    let mut orphans = ORPHANS.lock().expect(EXPECTATION);
    let next = orphans.ending.pop();
    orphans.is_awaited = next.is_some();
    next
}
