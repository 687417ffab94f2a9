//! Rows that never return, and those that catch what they raise.
//!
//! Each is called by compiled code through its stub, on `worker`, in a function that has a call site row for it: that is what
//! every `SAFETY` here leans on.

use core::mem;
use core::ptr;

use plat_abi::layout::ClosureHeader;

use crate::context::{Code, Outcome};
use crate::scheduler::worker::Worker;
use crate::sync_shim::Arc;
use crate::text::output;
use crate::text::string::{from_text, text};
use crate::timeline;
use crate::unwind::failure::Failure;
use crate::unwind::{self, Payload, Restart};

/// Exit code of a test that ends the process. With the code it asks for it would look like one that has passed.
const TEST_EXIT_CODE: i32 = 104;

/// Row `panic`.
///
/// # Safety
/// See the module's head; `message` is a live string.
pub unsafe extern "C" fn panic(worker: *mut Worker, message: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    let (worker, message) = unsafe { (&mut *worker, text(message.cast())) };
    unwind::panic(worker, message.to_owned())
}

/// Row `catch_panic`.
///
/// # Safety
/// See the module's head; `body` is a live closure of type `fn()`.
pub unsafe extern "C" fn catch_panic(worker: *mut Worker, body: *mut u8) -> Outcome {
    // SAFETY: see the module's head; code of this type takes the block and returns nothing.
    let (worker, code) =
        unsafe { (&mut *worker, mem::transmute::<*const u8, Code>((*body.cast::<ClosureHeader>()).code)) };
    unwind::catch(worker, code, body)
}

/// Row `caught_raise`.
///
/// # Safety
/// See the module's head; `caught` is what `catch_panic` has returned, and nobody uses it any more.
pub unsafe extern "C" fn caught_raise(worker: *mut Worker, caught: i64) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    let payload = match Restart::of(caught) {
        Some(why) => Payload::Restart(why),
        // SAFETY: `unwind` made the number of a reference that it gave up.
        None => Payload::Panic(unsafe { Arc::from_raw(caught_failure(caught)) }),
    };
    unwind::raise(worker, payload)
}

/// Row `caught_text`.
///
/// # Safety
/// See the module's head; `caught` is a panic that `catch_panic` has returned.
pub unsafe extern "C" fn caught_text(worker: *mut Worker, caught: i64, part: i64) -> *mut u8 {
    // SAFETY: see the module's head; the caller has not released the panic yet.
    let (worker, failure) = unsafe { (&mut *worker, &*caught_failure(caught)) };
    let program = worker.program();
    let text = match part {
        0 => failure.message().to_owned(),
        1 => failure.place(program),
        _ => failure.report(program),
    };
    from_text(&mut worker.heap, &text).cast()
}

/// Row `caught_release`.
///
/// # Safety
/// See the module's head; `caught` is a panic that `catch_panic` has returned, and nobody uses it any more.
pub unsafe extern "C" fn caught_release(_worker: *mut Worker, caught: i64) {
    // SAFETY: `unwind` made the number of a reference that it gave up.
    drop(unsafe { Arc::from_raw(caught_failure(caught)) });
}

/// Row `deinit_panicked`.
///
/// # Safety
/// See the module's head; `caught` is a panic that the stub `plat_call_deinit` has returned.
pub unsafe extern "C" fn deinit_panicked(worker: *mut Worker, caught: i64) {
    // SAFETY: see the module's head; `unwind` made the number of a reference that it gave up.
    unsafe { unwind::deinit_panicked(&mut *worker, Arc::from_raw(caught_failure(caught))) };
}

/// Row `raise_deinit_panic`.
///
/// # Safety
/// See the module's head; the worker record has a panic of a `deinit`.
pub unsafe extern "C" fn raise_deinit_panic(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    let worker = unsafe { &mut *worker };
    let failure = unwind::take_deinit_panic(worker).expect("compiled code has seen it");
    unwind::raise(worker, Payload::Panic(failure))
}

fn caught_failure(caught: i64) -> *const Failure {
    ptr::with_exposed_provenance(caught as usize)
}

/// Row `panic_overflow`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn panic_overflow(worker: *mut Worker, operation: i64) -> Outcome {
    /// By `layout::Arithmetic`.
    const MESSAGES: [&str; 7] = [
        "integer overflow in addition",
        "integer overflow in subtraction",
        "integer overflow in multiplication",
        "integer overflow in division",
        "integer overflow in remainder",
        "integer overflow in negation",
        "shift amount is out of range",
    ];
    let message = MESSAGES.get(operation as usize).copied().unwrap_or("integer overflow");
    // SAFETY: see the module's head.
    unwind::panic(unsafe { &mut *worker }, message.to_owned())
}

/// Row `panic_division_by_zero`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn panic_division_by_zero(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    unwind::panic(unsafe { &mut *worker }, String::from("division by zero"))
}

/// Row `panic_index`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn panic_index(worker: *mut Worker, index: i64, length: i64) -> Outcome {
    let message = format!("index {index} is out of bounds for length {length}");
    // SAFETY: see the module's head.
    unwind::panic(unsafe { &mut *worker }, message)
}

/// Row `panic_in_use`.
///
/// # Safety
/// See the module's head; both are live strings.
pub unsafe extern "C" fn panic_in_use(worker: *mut Worker, what: *mut u8, place: *mut u8) -> Outcome {
    // SAFETY: see the module's head.
    let (worker, what, place) = unsafe { (&mut *worker, text(what.cast()), text(place.cast())) };
    unwind::panic(worker, format!("{what} is in use since {place}"))
}

/// Row `panic_cast`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn panic_cast(worker: *mut Worker) -> Outcome {
    // SAFETY: see the module's head.
    unwind::panic(
        unsafe { &mut *worker },
        String::from("the number does not fit the type it is converted to"),
    )
}

/// Row `exit`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn exit(_worker: *mut Worker, code: i64) -> Outcome {
    let code = if super::test::is_test() {
        output::write_error(format_args!("the test called `exit({code})`\n"));
        TEST_EXIT_CODE
    } else {
        code as i32
    };
    timeline::finish();
    // SAFETY: ends the process; output is written line by line, so nothing is lost.
    unsafe { libc::_exit(code) }
}
