//! Blocks and their statements.

use plat_syntax::source::Span;

use crate::hir::{Block, ExprId, LocalId, LocalKind, PatId, PatKind, Statement, TypeRef};
use crate::types::Ty;

use super::body::Checker;
use super::errors::{patterns, types as errors};
use super::expect::{Expect, Why};
use super::infer::{Unknown, VarKind};
use super::settle::{Dropped, MatchCheck, MatchKind};

impl Checker<'_, '_> {
    /// A block has the type of its tail, else `Unit`, or `Never` if its end cannot be reached.
    pub(super) fn infer_block(&mut self, id: ExprId, block: &Block, expect: Expect) -> Ty {
        for statement in &block.statements {
            self.check_statement(statement);
        }
        match block.tail {
            Some(tail) => self.infer_tail(tail, expect),
            None if self.is_unreachable => self.common.never,
            None => self.end_without_value(id, block, expect),
        }
    }

    fn infer_tail(&mut self, tail: ExprId, expect: Expect) -> Ty {
        let is_dropped = match expect {
            Expect::Nothing => false,
            Expect::Dropped => true,
            Expect::Value(ty, _) => ty.is_unit(),
        };
        match expect {
            _ if is_dropped => {
                self.drop_value(tail);
                if self.types.exprs[tail].is_never() { self.common.never } else { self.common.unit }
            }
            Expect::Value(ty, why) => self.check(tail, ty, why),
            Expect::Nothing | Expect::Dropped => self.infer(tail, Expect::Nothing),
        }
    }

    /// A block without a tail has the value `()`. Where another is expected, a last `;` is probably one too many.
    fn end_without_value(&mut self, id: ExprId, block: &Block, expect: Expect) -> Ty {
        let Expect::Value(expected, why) = expect else { return self.common.unit };
        if self.infer.try_unify(expected, self.common.unit) {
            return self.common.unit;
        }
        let last = match (block.statements.last(), block.semicolon) {
            (Some(&Statement::Expr(last)), Some(semicolon)) => Some((last, semicolon)),
            _ => None,
        };
        let removable = last.filter(|&(last, _)| self.infer.could_unify(self.types.exprs[last], expected));
        let end = last.map_or_else(|| self.closing_brace(id), |(_, semicolon)| semicolon);
        let expected_name = self.show(expected);
        let mut diagnostic = match why {
            Why::Result(function) => {
                errors::missing_result(end, self.program.function(function).name, &expected_name)
            }
            _ => errors::missing_value(end, &expected_name),
        };
        diagnostic = self.label_expected(diagnostic, &expected_name, why);
        if let Some((_, semicolon)) = removable {
            diagnostic = errors::suggest_removing_semicolon(diagnostic, semicolon);
        }
        self.emit(diagnostic);
        expected
    }

    fn closing_brace(&self, block: ExprId) -> Span {
        let span = self.span(block);
        Span { start: span.end.saturating_sub(1).max(span.start), ..span }
    }

    fn check_statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Expr(expr) => self.drop_value_as(*expr, Dropped::Statement),
            Statement::Defer { body, .. } => self.check_defer(*body),
            Statement::Let { pat, ty, value: Some(value), otherwise } => {
                self.check_let(*pat, *ty, *value, *otherwise);
            }
            Statement::Let { pat, ty, value: None, .. } => self.declare_late(*pat, *ty),
        }
    }

    fn check_let(&mut self, pat: PatId, declared: Option<TypeRef>, value: ExprId, otherwise: Option<ExprId>) {
        let ty = match declared {
            Some(declared) => {
                self.check(value, declared.ty, Why::Annotation(declared.span));
                declared.ty
            }
            None => {
                self.open_values.insert(value);
                self.infer(value, Expect::Nothing)
            }
        };
        if let Some(otherwise) = otherwise {
            self.check_let_else(otherwise);
        }
        self.check_pattern(pat, ty);
        if let PatKind::Bind(local) = self.body.pats[pat].kind {
            self.locals[local].value = Some(value);
        }
        let kind = if otherwise.is_some() { MatchKind::Conditional } else { MatchKind::Let };
        self.pending.matches.push(MatchCheck::single(kind, pat, self.pat_span(pat)));
    }

    /// The block after `else` must leave.
    fn check_let_else(&mut self, otherwise: ExprId) {
        let was_unreachable = self.is_unreachable;
        let ty = self.infer(otherwise, Expect::Dropped);
        if !ty.is_never() && ty != self.common.error {
            self.emit(patterns::let_else_reaches_end(self.span(otherwise)));
        }
        self.is_unreachable = was_unreachable;
    }

    /// `let x: T;`, to be assigned once later (a `var` as often as you like).
    fn declare_late(&mut self, pat: PatId, declared: Option<TypeRef>) {
        let PatKind::Bind(local) = self.body.pats[pat].kind else {
            if !matches!(self.body.pats[pat].kind, PatKind::Error) {
                self.emit(patterns::pattern_without_value(self.pat_span(pat)));
            }
            self.check_pattern(pat, self.common.error);
            return;
        };
        let ty = match declared {
            Some(declared) => declared.ty,
            None => {
                self.infer.fresh(VarKind::Any, Unknown::Local(self.local_name(local)), self.pat_span(pat))
            }
        };
        self.check_pattern(pat, ty);
        self.mark_late(local);
    }

    /// What a `defer` runs is worth nothing to anybody, and ends by itself.
    fn check_defer(&mut self, body: ExprId) {
        let was_unreachable = std::mem::replace(&mut self.is_unreachable, false);
        self.drop_value(body);
        self.is_unreachable = was_unreachable;
    }

    fn mark_late(&mut self, local: LocalId) {
        debug_assert!(matches!(self.body.locals[local].kind, LocalKind::Let | LocalKind::Var));
        self.locals[local].is_late = true;
        self.late_locals.push(local);
    }
}
