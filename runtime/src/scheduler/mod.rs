//! Runs fibers on workers. Knows neither channels nor scopes, only what is ready.

mod acting;
mod attention;
pub mod counters;
pub mod events;
mod glue;
pub mod hosts;
mod idle;
pub mod monitor;
mod newest;
mod pause;
pub mod polls;
mod ready;
mod requests;
pub mod run_queue;
mod sleepers;
mod stale;
pub mod start;
pub mod worker;

use crossbeam_deque::{Injector, Steal};
use events::Events;
use idle::Idle;
pub use pause::{Busy, Running};
use polls::Asked;
use requests::Requests;
use run_queue::{Ends, Remote, RunQueue};
use worker::Worker;

use crate::cancel;
use crate::fiber::FiberRef;
use crate::heap::leaks;
use crate::scope::{Scope, ScopeRef};
use crate::sync_shim::{
    AtomicPtr, AtomicU32, AtomicUsize, Mutex, OnceLock, Ordering, end_single_threaded, thread,
};
use crate::timer::Timers;
use crate::unwind::tables::Program;

/// What all workers share.
pub struct Runtime {
    /// The program's tables.
    pub program: Program,
    /// Bytes that a task's stack may have.
    pub stack_max: usize,
    /// The highest task number given out.
    pub task_ids: AtomicU32,
    remotes: Box<[Remote]>,
    /// Each worker's.
    timers: Box<[Timers]>,
    /// Whether workers may keep tasks out of their deques.
    keeps_newest: bool,
    /// Fibers that let all others go first, first in first out.
    injector: Injector<FiberRef>,
    idle: Idle,
    events: OnceLock<&'static dyn Events>,
    requests: Requests,
    /// The scope that `main` is in.
    root: AtomicPtr<Scope>,
    exit_code: AtomicU32,
    /// The exit code once the root scope is cancelled.
    interrupted: AtomicU32,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
    /// The records of workers that have started.
    records: Box<[AtomicPtr<Worker>]>,
    /// Queue ends of workers that have not started.
    unstarted: Mutex<Vec<(usize, Ends)>>,
    thread_count: AtomicUsize,
}

impl Runtime {
    /// A runtime with `workers` workers, none of which runs, for the rest of the process.
    fn new(program: Program, workers: usize, stack_max: usize, root: ScopeRef) -> &'static Self {
        let (ends, remotes): (Vec<_>, Vec<_>) = (0..workers).map(|_| Remote::new()).unzip();
        let unstarted = ends.into_iter().enumerate().rev().collect();
        Box::leak(Box::new(Self {
            program,
            stack_max,
            task_ids: AtomicU32::new(0),
            remotes: remotes.into(),
            timers: (0..workers).map(|_| Timers::new()).collect(),
            keeps_newest: workers == 1 || newest::can_be_robbed(),
            injector: Injector::new(),
            idle: Idle::new(workers),
            events: OnceLock::new(),
            requests: Requests::new(),
            root: AtomicPtr::new(root.as_ptr()),
            exit_code: AtomicU32::new(0),
            interrupted: AtomicU32::new(0),
            threads: Mutex::new(Vec::new()),
            records: (0..workers).map(|_| AtomicPtr::default()).collect(),
            unstarted: Mutex::new(unstarted),
            thread_count: AtomicUsize::new(0),
        }))
    }

    /// The next worker that has not started. Its record stays: who watches it may look at it at any time.
    fn new_worker(&'static self) -> &'static mut Worker {
        let next = self.unstarted.lock().expect("no holder of this lock panics").pop();
        let (index, ends) = next.expect("no more workers are started than there are");
        self.thread_count.fetch_add(1, Ordering::Relaxed);
        let worker =
            Box::leak(Worker::new(self, index, RunQueue::new(ends, &self.remotes[index], self.keeps_newest)));
        self.records[index].store(worker, Ordering::Release);
        worker
    }

    /// Starts a thread for one more worker.
    fn start_worker(&'static self) {
        end_single_threaded();
        let thread = thread::spawn(|| self.new_worker().run());
        self.threads.lock().expect("no holder of this lock panics").push(thread);
    }

    /// Where the number of sleeping workers stands.
    fn sleepers(&self) -> *const AtomicU32 {
        self.idle.sleepers()
    }

    /// Whether only the first worker has started.
    fn has_one_thread(&self) -> bool {
        self.thread_count.load(Ordering::Relaxed) == 1
    }

    /// How many workers there are, started or not.
    pub fn worker_count(&self) -> usize {
        self.remotes.len()
    }

    fn remotes(&'static self) -> &'static [Remote] {
        &self.remotes
    }

    /// When the first timer fires, or a wheel has to be turned before that.
    fn next_deadline(&self) -> Option<i64> {
        self.timers.iter().filter_map(|timers| timers.next_deadline()).min()
    }

    fn has_work(&self) -> bool {
        !self.injector.is_empty() || self.remotes.iter().any(Remote::has_work)
    }

    /// Whether fibers have let others go first.
    fn has_injected(&self) -> bool {
        !self.injector.is_empty()
    }

    /// How often a worker had switched when it came to what it runs; `None` while it runs nothing.
    fn running_since(&self, worker: usize) -> Option<u64> {
        self.is_busy(worker).then(|| self.remotes[worker].switches())
    }

    /// The fiber that has let others go first for longest.
    fn take_injected(&self) -> Option<FiberRef> {
        loop {
            match self.injector.steal() {
                Steal::Success(fiber) => return Some(fiber),
                Steal::Empty => return None,
                Steal::Retry => {}
            }
        }
    }

    /// Whether the program is ending.
    fn is_stopping(&self) -> bool {
        self.requests.is_stopping()
    }

    /// Whether workers should come back to their loops soon.
    #[inline]
    pub fn has_requests(&self) -> bool {
        self.requests.are_there()
    }

    /// The scope that `main` is in.
    fn root(&self) -> ScopeRef {
        ScopeRef::from_ptr(self.root.load(Ordering::Relaxed)).expect("it was made with the runtime")
    }

    /// Cancels the program, which ends with this exit code once `main` has unwound. From any thread.
    pub fn interrupt(&self, exit_code: i32) {
        self.interrupted.store(exit_code as u32, Ordering::Relaxed);
        if cancel::announce(self.root()) {
            self.requests.interrupt();
            self.ask_all(Asked::Look);
            self.idle.wake_all(self);
        }
    }

    /// Whether a worker or a task has found out that the program is interrupted.
    pub fn has_noticed_interrupt(&self) -> bool {
        !self.requests.has_interrupt() || cancel::is_noticed()
    }

    /// The exit code of an interrupted program.
    fn interrupted_exit_code(&self) -> i32 {
        self.interrupted.load(Ordering::Relaxed) as i32
    }

    /// Ends the program with this exit code: all workers leave their loops.
    pub fn stop(&self, exit_code: i32) {
        self.exit_code.store(exit_code as u32, Ordering::Relaxed);
        self.requests.stop();
        self.ask_all(Asked::Look);
        self.idle.wake_all(self);
    }

    /// Waits for the other workers' threads, and gives the exit code.
    fn join(&self) -> i32 {
        loop {
            let thread = self.threads.lock().expect("no holder of this lock panics").pop();
            let Some(thread) = thread else { break };
            thread.join().expect("a worker never panics: that ends the process");
        }
        if leaks::are_recorded() {
            self.idle.wait_for_hosts();
        }
        self.exit_code.load(Ordering::Relaxed) as i32
    }
}
