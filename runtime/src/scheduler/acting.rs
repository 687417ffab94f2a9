//! For which task a worker acts, to the sanitizer that watches the program.
//!
//! Compiled code sees to it that the context of a thread is that of the task that it works for ([`Worker::act_for_task`]) whenever it tells the
//! sanitizer something and in rows that are `[leaf]`, and the thread's own ([`Worker::act_for_none`]) before the runtime may give the task to
//! another thread: no context may be current on two.

use super::worker::Worker;
use crate::sanitizer::{self, Context};
use crate::task::TaskRef;

/// A number that no task has: of what a worker does for none.
pub const NO_TASK: u32 = 0;

/// What a worker has to know while it acts for a task.
#[derive(Default)]
pub struct Acting {
    /// The task.
    task: Option<TaskRef>,
    /// The thread's own context, if the task has another.
    thread: Option<Context>,
}

impl Worker {
    /// Acts for the task that runs here from here on.
    pub fn act_for_task(&mut self) {
        self.act_for_none();
        let task = self.current_fiber().task();
        let context = Context::of_task(task.id.get(), || task.name());
        self.fields.acting = task.id.get();
        self.acting = Acting { task: Some(task), thread: context.and_then(|_| Context::current()) };
        if let Some(context) = context {
            context.enter();
        }
        sanitizer::acquire(order_of(task));
    }

    /// Acts for no task from here on.
    pub fn act_for_none(&mut self) {
        let fiber = self.current_fiber();
        // Glue acts for whom it interrupts.
        if self.fields.acting == NO_TASK || self.runs_glue(fiber) {
            return;
        }
        self.fields.acting = NO_TASK;
        let Acting { task, thread } = core::mem::take(&mut self.acting);
        if let Some(task) = task {
            sanitizer::release(order_of(task));
        }
        // For glue that releases what the fiber has, while it waits.
        sanitizer::release(fiber.as_ptr());
        if let Some(thread) = thread {
            thread.enter();
        }
    }
}

/// By which what a task does is put in order: not its record, by which others are put in order with it.
fn order_of(task: TaskRef) -> *const u8 {
    task.as_ptr().cast::<u8>().wrapping_add(size_of::<u64>())
}
