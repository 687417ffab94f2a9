//! Reads the original in place of a copy, and the constant in place of a local that holds it.

use plat_syntax::index::IndexVec;

use crate::mir::local_set::LocalSet;
use crate::mir::{Const, Function, Local, LocalKind, Operand, Place, Rvalue, StatementKind};
use crate::passes::copies::{self, Copies};
use crate::passes::mentions::{Counts, count};

/// Propagates copies and constants, and says whether there were any.
pub(super) fn run(function: &mut Function) -> bool {
    let counts = count(function);
    let constants = propagate_constants(function, &counts);
    let kept = kept_locals(function);
    let is_whole = |local: Local, source: &Place| source.projections.is_empty() && !kept.contains(local);
    let found = Copies::solve(function, &counts, is_whole, |_| false);
    constants | copies::replace(function, &found, &counts)
}

/// The locals whose end the program can tell: they keep their values until then, and those that they are copies of have another one.
fn kept_locals(function: &Function) -> LocalSet {
    let mut kept = LocalSet::new(function.locals.len());
    for statement in function.statements() {
        if let StatementKind::KeepAlive(place) = &statement.kind {
            kept.insert(place.local);
        }
    }
    kept
}

/// Puts constants where locals that hold nothing else are read as operands.
fn propagate_constants(function: &mut Function, counts: &IndexVec<Local, Counts>) -> bool {
    let mut constants: IndexVec<Local, Option<Const>> = IndexVec::filled(function.locals.len(), None);
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let StatementKind::Assign(target, Rvalue::Use(Operand::Const(constant))) = &statement.kind
            && let Some(local) = target.as_local()
            && function.locals[local].kind == LocalKind::Variable
            && (counts[local].assigned, counts[local].changed) == (1, 0)
        {
            constants[local] = Some(constant.clone());
        }
    }
    let mut changed = false;
    let mut replace = |operand: &mut Operand| {
        if let Operand::Use(place) = operand
            && let Some(constant) = place.as_local().and_then(|local| constants[local].clone())
        {
            *operand = Operand::Const(constant);
            changed = true;
        }
    };
    for block in function.blocks.iter_mut() {
        for statement in &mut block.statements {
            statement.kind.for_each_operand_mut(&mut replace);
        }
        if let Some(operand) = block.terminator.kind.operand_mut() {
            replace(operand);
        }
    }
    changed
}
