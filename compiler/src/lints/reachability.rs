//! Statements that are never reached, because one before them never ends or leaves.

use plat_syntax::diagnostics::Sink;
use plat_syntax::source::Span;

use super::{Looked, errors};
use crate::hir::{Block, ExprId, ExprKind, Statement};

/// Warns of the first statement of each block that is never reached.
pub(super) fn check(looked: &Looked<'_>, sink: &mut Sink) {
    for expr in looked.body.exprs.iter() {
        if let ExprKind::Block(block) = &expr.kind {
            check_block(looked, block, sink);
        }
    }
}

fn check_block(looked: &Looked<'_>, block: &Block, sink: &mut Sink) {
    let ends = |statement: &Statement| {
        let value = match statement {
            Statement::Expr(expr) => Some(*expr),
            Statement::Let { value, .. } => *value,
            Statement::Defer { .. } => None,
        };
        value.filter(|&value| looked.types.exprs[value].is_never())
    };
    let found = block.statements.iter().enumerate().find_map(|(index, it)| Some((index, ends(it)?)));
    let Some((index, end)) = found else { return };
    let next = block.statements.get(index + 1).map(|statement| span_of(looked, statement));
    let Some(next) = next.or_else(|| block.tail.map(|tail| looked.body.exprs[tail].span)) else { return };
    sink.emit(errors::unreachable_code(next, looked.body.exprs[innermost(looked, end)].span));
}

fn span_of(looked: &Looked<'_>, statement: &Statement) -> Span {
    match *statement {
        Statement::Expr(expr) | Statement::Defer { body: expr, .. } => looked.body.exprs[expr].span,
        Statement::Let { pat, value, .. } => {
            let pat = looked.body.pats[pat].span;
            value.map_or(pat, |value| pat.to(looked.body.exprs[value].span))
        }
    }
}

/// What a block that never ends is never left after.
fn innermost(looked: &Looked<'_>, mut expr: ExprId) -> ExprId {
    while let ExprKind::Block(Block { tail: Some(tail), .. }) = looked.body.exprs[expr].kind {
        expr = tail;
    }
    expr
}
