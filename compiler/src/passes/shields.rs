//! Drops the shields of `defer`s that can neither suspend nor poll: they could not see a cancellation anyhow.

use plat_syntax::index::IndexVec;

use crate::analysis::effects::{EffectMap, Effects, Releases};
use crate::mir::managed::Managed;
use crate::mir::{Callee, Function, FunctionId, Mir, StatementKind};

/// Drops what it can from monomorphic MIR.
pub(super) fn run(mir: &mut Mir, managed: &Managed<'_>) {
    if !mir.functions.iter().any(has_shield) {
        return;
    }
    let effects = EffectMap::solve(mir, managed, Releases::Implied);
    let sees = Effects::SUSPENDS.and(Effects::POLLS);
    let idle: IndexVec<FunctionId, bool> = mir.functions.ids().map(|id| !effects.of(id).has(sees)).collect();
    for function in mir.functions.iter_mut().filter(|function| has_shield(function)) {
        drop_idle(function, &idle);
    }
}

fn has_shield(function: &Function) -> bool {
    kinds(function).any(|kind| matches!(kind, StatementKind::Shield { .. }))
}

fn kinds(function: &Function) -> impl Iterator<Item = &StatementKind> {
    function.blocks.iter().flat_map(|block| &block.statements).map(|statement| &statement.kind)
}

fn drop_idle(function: &mut Function, idle: &IndexVec<FunctionId, bool>) {
    let mut idle_guards = Vec::new();
    for kind in kinds(function) {
        if let StatementKind::Defer { guard, body: Callee::Function(body), .. } = kind
            && idle[*body]
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
