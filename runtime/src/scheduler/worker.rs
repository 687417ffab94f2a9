//! The worker record: what one scheduler thread owns. The pinned register of compiled code points to it.
//!
//! Only the worker's own thread touches its record; what others may reach is its [`Remote`](super::run_queue::Remote).

use core::mem::{MaybeUninit, offset_of};
use core::ptr::NonNull;
use std::time::Instant;

use plat_abi::layout::{WORKER_FIBER, WorkerFields};

use super::Runtime;
use super::acting::{Acting, NO_TASK};
use super::attention::Attention;
use super::counters::Counter;
use super::glue::Glue;
use super::hosts::Host;
use super::polls;
use super::run_queue::{Found, RunQueue};
use super::stale::Stale;
use crate::cancel;
use crate::context::{self, CompiledCall, Outcome};
use crate::fiber::{Fiber, FiberRef, WaitReason};
use crate::heap::Heap;
use crate::stack::segment::Room;
use crate::stack::{StackCache, StackClass};
use crate::sync_shim::{AtomicPtr, AtomicU64, Ordering};
use crate::task::{Ending, TaskRef, run};
use crate::timeline;
use crate::timer::Timers;
use crate::unwind::tables::Program;
use crate::unwind::{self, Payload};

/// Bytes below a checked function's limit beside what the program reserves: what a runtime stub pushes.
const STUB_RESERVE: usize = 512;

/// Stack that a task may have beyond the most while it unwinds: for `defer`s after a stack overflow that call what checks the stack.
const CLEANUP_ROOM: usize = 256 << 10;

/// Task numbers a worker takes at once: keeps the common counter out of `spawn`, and numbers in the order of spawning on one
/// worker.
const TASK_ID_BLOCK: u32 = 64;

/// One scheduler thread's record.
#[repr(C)]
pub struct Worker {
    /// What compiled code reads.
    pub fields: WorkerFields,
    /// Where the worker's own stack goes on while compiled code runs.
    pub worker_sp: usize,
    /// Where compiled code's stack goes on while a `[leaf]` function runs.
    pub compiled_sp: usize,
    /// The fiber that runs here, null while none does. Others read it for reports.
    pub fiber: AtomicPtr<Fiber>,
    /// What `Outcome::call` calls.
    pub call: MaybeUninit<CompiledCall>,
    /// Where compiled code's stack goes on after the function of C that runs here, or 0 while none does.
    pub foreign_sp: usize,
    /// Free blocks for values, task records and channels.
    pub heap: Heap,
    /// Free stacks.
    pub stacks: StackCache,
    /// What is ready here.
    pub queue: RunQueue,
    /// Whether the unwinder is at work; see `unwind::drive`.
    pub is_unwinding: bool,
    /// What was raised meanwhile.
    pub raised: Option<Payload>,
    /// Whether a scope closed meanwhile that the current fiber's unwinding waited for.
    pub has_rejoined: bool,
    /// Whose thread it is, if it is no worker's.
    pub(super) host: Option<&'static Host>,
    /// What all workers share.
    pub runtime: &'static Runtime,
    /// Which of them it is.
    index: usize,
    /// The count of switches at which timers, and those who let others go first, are looked after before what is ready.
    pub(super) timers_first_at: u64,
    pub(super) others_first_at: u64,
    /// Whether a task was preferred to a fiber that had yielded, when that was last looked at.
    pub(super) starts_other_task: bool,
    /// Since when the queue has held two or more, as far as `spawn` has looked.
    pub(super) crowded_since: Option<Instant>,
    /// Whether what has let others go first comes before what is ready here, the next time.
    pub(super) prefers_injected: bool,
    /// What runs compiled code that the runtime calls by itself.
    pub(super) glue: Glue,
    /// What may be in the queue in vain.
    pub(super) stale: Stale,
    /// For whom it acts, to the sanitizer.
    pub(super) acting: Acting,
    random: u32,
}

const _: () = assert!(offset_of!(Worker, fields) == 0);
const _: () = assert!(offset_of!(Worker, fiber) == WORKER_FIBER);

