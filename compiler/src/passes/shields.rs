//! Drops the shields of `defer`s that cannot suspend: they could not see a cancellation anyhow.

use plat_abi::functions::Effect;
use plat_syntax::index::IndexVec;

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

/// The functions that may suspend, by themselves or in something they call.
fn suspending(mir: &Mir) -> IndexVec<FunctionId, bool> {
    let mut callers: IndexVec<FunctionId, Vec<FunctionId>> =
        IndexVec::filled(mir.functions.len(), Vec::new());
    let mut suspends = IndexVec::filled(mir.functions.len(), false);
    let mut pending = Vec::new();
    for (id, function) in mir.functions.iter_enumerated() {
        for kind in kinds(function) {
            match kind {
                StatementKind::Call { callee: Callee::Function(callee), .. }
                | StatementKind::Defer { body: Callee::Function(callee), .. } => callers[*callee].push(id),
                _ if suspends_itself(kind) && !suspends[id] => {
                    suspends[id] = true;
                    pending.push(id);
                }
                _ => {}
            }
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

/// Whether a statement may suspend other than by calling a function of the program. Whoever is called without being known may.
fn suspends_itself(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::Call { callee: Callee::Runtime(function), .. } => {
            function.effect() == Effect::Suspends
        }
        StatementKind::Call { callee: Callee::Primitive(_), .. } => false,
        StatementKind::Call { .. } | StatementKind::ScopeExit(_) | StatementKind::ScopeLeave(_) => true,
        _ => false,
    }
}
