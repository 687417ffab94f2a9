//! Drops the shields of `defer`s that can neither suspend nor poll: they could not see a cancellation anyhow.

use plat_abi::functions::Effect;
use plat_syntax::index::{Id, IndexVec};

use crate::mir::graph;
use crate::mir::{Callee, Function, FunctionId, Mir, StatementKind};

/// Drops what it can from monomorphic MIR.
pub(super) fn run(mir: &mut Mir) {
    if !mir.functions.iter().any(has_shield) {
        return;
    }
    let suspends = suspending(mir);
    for function in mir.functions.iter_mut().filter(|function| has_shield(function)) {
        drop_idle(function, &suspends);
    }
}

fn has_shield(function: &Function) -> bool {
    kinds(function).any(|kind| matches!(kind, StatementKind::Shield { .. }))
}

fn kinds(function: &Function) -> impl Iterator<Item = &StatementKind> {
    function.blocks.iter().flat_map(|block| &block.statements).map(|statement| &statement.kind)
}

fn drop_idle(function: &mut Function, suspends: &IndexVec<FunctionId, bool>) {
    let mut idle_guards = Vec::new();
    for kind in kinds(function) {
        if let StatementKind::Defer { guard, body: Callee::Function(body), .. } = kind
            && !suspends[*body]
        {
            idle_guards.push(*guard);
        }
    }
    let mut idle_shields = Vec::new();
    for kind in kinds(function) {
        if let StatementKind::Shield { shield, guard } = kind
            && idle_guards.contains(guard)
        {
            idle_shields.push(*shield);
        }
    }
    for block in function.blocks.iter_mut() {
        block.statements.retain(|statement| match &statement.kind {
            StatementKind::Shield { shield, .. } | StatementKind::Unshield(shield) => {
                !idle_shields.contains(shield)
            }
            _ => true,
        });
    }
}

/// The functions that may suspend or poll, by themselves or in something they call.
///
/// Whatever is on a cycle of calls polls where it is called. So does what a `deinit` comes to that may come to the `deinit` again, which
/// no call says: all that a `deinit` calls counts as such.
fn suspending(mir: &Mir) -> IndexVec<FunctionId, bool> {
    let mut callers: IndexVec<FunctionId, Vec<FunctionId>> =
        IndexVec::filled(mir.functions.len(), Vec::new());
    let mut suspends = IndexVec::filled(mir.functions.len(), false);
    let mut pending = Vec::new();
    for (id, function) in mir.functions.iter_enumerated() {
        callees(function).for_each(|callee| callers[callee].push(id));
        if kinds(function).any(suspends_itself) {
            suspends[id] = true;
            pending.push(id);
        }
    }
    for id in recursive(mir) {
        if !std::mem::replace(&mut suspends[id], true) {
            pending.push(id);
        }
    }
    while let Some(id) = pending.pop() {
        for &caller in &callers[id] {
            if !std::mem::replace(&mut suspends[caller], true) {
                pending.push(caller);
            }
        }
    }
    suspends
}

/// The functions that may come to be called by themselves, as far as the program says whom it calls.
fn recursive(mir: &Mir) -> Vec<FunctionId> {
    let callees = |function| callees(function).map(Id::index).collect();
    let edges: Vec<Vec<usize>> = mir.functions.iter().map(callees).collect();
    let mut found: Vec<usize> = graph::cycles(&edges).into_iter().flatten().collect();
    let mut pending: Vec<usize> = mir.deinits.iter().map(|(_, deinit)| deinit.index()).collect();
    let mut is_found = vec![false; edges.len()];
    while let Some(id) = pending.pop() {
        if !std::mem::replace(&mut is_found[id], true) {
            found.push(id);
            pending.extend(&edges[id]);
        }
    }
    found.into_iter().map(FunctionId::from_index).collect()
}

/// What a function calls, or lets a `defer` call, as far as it says so.
fn callees(function: &Function) -> impl Iterator<Item = FunctionId> {
    kinds(function).filter_map(|kind| match kind {
        StatementKind::Call { callee: Callee::Function(callee), .. }
        | StatementKind::Defer { body: Callee::Function(callee), .. } => Some(*callee),
        _ => None,
    })
}

/// Whether a statement may suspend other than by calling a function of the program. Whoever is called without being known may.
fn suspends_itself(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::Call { callee: Callee::Runtime(function), .. } => {
            function.effect() == Effect::Suspends
        }
        StatementKind::Call { callee: Callee::Function(_) | Callee::Primitive(_), .. } => false,
        StatementKind::Call { .. }
        | StatementKind::ScopeExit(_)
        | StatementKind::ScopeLeave(_)
        | StatementKind::Poll(_) => true,
        _ => false,
    }
}
