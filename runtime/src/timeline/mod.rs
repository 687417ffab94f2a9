//! `PLAT_TRACE=file`: what each worker ran when, in a form that Perfetto and `chrome://tracing` open.
//!
//! Off, each hook costs a load and a predictable branch. On, each worker keeps its own events and writes them to the file when there are
//! some thousands, so memory is bounded; after [`LIMIT`](write::LIMIT) the trace is full and off again. What is still kept is written when the
//! program ends, also by a panic, a deadlock or a second signal.

mod write;

use std::ffi::OsStr;

use crate::fiber::{FiberRef, WaitReason};
use crate::sync_shim::{Arc, AtomicBool, Mutex, Ordering};
use crate::task::TaskRef;
use crate::unwind::tables::Program;
use write::Writer;

/// Events that a worker keeps: few enough to stay in its cache, enough that it rarely writes.
const KEPT: usize = 4096;

static IS_ON: AtomicBool = AtomicBool::new(false);
static TIMELINE: Mutex<Option<Timeline>> = Mutex::new(None);

/// Where events go.
struct Timeline {
    writer: Writer,
    /// Those of all workers that have had any.
    logs: Vec<Arc<Mutex<Log>>>,
}

/// The events of one worker.
struct Log {
    worker: usize,
    events: Vec<Event>,
    /// Slices that have begun and not ended.
    depth: usize,
    /// Why the running task is about to leave.
    reason: Option<WaitReason>,
}

/// Something that has happened on a worker.
struct Event {
    /// Since the program began.
    nanoseconds: u64,
    kind: Kind,
}

enum Kind {
    /// The running task has spawned one.
    Spawned(u32),
    /// A task runs.
    Begun { task: Label, by: Cause },
    /// The innermost task that runs does so no more, because it waits or has ended.
    Left(Option<WaitReason>),
    /// A task has been made ready.
    Woken(u32),
    /// Work has been taken from another worker.
    Stolen,
}

/// Why a task runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// It begins.
    Spawned,
    /// It has been woken.
    Woken,
    /// Nothing else: it is `main`, or a task that ran inline on its stack has ended.
    Itself,
}

/// What a slice of the timeline is called.
struct Label {
    id: u32,
    /// Index of the place of the spawn; `None` for `main`.
    spawned_at: Option<u32>,
}

impl Label {
    fn of(task: TaskRef) -> Self {
        Self { id: task.id.get(), spawned_at: (!task.is_main()).then_some(task.descriptor.location) }
    }
}

std::thread_local! {
    static LOG: Arc<Mutex<Log>> = new_log();
}

/// Starts to record into a file, before any worker runs.
pub fn start(path: &OsStr, program: Program) -> std::io::Result<()> {
    let timeline = Timeline { writer: Writer::create(path, program)?, logs: Vec::new() };
    *TIMELINE.lock().expect("no holder of this lock panics") = Some(timeline);
    IS_ON.store(true, Ordering::Relaxed);
    Ok(())
}

/// Writes what is kept and closes the file, before the process ends.
pub fn finish() {
    if !is_on() {
        return;
    }
    IS_ON.store(false, Ordering::Relaxed);
    let mut timeline = TIMELINE.lock().expect("no holder of this lock panics");
    let Some(Timeline { writer, logs }) = &mut *timeline else { return };
    for log in logs {
        let mut log = log.lock().expect("no holder of this lock panics");
        writer.write(log.worker, &core::mem::take(&mut log.events));
    }
    writer.close();
}

/// Whether events are recorded.
#[inline]
pub fn is_on() -> bool {
    // Relaxed: set before the workers start; who sees the end late records into a log that nobody writes.
    IS_ON.load(Ordering::Relaxed)
}

/// The log of a worker's thread that has something to record for the first time.
fn new_log() -> Arc<Mutex<Log>> {
    let mut timeline = TIMELINE.lock().expect("no holder of this lock panics");
    let logs = timeline.as_mut().map(|timeline| &mut timeline.logs);
    let log = Log {
        worker: logs.as_ref().map_or(0, |logs| logs.len()),
        events: Vec::with_capacity(KEPT),
        depth: 0,
        reason: None,
    };
    let log = Arc::new(Mutex::new(log));
    if let Some(logs) = logs {
        logs.push(log.clone());
    }
    log
}

/// Changes the log of this thread, and writes it when it is full.
#[cold]
fn record(change: impl FnOnce(&mut Log)) {
    LOG.with(|log| {
        let mut log = log.lock().expect("no holder of this lock panics");
        change(&mut log);
        if log.events.len() < KEPT {
            return;
        }
        let (worker, events) = (log.worker, core::mem::replace(&mut log.events, Vec::with_capacity(KEPT)));
        drop(log);
        if let Some(timeline) = &mut *TIMELINE.lock().expect("no holder of this lock panics")
            && timeline.writer.write(worker, &events) == write::Room::None
        {
            IS_ON.store(false, Ordering::Relaxed);
        }
    });
}

impl Log {
    fn push(&mut self, kind: Kind) {
        self.events.push(Event { nanoseconds: write::now(), kind });
    }

    fn begin(&mut self, task: TaskRef, by: Cause) {
        self.depth += 1;
        self.push(Kind::Begun { task: Label::of(task), by });
    }

    fn leave(&mut self) {
        let mut reason = self.reason.take();
        for _ in 0..core::mem::take(&mut self.depth) {
            self.push(Kind::Left(reason.take()));
        }
    }
}

/// A task has been made.
#[inline]
pub fn spawned(task: TaskRef) {
    if is_on() {
        record(|log| log.push(Kind::Spawned(task.id.get())));
    }
}

/// The worker goes over to a fiber.
#[inline]
pub fn switched_to(fiber: FiberRef) {
    if is_on() {
        record(|log| {
            log.leave();
            let is_first = fiber.sp.get() == fiber.stack_top();
            let by = if is_first { Cause::Spawned } else { Cause::Woken };
            log.begin(fiber.task(), if fiber.task().is_main() && is_first { Cause::Itself } else { by });
        });
    }
}

/// The fiber that ran has left the worker.
#[inline]
pub fn left() {
    if is_on() {
        record(Log::leave);
    }
}

/// The running fiber is about to wait.
#[inline]
pub fn will_wait(reason: WaitReason) {
    if is_on() {
        record(|log| log.reason = Some(reason));
    }
}

/// A task begins inline.
#[inline]
pub fn began_inline(task: TaskRef) {
    if is_on() {
        record(|log| log.begin(task, Cause::Spawned));
    }
}

/// An inline task has ended; `outer` goes on.
#[inline]
pub fn ended_inline(outer: TaskRef) {
    if is_on() {
        record(|log| {
            if log.depth > 0 {
                log.depth -= 1;
                log.push(Kind::Left(None));
            }
            if log.depth == 0 {
                // The inner one had waited meanwhile, which ended the slices of all.
                log.begin(outer, Cause::Itself);
            }
        });
    }
}

/// A fiber has been made ready.
#[inline]
pub fn woke(fiber: FiberRef) {
    if is_on() {
        record(|log| log.push(Kind::Woken(fiber.task().id.get())));
    }
}

/// Work has been taken from another worker.
#[inline]
pub fn stole() {
    if is_on() {
        record(|log| log.push(Kind::Stolen));
    }
}
