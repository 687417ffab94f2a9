//! Drops functions that nothing calls any more, because all calls of them were inlined.

use plat_syntax::index::IndexVec;

use crate::mir::{Callee, EntryId, Function, FunctionId, Mir, Rvalue, StatementKind};

/// Drops the functions that cannot be reached from `main`; the others keep their order.
pub(super) fn run(mir: &mut Mir) {
    let Some(main) = mir.main else { return };
    let mut reached = IndexVec::filled(mir.functions.len(), false);
    reached[main] = true;
    let mut pending = vec![main];
    for &(_, deinit) in &mir.deinits {
        reached[deinit] = true;
        pending.push(deinit);
    }
    while let Some(function) = pending.pop() {
        for callee in callees(mir, &mir.functions[function]) {
            if !std::mem::replace(&mut reached[callee], true) {
                pending.push(callee);
            }
        }
    }
    let mut renamed: IndexVec<FunctionId, Option<FunctionId>> = IndexVec::new();
    let mut kept = IndexVec::new();
    for (function, &is_reached) in
        std::mem::take(&mut mir.functions).into_items().into_iter().zip(reached.iter())
    {
        renamed.push(is_reached.then(|| kept.push(function)));
    }
    mir.functions = kept;
    mir.main = renamed[main];
    for (_, deinit) in &mut mir.deinits {
        *deinit = renamed[*deinit].unwrap_or(*deinit);
    }
    // Those of values that nothing makes any more are dropped whole.
    mir.tables.retain(|table| table.methods.iter().all(|&method| renamed[method].is_some()));
    for method in mir.tables.iter_mut().flat_map(|table| &mut table.methods) {
        if let Some(new) = renamed[*method] {
            *method = new;
        }
    }
    for statement in mir.functions.iter_mut().flat_map(statements_mut) {
        if let Some(Callee::Function(id)) = statement.callee_mut()
            && let Some(new) = renamed[*id]
        {
            *id = new;
        }
    }
    drop_entries(mir);
}

/// Drops the entries of tables that nothing calls any more: their types may occur nowhere else.
fn drop_entries(mir: &mut Mir) {
    let mut renamed: IndexVec<EntryId, Option<EntryId>> = IndexVec::filled(mir.entries.len(), None);
    let mut kept = IndexVec::new();
    for statement in mir.functions.iter_mut().flat_map(statements_mut) {
        if let Some(Callee::Entry(id)) = statement.callee_mut() {
            *id = *renamed[*id].get_or_insert_with(|| kept.push(mir.entries[*id].clone()));
        }
    }
    mir.entries = kept;
}

fn statements_mut(function: &mut Function) -> impl Iterator<Item = &mut StatementKind> {
    let statements = function.blocks.iter_mut().flat_map(|block| &mut block.statements);
    statements.map(|statement| &mut statement.kind)
}

/// The functions that a function calls, spawns or makes closures of, and those in the tables of values that it makes, in
/// order.
fn callees(mir: &Mir, function: &Function) -> Vec<FunctionId> {
    let mut callees = Vec::new();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let Some(Callee::Function(id)) = statement.kind.callee() {
            callees.push(*id);
        }
        if let StatementKind::Assign(_, Rvalue::Interface(ty, _))
        | StatementKind::Init(_, Rvalue::Interface(ty, _)) = &statement.kind
        {
            let tables = mir.tables.iter().filter(|table| table.interface == *ty);
            callees.extend(tables.flat_map(|table| &table.methods));
        }
    }
    callees
}
