//! Comparisons by structure that an operator can do.
//!
//! Those of floats are left alone: by structure NaN equals itself, and to the operators it does not.

use plat_syntax::index::IndexVec;

use crate::hir::BinaryOp;
use crate::mir::{
    Argument, Block, Callee, Const, Function, Glue, Local, Operand, Place, Rvalue, Statement, StatementKind,
};
use crate::passes::mentions::{Counts, count};
use crate::types::{Ty, TyKind};

/// Makes operators of the calls for equality of scalars, and of those for their order that are compared with zero. Objects are
/// equal when they are one, unless an implementation says otherwise: `is_identity` says of which type none does.
pub(super) fn fuse(function: &mut Function, is_identity: &dyn Fn(Ty) -> bool) {
    let statements = || function.blocks.iter().flat_map(|block| &block.statements);
    let is_comparison = |kind: &StatementKind| {
        matches!(
            kind,
            StatementKind::Call { callee: Callee::Glue(Glue::Compare | Glue::Equal | Glue::Same, _), .. }
        )
    };
    if !statements().any(|statement| is_comparison(&statement.kind)) {
        return;
    }
    let counts = count(function);
    for block in function.blocks.iter_mut() {
        fuse_orders(block, &counts);
        for statement in &mut block.statements {
            if let Some(fused) = equality(&statement.kind, is_identity) {
                statement.kind = fused;
            }
        }
    }
}

fn equality(kind: &StatementKind, is_identity: &dyn Fn(Ty) -> bool) -> Option<StatementKind> {
    let (target, left, right) = comparison(kind, Glue::Equal).or_else(|| comparison(kind, Glue::Same))?;
    if let StatementKind::Call { callee: Callee::Glue(Glue::Equal, ty), .. } = kind
        && !is_identity(*ty)
    {
        return None;
    }
    Some(StatementKind::Assign(target.clone(), Rvalue::Binary(BinaryOp::Eq, left.clone(), right.clone())))
}

/// `t = compare(a, b); x = t < 0` becomes `x = a < b`.
fn fuse_orders(block: &mut Block, counts: &IndexVec<Local, Counts>) {
    let mut fused: Vec<Statement> = Vec::with_capacity(block.statements.len());
    for statement in std::mem::take(&mut block.statements) {
        match fused.last().and_then(|order| tested_order(&order.kind, &statement.kind, counts)) {
            Some(kind) => {
                fused.pop();
                fused.push(Statement { kind, ..statement });
            }
            None => fused.push(statement),
        }
    }
    block.statements = fused;
}

fn tested_order(
    order: &StatementKind,
    test: &StatementKind,
    counts: &IndexVec<Local, Counts>,
) -> Option<StatementKind> {
    let (target, left, right) = comparison(order, Glue::Compare)?;
    let StatementKind::Assign(result, Rvalue::Binary(op, Operand::Use(tested), Operand::Const(zero))) = test
    else {
        return None;
    };
    let is_only_test = target == tested && counts[target.as_local()?].read == 1;
    let fuses = is_only_test && op.is_comparison() && matches!(zero, Const::Int(0, _));
    fuses.then(|| StatementKind::Assign(result.clone(), Rvalue::Binary(*op, left.clone(), right.clone())))
}

/// The target and the sides of a comparison of scalars of this kind.
fn comparison(kind: &StatementKind, wanted: Glue) -> Option<(&Place, &Operand, &Operand)> {
    let StatementKind::Call { target: Some(target), callee: Callee::Glue(glue, ty), args } = kind else {
        return None;
    };
    let [Argument::Value(left), Argument::Value(right)] = &args[..] else { return None };
    let is_operator = match glue {
        Glue::Compare => is_scalar(*ty),
        Glue::Equal | Glue::Same => is_scalar(*ty) || matches!(ty.kind(), TyKind::Class(..)),
        Glue::Display | Glue::Hash | Glue::Encode | Glue::Decode => false,
    };
    (*glue == wanted && is_operator).then_some((target, left, right))
}

fn is_scalar(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Bool | TyKind::Char | TyKind::Int(_))
}
