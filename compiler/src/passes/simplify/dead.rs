//! Drops assignments of values that nobody reads, where computing them does nothing else.

use plat_syntax::index::Id;

use crate::mir::{BinaryOp, CastKind, Function, LocalKind, Operand, Rvalue, StatementKind, UnaryOp};
use crate::passes::mentions::count;

/// Drops what is dead, and says whether there was something.
pub(in crate::passes) fn run(function: &mut Function) -> bool {
    let counts = count(function);
    let is_dead = |kind: &StatementKind| {
        let StatementKind::Assign(target, rvalue) = kind else { return false };
        let Some(local) = target.as_local() else { return false };
        let is_read = counts[local].read > 0 || counts[local].changed > 0;
        let is_self = matches!(rvalue, Rvalue::Use(Operand::Use(source)) if source == target);
        let is_variable = function.locals[local].kind == LocalKind::Variable;
        is_self || (is_variable && !is_read && only_computes(rvalue))
    };
    let mut dead = vec![Vec::new(); function.blocks.len()];
    for (id, block) in function.blocks.iter_enumerated() {
        dead[id.index()] = block.statements.iter().map(|statement| is_dead(&statement.kind)).collect();
    }
    let mut changed = false;
    for (block, dead) in function.blocks.iter_mut().zip(dead) {
        changed |= dead.contains(&true);
        let mut dead = dead.into_iter();
        block.statements.retain(|_| dead.next() == Some(false));
    }
    changed
}

/// Whether evaluating it can neither panic nor change anything.
pub(in crate::passes) fn only_computes(rvalue: &Rvalue) -> bool {
    match rvalue {
        Rvalue::Use(operand) => !matches!(operand, Operand::Move(_)),
        Rvalue::Unary(op, _) => *op != UnaryOp::Neg,
        Rvalue::Binary(op, _, _) => {
            op.is_comparison() || matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor)
        }
        Rvalue::Cast(kind, _, _) => *kind != CastKind::Checked,
        Rvalue::Wrapping(..)
        | Rvalue::MultiplyFolded(..)
        | Rvalue::Overflows(..)
        | Rvalue::Fits(..)
        | Rvalue::Float(..)
        | Rvalue::Bits(..)
        | Rvalue::BitPair(..)
        | Rvalue::Aggregate(..)
        | Rvalue::Interface(..)
        | Rvalue::Discriminant(_)
        | Rvalue::NewBuffer(..)
        | Rvalue::Length(_)
        | Rvalue::Capacity(_)
        | Rvalue::IsUnique(_)
        | Rvalue::IsManaged(_)
        | Rvalue::TaskResult(_)
        | Rvalue::Weaken(_)
        | Rvalue::Upgrade(..)
        | Rvalue::Identity(_)
        | Rvalue::Closure(_)
        | Rvalue::Reinterpret(..) => true,
    }
}
