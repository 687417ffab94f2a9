//! The picture itself: the scopes and tasks of a program at one moment.
//!
//! It is read off the live fibers: a fiber's stack holds a chain of tasks, the inner ones run inline, and the scopes that they have
//! open. Tasks that nobody has started stand in queues; a scope only knows how many.

use std::collections::HashMap;

use crate::fiber::{FiberRef, WaitReason};
use crate::scope::{Scope, ScopeRef};
use crate::stack;
use crate::stamp;
use crate::sync;
use crate::task::{Inline, Task, TaskRef};
use crate::unwind::frame::{self, Frame, Origin};
use crate::unwind::tables::Program;

/// Fibers that are looked at; those of a program with more are counted. A look takes less than a microsecond, while nothing runs.
const DETAILED: usize = 100_000;

/// The scopes and tasks of a program.
pub struct Picture {
    /// By number.
    pub tasks: Vec<Seen>,
    /// In the order of their owners, outer ones first.
    pub scopes: Vec<Open>,
    /// Fibers that were not looked at.
    pub omitted: usize,
}

/// A task that has been started and has not finished.
pub struct Seen {
    /// Its number.
    pub id: u32,
    /// What reports call it.
    pub name: String,
    /// Index of the place of its spawn; `None` for `main`.
    pub spawned_at: Option<u32>,
    /// Index of the scope that it belongs to, if that has been seen.
    pub scope: Option<usize>,
    /// What it does.
    pub state: State,
    /// With whom it talks, if it waits for that.
    pub partner: Option<String>,
    /// The call that it is in.
    pub place: Option<Origin>,
    /// Index of the task that it awaits, or that has the lock which it waits for, if that has been seen.
    pub awaits: Option<usize>,
    /// What it is in memory while the picture is taken.
    records: Records,
}

/// Records of the runtime, by which the parts of a picture find each other.
struct Records {
    task: *const Task,
    scope: Option<*const Scope>,
    awaited: Option<*const Task>,
}

/// What a task does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It will run when a worker comes to it.
    Ready,
    /// It waits.
    Waits {
        /// What for.
        reason: WaitReason,
        /// How many milliseconds.
        age: u32,
    },
    /// It waits for a task that runs inline on its stack.
    Below(WaitReason),
}

/// An open scope.
pub struct Open {
    /// Index of the task that opened it.
    pub task: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The call that opened it.
    pub place: Option<Origin>,
    /// Whether it has been cancelled.
    pub is_cancelled: bool,
    /// Tasks in it that nobody has started.
    pub unstarted: usize,
    record: *const Scope,
}

impl Picture {
    /// Takes a picture. `partner` tells with whom a fiber talks. Only while no worker runs a fiber.
    pub fn take(program: &Program, partner: &dyn Fn(FiberRef) -> Option<String>) -> Self {
        let mut picture = Self { tasks: Vec::new(), scopes: Vec::new(), omitted: 0 };
        let mut fibers = 0;
        stack::for_each_live(|fiber| {
            fibers += 1;
            if fibers <= DETAILED {
                picture.add_fiber(program, fiber, partner);
            }
        });
        picture.omitted = fibers.saturating_sub(DETAILED);
        picture.tasks.sort_unstable_by_key(|task| task.id);
        picture.add_scopes(program);
        picture.link();
        picture
    }

    /// Adds the tasks on a fiber's stack, innermost first.
    fn add_fiber(
        &mut self,
        program: &Program,
        fiber: FiberRef,
        partner: &dyn Fn(FiberRef) -> Option<String>,
    ) {
        let first = self.tasks.len();
        let mut task = fiber.task();
        let mut state = State::of(fiber);
        let mut frame = (fiber.sp.get() < fiber.stack_top()).then(|| Frame::top(fiber));
        let mut awaited = match state.reason() {
            Some(WaitReason::Await) => Some(fiber.object.get().cast::<Task>().cast_const()),
            Some(WaitReason::Shared(_)) => sync::holder(fiber).map(<*const u8>::cast),
            _ => None,
        };
        loop {
            let place = frame.and_then(|frame| frame::innermost_origin(program, frame, task));
            self.add_task(task, state, place, awaited);
            let Some(outer) = task.outer.get() else { break };
            frame = frame.map(|frame| task_below(frame, task));
            (state, awaited) = match task.inline.get() {
                Inline::Await => (State::Below(WaitReason::Await), Some(task.as_ptr().cast_const())),
                Inline::ScopeEnd => (State::Below(WaitReason::ScopeEnd), None),
            };
            task = outer;
        }
        self.tasks[first].partner = self.tasks[first].state.waits_outside().then(|| partner(fiber)).flatten();
    }

