//! Trees of structured concurrency, as data and as the numbers that `tests/trees/interpreter.plat` reads.

use std::collections::BTreeSet;

/// Steps, one after the other.
pub type Body = Vec<Op>;

/// A number that tells one panic from another.
pub type PanicId = i64;

/// One step of a body. What a body gives is the sum of what its steps give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    Add(i64),
    Yield,
    Sleep {
        micros: i64,
    },
    Panic(PanicId),
    /// Never ends by itself.
    Block(Block),
    /// Tidies up when the rest of the body is over.
    Defer(Tidy),
    /// One with a name has a function spawn its tasks.
    Scope {
        limit: Option<i64>,
        is_named: bool,
        parts: Vec<Part>,
        body: Body,
    },
    /// A supervised scope that asks all its tasks for their results.
    Isolated(Vec<Body>),
    /// Leaves a scope with tasks by `return`.
    Leave {
        tasks: Vec<Body>,
        body: Body,
        value: i64,
    },
    Race(Vec<Body>),
    /// Without a number of microseconds the time is never up.
    Timeout {
        micros: Option<i64>,
        body: Body,
    },
    /// Begins a task and cancels it after a while.
    Cancel {
        micros: i64,
        body: Body,
    },
    Shield(Body),
    Catch(Body),
    /// Without a capacity the channel is unbounded.
    Pipe {
        capacity: Option<i64>,
        senders: i64,
        messages: i64,
    },
    Fan {
        messages: i64,
    },
    Lock,
    Promised(i64),
    /// Binds the task-local while the body runs.
    Bind {
        value: i64,
        body: Body,
    },
    /// What the task-local is here, by the bindings around it.
    Ask {
        bound: i64,
    },
    /// A named scope whose tasks spawn two others each, so deep.
    Crawl {
        depth: i64,
    },
    /// Waits for a list of tasks.
    Gather {
        how: Gather,
        tasks: Vec<Body>,
    },
}

/// A way of waiting for several tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gather {
    /// For all of them.
    All,
    /// For each as it finishes.
    Completed,
    /// For the first one; the scope waits for the others.
    Any,
}

/// A way of waiting for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    Sleep,
    Recv,
    Promise,
    Send,
}

/// What a `defer` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tidy {
    Nothing,
    Yields,
    Sleeps,
    Panics(PanicId),
}

/// A task of a scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub is_awaited: bool,
    pub body: Body,
}

/// The panics that a body may end with when it is cancelled at any point. What it has caught by then goes no further.
pub fn strays(body: &[Op]) -> BTreeSet<PanicId> {
    let mut ids = BTreeSet::new();
    for op in body {
        match op {
            Op::Panic(id) | Op::Defer(Tidy::Panics(id)) => drop(ids.insert(*id)),
            Op::Scope { parts, body, .. } => {
                ids.extend(parts.iter().flat_map(|part| strays(&part.body)));
                ids.extend(strays(body));
            }
            Op::Leave { tasks, body, .. } => {
                ids.extend(tasks.iter().flat_map(|task| strays(task)));
                ids.extend(strays(body));
            }
            Op::Race(bodies) | Op::Gather { tasks: bodies, .. } => {
                ids.extend(bodies.iter().flat_map(|body| strays(body)));
            }
            Op::Timeout { body, .. } | Op::Shield(body) | Op::Bind { body, .. } => ids.extend(strays(body)),
            Op::Add(_)
            | Op::Yield
            | Op::Sleep { .. }
            | Op::Block(_)
            | Op::Defer(_)
            | Op::Isolated(_)
            | Op::Cancel { .. }
            | Op::Catch(_)
            | Op::Pipe { .. }
            | Op::Fan { .. }
            | Op::Lock
            | Op::Promised(_)
            | Op::Ask { .. }
            | Op::Crawl { .. } => {}
        }
    }
    ids
}

/// Appends a body as numbers.
pub fn encode(body: &[Op], numbers: &mut Vec<i64>) {
    numbers.push(body.len() as i64);
    body.iter().for_each(|op| encode_op(op, numbers));
}

fn encode_all(bodies: &[Body], numbers: &mut Vec<i64>) {
    numbers.push(bodies.len() as i64);
    bodies.iter().for_each(|body| encode(body, numbers));
}

fn encode_op(op: &Op, numbers: &mut Vec<i64>) {
    match op {
        Op::Add(value) => numbers.extend([0, *value]),
        Op::Yield => numbers.push(1),
        Op::Sleep { micros } => numbers.extend([2, *micros]),
        Op::Panic(id) => numbers.extend([3, *id]),
        Op::Block(block) => numbers.extend([4, *block as i64]),
        Op::Defer(tidy) => numbers.extend([5, tidy.number()]),
        Op::Scope { limit, is_named, parts, body } => {
            numbers.extend([6, limit.unwrap_or(0), i64::from(*is_named), parts.len() as i64]);
            for part in parts {
                numbers.push(i64::from(part.is_awaited));
                encode(&part.body, numbers);
            }
            encode(body, numbers);
        }
        Op::Isolated(tasks) => {
            numbers.push(7);
            encode_all(tasks, numbers);
        }
        Op::Leave { tasks, body, value } => {
            numbers.push(8);
            encode_all(tasks, numbers);
            encode(body, numbers);
            numbers.push(*value);
        }
        Op::Race(arms) => {
            numbers.push(9);
            encode_all(arms, numbers);
        }
        Op::Timeout { micros, body } => {
            numbers.extend([10, micros.unwrap_or(0)]);
            encode(body, numbers);
        }
        Op::Cancel { micros, body } => {
            numbers.extend([11, *micros]);
            encode(body, numbers);
        }
        Op::Shield(body) => {
            numbers.push(12);
            encode(body, numbers);
        }
        Op::Catch(body) => {
            numbers.push(13);
            encode(body, numbers);
        }
        Op::Pipe { capacity, senders, messages } => {
            numbers.extend([14, capacity.map_or(0, |capacity| capacity + 1), *senders, *messages]);
        }
        Op::Fan { messages } => numbers.extend([15, *messages]),
        Op::Lock => numbers.push(16),
        Op::Promised(value) => numbers.extend([17, *value]),
        Op::Bind { value, body } => {
            numbers.extend([18, *value]);
            encode(body, numbers);
        }
        Op::Ask { .. } => numbers.push(19),
        Op::Crawl { depth } => numbers.extend([20, *depth]),
        Op::Gather { how, tasks } => {
            numbers.extend([21, *how as i64]);
            encode_all(tasks, numbers);
        }
    }
}

impl Tidy {
    /// The ids of panics are greater than the numbers of the other ways.
    fn number(self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::Yields => 1,
            Self::Sleeps => 2,
            Self::Panics(id) => id,
        }
    }
}