impl Worker {
    /// A worker that runs nothing.
    pub fn new(runtime: &'static Runtime, index: usize, queue: RunQueue) -> Box<Self> {
        let mut worker = Box::new(Self {
            fields: WorkerFields {
                stack_limit: AtomicU64::new(0),
                poll: AtomicU64::new(polls::unasked()),
                callee: 0,
                argument_bytes: 0,
                segment_top: 0,
                deinit_panic: 0,
                forks_slowly: 0,
                newest: (&raw const *queue.remote().newest).cast(),
                counters: (&raw const *queue.remote().counters).cast(),
                epoch: (&raw const cancel::EPOCH).cast(),
                sleepers: runtime.sleepers().cast(),
                stale: 0,
                last_id: 0,
                most_id: 0,
                acting: NO_TASK,
            },
            worker_sp: 0,
            compiled_sp: 0,
            fiber: AtomicPtr::default(),
            call: MaybeUninit::uninit(),
            foreign_sp: 0,
            heap: Heap::new(),
            stacks: StackCache::new(),
            queue,
            is_unwinding: false,
            raised: None,
            has_rejoined: false,
            host: None,
            runtime,
            index,
            timers_first_at: 0,
            others_first_at: 0,
            starts_other_task: false,
            crowded_since: None,
            prefers_injected: false,
            glue: Glue::new(),
            stale: Stale::new(),
            acting: Acting::default(),
            random: 0x9e37_79b9,
        });
        worker.decide_forks();
        worker
    }

    /// Says whether compiled code may start and await tasks by itself: where nobody records that, and thieves know how to come to what
    /// stands apart.
    fn decide_forks(&mut self) {
        let is_slow = timeline::is_on() || !self.queue.keeps_newest();
        self.fields.forks_slowly = u64::from(is_slow);
    }

    /// The fiber that runs here. Only while one does.
    #[inline]
    pub fn current_fiber(&self) -> FiberRef {
        FiberRef::from_ptr(self.fiber.load(Ordering::Relaxed)).expect("compiled code runs on a fiber")
    }

    /// The fiber that a worker runs: by now perhaps another one. From any thread, for a record that stays.
    pub(super) fn running_fiber(record: NonNull<Self>) -> Option<FiberRef> {
        // SAFETY: records of workers stay (kept by `Runtime::new_worker`), and this field is changed atomically.
        let fiber = unsafe { &(*record.as_ptr()).fiber };
        FiberRef::from_ptr(fiber.load(Ordering::Relaxed))
    }

