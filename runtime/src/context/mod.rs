//! Switching stacks: the only assembly, one file per target.
//!
//! Compiled code runs on fiber stacks, Rust on the worker's own stack, never the other way round. The stubs written here
//! are the only way between them:
//! - a stub `plat_X` per runtime function takes compiled code to the worker's stack and back;
//! - `plat_foreign` does the same for a function of C, whose arguments are where C wants them and whose address stands in the
//!   worker record;
//! - `__morestack` calls a compiled function on the segment of stack that was made ready, and gives that back. Its name is the one by
//!   which gdb knows that a caller's frame may stand anywhere;
//! - `plat_call_deinit` calls a `deinit`, shielded from cancellations; a panic in it is what the stub returns, else 0;
//! - `plat_loop_poll` and `plat_loop_pause` call row `poll`, and keep all registers: the code of loops is as if there was no call;
//! - [`enter`] takes the worker loop onto a fiber's stack and returns when the fiber has left the worker;
//! - an outcome [`Outcome::call`] has the stub call compiled code on the fiber's stack, which may suspend and may panic, before
//!   the runtime goes on.
//!
//! What a `[leaf]` stub does: keep the stack pointer in the worker record, take the worker's, call, take it back. All other
//! stubs push the callee-saved registers first and keep the stack pointer in the *fiber*, so that the fiber is complete
//! the moment the runtime publishes it: another worker may resume it while this one still runs Rust. They then obey
//! the [`Outcome`].
//!
//! Where a fiber's saved stack pointer points: the callee-saved registers ([`SAVED_WORDS`]), then the return address
//! into compiled code. Rejected: resuming with `ret`; the processor predicts the wrong target (7.4 against 2.5 ns).

use core::mem::{MaybeUninit, offset_of};
use core::ptr::{self, NonNull};

use plat_abi::layout::{
    FIBER_TASK, STUB_BYTES, TASK_CAPTURES, TaskDescriptor, WORKER_ARGUMENT_BYTES, WORKER_CALLEE,
    WORKER_SEGMENT_TOP,
};

use crate::fiber::{Fiber, FiberRef};
use crate::scheduler::worker::Worker;
use crate::sync_shim::{AtomicUsize, Ordering};
use crate::task::Task;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod arch;

#[cfg(target_arch = "x86_64")]
pub(crate) use arch::SAVED_WORDS;
#[cfg(target_arch = "aarch64")]
pub(crate) use arch::save_registers;
pub(crate) use arch::{FRAME_POINTER_WORD, POLL_BYTES, RETURN_ADDRESS_WORD, SAVED_BYTES, define_stub};

const _: () = assert!(SAVED_BYTES <= STUB_BYTES, "the compiler counts on no more");

/// What a stub does after a runtime function that is no `[leaf]`. Comes back in two registers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The result for compiled code, or the task to run.
    value: u64,
    action: Action,
}

/// What happens next on the worker.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    /// Return to compiled code.
    Return = 0,
    /// Return to compiled code whose registers stand at the saved stack pointer, not to that which called the stub.
    Resume = 1,
    /// Leave the fiber, which is suspended or finished, for the worker loop.
    Switch = 2,
    /// Run a task's entry on the fiber's stack, from the saved stack pointer on.
    Run = 3,
    /// Call the compiled code that the worker's [`CompiledCall`] says on the fiber's stack, from the saved stack pointer on.
    Call = 4,
    /// As `Call`, but the fiber's stub returns 0 after it.
    Catch = 5,
}

/// Compiled code of one argument.
pub type Code = unsafe extern "C" fn(*mut u8);

/// A call of compiled code on a fiber's stack.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompiledCall {
    /// The code.
    pub code: Code,
    /// Its argument.
    pub argument: *mut u8,
    /// The frame pointer of the frame that it stands below, so that debuggers find their way.
    pub frame_pointer: usize,
}

/// What a task of [`glue_entry`] captures.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GlueCaptures {
    /// The code.
    pub code: Code,
    /// Its argument.
    pub argument: *mut u8,
}

const ACTION_RESUME: u64 = Action::Resume as u64;
const ACTION_SWITCH: u64 = Action::Switch as u64;
const ACTION_RUN: u64 = Action::Run as u64;
const ACTION_CALL: u64 = Action::Call as u64;

impl Outcome {
    /// Returns `value` to compiled code.
    pub fn value(value: i64) -> Self {
        Self { value: value as u64, action: Action::Return }
    }

