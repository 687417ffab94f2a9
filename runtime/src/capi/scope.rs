//! Rows about options of scopes.
//!
//! Each but `scope_claim` is called by compiled code through its stub, on `worker`, with the record of a scope that its task has opened and
//! not closed, before it spawns into it: that is what every `SAFETY` here leans on.

use plat_abi::layout::ClosureHeader;

use crate::context::{Code, Outcome};
use crate::scheduler::worker::Worker;
use crate::scope::handle::HandleRef;
use crate::scope::{ScopeRef, options};
use crate::text::string::text;
use crate::unwind;

fn record(scope: *mut u8) -> ScopeRef {
    ScopeRef::from_ptr(scope.cast()).expect("a scope record is never null")
}

/// Row `scope_isolate`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn scope_isolate(_: *mut Worker, scope: *mut u8, isolates: i64) {
    if isolates != 0 {
        record(scope).isolate();
    }
}

/// Row `scope_name`.
///
/// # Safety
/// See the module's head; `name` is a live string.
pub unsafe extern "C" fn scope_name(_: *mut Worker, scope: *mut u8, name: *mut u8) {
    // SAFETY: as promised.
    record(scope).set_name(unsafe { text(name.cast()) });
}

/// Row `scope_handle`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn scope_handle(worker: *mut Worker, scope: *mut u8) -> *mut u8 {
    // SAFETY: see the module's head.
    record(scope).make_handle(unsafe { &mut *worker }).as_ptr()
}

/// Row `scope_claim`.
///
/// # Safety
/// `handle` is a live one of row `scope_handle`; of the scope nothing is known.
pub unsafe extern "C" fn scope_claim(worker: *mut Worker, handle: *mut u8) -> Outcome {
    // SAFETY: as promised.
    let (worker, handle) = unsafe { (&mut *worker, HandleRef::from_ptr(handle)) };
    match handle.claim(worker.current_fiber()) {
        Some(scope) => Outcome::value(scope.as_ptr() as i64),
        None => unwind::panic(worker, String::from("scope has ended")),
    }
}

/// Row `scope_limit`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn scope_limit(worker: *mut Worker, scope: *mut u8, limit: i64) -> Outcome {
    if limit < 1 {
        // SAFETY: see the module's head.
        let worker = unsafe { &mut *worker };
        return unwind::panic(worker, String::from("the limit of a scope must be at least 1"));
    }
    record(scope).set_limit(limit as usize);
    Outcome::done()
}

/// Row `scope_deadline`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn scope_deadline(worker: *mut Worker, scope: *mut u8, deadline: i64) {
    // SAFETY: see the module's head.
    record(scope).set_deadline(unsafe { &*worker }, deadline);
}

/// Row `scope_catch`.
///
/// # Safety
/// See the module's head; `body` is a live closure of type `fn()`.
pub unsafe extern "C" fn scope_catch(worker: *mut Worker, scope: *mut u8, body: *mut u8) -> Outcome {
    // SAFETY: see the module's head; code of this type takes the block and returns nothing.
    let (worker, code) = unsafe {
        (&mut *worker, core::mem::transmute::<*const u8, Code>((*body.cast::<ClosureHeader>()).code))
    };
    options::catch(worker, record(scope), code, body)
}
