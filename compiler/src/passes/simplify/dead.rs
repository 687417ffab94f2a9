//! Drops assignments of values that nobody reads, or that are assigned again before anybody does, where computing them
//! does nothing else.

use plat_syntax::hash::HashSet;
use plat_syntax::index::Id;

use crate::hir::Definitions;
use crate::mir::local_set::LocalSet;
use crate::mir::{
    BinaryOp, Block, CastKind, Function, Local, LocalKind, Operand, Rvalue, StatementKind, UnaryOp,
};
use crate::passes::loops::exposed;
use crate::passes::mentions::count;
use crate::passes::reads::for_each_place_read;
use crate::types::{Ty, TyKind};

/// Drops what is dead, and says whether there was something.
pub(in crate::passes) fn run(function: &mut Function, definitions: &Definitions) -> bool {
    let counts = count(function);
    let is_dead = |kind: &StatementKind| {
        let StatementKind::Assign(target, rvalue) = kind else { return false };
        let Some(local) = target.as_local() else { return false };
        let is_read = counts[local].read > 0 || counts[local].changed > 0;
        let is_self = matches!(rvalue, Rvalue::Use(Operand::Use(source)) if source == target);
        let is_variable = function.locals[local].kind == LocalKind::Variable;
        is_self || (is_variable && !is_read && only_computes(rvalue) && !runs_deinit(definitions, rvalue))
    };
    let mut dead = vec![Vec::new(); function.blocks.len()];
    for (id, block) in function.blocks.iter_enumerated() {
        dead[id.index()] = block.statements.iter().map(|statement| is_dead(&statement.kind)).collect();
    }
    let shown = exposed(function);
    for (block, dead) in function.blocks.iter().zip(&mut dead) {
        mark_overwritten(function, block, &shown, dead);
    }
    let mut changed = false;
    for (block, dead) in function.blocks.iter_mut().zip(dead) {
        changed |= dead.contains(&true);
        let mut dead = dead.into_iter();
        block.statements.retain(|_| dead.next() == Some(false));
    }
    changed
}

/// Whether it makes an object whose end the program can tell.
fn runs_deinit(definitions: &Definitions, rvalue: &Rvalue) -> bool {
    matches!(rvalue, Rvalue::Aggregate(ty, ..) if definitions.has_deinit(*ty))
}

/// Marks the assignments of variables that are assigned again in the same block with nothing reading them between.
fn mark_overwritten(function: &Function, block: &Block, shown: &LocalSet, dead: &mut [bool]) {
    let mut overwritten: HashSet<Local> = HashSet::default();
    for (statement, dead) in block.statements.iter().zip(dead).rev() {
        let assigned = match &statement.kind {
            StatementKind::Assign(target, rvalue) if leaves_no_trace(function, rvalue) => target.as_local(),
            _ => None,
        };
        let assigned = assigned
            .filter(|&local| function.locals[local].kind == LocalKind::Variable && !shown.contains(local));
        *dead |= assigned.is_some_and(|local| overwritten.contains(&local));
        if !*dead {
            overwritten.extend(assigned);
            let mut kind = statement.kind.clone();
            kind.for_each_named_local_mut(|read| {
                overwritten.remove(read);
            });
            for_each_place_read(&mut kind, |place| {
                overwritten.remove(&place.local);
                place.indices().for_each(|index| {
                    overwritten.remove(&index);
                });
            });
        }
    }
}

/// Whether nobody can tell that the value was made and released at once.
fn leaves_no_trace(function: &Function, rvalue: &Rvalue) -> bool {
    let is_number =
        |ty: Ty| matches!(ty.kind(), TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Float(_));
    match rvalue {
        Rvalue::NewBuffer(..) => true,
        Rvalue::Use(Operand::Const(_)) => true,
        Rvalue::Use(Operand::Use(place)) => {
            place.as_local().is_some_and(|local| is_number(function.locals[local].ty))
        }
        Rvalue::Aggregate(..)
        | Rvalue::Interface(..)
        | Rvalue::Closure(_)
        | Rvalue::Weaken(_)
        | Rvalue::Upgrade(..)
        | Rvalue::TaskResult(_) => false,
        _ => only_computes(rvalue),
    }
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
