//! What is bound in a task: one handle of the library's, of a list that tasks share.
//!
//! It stands among the facts that few tasks have. Only whoever has made a task, until it starts, and the task itself come to it.

use core::cell::Cell;

use super::{Fact, TaskRef};
use crate::scheduler::worker::Worker;

/// What is bound in a task that has, or had, task-locals. Counts its handle.
pub struct Locals(Cell<Option<TaskRef>>);

impl Locals {
    /// Gives up the cell.
    pub fn into_inner(self) -> Option<TaskRef> {
        self.0.into_inner()
    }
}

impl TaskRef {
    /// What is bound in the task, which runs here or has not started.
    pub fn locals(self) -> Option<Self> {
        self.bound()?.0.get()
    }

    /// Binds something else in the running task, or one that has not started. Takes over the handle.
    pub fn set_locals(self, worker: &mut Worker, bindings: Option<Self>) {
        match self.bound().map(|locals| &locals.0) {
            Some(cell) => {
                if let Some(before) = cell.replace(bindings) {
                    before.release(worker);
                }
            }
            None if bindings.is_some() => self.add_fact(Fact::Locals(Locals(Cell::new(bindings)))),
            None => {}
        }
    }

    fn bound(&self) -> Option<&Locals> {
        self.facts().find_map(|fact| match fact {
            Fact::Locals(locals) => Some(locals),
            _ => None,
        })
    }
}
