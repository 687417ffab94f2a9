//! Constants that are computed when they are first used.
//!
//! Each is the result of a task outside of all scopes, so no cancellation reaches it: whoever uses the constant awaits that
//! task. A panic in it is raised wherever the constant is used. The cell keeps a handle for as long as `main` runs.

use plat_abi::layout::{GlobalCell, TaskDescriptor};

use super::{Task, TaskRef, run};
use crate::scheduler::counters::Counter;
use crate::scheduler::worker::Worker;
use crate::sync_shim::{AtomicPtr, Mutex, Ordering};

/// The tasks of the cells in use, in order of their first use. Its lock also decides who makes a cell's task.
static MADE: Mutex<Vec<TaskRef>> = Mutex::new(Vec::new());

/// A cell as tasks on several workers see it.
pub struct Cell<'a> {
    task: &'a AtomicPtr<Task>,
    descriptor: &'static TaskDescriptor,
}

impl Cell<'_> {
    /// The cell at this address.
    ///
    /// # Safety
    /// It is static data that the compiler has emitted, which only this module touches.
    pub unsafe fn from_ptr(cell: *mut GlobalCell) -> Self {
        // SAFETY: as the caller promises; an `AtomicPtr` is laid out as a pointer.
        unsafe {
            Self {
                task: AtomicPtr::from_ptr((&raw mut (*cell).task).cast()),
                descriptor: &*(*cell).descriptor,
            }
        }
    }

    /// The task that computes the constant, with one more handle.
    pub fn task(&self, worker: &mut Worker) -> TaskRef {
        // Acquire pairs with the Release in `make`: the record is seen.
        let task = TaskRef::from_ptr(self.task.load(Ordering::Acquire)).unwrap_or_else(|| self.make(worker));
        task.retain();
        task
    }

    #[cold]
    fn make(&self, worker: &mut Worker) -> TaskRef {
        let mut made = MADE.lock().expect("no holder of this lock panics");
        if let Some(task) = TaskRef::from_ptr(self.task.load(Ordering::Relaxed)) {
            return task;
        }
        let task = TaskRef::allocate(worker, self.descriptor, None, 0);
        worker.queue.count(Counter::Spawned);
        made.push(task);
        run::start(worker, task);
        self.task.store(task.as_ptr(), Ordering::Release);
        task
    }
}

/// Takes over the handle of the cell that was used last, once nobody uses constants any more.
pub fn take() -> Option<TaskRef> {
    MADE.lock().expect("no holder of this lock panics").pop()
}