    /// Which of the workers it is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its own timers.
    pub fn timers(&self) -> &'static Timers {
        &self.runtime.timers[self.index]
    }

    /// The program's tables.
    pub fn program(&self) -> &'static Program {
        &self.runtime.program
    }

    /// Bytes above a stack's base that checked functions leave to others.
    pub fn stack_reserve(&self) -> usize {
        self.program().descriptor.stack_reserve as usize + STUB_RESERVE
    }

    /// Sets how deep functions that check may go on the stack that a fiber is on.
    pub fn limit_stack(&self, fiber: FiberRef) {
        fiber.stack_limit.set(fiber.innermost().stack_base.get() + self.stack_reserve());
    }

    /// Puts the limit of the fiber, which runs here, in force, unless a poll is asked for.
    #[inline]
    pub fn apply_limit(&mut self, fiber: FiberRef) {
        self.attention().apply(fiber.stack_limit.get() as u64);
    }

    /// By what others get its attention.
    #[inline]
    pub(super) fn attention(&self) -> Attention<'_> {
        Attention { word: &self.fields.poll, limit: &self.fields.stack_limit }
    }

    /// Puts the current fiber on another segment of stack. False when its stack is as large as it may get.
    #[cold]
    pub fn extend_stack(&mut self, fiber: FiberRef) -> bool {
        let beyond = if unwind::is_in_progress(fiber) { CLEANUP_ROOM } else { 0 };
        let room = Room { reserve: self.stack_reserve(), most: self.runtime.stack_max + beyond };
        let is_extended = self.stacks.extend(fiber, room);
        self.limit_stack(fiber);
        self.apply_limit(fiber);
        is_extended
    }

    /// Takes the current fiber off its innermost segment of stack.
    pub fn shrink_stack(&mut self, fiber: FiberRef) {
        self.stacks.shrink(fiber);
        self.limit_stack(fiber);
        self.apply_limit(fiber);
    }

    /// A number that no task has.
    pub fn next_task_id(&mut self) -> u32 {
        if self.fields.last_id == self.fields.most_id {
            self.take_task_numbers();
        }
        self.fields.last_id += 1;
        self.fields.last_id
    }

    /// Takes some numbers that no task has, once there are none left.
    pub fn take_task_numbers(&mut self) {
        // Relaxed: only uniqueness matters.
        self.fields.last_id = self.runtime.task_ids.fetch_add(TASK_ID_BLOCK, Ordering::Relaxed);
        self.fields.most_id = self.fields.last_id + TASK_ID_BLOCK;
    }

    /// A number that only has to differ (xorshift).
    pub fn random(&mut self) -> u32 {
        let mut word = self.random;
        word ^= word << 13;
        word ^= word >> 17;
        word ^= word << 5;
        self.random = word;
        word
    }

    /// Runs what is ready until the program ends.
    pub fn run(&mut self) {
        #[cfg(test)]
        crate::testing::set_current_worker(self);
        while let Some(found) = self.find() {
            let fiber = match found {
                Found::Fiber(fiber) => Some(fiber),
                Found::Task(task) => run::claim_queued(self, task).map(|task| run::prepare_fiber(self, task)),
            };
            if let Some(fiber) = fiber {
                self.switch_to(fiber);
            }
        }
        // All tasks have finished, so what is left are stale entries.
        while let Some(stale) = self.queue.pop_task() {
            stale.drop_entry(self);
        }
    }

    /// Runs a fiber until it suspends or ends.
    #[inline(always)]
    pub(super) fn switch_to(&mut self, fiber: FiberRef) {
        if !same_host(fiber.host.get(), self.host) {
            return self.hand_over(fiber);
        }
        timeline::switched_to(fiber);
        self.begin_turn(fiber);
        let outcome = match fiber.continuation.take() {
            Some(continuation) => continuation(self),
            None => Outcome::value(fiber.resume_value.get()),
        };
        // SAFETY: the fiber came from a queue, which gives it to one worker; its stub or continuation set the stack pointer.
        unsafe { context::enter(self, outcome) }
    }

    #[inline(always)]
    fn begin_turn(&mut self, fiber: FiberRef) {
        self.queue.tick();
        self.fiber.store(fiber.as_ptr(), Ordering::Relaxed);
        self.apply_limit(fiber);
    }

    /// Leaves the current fiber, which waits and is published, for the next one: without the worker loop where it is to be resumed and
    /// nothing else, and that is not the loop's turn. The loop is a hundred instructions away, and the way back to it a return that
    /// the processor predicts wrong.
    #[inline]
    pub fn leave(&mut self) -> Outcome {
        if !self.runtime.has_requests()
            && let Some(fiber) = self.queue.take_turn()
        {
            if fiber.continuation.get().is_none() && fiber.host.get().is_none() {
                self.begin_turn(fiber);
                return Outcome::resume(fiber.resume_value.get());
            }
            self.queue.put_back(fiber);
        }
        Outcome::switch()
    }

    /// Has the processor fetch what the fibers after the next one are about to touch: of a crowd that was woken at once, such as by
    /// sockets, each has long left the cache when its turn comes. Records first, and one turn later what they tell of.
    #[inline]
    pub fn foresee(&self) {
        if let Some(fiber) = self.queue.peek(2) {
            context::prefetch_record(fiber);
        }
        if let Some(fiber) = self.queue.peek(1) {
            context::prefetch_stack(fiber);
        }
    }

    /// Makes a woken fiber run soon: next on this worker, unless another takes it.
    #[inline]
    pub fn ready(&mut self, fiber: FiberRef) {
        self.note_ready(fiber);
        if self.host.is_some() {
            return self.give_to_workers(fiber);
        }
        if let Some(displaced) = self.queue.offer_next(fiber) {
            self.queue.push_fiber(displaced);
            self.consider_waking();
        }
    }

    /// Makes one of several ready that are woken at once: they run in the order in which they are woken, behind those that were ready.
    pub fn ready_in_turn(&mut self, fiber: FiberRef) {
        if self.host.is_some() || !self.queue.has_fibers() {
            return self.ready(fiber);
        }
        self.note_ready(fiber);
        self.queue.push_fiber(fiber);
        self.consider_waking();
    }

    #[inline(always)]
    fn note_ready(&self, fiber: FiberRef) {
        context::prefetch(fiber);
        self.queue.count(Counter::Readied);
        timeline::woke(fiber);
    }

    /// Puts the fiber behind all that are ready, here and elsewhere.
    pub fn ready_last(&mut self, fiber: FiberRef) {
        self.queue.count(Counter::Yielded);
        timeline::woke(fiber);
        timeline::will_wait(WaitReason::Yield);
        self.runtime.injector.push(fiber);
        self.consider_waking();
    }

    /// Queues a started task.
    #[inline]
    pub fn push_task(&mut self, task: TaskRef) {
        self.queue.push_task(task);
        if self.host.is_some() {
            return self.give_all_to_workers();
        }
        self.consider_waking();
    }

    /// The current fiber has ended: reuses its stack for the next task here, else frees it.
    pub fn next_on_finished(&mut self, fiber: FiberRef) -> Outcome {
        if !self.queue.has_fibers()
            && !self.runtime.has_requests()
            && let Some(task) = self.queue.pop_oldest()
        {
            if fiber.class.get().holds(self.class_for(task)) {
                return match run::claim_queued(self, task) {
                    Some(task) => run::begin_on(self, fiber, task),
                    None => self.free_finished(fiber),
                };
            }
            self.queue.push_task(task);
        }
        self.free_finished(fiber)
    }

    /// The class of stack that a task needs.
    pub fn class_for(&self, task: TaskRef) -> StackClass {
        StackClass::of_bound(task.descriptor.stack_bound, self.stack_reserve())
    }

    fn free_finished(&mut self, fiber: FiberRef) -> Outcome {
        self.queue.count(Counter::StackGiven);
        self.stacks.give(fiber);
        Outcome::switch()
    }

    /// The main task has ended: the program ends, with its exit code.
    pub fn finish_main(&mut self, fiber: FiberRef, task: TaskRef) {
        fiber.is_live.set(false);
        let code = match task.failure() {
            Some(failure) => {
                crate::text::output::write_error(format_args!("{}", failure.report(self.program())));
                PANIC_EXIT_CODE
            }
            None if task.ending.get() == Ending::Returned => self.main_exit_code(task),
            None => self.runtime.interrupted_exit_code(),
        };
        task.release(self);
        self.runtime.stop(code);
    }

    fn main_exit_code(&self, task: TaskRef) -> i32 {
        match self.program().descriptor.main_result {
            plat_abi::layout::MainResult::ExitCode => {
                // SAFETY: the main task's result is an `Int32`, stored by its entry.
                unsafe { task.result().cast::<i32>().read() }
            }
            _ => 0,
        }
    }
}

/// Called by the stub `__morestack` when what it has called returns.
///
/// # Safety
/// `worker` is the current worker's record, and the current fiber is about to go on below its innermost segment.
pub unsafe extern "C" fn segment_finished(worker: *mut Worker) {
    // SAFETY: the record is only used by its own thread, and compiled code keeps no Rust reference to it.
    let worker = unsafe { &mut *worker };
    worker.shrink_stack(worker.current_fiber());
}

fn same_host(one: Option<&'static Host>, other: Option<&'static Host>) -> bool {
    one.map(core::ptr::from_ref) == other.map(core::ptr::from_ref)
}

/// Exit code of a program that dies of a panic.
const PANIC_EXIT_CODE: i32 = 101;
