//! Blocks and statements.

use super::{Actions, Case};
use crate::index::Symbol;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Block, Expr, ExprKind, Ident, Let, Pattern, PatternKind, Stmt, StmtKind};
use crate::syntax::errors;

/// The statements of a block, and whether the last is an `if`, a loop … that no `;` follows: should the block end
/// there, that is its value.
#[derive(Default)]
pub(in crate::syntax) struct Statements {
    list: Vec<Stmt>,
    last_is_open: bool,
}

impl Statements {
    pub(in crate::syntax) fn push(&mut self, statement: (Stmt, Ending)) {
        self.list.push(statement.0);
        self.last_is_open = statement.1 == Ending::Open;
    }

    /// A stray `;`.
    pub(in crate::syntax) fn end_last(&mut self) {
        self.last_is_open = false;
    }

    /// Takes the last statement's expression away if it is the value of a block that ends here.
    fn take_value(&mut self) -> Option<Expr> {
        if !self.last_is_open {
            return None;
        }
        match self.list.pop()?.kind {
            StmtKind::Expr(expr) => Some(expr),
            _ => None,
        }
    }
}

/// Whether a statement may be the value of a block that ends after it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::syntax) enum Ending {
    /// It may.
    Open,
    /// It ends with `;` or has no value.
    Closed,
}

impl Actions<'_> {
    pub(in crate::syntax) fn block(
        &self,
        start: u32,
        mut statements: Statements,
        last: Option<Expr>,
        end: u32,
    ) -> Block {
        let value = last.or_else(|| statements.take_value()).map(Box::new);
        Block { statements: statements.list, value, span: self.span(start, end) }
    }

    pub(in crate::syntax) fn statement(&self, start: u32, kind: StmtKind, end: u32) -> (Stmt, Ending) {
        (Stmt { kind, span: self.span(start, end) }, Ending::Closed)
    }

    pub(in crate::syntax) fn expr_statement(&self, start: u32, expr: Expr, end: u32) -> (Stmt, Ending) {
        self.statement(start, StmtKind::Expr(expr), end)
    }

    /// A statement that ends with its `}`.
    pub(in crate::syntax) fn block_statement(&self, start: u32, expr: Expr, end: u32) -> (Stmt, Ending) {
        (Stmt { kind: StmtKind::Expr(expr), span: self.span(start, end) }, Ending::Open)
    }

    pub(in crate::syntax) fn labelled_loop(
        &self,
        start: u32,
        label: Symbol,
        mut expr: Expr,
        end: u32,
    ) -> (Stmt, Ending) {
        let name = Some(self.ident(start, label));
        match &mut expr.kind {
            ExprKind::While { label, .. } | ExprKind::Loop { label, .. } => *label = name,
            ExprKind::For(head) => head.label = name,
            _ => {}
        }
        expr.span = self.span(start, end);
        self.block_statement(start, expr, end)
    }

    pub(in crate::syntax) fn let_statement(
        &mut self,
        start: u32,
        mut binding: Let,
        end: u32,
    ) -> (Stmt, Ending) {
        if binding.otherwise.is_none() {
            self.correct_variable(&mut binding.pattern);
        }
        self.statement(start, StmtKind::Let(Box::new(binding)), end)
    }

    /// `let Total = 1;` would match a variant `Total`; a variable is meant.
    fn correct_variable(&mut self, pattern: &mut Pattern) {
        let name = match &pattern.kind {
            PatternKind::Constructor { path, args: None } => path.as_ident(),
            _ => None,
        };
        if let Some(Ident { name, span }) = name {
            let corrected = Case::Snake.correct(name.as_str());
            self.emit(errors::wrong_case(span, name.as_str(), Case::Snake, &corrected));
            pattern.kind = PatternKind::Binding(Ident { name: Symbol::intern(&corrected), span });
        }
    }

    pub(in crate::syntax) fn assign(
        &self,
        start: u32,
        place: Expr,
        (op, op_span): (Option<BinaryOp>, Span),
        value: Expr,
        end: u32,
    ) -> Expr {
        let kind = ExprKind::Assign { place: Box::new(place), op, op_span, value: Box::new(value) };
        self.expr(start, kind, end)
    }
}
