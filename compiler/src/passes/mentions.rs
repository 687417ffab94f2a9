//! How the statements of a function mention its locals.

use plat_syntax::index::IndexVec;

use crate::mir::effects::changes_nothing;
use crate::mir::visit::Access;
use crate::mir::{Argument, Block, Callee, Function, Local, Operand, Place, StatementKind, TaskScope};

/// How often a local is mentioned, and how.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    /// All of it is assigned.
    pub(super) assigned: usize,
    /// It is changed otherwise: a part is assigned, its address passed, its elements moved, it is forgotten.
    pub(super) changed: usize,
    /// It is read, also as an index, or touched.
    pub(super) read: usize,
}

/// The counts for every local of a function. Parameters count as assigned once by the caller.
pub(super) fn count(function: &Function) -> IndexVec<Local, Counts> {
    let mut counts = IndexVec::filled(function.locals.len(), Counts::default());
    for param in function.params() {
        counts[param].assigned = 1;
    }
    for block in function.blocks.iter() {
        for statement in &block.statements {
            for_each_changed(&statement.kind, |local, change| match change {
                Change::Assigned => counts[local].assigned += 1,
                Change::InPlace => counts[local].changed += 1,
            });
            if let StatementKind::Touch(locals) = &statement.kind {
                locals.iter().for_each(|&local| counts[local].read += 1);
            }
        }
        for_each_read(block, |place| {
            counts[place.local].read += 1;
            for index in place.indices() {
                counts[index].read += 1;
            }
        });
    }
    counts[Function::RESULT].read += 1;
    counts
}

/// How a statement changes a local.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// All of it is assigned, after the statement has read what it reads.
    Assigned,
    /// Otherwise.
    InPlace,
}

/// Calls `visit` with each place that the statement changes, or takes the value out of. Sharing a value changes nothing that
/// can be seen.
pub(super) fn for_each_changed_place(kind: &StatementKind, mut visit: impl FnMut(&Place, Access)) {
    kind.for_each_operand(|operand| {
        if let Operand::Move(place) = operand {
            visit(place, Access::Remove);
        }
    });
    kind.for_each_place(|place, access| match access {
        Access::Inspect => {}
        Access::Change if matches!(kind, StatementKind::Share(_)) => {}
        Access::Assign
        | Access::Init
        | Access::Address
        | Access::Capture
        | Access::Change
        | Access::Remove => visit(place, access),
    });
}

/// Calls `visit` with each local that the statement changes.
pub(super) fn for_each_changed(kind: &StatementKind, mut visit: impl FnMut(Local, Change)) {
    for_each_changed_place(kind, |place, access| match access {
        // The object changes, not what refers to it.
        _ if place.is_in_object() => {}
        Access::Assign if place.projections.is_empty() => visit(place.local, Change::Assigned),
        _ => visit(place.local, Change::InPlace),
    });
    match kind {
        StatementKind::Forget(local)
        | StatementKind::ScopeEnter(local)
        | StatementKind::ScopeExit(local)
        | StatementKind::ScopeLeave(local)
        | StatementKind::Defer { guard: local, .. }
        | StatementKind::Disarm(local)
        | StatementKind::Shield { shield: local, .. }
        | StatementKind::Unshield(local)
        | StatementKind::Spawn { scope: TaskScope::Record(local), .. } => visit(*local, Change::InPlace),
        _ => {}
    }
}

/// Whether the statement changes the local.
pub(super) fn changes(kind: &StatementKind, local: Local) -> bool {
    let mut changes = false;
    for_each_changed(kind, |changed, _| changes |= changed == local);
    changes
}

/// Calls `visit` with each place that is read, and with places that are changed in part, whose indices are.
fn for_each_read(block: &Block, mut visit: impl FnMut(&Place)) {
    for statement in &block.statements {
        statement.kind.for_each_operand(|operand| {
            if let Some(place) = operand.place() {
                visit(place);
            }
        });
        statement.kind.for_each_place(|place, access| {
            if access != Access::Assign || !place.projections.is_empty() {
                visit(place);
            }
        });
    }
    if let Some(place) = block.terminator.kind.operand().and_then(Operand::place) {
        visit(place);
    }
}

/// Whether the statement may change a field of an object, itself or by what it calls.
pub(super) fn may_change_objects(kind: &StatementKind) -> bool {
    if let StatementKind::Call { callee, .. } = kind
        && !matches!(callee, Callee::Runtime(function) if changes_nothing(*function))
    {
        return true;
    }
    let mut changes = false;
    kind.for_each_place(|place, access| changes |= place.is_in_object() && access != Access::Inspect);
    changes
}

/// Whether the statement passes the address of the local, or changes it otherwise while it still reads.
pub(super) fn changes_while_reading(kind: &StatementKind, local: Local) -> bool {
    let mut changes = false;
    for_each_changed(kind, |changed, change| changes |= changed == local && change == Change::InPlace);
    let is_stored_part = matches!(kind, StatementKind::Assign(target, _) if target.local == local);
    let is_target = matches!(kind, StatementKind::Call { target: Some(target), args, .. }
        if target.local == local && !args.iter().any(|arg| matches!(arg, Argument::Place(place) if place.local == local)));
    changes && !is_stored_part && !is_target
}