    /// Returns to compiled code, which expects no value.
    pub fn done() -> Self {
        Self::value(0)
    }

    /// Returns `value` to the compiled code that the current fiber's saved stack pointer belongs to, which has called another stub than
    /// the one that this outcome is for.
    pub fn resume(value: i64) -> Self {
        Self { value: value as u64, action: Action::Resume }
    }

    /// The same where the compiled code that it returns to, if it returns, may have called another stub than the one that this outcome is for.
    pub fn elsewhere(self) -> Self {
        if self.action == Action::Return { Self::resume(self.value as i64) } else { self }
    }

    /// Returns an address to compiled code.
    pub fn pointer(pointer: *mut u8) -> Self {
        Self { value: pointer as u64, action: Action::Return }
    }

    /// Goes back to the worker loop: the current fiber is published to whoever will wake it, or finished. Nothing may
    /// touch it any more. Where fibers wait often, [`Worker::leave`] goes over to the next without the loop.
    pub fn switch() -> Self {
        Self { value: 0, action: Action::Switch }
    }

    /// Runs the entry of a claimed task on the current fiber's stack. `entry_finished` follows.
    pub fn run(task: *mut Task) -> Self {
        Self { value: task as u64, action: Action::Run }
    }

    /// Calls compiled code on the current fiber's stack. [`run::cleanup_finished`](crate::task::run::cleanup_finished)
    /// follows.
    pub fn call(worker: &mut Worker, call: CompiledCall) -> Self {
        worker.call = MaybeUninit::new(call);
        Self { value: 0, action: Action::Call }
    }

    /// Calls compiled code on the current fiber's stack, where its stub has saved the registers, and then returns 0. A panic in
    /// the code is what the stub returns instead.
    pub fn catch(worker: &mut Worker, call: CompiledCall) -> Self {
        Self { action: Action::Catch, ..Self::call(worker, call) }
    }

    /// Whether the fiber has left the worker.
    pub fn is_switch(self) -> bool {
        self.action == Action::Switch
    }
}

/// The fields that compiled code knows stand first in the record.
const CALLEE: usize = offset_of!(Worker, fields) + WORKER_CALLEE;
const FOREIGN_SP: usize = offset_of!(Worker, foreign_sp);
const ARGUMENT_BYTES: usize = offset_of!(Worker, fields) + WORKER_ARGUMENT_BYTES;
const SEGMENT_TOP: usize = offset_of!(Worker, fields) + WORKER_SEGMENT_TOP;
const TASK_SHIELDS: usize = offset_of!(plat_abi::fork::TaskHead, shields);
const GLUE_CODE: usize = TASK_CAPTURES + offset_of!(GlueCaptures, code);
const GLUE_ARGUMENT: usize = TASK_CAPTURES + offset_of!(GlueCaptures, argument);
const WORKER_SP: usize = offset_of!(Worker, worker_sp);
const COMPILED_SP: usize = offset_of!(Worker, compiled_sp);
const CURRENT_FIBER: usize = offset_of!(Worker, fiber);
const WORKER_CALL: usize = offset_of!(Worker, call);
const CALL_CODE: usize = WORKER_CALL + offset_of!(CompiledCall, code);
const CALL_ARGUMENT: usize = WORKER_CALL + offset_of!(CompiledCall, argument);
const CALL_FRAME_POINTER: usize = WORKER_CALL + offset_of!(CompiledCall, frame_pointer);
const FIBER_SP: usize = offset_of!(Fiber, sp);
const TASK_DESCRIPTOR: usize = offset_of!(Task, descriptor);
const DESCRIPTOR_ENTRY: usize = offset_of!(TaskDescriptor, entry);

// Neither side of these calls looks inside the records by C's rules.
#[allow(improper_ctypes)]
unsafe extern "C" {
    fn plat_context_enter(worker: *mut Worker, value: u64, action: u64);
    fn plat_context_glue_entry(task: *mut u8);
    fn plat_context_entry_return();
    fn plat_context_call_return();
    fn plat_context_catch_return();
    fn plat_context_deinit_return();
    fn plat_context_poll_return();
    fn plat_context_segment_return();
}

