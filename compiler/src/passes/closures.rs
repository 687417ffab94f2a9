//! Calls of function values that are known become calls of their bodies, with the captures as arguments.
//!
//! A value is known where the local that is called holds nothing but one closure made in the same function, and what the
//! closure captured is still at hand. Then the body can be inlined like any function, and a closure that nobody else
//! uses is never made.

use plat_syntax::index::{Id, IndexVec};

use super::mentions::{Counts, count};
use crate::mir::holders::closure_of;
use crate::mir::local_set::LocalSet;
use crate::mir::{
    Argument, Callee, Capture, Closure, Function, Local, LocalKind, Operand, Place, StatementKind,
};

/// Makes calls direct, and says whether there were any.
pub(super) fn run(function: &mut Function) -> bool {
    let counts = count(function);
    let known = known_closures(function, &counts);
    if known.iter().all(Option::is_none) {
        return false;
    }
    let mut changed = false;
    for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
        if let Some(closure) = called(&statement.kind).and_then(|local| known[local].as_ref())
            && let StatementKind::Call { callee, args, .. } = &mut statement.kind
        {
            *callee = closure.body.clone();
            let captures = closure.captures.iter().map(argument);
            args.splice(0..1, captures);
            changed = true;
        }
    }
    for block in function.blocks.iter_mut() {
        // Without the closure its variable stays where it was.
        block.statements.retain(|statement| !makes_known_owner(&statement.kind, &known));
    }
    changed
}

/// Of each local the one closure that it ever holds, if calls of it can be direct.
fn known_closures(function: &Function, counts: &IndexVec<Local, Counts>) -> IndexVec<Local, Option<Closure>> {
    let mut known: IndexVec<Local, Option<Closure>> = IndexVec::filled(function.locals.len(), None);
    let referenced = function.referenced_locals();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        let StatementKind::Assign(target, _) = &statement.kind else { continue };
        let (Some(closure), Some(local)) = (closure_of(&statement.kind), target.as_local()) else { continue };
        let is_only_value = function.locals[local].kind == LocalKind::Variable
            && (counts[local].assigned, counts[local].changed) == (1, 0);
        let lasts = |capture: &Capture| lasts(capture, counts, &referenced);
        if is_only_value && closure.captures.iter().all(lasts) {
            known[local] = Some(closure.clone());
        }
    }
    let calls = call_counts(function);
    for local in function.locals.ids() {
        let owns = known[local].as_ref().is_some_and(owns_variables);
        if owns && calls[local.index()] != counts[local].read {
            known[local] = None;
        }
    }
    known
}

/// Whether what was captured is the same at every later point where the closure is.
fn lasts(capture: &Capture, counts: &IndexVec<Local, Counts>, referenced: &LocalSet) -> bool {
    let is_set_once = |local: Local| (counts[local].assigned, counts[local].changed) == (1, 0);
    match capture {
        Capture::Value(Operand::Use(place)) => {
            !referenced.contains(place.local) && is_set_once(place.local) && place.indices().all(is_set_once)
        }
        Capture::Value(operand) => matches!(operand, Operand::Const(_)),
        Capture::Place(place) => place.indices().all(is_set_once),
        Capture::Owned(operand) => operand.place().and_then(Place::as_local).is_some(),
    }
}

fn owns_variables(closure: &Closure) -> bool {
    closure.captures.iter().any(|capture| matches!(capture, Capture::Owned(_)))
}

/// How often each local is called.
fn call_counts(function: &Function) -> Vec<usize> {
    let mut calls = vec![0; function.locals.len()];
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let Some(local) = called(&statement.kind) {
            calls[local.index()] += 1;
        }
    }
    calls
}

/// The local whose value the statement calls.
fn called(kind: &StatementKind) -> Option<Local> {
    let StatementKind::Call { callee: Callee::Value(_), args, .. } = kind else { return None };
    match args.first() {
        Some(Argument::Value(Operand::Use(place))) => place.as_local(),
        _ => None,
    }
}

fn argument(capture: &Capture) -> Argument {
    match capture {
        Capture::Value(operand) => Argument::Value(operand.clone()),
        Capture::Place(place) => Argument::Place(place.clone()),
        Capture::Owned(operand) => match operand.place() {
            Some(place) => Argument::Place(place.clone()),
            None => Argument::Value(operand.clone()),
        },
    }
}

fn makes_known_owner(kind: &StatementKind, known: &IndexVec<Local, Option<Closure>>) -> bool {
    let StatementKind::Assign(target, _) = kind else { return false };
    let is_known = |local: Local| known[local].as_ref().is_some_and(owns_variables);
    closure_of(kind).is_some() && target.as_local().is_some_and(is_known)
}
