//! Lengths and index checks that come out the same in every round stand before the loop.
//!
//! A length is only looked at, and may move wherever the buffer is there. A check may move where it stands at the beginning of
//! a round, before anything that panics, changes something or waits: the first round would do it first anyway.

use plat_syntax::index::IndexVec;

use super::natural::{Dominators, Loop, loops};
use super::overlap::{affects, exposed, is_tracked};
use super::unique::made_unique;
use crate::mir::local_set::LocalSet;
use crate::mir::{
    Function, FunctionId, Local, LocalKind, Operand, Place, Projection, Rvalue, Statement, StatementKind,
};
use crate::passes::mentions::{Counts, count};
use crate::passes::simplify::only_computes;
use crate::types::{Ty, TyKind};

/// Moves what it can, and says whether there was something.
pub(super) fn hoist(function: &mut Function, is_make_unique: &impl Fn(FunctionId) -> bool) -> bool {
    let dominators = Dominators::new(function);
    let exposed = exposed(function);
    // Moving a statement changes none of them.
    let counts = count(function);
    let mut changed = false;
    for inner in loops(function, &dominators).iter().rev() {
        changed |= hoist_from(function, inner, &counts, &exposed, is_make_unique);
    }
    changed
}

fn hoist_from(
    function: &mut Function,
    inside: &Loop,
    counts: &IndexVec<Local, Counts>,
    exposed: &LocalSet,
    is_make_unique: &impl Fn(FunctionId) -> bool,
) -> bool {
    let mut moved: Vec<Statement> = Vec::new();
    for block in inside.blocks().collect::<Vec<_>>() {
        let mut is_first = block == inside.head;
        let mut kept = Vec::new();
        for statement in function.blocks[block].statements.clone() {
            let stays =
                |place: &Place| is_same_in_every_round(function, inside, place, exposed, is_make_unique);
            let is_same = match &statement.kind {
                StatementKind::Assign(target, Rvalue::Length(place)) => {
                    (is_first || is_always_there(place))
                        && target.as_local().is_some_and(|local| is_assigned_once(function, counts, local))
                        && stays(place)
                }
                StatementKind::CheckIndex { index, length } if is_first => {
                    let is_known = |operand: &Operand| {
                        operand.place().is_none_or(|place| assigns(&moved, place) || stays(place))
                    };
                    is_known(index) && is_known(length)
                }
                _ => false,
            };
            is_first &= is_same || is_silent(function, &statement.kind);
            if is_same { moved.push(statement) } else { kept.push(statement) }
        }
        function.blocks[block].statements = kept;
    }
    let is_changed = !moved.is_empty();
    function.blocks[inside.preheader].statements.append(&mut moved);
    is_changed
}

fn is_assigned_once(function: &Function, counts: &IndexVec<Local, Counts>, local: Local) -> bool {
    let is_variable = function.locals[local].kind == LocalKind::Variable;
    is_variable && (counts[local].assigned, counts[local].changed) == (1, 0)
}

/// Whether the way to the place leads through fields alone, which are there whatever has been checked.
fn is_always_there(place: &Place) -> bool {
    place.projections.iter().all(|step| matches!(step, Projection::Field(_)))
}

fn assigns(statements: &[Statement], place: &Place) -> bool {
    statements
        .iter()
        .any(|statement| matches!(&statement.kind, StatementKind::Assign(target, _) if target == place))
}

/// Whether the statement can neither panic, change what others see, nor wait. A poll counts as one that does not: nobody can tell whether it
/// came before something else.
pub(super) fn is_silent(function: &Function, kind: &StatementKind) -> bool {
    if matches!(kind, StatementKind::Poll(_)) {
        return true;
    }
    let StatementKind::Assign(target, rvalue) = kind else { return false };
    // Assigning anything else releases what was there, which can be seen.
    let is_scalar =
        |ty: Ty| matches!(ty.kind(), TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Float(_));
    target.as_local().is_some_and(|local| is_scalar(function.locals[local].ty)) && only_computes(rvalue)
}

/// Whether the same value stands at the place throughout the loop.
pub(super) fn is_same_in_every_round(
    function: &Function,
    inside: &Loop,
    place: &Place,
    exposed: &LocalSet,
    is_make_unique: &impl Fn(FunctionId) -> bool,
) -> bool {
    is_tracked(place, exposed)
        && inside.blocks().flat_map(|block| &function.blocks[block].statements).all(|statement| {
            // The elements stay, and so do their number.
            made_unique(&statement.kind, is_make_unique).is_some() || !affects(&statement.kind, place)
        })
}
