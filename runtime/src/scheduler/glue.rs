//! Compiled code that the runtime calls by itself, to release what it holds: results and captures of tasks, values in channels.
//!
//! It runs on a fiber that the worker keeps for that, as a task outside of all scopes; it never waits, because no `deinit` can, and polls
//! pass it by. A
//! panic out of a `deinit` is in the worker record afterwards, as after any release, for the caller to take.
//!
//! An object that loses its last handle while glue runs is freed when that has returned: channels in channels, or tasks in
//! results of tasks, form chains of any length, and freeing each inside of the other would need a stack of any size.

use core::ptr;
use std::collections::VecDeque;

use plat_abi::layout::{TASK_CAPTURES, TaskDescriptor};

use super::acting::NO_TASK;
use super::worker::Worker;
use crate::context::{self, Code, GLUE_ENTRY, GlueCaptures};
use crate::fiber::{Fiber, FiberRef};
use crate::sanitizer;
use crate::stack::StackClass;
use crate::sync_shim::Ordering;
use crate::task::{Ending, TaskRef, run};
use crate::unwind::Payload;

/// Frees an object that nobody has a handle of any more.
pub type Free = fn(&mut Worker, *mut u8);

/// What a worker needs to call glue.
pub struct Glue {
    /// Made for the first call.
    fiber: Option<(FiberRef, TaskRef)>,
    /// Whether glue runs, or something that may call it.
    is_busy: bool,
    /// What is to be freed after that.
    unfreed: VecDeque<(Free, *mut u8)>,
}

static DESCRIPTOR: TaskDescriptor = TaskDescriptor {
    entry: GLUE_ENTRY,
    record_size: (TASK_CAPTURES + size_of::<GlueCaptures>()) as u32,
    result_offset: TASK_CAPTURES as u32,
    stack_bound: 0,
    location: 0,
    drop_captures: None,
    drop_result: None,
};

/// What the worker was doing when it came to call glue.
struct Interrupted {
    fiber: *mut Fiber,
    worker_sp: usize,
    compiled_sp: usize,
    is_unwinding: bool,
    raised: Option<Payload>,
    has_rejoined: bool,
    acting: u32,
}

impl Glue {
    /// Nothing is made yet.
    pub fn new() -> Self {
        Self { fiber: None, is_busy: false, unfreed: VecDeque::new() }
    }
}

impl Worker {
    /// Frees an object by `free`, which may call glue, once no glue runs.
    pub fn free_outside_glue(&mut self, free: Free, object: *mut u8) {
        sanitizer::acquire(object);
        if self.glue.is_busy {
            self.glue.unfreed.push_back((free, object));
        } else {
            self.while_busy(|worker| free(worker, object));
        }
    }

    /// Calls glue, which releases the value at `slot`, and frees what has lost its last handle by that.
    pub fn call_glue(&mut self, glue: Code, slot: *mut u8) {
        if self.glue.is_busy {
            self.run_glue(glue, slot);
        } else {
            self.while_busy(|worker| worker.run_glue(glue, slot));
        }
    }

    /// Does something that may call glue, then frees what was left for after that.
    fn while_busy(&mut self, first: impl FnOnce(&mut Self)) {
        self.glue.is_busy = true;
        first(self);
        while let Some((free, object)) = self.glue.unfreed.pop_front() {
            free(self, object);
        }
        self.glue.is_busy = false;
    }

    fn run_glue(&mut self, glue: Code, slot: *mut u8) {
        let (fiber, task) = self.glue_fiber();
        let outer = self.interrupt();
        if self.fields.acting == NO_TASK {
            // The value may be one that the fiber had when it began to wait.
            sanitizer::acquire(outer.fiber);
        }
        // It acts for whoever did.
        self.fields.acting = task.id.get();
        task.prepare_glue(GlueCaptures { code: glue, argument: slot });
        run::place_on(self, fiber, task);
        fiber.continuation.set(None);
        // It is not one of the program's tasks.
        fiber.is_live.set(false);
        self.fiber.store(fiber.as_ptr(), Ordering::Relaxed);
        self.apply_limit(fiber);
        // SAFETY: the fiber is this worker's alone and runs nothing: what runs on it frees nothing by itself, because the worker
        // is busy, and so does not come here.
        unsafe { context::enter(self, run::begin_entry(fiber, task)) };
        if task.ending.get() != Ending::Returned {
            crate::bug(format_args!("a value that was released did not go away"));
        }
        self.go_on(outer);
    }

    /// Whether the fiber is the one that glue runs on.
    pub fn runs_glue(&self, fiber: FiberRef) -> bool {
        self.glue.fiber.is_some_and(|(own, _)| own == fiber)
    }

    fn interrupt(&mut self) -> Interrupted {
        Interrupted {
            fiber: self.fiber.swap(ptr::null_mut(), Ordering::Relaxed),
            worker_sp: self.worker_sp,
            compiled_sp: self.compiled_sp,
            is_unwinding: core::mem::take(&mut self.is_unwinding),
            raised: self.raised.take(),
            has_rejoined: core::mem::take(&mut self.has_rejoined),
            acting: self.fields.acting,
        }
    }

    fn go_on(&mut self, outer: Interrupted) {
        self.fiber.store(outer.fiber, Ordering::Relaxed);
        self.worker_sp = outer.worker_sp;
        self.compiled_sp = outer.compiled_sp;
        if let Some(fiber) = FiberRef::from_ptr(outer.fiber) {
            self.apply_limit(fiber);
        }
        self.is_unwinding = outer.is_unwinding;
        self.raised = outer.raised;
        self.has_rejoined = outer.has_rejoined;
        self.fields.acting = outer.acting;
    }

    fn glue_fiber(&mut self) -> (FiberRef, TaskRef) {
        if let Some(made) = self.glue.fiber {
            return made;
        }
        let fiber = self.stacks.take(StackClass::of_bound(0, self.stack_reserve()));
        let task = TaskRef::allocate_unrecorded(self, &DESCRIPTOR);
        *self.glue.fiber.insert((fiber, task))
    }
}
