//! Statements that compute a value and drop it.

use plat_syntax::diagnostics::Sink;

use super::{Looked, errors};
use crate::hir::{BinaryOp, ExprId, ExprKind, Statement};

/// Warns of statements that do nothing.
pub(super) fn check(looked: &Looked<'_>, sink: &mut Sink) {
    for expr in looked.body.exprs.iter() {
        let ExprKind::Block(block) = &expr.kind else { continue };
        for statement in &block.statements {
            if let Statement::Expr(expr) = *statement
                && does_nothing(looked, expr)
            {
                let is_equality = matches!(looked.body.exprs[expr].kind, ExprKind::Binary(BinaryOp::Eq, ..));
                sink.emit(errors::unused_value(looked.body.exprs[expr].span, is_equality));
            }
        }
    }
}

/// Whether an expression does nothing but give a value. Operators on what may call something are not looked into.
fn does_nothing(looked: &Looked<'_>, expr: ExprId) -> bool {
    let ty = looked.types.exprs[expr];
    if ty.is_unit() || ty.is_never() {
        return false;
    }
    let all = |exprs: &[ExprId]| exprs.iter().all(|&expr| does_nothing(looked, expr));
    match &looked.body.exprs[expr].kind {
        ExprKind::Literal(_)
        | ExprKind::Local(_)
        | ExprKind::Const(_)
        | ExprKind::TypeConst(..)
        | ExprKind::Variant(..)
        | ExprKind::BareVariant(_) => true,
        ExprKind::Field(base, _)
        | ExprKind::TupleField(base, ..)
        | ExprKind::Unary(_, base)
        | ExprKind::Cast(base, _) => does_nothing(looked, *base),
        ExprKind::Index(left, right)
        | ExprKind::Binary(_, left, right)
        | ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Range { start: left, end: right, .. } => all(&[*left, *right]),
        ExprKind::Tuple(items) | ExprKind::List(items) => all(items),
        _ => false,
    }
}
