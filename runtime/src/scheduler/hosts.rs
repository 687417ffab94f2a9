//! Threads beside the workers, for fibers that may block their thread.
//!
//! A fiber with a *host* runs on the threads of that host alone: a worker that finds it ready hands it over. The pool is the host of
//! all who are inside of `blocking`, and has as many threads as of them are ready at once, up to [`MOST_THREADS`]; a thread of
//! the program's own is the host of its one task. What a fiber makes ready there, tasks included, goes to the workers at once: the
//! thread may be blocked for long.
//!
//! While a fiber is at a host, running or about to, the program is not in a deadlock, and nobody looks at its tasks (`pause`).

use core::ptr::NonNull;
use core::time::Duration;
use std::collections::VecDeque;

use super::Runtime;
use super::attention::Attention;
use super::polls::{self, Asked};
use super::run_queue::{Found, Remote, RunQueue};
use super::worker::Worker;
use crate::context::Outcome;
use crate::fiber::{FiberRef, WaitReason};
use crate::sync_shim::{AtomicBool, Condvar, Mutex, Ordering, end_single_threaded, thread};
use crate::task::{TaskRef, run};
use crate::timeline;

/// Threads of the pool. More fibers wait for one: their calls are slow anyhow, and a thread costs address space and the kernel's
/// memory.
const MOST_THREADS: usize = 512;

/// How long a thread of the pool waits for another fiber. Starting one costs some ten microseconds, keeping one nearly nothing.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// Address space for the stack of a thread: functions of C expect what the main thread has.
const STACK_BYTES: usize = 8 << 20;

/// By what the threads, whether they have ended or not, are asked for their attention.
static ATTENTION: Mutex<Vec<Attention<'static>>> = Mutex::new(Vec::new());

/// Whether there are any: most programs have none.
static ARE_THERE: AtomicBool = AtomicBool::new(false);

const EXPECTATION: &str = "no holder of this lock panics";

/// Threads that run fibers which may block them.
pub struct Host {
    state: Mutex<State>,
    arrived: Condvar,
    /// Threads that it may have.
    most_threads: usize,
}

struct State {
    ready: VecDeque<FiberRef>,
    threads: usize,
    /// Of those, the ones that wait for a fiber.
    idle: usize,
}

/// The host of all who are inside of `blocking`.
pub static POOL: Host = Host::new(MOST_THREADS);

/// Records of threads that have ended.
static SPARE: Mutex<Vec<SpareWorker>> = Mutex::new(Vec::new());

