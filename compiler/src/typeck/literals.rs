//! Literals, and constants of built-in types such as `Int.MAX`.

use crate::hir::{ExprId, Literal, Name, NumberTy, Sign, TypeRef};
use crate::types::{FloatTy, IntTy, Ty, TyKind};

use super::TypeConst;
use super::body::Checker;
use super::errors::operators;
use super::expect::Expect;
use super::infer::{Unknown, VarKind};
use super::settle::LiteralCheck;
use plat_syntax::source::Span;

impl Checker<'_, '_> {
    pub(super) fn infer_literal(&mut self, id: ExprId, literal: &Literal, expect: Expect) -> Ty {
        self.literal(literal, Sign::Plus, self.span(id), expect.hint())
    }

    /// The type of a literal with its sign, in an expression or pattern. Without a suffix a number takes the type that is expected.
    pub(super) fn literal(&mut self, literal: &Literal, sign: Sign, span: Span, hint: Option<Ty>) -> Ty {
        match *literal {
            Literal::Bool(_) => self.common.bool,
            Literal::Char(_) => Ty::char(),
            Literal::String(_) => self.common.string,
            Literal::Float(_, Some(float)) => Ty::new(TyKind::Float(float)),
            Literal::Float(_, None) => self.number(VarKind::Float, span, hint),
            Literal::Int(value, suffix) => {
                let ty = match suffix {
                    Some(NumberTy::Int(int)) => Ty::new(TyKind::Int(int)),
                    Some(NumberTy::Float(float)) => Ty::new(TyKind::Float(float)),
                    None => self.number(VarKind::Int, span, hint),
                };
                self.check_literal_fits(LiteralCheck { ty, value, sign, span });
                ty
            }
        }
    }

    fn number(&mut self, kind: VarKind, span: Span, hint: Option<Ty>) -> Ty {
        let hint = hint.map(|hint| self.infer.shallow(hint));
        let fits = hint.is_some_and(|hint| match hint.kind() {
            TyKind::Int(_) => kind == VarKind::Int,
            TyKind::Float(_) => true,
            TyKind::Infer(_) => matches!(
                (kind, self.infer.unbound(hint)),
                (VarKind::Int, Some(VarKind::Int | VarKind::Integer | VarKind::Float))
                    | (VarKind::Float, Some(VarKind::Float))
            ),
            _ => false,
        });
        match hint {
            Some(hint) if fits => hint,
            _ => self.infer.fresh(kind, Unknown::Literal, span),
        }
    }

    /// Checks at once where the type is known, else when it is.
    fn check_literal_fits(&mut self, check: LiteralCheck) {
        // Almost every literal fits even the smallest type.
        if check.value <= 127 && check.sign == Sign::Plus {
            return;
        }
        self.pending.literals.push(check);
    }

    /// `Int.MAX`, `Float.NAN` and the like.
    pub(super) fn infer_type_const(&mut self, id: ExprId, ty: TypeRef, name: Name) -> Ty {
        let value = match *ty.ty.kind() {
            TyKind::Error => return self.common.error,
            TyKind::Int(int) => int_const(int, name.symbol.as_str()).map(TypeConst::Int),
            TyKind::Float(float) => float_const(float, name.symbol.as_str()).map(TypeConst::Float),
            _ => None,
        };
        let Some(value) = value else {
            let known: &[&str] = match ty.ty.kind() {
                TyKind::Int(_) => &INT_CONSTS,
                TyKind::Float(_) => &FLOAT_CONSTS,
                _ => &[],
            };
            let ty = self.show(ty.ty);
            return self.fail(operators::unknown_type_const(name, &ty, known));
        };
        self.types.type_consts.insert(id, value);
        ty.ty
    }
}

const INT_CONSTS: [&str; 2] = ["MAX", "MIN"];
const FLOAT_CONSTS: [&str; 5] = ["MAX", "MIN", "INFINITY", "NAN", "EPSILON"];

fn int_const(int: IntTy, name: &str) -> Option<i128> {
    match name {
        "MAX" => Some(int.max()),
        "MIN" => Some(int.min()),
        _ => None,
    }
}

fn float_const(float: FloatTy, name: &str) -> Option<f64> {
    let is_single = float == FloatTy::F32;
    Some(match name {
        "INFINITY" => f64::INFINITY,
        "NAN" => f64::NAN,
        "MAX" if is_single => f64::from(f32::MAX),
        "MAX" => f64::MAX,
        "MIN" if is_single => f64::from(f32::MIN),
        "MIN" => f64::MIN,
        "EPSILON" if is_single => f64::from(f32::EPSILON),
        "EPSILON" => f64::EPSILON,
        _ => return None,
    })
}
