//! Handles of named scopes: what the program passes to functions and tasks that spawn into a scope.
//!
//! A handle is a record like a task's, counted like one, that nothing ever runs: compiled code knows how to keep it and give it up. It may
//! outlive the scope, whose record is reached through a [`Gate`] by all but the scope's owner.

use plat_abi::layout::{TASK_CAPTURES, TaskDescriptor};

use super::gate::Gate;
use super::{Scope, ScopeRef};
use crate::context::GLUE_ENTRY;
use crate::fiber::FiberRef;
use crate::scheduler::worker::Worker;
use crate::task::TaskRef;

/// What stands in a handle's record in the place of captures.
struct Contents {
    scope: *mut Scope,
    gate: Gate,
    owner: TaskRef,
}

/// No task of it is ever started.
static DESCRIPTOR: TaskDescriptor = TaskDescriptor {
    entry: GLUE_ENTRY,
    record_size: (TASK_CAPTURES + size_of::<Contents>()) as u32,
    result_offset: TASK_CAPTURES as u32,
    stack_bound: 0,
    location: 0,
    drop_captures: None,
    drop_result: None,
};

/// A handle, which its holder counts or borrows.
#[derive(Clone, Copy)]
pub struct HandleRef(TaskRef);

impl HandleRef {
    /// A handle of a scope of the running task.
    pub fn new(worker: &mut Worker, scope: ScopeRef) -> Self {
        let owner = worker.current_fiber().task();
        let record = TaskRef::allocate_unrecorded(worker, &DESCRIPTOR);
        let contents = Contents { scope: scope.as_ptr(), gate: Gate::new(), owner };
        // SAFETY: the record is new, and has room for this after its header.
        unsafe { record.captures().cast::<Contents>().write(contents) };
        Self(record)
    }

    /// The handle at this address.
    ///
    /// # Safety
    /// `new` has made it, and the caller holds or borrows it.
    pub unsafe fn from_ptr(pointer: *mut u8) -> Self {
        Self(TaskRef::from_ptr(pointer.cast()).expect("a handle is never null"))
    }

    /// Its address.
    pub fn as_ptr(self) -> *mut u8 {
        self.0.as_ptr().cast()
    }

    /// One reference more.
    pub fn retain(self) {
        self.0.retain();
    }

    /// Gives up a reference.
    pub fn release(self, worker: &mut Worker) {
        self.0.release(worker);
    }

    fn contents(&self) -> &Contents {
        // SAFETY: `new` has written it, and the holder keeps the record; what is in it changes by atomics only.
        unsafe { &*self.0.captures().cast() }
    }

    /// Counts a task that is about to be made in the scope. `None` when the scope has ended.
    pub fn claim(self, fiber: FiberRef) -> Option<ScopeRef> {
        let contents = self.contents();
        let scope = ScopeRef::from_ptr(contents.scope)?;
        // Another task may have got the owner's address, but only once the gate is closed, and the owner's last touch was seen.
        if fiber.task() == contents.owner {
            if contents.gate.is_closed() {
                return None;
            }
            scope.count_spawned();
            return Some(scope);
        }
        if !contents.gate.enter() {
            return None;
        }
        let is_counted = scope.count_spawned_elsewhere();
        contents.gate.leave();
        is_counted.then_some(scope)
    }

    /// The scope has ended: from here on nobody comes to its record.
    pub fn close(self) {
        self.contents().gate.close();
    }
}