struct SpareWorker(&'static mut Worker);

// SAFETY: the thread that had it has ended, and whoever takes it has it alone.
unsafe impl Send for SpareWorker {}

impl Host {
    const fn new(most_threads: usize) -> Self {
        let state = State { ready: VecDeque::new(), threads: 0, idle: 0 };
        Self { state: Mutex::new(state), arrived: Condvar::new(), most_threads }
    }

    /// Takes over a fiber whose host it is, and which is ready.
    pub fn push(&'static self, runtime: &'static Runtime, fiber: FiberRef) {
        runtime.idle.count_hosted();
        let mut state = self.state.lock().expect(EXPECTATION);
        state.ready.push_back(fiber);
        if state.idle >= state.ready.len() {
            self.arrived.notify_one();
        } else if state.threads < self.most_threads {
            state.threads += 1;
            drop(state);
            self.start_thread(runtime, None);
        }
    }

    fn start_thread(&'static self, runtime: &'static Runtime, task: Option<TaskRef>) {
        end_single_threaded();
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        if let Err(error) = thread.spawn(move || self.serve(runtime, task)) {
            crate::bug(format_args!("the operating system starts no thread: {error}"));
        }
    }

    /// The life of a thread: of one of the pool, or of that for one task.
    fn serve(&'static self, runtime: &'static Runtime, task: Option<TaskRef>) {
        let spare = SPARE.lock().expect(EXPECTATION).pop();
        let worker = spare.map_or_else(|| runtime.new_host_worker(), |spare| spare.0);
        worker.host = Some(self);
        while let Some(fiber) = self.next(task.is_some()) {
            worker.run_hosted(fiber);
            let ended = task.filter(|task| task.state.is_done());
            if let Some(task) = ended {
                task.release(worker);
            }
            runtime.idle.uncount_hosted(runtime);
            if ended.is_some() {
                break;
            }
        }
        SPARE.lock().expect(EXPECTATION).push(SpareWorker(worker));
    }

    /// The next fiber; `None` when the thread has waited long enough for one.
    fn next(&self, waits_for_good: bool) -> Option<FiberRef> {
        let mut state = self.state.lock().expect(EXPECTATION);
        loop {
            if let Some(fiber) = state.ready.pop_front() {
                return Some(fiber);
            }
            state.idle += 1;
            let timed_out;
            if waits_for_good {
                state = self.arrived.wait(state).expect(EXPECTATION);
                timed_out = false;
            } else {
                let (next, timeout) = self.arrived.wait_timeout(state, KEPT_FOR).expect(EXPECTATION);
                (state, timed_out) = (next, timeout.timed_out());
            }
            state.idle -= 1;
            if timed_out && state.ready.is_empty() {
                state.threads -= 1;
                return None;
            }
        }
    }
}

/// Starts a thread for a task that is about to begin on this fiber.
pub fn start_thread(worker: &mut Worker, fiber: FiberRef, task: TaskRef) {
    // The record of a host is small and threads are few: fibers may refer to it for ever.
    let host: &'static Host = Box::leak(Box::new(Host::new(1)));
    host.state.lock().expect(EXPECTATION).threads = 1;
    fiber.host.set(Some(host));
    task.retain();
    host.push(worker.runtime, fiber);
    host.start_thread(worker.runtime, Some(task));
}

/// Calls `tell` with what each of the threads is asked by.
pub(super) fn for_each(tell: impl Fn(Attention<'static>)) {
    // Changes nothing, but comes before or after the change.
    if ARE_THERE.fetch_or(false, Ordering::AcqRel) {
        ATTENTION.lock().expect(EXPECTATION).iter().copied().for_each(tell);
    }
}

/// The current fiber goes back to the workers.
pub fn leave(worker: &mut Worker) -> Outcome {
    let fiber = worker.current_fiber();
    fiber.host.set(None);
    timeline::will_wait(WaitReason::Yield);
    fiber.resume_value.set(0);
    worker.give_to_workers(fiber);
    Outcome::switch()
}

impl Runtime {
    /// A worker's record for a thread of a host. Nobody steals from its queue. It stays, as those of workers do.
    fn new_host_worker(&'static self) -> &'static mut Worker {
        let (ends, remote) = Remote::new();
        let remote: &'static Remote = Box::leak(Box::new(remote));
        // Timers that it sets are those of the first worker, which others fire, too.
        let worker = Box::leak(Worker::new(self, 0, RunQueue::new(ends, remote, false)));
        let attention = polls::attention_of(NonNull::from(&mut *worker));
        ATTENTION.lock().expect(EXPECTATION).push(attention);
        // AcqRel pairs with that in `for_each`: who came too early to be heard is seen by the first poll.
        ARE_THERE.swap(true, Ordering::AcqRel);
        attention.ask(Asked::Look as u64);
        worker
    }
}

impl Worker {
    /// Runs a fiber of this thread's host until it suspends, ends, or goes back to the workers.
    fn run_hosted(&mut self, fiber: FiberRef) {
        self.switch_to(fiber);
        self.give_all_to_workers();
    }

    /// Whether it is the record of a thread beside the workers.
    pub(super) fn is_hosted(&self) -> bool {
        self.host.is_some()
    }

    /// A timer has been set, and its fiber goes on. Workers look at timers before they sleep, but not at what is set beside them meanwhile.
    pub fn note_timer(&self) {
        if self.is_hosted() {
            self.runtime.idle.wake_one(self.runtime);
        }
    }

    /// Hands a fiber that is not this thread's to run to those whose it is.
    #[cold]
    pub(super) fn hand_over(&mut self, fiber: FiberRef) {
        match fiber.host.get() {
            Some(host) => host.push(self.runtime, fiber),
            None => self.give_to_workers(fiber),
        }
    }

    /// Makes a fiber ready for the workers, from a thread that is none of theirs.
    #[cold]
    pub(super) fn give_to_workers(&mut self, fiber: FiberRef) {
        self.runtime.injector.push(fiber);
        self.runtime.idle.wake_one(self.runtime);
    }

    /// Gives the workers what is in the queue of this thread.
    #[cold]
    pub(super) fn give_all_to_workers(&mut self) {
        while let Some(found) = self.queue.pop() {
            let fiber = match found {
                Found::Fiber(fiber) => Some(fiber),
                Found::Task(task) => run::claim_queued(self, task).map(|task| run::prepare_fiber(self, task)),
            };
            if let Some(fiber) = fiber {
                self.give_to_workers(fiber);
            }
        }
    }
}
