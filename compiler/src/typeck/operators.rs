//! Operators, assignments and conversions.

use plat_syntax::diagnostics::Diagnostic;

use crate::hir::{BinaryOp, ExprId, ExprKind, Sign, TypeRef, UnaryOp};
use crate::types::{Ty, TyKind};

use super::body::Checker;
use super::errors::{operators, types};
use super::expect::{Expect, Why};
use super::places::PlaceUse;
use super::settle::Need;

/// The types of a clock, which have some arithmetic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    Duration,
    Instant,
}

impl Checker<'_, '_> {
    pub(super) fn infer_unary(&mut self, id: ExprId, op: UnaryOp, operand: ExprId, expect: Expect) -> Ty {
        match (op, &self.expr(operand).kind) {
            (UnaryOp::Neg, ExprKind::Literal(literal)) => {
                let ty = self.literal(literal, Sign::Minus, self.span(id), expect.hint());
                self.types.exprs[operand] = ty;
                self.require(ty, Need::Negatable, self.span(id));
                ty
            }
            (UnaryOp::Neg, _) => {
                let ty = self.infer(operand, expect);
                if self.time_of(ty) != Some(Time::Duration) {
                    self.require(ty, Need::Signed, self.span(operand));
                }
                ty
            }
            (UnaryOp::BitNot, _) => self.infer_operand(operand, Need::BitNot, expect),
            (UnaryOp::Not, _) => {
                self.check_condition(operand);
                self.common.bool
            }
        }
    }

    fn infer_operand(&mut self, operand: ExprId, need: Need, expect: Expect) -> Ty {
        let ty = self.infer(operand, expect);
        self.require(ty, need, self.span(operand));
        ty
    }

    pub(super) fn infer_binary(
        &mut self,
        id: ExprId,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        expect: Expect,
    ) -> Ty {
        match op {
            BinaryOp::Shl | BinaryOp::Shr => self.infer_shift(op, left, right, expect),
            _ if is_comparison(op) => self.infer_comparison(id, op, left, right),
            _ => {
                let hint = match expect {
                    Expect::Dropped => Expect::Nothing,
                    other => other,
                };
                let found = self.infer(left, hint);
                match self.time_of(found) {
                    Some(time) => self.infer_time(op, time, (left, found), right),
                    None => self.check_right_operand(id, op, left, found, right),
                }
            }
        }
    }

    /// A shift has the type of its left side; the right side is any integer.
    fn infer_shift(&mut self, op: BinaryOp, left: ExprId, right: ExprId, expect: Expect) -> Ty {
        let ty = self.infer_operand(left, Need::Integer(op), expect);
        self.infer_operand(right, Need::Integer(op), Expect::Nothing);
        ty
    }

    fn infer_comparison(&mut self, id: ExprId, op: BinaryOp, left: ExprId, right: ExprId) -> Ty {
        // A bare variant says nothing of its enum: the other side does.
        let is_bare = |side| self.is_bare_variant(side);
        if is_bare(left) && !is_bare(right) {
            let found = self.infer(right, Expect::Nothing);
            self.check_right_operand(id, op, right, found, left);
        } else {
            let found = self.infer(left, Expect::Nothing);
            self.check_right_operand(id, op, left, found, right);
        }
        self.common.bool
    }

    fn is_bare_variant(&self, id: ExprId) -> bool {
        match &self.expr(id).kind {
            ExprKind::BareVariant(_) => true,
            ExprKind::Call { callee, .. } => matches!(self.expr(*callee).kind, ExprKind::BareVariant(_)),
            _ => false,
        }
    }

    /// Checks the other operand, which must have the type of the first, and returns that.
    fn check_right_operand(
        &mut self,
        id: ExprId,
        op: BinaryOp,
        first: ExprId,
        found: Ty,
        second: ExprId,
    ) -> Ty {
        let expect = Expect::Value(found, Why::Operand(self.span(first)));
        let other = self.infer(second, if found.is_never() { Expect::Nothing } else { expect });
        if found.is_never() || other.is_never() {
            return self.common.never;
        }
        if !self.infer.try_unify(found, other) {
            let diagnostic = self.operands_differ(op, (first, found), (second, other));
            let is_reversed = op == BinaryOp::Mul && self.time_of(other) == Some(Time::Duration);
            return self.fail(if is_reversed {
                operators::help_duration_first(diagnostic)
            } else {
                diagnostic
            });
        }
        self.require(found, Need::of(op), self.span(id));
        found
    }

    /// What the type is to a clock, if anything.
    fn time_of(&self, ty: Ty) -> Option<Time> {
        let TyKind::Struct(id, _) = *self.infer.shallow(ty).kind() else { return None };
        match self.program.hir.lang {
            lang if lang.duration == Some(id) => Some(Time::Duration),
            lang if lang.instant == Some(id) => Some(Time::Instant),
            _ => None,
        }
    }

