//! Stores a result where it is wanted: `t = f(); x = t` becomes `x = f()` when `t` serves nothing else.

use crate::mir::{Block, Function, LocalKind, Operand, Place, Rvalue, Statement, StatementKind};
use crate::passes::mentions::{Counts, count};

/// Forwards what it can, and says whether there was something.
pub(super) fn run(function: &mut Function) -> bool {
    let counts = count(function);
    let locals = function.locals.clone();
    let is_passing = |place: &Place| {
        place.as_local().is_some_and(|local| {
            let Counts { assigned, changed, read } = counts[local];
            locals[local].kind == LocalKind::Variable && (assigned, changed, read) == (1, 0, 1)
        })
    };
    let mut changed = false;
    for block in function.blocks.iter_mut() {
        changed |= forward(block, &is_passing);
    }
    changed
}

fn forward(block: &mut Block, is_passing: &impl Fn(&Place) -> bool) -> bool {
    let before = block.statements.len();
    let mut joined: Vec<Statement> = Vec::with_capacity(before);
    for statement in std::mem::take(&mut block.statements) {
        let both = joined.last().and_then(|last| join(&last.kind, &statement.kind, is_passing));
        match (both, joined.last_mut()) {
            (Some(kind), Some(last)) => last.kind = kind,
            _ => joined.push(statement),
        }
    }
    block.statements = joined;
    block.statements.len() != before
}

/// The one statement that does the work of both.
fn join(
    first: &StatementKind,
    second: &StatementKind,
    is_passing: &impl Fn(&Place) -> bool,
) -> Option<StatementKind> {
    let (StatementKind::Assign(place, Rvalue::Use(Operand::Use(passed)))
    | StatementKind::Init(place, Rvalue::Use(Operand::Use(passed)))) = second
    else {
        return None;
    };
    let is_stored_in = |target: &Place| target == passed && is_passing(passed);
    match (first, second) {
        (StatementKind::Assign(target, rvalue), StatementKind::Assign(..)) if is_stored_in(target) => {
            Some(StatementKind::Assign(place.clone(), rvalue.clone()))
        }
        (StatementKind::Assign(target, rvalue), StatementKind::Init(..)) if is_stored_in(target) => {
            Some(StatementKind::Init(place.clone(), rvalue.clone()))
        }
        (StatementKind::Call { target: Some(target), callee, args }, StatementKind::Assign(..))
            if is_stored_in(target) =>
        {
            let (target, callee, args) = (Some(place.clone()), callee.clone(), args.clone());
            Some(StatementKind::Call { target, callee, args })
        }
        _ => None,
    }
}
