//! Tasks that the function which spawns them keeps to itself: nobody else ever has a handle, and their scope ends before they
//! could be spawned again. So their records can stand in its frame, and an `await` knows what it awaits.
//!
//! Of owned MIR. A handle counts as kept when it is only awaited, asked for its result, and released. A result
//! that may be taken once is taken at one place, which is not come to again.

use plat_abi::functions::RuntimeFn;
use plat_syntax::index::Id;

use super::{
    Argument, BlockId, Callee, Function, FunctionId, Local, LocalKind, Operand, Place, Rvalue, StatementKind,
    TaskScope,
};

/// A task of which only the function that spawns it has a handle.
#[derive(Clone, Copy, Debug)]
pub struct Fork {
    /// The local that holds the handle.
    pub handle: Local,
    /// Its body.
    pub body: FunctionId,
    /// The scope it is in.
    pub scope: Local,
}

/// Where a statement stands: its block and its index there.
type Point = (BlockId, usize);

/// The forks of a function, in the order of their handles.
pub fn forks(function: &Function) -> Vec<Fork> {
    let mut spawns: Vec<(Fork, Point)> = Vec::new();
    for (block, index, statement) in statements(function) {
        if let StatementKind::Spawn {
            target,
            scope: TaskScope::Record(scope),
            name: None,
            body: Callee::Function(body),
            ..
        } = statement
            && let Some(handle) = target.as_local()
        {
            spawns.push((Fork { handle, body: *body, scope: *scope }, (block, index)));
        }
    }
    if spawns.is_empty() {
        return Vec::new();
    }
    let mut given_away = vec![false; function.locals.len()];
    for (_, _, statement) in statements(function) {
        for_each_other_mention(statement, |local| given_away[local.index()] = true);
    }
    let mut times = vec![0; function.locals.len()];
    for (fork, _) in &spawns {
        times[fork.handle.index()] += 1;
    }
    let takes: Vec<(Local, Point)> = statements(function)
        .filter_map(|(block, index, statement)| Some((taken(statement)?, (block, index))))
        .collect();
    let is_kept = |handle: Local| {
        let is_variable = function.locals[handle].kind == LocalKind::Variable;
        is_variable && !given_away[handle.index()] && times[handle.index()] == 1
    };
    let is_taken_once = |fork: Fork| {
        let mut of_fork = takes.iter().filter(|(handle, _)| *handle == fork.handle);
        let first = of_fork.next();
        of_fork.next().is_none()
            && first.is_none_or(|&(_, point)| !is_repeated_in(function, fork.scope, point))
    };
    spawns.retain(|&(fork, point)| {
        is_kept(fork.handle) && !is_repeated_in(function, fork.scope, point) && is_taken_once(fork)
    });
    let mut forks: Vec<Fork> = spawns.into_iter().map(|(fork, _)| fork).collect();
    forks.sort_unstable_by_key(|fork| fork.handle);
    forks
}

fn statements(function: &Function) -> impl Iterator<Item = (BlockId, usize, &StatementKind)> {
    function.blocks.iter_enumerated().flat_map(|(id, block)| {
        block.statements.iter().enumerate().map(move |(index, statement)| (id, index, &statement.kind))
    })
}

/// The handle that a statement awaits.
pub fn awaited(statement: &StatementKind) -> Option<Local> {
    only_argument(statement, RuntimeFn::task_await)
}

/// The handle of which a statement takes out the result.
pub fn taken(statement: &StatementKind) -> Option<Local> {
    only_argument(statement, RuntimeFn::task_take)
}

fn only_argument(statement: &StatementKind, function: RuntimeFn) -> Option<Local> {
    match statement {
        StatementKind::Call { callee: Callee::Runtime(called), args, .. } if *called == function => {
            match &args[..] {
                [Argument::Value(Operand::Borrow(place))] => place.as_local(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Calls `visit` with each local of which a statement does more than await, take from, look at, make or release what it holds.
fn for_each_other_mention(statement: &StatementKind, mut visit: impl FnMut(Local)) {
    if awaited(statement).or(taken(statement)).is_none() {
        statement
            .for_each_operand(|operand| operand.place().into_iter().for_each(|place| visit(place.local)));
    }
    let harmless: Option<&Place> = match statement {
        StatementKind::Spawn { target, .. } => Some(target),
        StatementKind::Assign(_, Rvalue::TaskResult(place)) | StatementKind::Release(place) => Some(place),
        _ => None,
    };
    statement.for_each_place(|place, _| {
        if harmless != Some(place) {
            visit(place.local);
        }
    });
}

/// Whether a spawn into a scope can be reached from itself while the scope is open.
fn is_repeated_in(function: &Function, scope: Local, (block, index): Point) -> bool {
    let closes = |statement: &StatementKind| matches!(statement, StatementKind::ScopeExit(other) | StatementKind::ScopeLeave(other) if *other == scope);
    let is_closed_after = |id: BlockId, from: usize, to: usize| {
        function.blocks[id].statements[from..to].iter().any(|statement| closes(&statement.kind))
    };
    let length = |id: BlockId| function.blocks[id].statements.len();
    if is_closed_after(block, index + 1, length(block)) {
        return false;
    }
    let mut seen = vec![false; function.blocks.len()];
    let mut pending = function.blocks[block].terminator.kind.successors();
    while let Some(id) = pending.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        if id == block && !is_closed_after(id, 0, index) {
            return true;
        }
        if !is_closed_after(id, 0, length(id)) {
            pending.extend(function.blocks[id].terminator.kind.successors());
        }
    }
    false
}
