//! Blocks and statements.

use super::expressions::expr;
use super::patterns::{pattern, ty};
use super::tree::Tree;
use crate::syntax::ast::{Block, Let, Mutability, Stmt, StmtKind};

/// A block; its value, if it has one, stands in a list of its own.
pub(super) fn block(it: &Block) -> Tree {
    let value = it.value.iter().map(|value| Tree::node("value", [expr(value)]));
    Tree::node("block", it.statements.iter().map(statement).chain(value))
}

fn statement(it: &Stmt) -> Tree {
    match &it.kind {
        StmtKind::Let(it) => let_statement(it),
        StmtKind::Expr(it) => expr(it),
        StmtKind::Defer(body) => Tree::node("defer", [block(body)]),
        StmtKind::Error => Tree::word("error"),
    }
}

fn let_statement(it: &Let) -> Tree {
    let word = match it.mutability {
        Mutability::Let => "let",
        Mutability::Var => "var",
    };
    let mut parts = vec![pattern(&it.pattern)];
    parts.extend(it.ty.iter().map(|it| Tree::node(":", [ty(it)])));
    parts.extend(it.value.iter().map(expr));
    parts.extend(it.otherwise.iter().map(|otherwise| Tree::node("else", [block(otherwise)])));
    Tree::node(word, parts)
}
