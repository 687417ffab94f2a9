//! Statements that compute a value and drop it.

use plat_syntax::diagnostics::Sink;

use super::purity::Purity;
use super::{Looked, errors};
use crate::hir::{Arg, BinaryOp, ExprId, ExprKind, Statement, StringPart};
use crate::types::{Ty, TyKind};

/// Warns of statements that do nothing.
pub(super) fn check(looked: &Looked<'_>, purity: &mut Purity<'_>, sink: &mut Sink) {
    for expr in looked.body.exprs.iter() {
        let ExprKind::Block(block) = &expr.kind else { continue };
        for statement in &block.statements {
            if let Statement::Expr(expr) = *statement
                && !is_dropped_with_a_warning(looked, looked.types.exprs[expr])
                && does_nothing(looked, purity, expr)
            {
                let is_equality = matches!(looked.body.exprs[expr].kind, ExprKind::Binary(BinaryOp::Eq, ..));
                sink.emit(errors::unused_value(looked.body.exprs[expr].span, is_equality));
            }
        }
    }
}

/// Whether `typeck` has warned already: of a `Result` because of the error in it, of a task because of its result.
fn is_dropped_with_a_warning(looked: &Looked<'_>, ty: Ty) -> bool {
    match *ty.kind() {
        TyKind::Enum(id, _) => looked.hir.lang.result == Some(id),
        TyKind::Task(_) => true,
        _ => false,
    }
}

/// Whether an expression does nothing but give a value.
fn does_nothing(looked: &Looked<'_>, purity: &mut Purity<'_>, expr: ExprId) -> bool {
    let ty = looked.types.exprs[expr];
    if ty.is_unit() || ty.is_never() {
        return false;
    }
    let mut all = |exprs: &[ExprId]| exprs.iter().all(|&expr| does_nothing(looked, purity, expr));
    let parts_do_nothing = match &looked.body.exprs[expr].kind {
        ExprKind::Literal(_)
        | ExprKind::Local(_)
        | ExprKind::Const(_)
        | ExprKind::Fn(..)
        | ExprKind::StaticFn(..)
        | ExprKind::TypeConst(..)
        | ExprKind::Variant(..)
        | ExprKind::BareVariant(_)
        | ExprKind::Closure(_) => true,
        ExprKind::Field(base, _)
        | ExprKind::TupleField(base, ..)
        | ExprKind::Unary(_, base)
        | ExprKind::Cast(base, _) => all(&[*base]),
        ExprKind::Index(left, right)
        | ExprKind::Binary(_, left, right)
        | ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Range { start: left, end: right, .. } => all(&[*left, *right]),
        ExprKind::Tuple(items) | ExprKind::List(items) => all(items),
        ExprKind::Dict(entries) => entries.iter().all(|&(key, value)| all(&[key, value])),
        ExprKind::Interpolate(parts) => parts.iter().all(|part| match part {
            StringPart::Text(_) => true,
            StringPart::Value(value, _) => all(&[*value]),
        }),
        ExprKind::Call { args, .. }
        | ExprKind::StaticCall { args, .. }
        | ExprKind::Construct { args, .. } => all(&values(args)),
        ExprKind::MethodCall { receiver, args, .. } => all(&[*receiver]) && all(&values(args)),
        _ => false,
    };
    parts_do_nothing && purity.is_pure_step(looked.body, looked.types, expr)
}

fn values(args: &[Arg]) -> Vec<ExprId> {
    args.iter().map(|arg| arg.value).collect()
}