    /// `d + d`, `d - d`, `d * 2`, `d / 2`; `t + d`, `t - d`, and `t - t`, which is a duration.
    fn infer_time(&mut self, op: BinaryOp, time: Time, (left, found): (ExprId, Ty), right: ExprId) -> Ty {
        let scales = time == Time::Duration && matches!(op, BinaryOp::Mul | BinaryOp::Div);
        if scales {
            self.check(right, self.common.int, Why::Plain);
            return found;
        }
        let other = self.infer(right, Expect::Value(found, Why::Operand(self.span(left))));
        let duration = self.program.hir.lang.duration.map(|id| Ty::structure(id, &[]));
        match (time, op, self.time_of(other)) {
            _ if other.has_error() || other.is_never() => other,
            (_, BinaryOp::Add | BinaryOp::Sub, Some(Time::Duration)) => found,
            (Time::Instant, BinaryOp::Sub, Some(Time::Instant)) => duration.unwrap_or(self.common.error),
            (_, _, Some(_)) => {
                let shown = self.show(found);
                self.fail(operators::no_operator(self.span(left).to(self.span(right)), op, &shown, found))
            }
            _ => {
                let diagnostic = self.operands_differ(op, (left, found), (right, other));
                self.fail(diagnostic)
            }
        }
    }

    fn is_channel(&self, ty: Ty) -> bool {
        matches!(*ty.kind(), TyKind::Struct(id, _) if Some(id) == self.program.hir.lang.channel)
    }

    fn is_negated(&self, expr: ExprId) -> bool {
        matches!(self.body.exprs[expr].kind, ExprKind::Unary(UnaryOp::Neg, _))
    }

    fn operands_differ(&mut self, op: BinaryOp, first: (ExprId, Ty), second: (ExprId, Ty)) -> Diagnostic {
        let is_swapped = self.span(second.0) < self.span(first.0);
        let (left, right) = if is_swapped { (second, first) } else { (first, second) };
        let (left_ty, right_ty) = (self.infer.with_defaults(left.1), self.infer.with_defaults(right.1));
        let side = |checker: &Self, (expr, _): (ExprId, Ty), ty| operators::Operand {
            span: checker.span(expr),
            ty: checker.show(ty),
            kind: operators::OperandKind::of(ty),
            needs_parentheses: checker.needs_parentheses(expr),
        };
        let diagnostic =
            operators::operands_differ(op, &side(self, left, left_ty), &side(self, right, right_ty));
        if op == BinaryOp::Lt && self.is_channel(left_ty) && self.is_negated(right.0) {
            return operators::suggest_send(diagnostic);
        }
        let awaited = [(left, left_ty, right_ty), (right, right_ty, left_ty)].into_iter().find(|(_, ty, other)| {
            matches!(*ty.kind(), TyKind::Task(result) if self.infer.could_unify(result, *other))
        });
        match awaited {
            Some(((task, _), ..)) => {
                types::suggest_await(diagnostic, self.span(task), self.needs_parentheses(task))
            }
            None => diagnostic,
        }
    }

    pub(super) fn infer_assign(&mut self, place: ExprId, value: ExprId) -> Ty {
        let ty = self.infer(place, Expect::Nothing);
        let is_place = self.require_place(place, PlaceUse::Assign);
        let ty = if is_place { ty } else { self.common.error };
        self.check(value, ty, Why::Place(self.span(place)));
        self.common.unit
    }

    pub(super) fn infer_op_assign(&mut self, id: ExprId, op: BinaryOp, place: ExprId, value: ExprId) -> Ty {
        let ty = self.infer(place, Expect::Nothing);
        self.require_place(place, PlaceUse::Change);
        match op {
            BinaryOp::Shl | BinaryOp::Shr => {
                self.require(ty, Need::Integer(op), self.span(place));
                self.infer_operand(value, Need::Integer(op), Expect::Nothing);
            }
            _ => match self.time_of(ty) {
                Some(time) => {
                    let result = self.infer_time(op, time, (place, ty), value);
                    if !self.infer.try_unify(result, ty) {
                        let (left, right) = (self.show(ty), self.show(result));
                        self.emit(operators::changes_type(self.span(id), op, &left, &right));
                    }
                }
                None => {
                    self.check_right_operand(id, op, place, ty, value);
                }
            },
        }
        self.common.unit
    }

    pub(super) fn infer_cast(&mut self, id: ExprId, value: ExprId, target: TypeRef) -> Ty {
        let expect = if self.is_number_literal(value) && is_number(target.ty) {
            Expect::Value(target.ty, Why::Plain)
        } else {
            Expect::Nothing
        };
        let found = self.infer(value, expect);
        self.require(found, Need::Cast(target.ty), self.span(id));
        target.ty
    }

    fn is_number_literal(&self, id: ExprId) -> bool {
        use crate::hir::Literal::{Float, Int};
        match &self.expr(id).kind {
            ExprKind::Literal(Int(_, None) | Float(_, None)) => true,
            ExprKind::Unary(UnaryOp::Neg, operand) => {
                matches!(self.expr(*operand).kind, ExprKind::Literal(Int(_, None) | Float(_, None)))
            }
            _ => false,
        }
    }
}

fn is_number(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Int(_) | TyKind::Float(_))
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge)
}
