//! Operators, conversions between numbers, and `op=`.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use super::place::Access;
use crate::hir::{BinaryOp, ExprId, FieldId, UnaryOp};
use crate::mir::{Argument, CastKind, Const, Glue, Operand, Projection, Rvalue};
use crate::types::{Ty, TyKind};

/// Whether operators on the type are single operations.
pub(super) fn is_scalar(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Float(_))
}

impl FunctionLowerer<'_, '_> {
    /// `-x`, `~x`, `not x`
    pub fn lower_unary(&mut self, dest: Dest, expr: ExprId, op: UnaryOp, operand: ExprId) {
        let (ty, span) = (self.ty(expr), self.span(expr));
        let operand = self.operand(operand);
        if is_scalar(ty) {
            return self.store(dest, ty, Rvalue::Unary(op, operand), span);
        }
        let number = self.number(operand, span);
        let negated = self.builder.assign_temp(Ty::int(), Rvalue::Unary(op, number), span);
        self.store(dest, ty, Rvalue::Aggregate(ty, None, vec![Operand::Use(negated.into())]), span);
    }

    /// The number that a `newtype` of one is, or the number itself.
    fn number(&mut self, operand: Operand, span: Span) -> Operand {
        if is_scalar(self.operand_ty(&operand)) {
            return operand;
        }
        Operand::Use(self.operand_place(operand, span).project(Projection::Field(FieldId(0))))
    }

    /// Arithmetic of durations and instants: on their nanoseconds.
    fn time_arithmetic(
        &mut self,
        op: BinaryOp,
        [left, right]: [Operand; 2],
        result: Ty,
        span: Span,
    ) -> Rvalue {
        let (left, right) = (self.number(left, span), self.number(right, span));
        let number = self.builder.assign_temp(Ty::int(), Rvalue::Binary(op, left, right), span);
        Rvalue::Aggregate(result, None, vec![Operand::Use(number.into())])
    }

    /// Arithmetic, bits and comparisons.
    pub fn lower_binary(&mut self, dest: Dest, expr: ExprId, op: BinaryOp, left: ExprId, right: ExprId) {
        let (ty, span) = (self.ty(left), self.span(expr));
        if ty == Ty::string() && op == BinaryOp::Add {
            return self.lower_concatenation(dest, left, right, span);
        }
        let left = self.operand_before(left, &[right]);
        let right = self.operand(right);
        if is_scalar(ty) {
            let result = if op.is_comparison() { Ty::bool() } else { ty };
            self.store(dest, result, Rvalue::Binary(op, left, right), span);
        } else if op.is_comparison() {
            let rvalue = self.comparison(op, ty, left, right, span);
            self.store(dest, Ty::bool(), rvalue, span);
        } else {
            let result = self.ty(expr);
            let rvalue = self.time_arithmetic(op, [left, right], result, span);
            self.store(dest, result, rvalue, span);
        }
    }

    /// A comparison by the structure of a type.
    fn comparison(&mut self, op: BinaryOp, ty: Ty, left: Operand, right: Operand, span: Span) -> Rvalue {
        let is_equality = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        let (glue, result) = if is_equality { (Glue::Equal, Ty::bool()) } else { (Glue::Compare, Ty::int()) };
        let temp = self.builder.temp(result);
        let args = vec![Argument::Value(left), Argument::Value(right)];
        let callee = self.program.glue(glue, ty);
        self.builder.call(Some(temp.into()), callee, args, span);
        let value = Operand::Use(temp.into());
        match op {
            BinaryOp::Eq => Rvalue::Use(value),
            BinaryOp::Ne => Rvalue::Unary(UnaryOp::Not, value),
            _ => Rvalue::Binary(op, value, Self::int(0)),
        }
    }

    /// Whether two values are equal, as a `Bool`.
    pub fn equality(&mut self, ty: Ty, left: Operand, right: Operand, span: Span) -> Operand {
        let rvalue = if is_scalar(ty) {
            Rvalue::Binary(BinaryOp::Eq, left, right)
        } else {
            self.comparison(BinaryOp::Eq, ty, left, right, span)
        };
        Operand::Use(self.builder.assign_temp(Ty::bool(), rvalue, span).into())
    }

    /// `place op= value`. Text is appended in place.
    pub fn lower_op_assign(&mut self, op: BinaryOp, target: ExprId, value: ExprId, span: Span) {
        let path = self.path(target);
        let ty = self.ty(target);
        if ty == Ty::string() {
            return self.lower_append(&path, &[value], span);
        }
        let operand = self.operand(value);
        let place = self.take(&path, Access::Write);
        let rvalue = if is_scalar(ty) {
            Rvalue::Binary(op, Operand::Use(place.clone()), operand)
        } else {
            self.time_arithmetic(op, [Operand::Use(place.clone()), operand], ty, span)
        };
        self.builder.assign(place, rvalue, span);
    }

    /// `value as T`
    pub fn lower_cast(&mut self, dest: Dest, expr: ExprId, value: ExprId) {
        let (from, to, span) = (self.ty(value), self.ty(expr), self.span(expr));
        let operand = self.operand(value);
        let rvalue =
            if from == to { Rvalue::Use(operand) } else { Rvalue::Cast(CastKind::Checked, operand, to) };
        self.store(dest, to, rvalue, span);
    }

    /// `and`, `or` and `let` conditions whose value is stored.
    pub fn lower_condition_value(&mut self, dest: Dest, expr: ExprId) {
        let span = self.span(expr);
        let [yes, no, end] = [(); 3].map(|()| self.builder.new_block());
        self.lower_condition(expr, yes, no);
        for (block, value) in [(yes, true), (no, false)] {
            self.builder.switch_to(block);
            self.store(dest, Ty::bool(), Rvalue::Use(Operand::Const(Const::Bool(value))), span);
            self.builder.goto(end, span);
        }
        self.builder.switch_to(end);
    }
}
