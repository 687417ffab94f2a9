//! Constants: literals, `Int.MAX`, and what can be computed from them; other `const`s call their value's function.

use plat_syntax::source::Span;

use super::ProgramLowerer;
use super::function::{Dest, FunctionLowerer};
use crate::bug;
use crate::hir::{BinaryOp, Body, ConstId, ExprId, ExprKind, FnBody, FnId, Literal, Sign, UnaryOp};
use crate::mir::{Const, Rvalue};
use crate::typeck::results::{BodyTypes, TypeConst};
use crate::types::{FloatTy, Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// The value of an expression that is a constant as it stands.
    pub fn constant(&self, expr: ExprId) -> Option<Const> {
        self.program.constant(self.body, self.types, expr)
    }

    /// A constant by name.
    pub fn lower_const(&mut self, dest: Dest, id: ConstId, span: Span) {
        if let Some(constant) = self.program.const_value(id) {
            let ty = constant.ty();
            return self.store(dest, ty, Rvalue::Use(crate::mir::Operand::Const(constant)), span);
        }
        let value = self.program.definitions().consts[id].value;
        let ty = self.program.result_ty(value);
        let callee = self.program.callee(value, &[]);
        self.call_into(dest, ty, callee, Vec::new(), span);
    }
}

impl ProgramLowerer<'_> {
    /// The value of a `const` that needs no computing at run time.
    pub fn const_value(&self, id: ConstId) -> Option<Const> {
        self.constant_result(self.definitions().consts[id].value)
    }

    /// What a function without parameters returns, if that needs no computing at run time.
    pub fn constant_result(&self, id: FnId) -> Option<Const> {
        let FnBody::Plat(body) = &self.function(id).body else { return None };
        self.constant(body, self.types(id), body.value?)
    }

    /// The value of an expression of `body` that is a literal, or computed from literals without a possible panic.
    fn constant(&self, body: &Body, types: &BodyTypes, expr: ExprId) -> Option<Const> {
        let ty = types.exprs[expr];
        match &body.exprs[expr].kind {
            ExprKind::Literal(literal) => Some(literal_const(literal, Sign::Plus, ty)),
            ExprKind::TypeConst(..) => Some(match types.type_consts.get(&expr)? {
                TypeConst::Int(value) => Const::Int(*value, ty),
                TypeConst::Float(value) => Const::Float(*value, ty),
            }),
            ExprKind::Const(id) => self.const_value(*id),
            ExprKind::Unary(UnaryOp::Neg, operand) => match &body.exprs[*operand].kind {
                ExprKind::Literal(literal) => Some(literal_const(literal, Sign::Minus, ty)),
                _ => negated(self.constant(body, types, *operand)?),
            },
            ExprKind::Binary(op, left, right) => {
                // The right side first: it ends the search at once in a long sum of what is not constant.
                let right = self.constant(body, types, *right)?;
                let left = self.constant(body, types, *left)?;
                computed(*op, &left, &right)
            }
            ExprKind::Block(block) if block.statements.is_empty() => self.constant(body, types, block.tail?),
            _ => None,
        }
    }
}

/// The value of a literal with its sign, of a type that its context decided.
pub(super) fn literal_const(literal: &Literal, sign: Sign, ty: Ty) -> Const {
    match (literal, ty.kind()) {
        (Literal::Int(value, _), TyKind::Float(float)) => float_const(*value as f64, sign, *float, ty),
        (Literal::Int(value, _), _) => {
            let value = i128::try_from(*value).unwrap_or_else(|_| bug!("{value} was not checked"));
            Const::Int(if sign == Sign::Minus { -value } else { value }, ty)
        }
        (Literal::Float(value, _), TyKind::Float(float)) => float_const(*value, sign, *float, ty),
        (Literal::Float(..), _) => bug!("a float of type {ty:?}"),
        (Literal::Bool(value), _) => Const::Bool(*value),
        (Literal::Char(value), _) => Const::Char(*value),
        (Literal::String(text), _) => Const::String(*text),
    }
}

fn float_const(value: f64, sign: Sign, float: FloatTy, ty: Ty) -> Const {
    let value = if sign == Sign::Minus { -value } else { value };
    match float {
        FloatTy::F32 => Const::Float(f64::from(value as f32), ty),
        FloatTy::F64 => Const::Float(value, ty),
    }
}

fn negated(constant: Const) -> Option<Const> {
    match constant {
        Const::Int(value, ty) => int_const(value.checked_neg()?, ty),
        Const::Float(value, ty) => Some(Const::Float(-value, ty)),
        _ => None,
    }
}

/// Integer arithmetic that does not panic; all else is left to run time.
fn computed(op: BinaryOp, left: &Const, right: &Const) -> Option<Const> {
    let (&Const::Int(left, ty), &Const::Int(right, _)) = (left, right) else { return None };
    let value = match op {
        BinaryOp::Add => left.checked_add(right)?,
        BinaryOp::Sub => left.checked_sub(right)?,
        BinaryOp::Mul => left.checked_mul(right)?,
        BinaryOp::Div => left.checked_div(right)?,
        BinaryOp::Rem => left.checked_rem(right)?,
        _ => return None,
    };
    int_const(value, ty)
}

fn int_const(value: i128, ty: Ty) -> Option<Const> {
    let TyKind::Int(int) = *ty.kind() else { return None };
    (int.min() <= value && value <= int.max()).then_some(Const::Int(value, ty))
}