/// Goes onto the stack of the worker's current fiber as `outcome` says, and comes back when a fiber has left the worker.
///
/// # Safety
/// `worker.fiber` is a fiber that this worker alone may run, and its saved stack pointer fits the outcome.
pub unsafe fn enter(worker: &mut Worker, outcome: Outcome) {
    if !outcome.is_switch() {
        // SAFETY: passed on from the caller; the assembly keeps Rust's callee-saved registers on the worker's stack.
        unsafe { plat_context_enter(worker, outcome.value, outcome.action as u64) }
    }
}

/// The entry of tasks that call compiled code with one argument, by [`GlueCaptures`].
pub const GLUE_ENTRY: unsafe extern "C" fn(*mut u8) = plat_context_glue_entry;

/// Bytes that processors fetch at once.
pub const LINE: usize = 64;

/// Has the processor fetch what is needed first to go on with a fiber that is about to.
#[inline(always)]
pub fn prefetch(fiber: FiberRef) {
    prefetch_line(fiber.sp.get());
}

/// Has the processor fetch what a fiber waits by.
#[inline(always)]
pub fn prefetch_record(fiber: FiberRef) {
    /// Up to the deadline.
    const LINES: usize = 3;
    (0..LINES).for_each(|line| prefetch_line(fiber.stack_top() + line * LINE));
}

/// Has the processor fetch the frames that a fiber goes on in, and what it has waited for. Looks at its record.
#[inline(always)]
pub fn prefetch_stack(fiber: FiberRef) {
    /// Of the innermost frames, and of the next that they call.
    const LINES: (usize, usize) = (5, 2);
    let (above, below) = LINES;
    let sp = fiber.sp.get();
    (0..above).for_each(|line| prefetch_line(sp + line * LINE));
    (1..=below).for_each(|line| prefetch_line(sp - line * LINE));
    prefetch_line(fiber.object.get().addr());
}

/// Has the processor fetch the line at an address.
#[inline(always)]
pub fn prefetch_line(address: usize) {
    let address = ptr::with_exposed_provenance::<i8>(address);
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint about an address, which need not even be valid.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(address)
    };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above.
    unsafe {
        core::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, preserves_flags, readonly))
    };
}

/// The calls that a function of C was made by, innermost first, as return addresses.
pub type ForeignCall = [usize; 2];

/// The call of the function of C that a worker runs, if it runs one, and the call of the function that made it. From any thread, for
/// a record that stays. `None` as well if the function returns meanwhile.
pub fn foreign_call(worker: NonNull<Worker>) -> Option<ForeignCall> {
    /// Frames of functions that call C are smaller.
    const LARGEST_FRAME: usize = 64 << 10;
    let word = |address: usize| {
        // SAFETY: callers pass addresses in memory that stays: in a worker's record, or on the stack of the fiber that runs there. Who
        // runs it may write them, each with one store.
        unsafe { AtomicUsize::from_ptr(ptr::with_exposed_provenance_mut(address)) }.load(Ordering::Acquire)
    };
    let mark = worker.expose_provenance().get() + FOREIGN_SP;
    let stack_pointer = word(mark);
    if stack_pointer == 0 {
        return None;
    }
    // The stub has pushed the frame pointer, on top of the return address.
    let (frame_pointer, innermost) = (word(stack_pointer), word(stack_pointer + 8));
    if word(mark) != stack_pointer {
        return None;
    }
    let is_frame = frame_pointer > stack_pointer && frame_pointer - stack_pointer < LARGEST_FRAME;
    let outer = if is_frame { word(frame_pointer + 8) } else { 0 };
    Some([innermost, outer])
}

/// The return address that stands above the first frame of every task: where the unwinder stops.
pub fn entry_return_address() -> usize {
    plat_context_entry_return as *const () as usize
}

/// The return address that stands above the first frame of what [`Outcome::call`] calls.
pub fn call_return_address() -> usize {
    plat_context_call_return as *const () as usize
}

/// The return addresses that stand above the first frame of what [`Outcome::catch`] and `plat_call_deinit` call.
pub fn catch_return_addresses() -> [usize; 2] {
    [plat_context_catch_return as *const () as usize, deinit_return_address()]
}

/// The return address that stands above the first frame of what `plat_call_deinit` calls.
pub fn deinit_return_address() -> usize {
    plat_context_deinit_return as *const () as usize
}

/// The return address of the stub of polls, which has saved all registers that the stub of row `poll` has not.
pub fn poll_return_address() -> usize {
    plat_context_poll_return as *const () as usize
}

/// The return address that stands above the first frame on a segment of stack.
pub fn segment_return_address() -> usize {
    plat_context_segment_return as *const () as usize
}