    fn add_task(&mut self, task: TaskRef, state: State, place: Option<Origin>, awaited: Option<*const Task>) {
        self.tasks.push(Seen {
            id: task.id.get(),
            name: task.name(),
            spawned_at: (!task.is_main()).then_some(task.descriptor.location),
            scope: None,
            state,
            partner: None,
            place,
            awaits: None,
            records: Records {
                task: task.as_ptr(),
                scope: task.scope.get().map(|scope| scope.as_ptr().cast_const()),
                awaited,
            },
        });
    }

    /// Adds the scopes that the tasks have open.
    fn add_scopes(&mut self, program: &Program) {
        for (index, task) in self.tasks.iter().enumerate() {
            let first = self.scopes.len();
            let task = TaskRef::from_ptr(task.records.task.cast_mut()).expect("it was taken of a task");
            self.scopes.extend(scopes_of(task).map(|scope| Open::of(program, scope, index)));
            self.scopes[first..].reverse();
        }
    }

    /// Lets tasks know their scopes and those they await.
    fn link(&mut self) {
        let tasks: HashMap<_, _> =
            self.tasks.iter().enumerate().map(|(index, task)| (task.records.task, index)).collect();
        let scopes: HashMap<_, _> =
            self.scopes.iter().enumerate().map(|(index, scope)| (scope.record, index)).collect();
        for task in &mut self.tasks {
            task.scope = task.records.scope.and_then(|scope| scopes.get(&scope).copied());
            task.awaits = task.records.awaited.and_then(|task| tasks.get(&task).copied());
            if let Some(scope) = task.scope {
                self.scopes[scope].unstarted = self.scopes[scope].unstarted.saturating_sub(1);
            }
        }
        if self.omitted > 0 {
            // The rest are started tasks that were not looked at, or not.
            self.scopes.iter_mut().for_each(|scope| scope.unstarted = 0);
        }
    }
}

/// The innermost frame of the task on whose stack `task`, which this frame is of, runs.
fn task_below(frame: Frame, task: TaskRef) -> Frame {
    let mut frame = frame;
    while !frame.ends(task) {
        frame = frame.outwards();
    }
    if frame.is_entry_return() { frame.below_stub() } else { frame }
}

/// The scopes that a task has open, innermost first.
fn scopes_of(task: TaskRef) -> impl Iterator<Item = ScopeRef> {
    let outwards = task.open_scope().into_iter().flat_map(ScopeRef::outwards);
    outwards.take_while(move |scope| scope.owner() == Some(task))
}

impl State {
    fn of(fiber: FiberRef) -> Self {
        if !fiber.wait.is_waiting() {
            return Self::Ready;
        }
        Self::Waits { reason: fiber.reason.get(), age: stamp::age(fiber.since.get()) }
    }

    /// What the task waits for, if it waits.
    pub fn reason(self) -> Option<WaitReason> {
        match self {
            Self::Ready => None,
            Self::Waits { reason, .. } | Self::Below(reason) => Some(reason),
        }
    }

    /// Whether the task itself waits for something outside of the program.
    fn waits_outside(self) -> bool {
        matches!(self, Self::Waits { reason: WaitReason::Outside(_), .. })
    }
}

impl Open {
    fn of(program: &Program, scope: ScopeRef, task: usize) -> Self {
        let calls = || frame::origins_of(program, scope.site().map(Into::into));
        Self {
            task,
            name: scope.name().map(String::from),
            place: calls().find(|origin| origin.is_users).or_else(|| calls().next()),
            is_cancelled: scope.is_cancelled(),
            unstarted: scope.unfinished().max(0) as usize,
            record: scope.as_ptr(),
        }
    }
}
