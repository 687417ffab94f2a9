//! Comparisons of constants and sums with nothing, as the checks of inlined calls leave them.

use crate::mir::{BinaryOp, Const, Function, Operand, Rvalue, StatementKind, UnaryOp};

/// Computes what can be known, and says whether there was something.
pub(super) fn run(function: &mut Function) -> bool {
    let mut changed = false;
    for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
        if let StatementKind::Assign(_, rvalue) = &mut statement.kind
            && let Some(value) = known(rvalue)
        {
            *rvalue = Rvalue::Use(value);
            changed = true;
        }
    }
    changed
}

fn known(rvalue: &Rvalue) -> Option<Operand> {
    let bool = |value| Operand::Const(Const::Bool(value));
    match rvalue {
        Rvalue::Unary(UnaryOp::Not, Operand::Const(Const::Bool(value))) => Some(bool(!value)),
        Rvalue::Binary(op, Operand::Const(Const::Int(left, _)), Operand::Const(Const::Int(right, _)))
            if op.is_comparison() =>
        {
            compare(*op, *left, *right).map(bool)
        }
        Rvalue::Binary(op, left, right) | Rvalue::Wrapping(op, left, right) => combine(*op, left, right),
        _ => None,
    }
}

/// The operand that the operation gives whatever the other one is.
fn combine(op: BinaryOp, left: &Operand, right: &Operand) -> Option<Operand> {
    let is = |operand: &Operand, wanted| matches!(operand, Operand::Const(Const::Int(value, _)) if *value == wanted);
    match op {
        BinaryOp::Add | BinaryOp::Sub if is(right, 0) => Some(left.clone()),
        BinaryOp::Add if is(left, 0) => Some(right.clone()),
        BinaryOp::Mul | BinaryOp::Div if is(right, 1) => Some(left.clone()),
        BinaryOp::Mul if is(left, 1) => Some(right.clone()),
        _ => None,
    }
}

fn compare(op: BinaryOp, left: i128, right: i128) -> Option<bool> {
    Some(match op {
        BinaryOp::Eq => left == right,
        BinaryOp::Ne => left != right,
        BinaryOp::Lt => left < right,
        BinaryOp::Le => left <= right,
        BinaryOp::Gt => left > right,
        BinaryOp::Ge => left >= right,
        _ => return None,
    })
}
