//! Comparisons of constants, as the checks of inlined calls leave them.

use crate::mir::{BinaryOp, Const, Function, Operand, Rvalue, StatementKind, UnaryOp};

/// Computes what can be known, and says whether there was something.
pub(super) fn run(function: &mut Function) -> bool {
    let mut changed = false;
    for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
        if let StatementKind::Assign(_, rvalue) = &mut statement.kind
            && let Some(value) = known(rvalue)
        {
            *rvalue = Rvalue::Use(Operand::Const(Const::Bool(value)));
            changed = true;
        }
    }
    changed
}

fn known(rvalue: &Rvalue) -> Option<bool> {
    match rvalue {
        Rvalue::Unary(UnaryOp::Not, Operand::Const(Const::Bool(value))) => Some(!value),
        Rvalue::Binary(op, Operand::Const(Const::Int(left, _)), Operand::Const(Const::Int(right, _))) => {
            compare(*op, *left, *right)
        }
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
