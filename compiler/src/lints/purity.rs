//! Which functions do nothing but give a value.
//!
//! Errs on the side of an effect: what is not known to have none has one. That a function may panic by its operators and indexes
//! does not count, a call of `panic` does.

use plat_syntax::hash::HashMap;

use crate::hir::{
    Body, ExprId, ExprKind, FnBody, FnId, FnKind, Hir, Intrinsic, ParamMode, StringPart, TypeHeadKind,
};
use crate::typeck::results::{ArgSource, BodyTypes, CallTarget, Iteration, TypeckResults};
use crate::types::TyKind;

/// What is known of functions so far.
pub(super) struct Purity<'a> {
    hir: &'a Hir,
    types: &'a TypeckResults<'a>,
    known: HashMap<FnId, bool>,
}

impl<'a> Purity<'a> {
    pub(super) fn new(hir: &'a Hir, types: &'a TypeckResults<'a>) -> Self {
        Self { hir, types, known: HashMap::default() }
    }

    /// Whether a call of the function does nothing but give a value. One that calls itself may have no end.
    fn is_pure(&mut self, id: FnId) -> bool {
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        self.known.insert(id, false);
        let function = &self.hir.definitions.functions[id];
        let gives_only = matches!(function.kind, FnKind::Static | FnKind::Method)
            && function.params.iter().all(|param| param.mode == ParamMode::Value);
        let is_pure = gives_only
            && match &function.body {
                FnBody::Plat(body) => self.is_pure_body(id, body),
                FnBody::Intrinsic(intrinsic) => only_reads(*intrinsic),
                _ => false,
            };
        self.known.insert(id, is_pure);
        is_pure
    }

    fn is_pure_body(&mut self, id: FnId, body: &Body) -> bool {
        let Some(types) = self.types.body(id) else { return false };
        // Every expression of the body is looked at, wherever it stands in it.
        body.exprs.ids().all(|expr| self.is_pure_step(body, types, expr))
    }

    /// Whether an expression does nothing by itself, apart from what its parts do.
    pub(super) fn is_pure_step(&mut self, body: &Body, types: &BodyTypes, expr: ExprId) -> bool {
        match &body.exprs[expr].kind {
            ExprKind::Call { .. } | ExprKind::StaticCall { .. } | ExprKind::MethodCall { .. } => {
                self.is_pure_call(types, expr)
            }
            // Objects may have a `deinit`, which runs when they are dropped.
            ExprKind::Construct { ty, .. } => {
                !matches!(ty.kind, TypeHeadKind::Class(_)) && self.is_pure_call(types, expr)
            }
            ExprKind::Assign(place, _) | ExprKind::OpAssign(_, place, _) => {
                matches!(body.exprs[*place].kind, ExprKind::Local(_))
            }
            ExprKind::For { .. } => {
                !matches!(types.iterations.get(&expr), None | Some(Iteration::Channel | Iteration::Iterator))
            }
            ExprKind::Interpolate(parts) => parts.iter().all(|part| match part {
                StringPart::Text(_) => true,
                StringPart::Value(value, _) => is_displayed_by_itself(types, *value),
            }),
            ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::Const(_)
            | ExprKind::Fn(..)
            | ExprKind::StaticFn(..)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::TypeConst(..)
            | ExprKind::Field(..)
            | ExprKind::TupleField(..)
            | ExprKind::Index(..)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Cast(..)
            | ExprKind::Tuple(_)
            | ExprKind::List(_)
            | ExprKind::Dict(_)
            | ExprKind::Range { .. }
            | ExprKind::Block(_)
            | ExprKind::If { .. }
            | ExprKind::Let(..)
            | ExprKind::Match { .. }
            | ExprKind::While(..)
            | ExprKind::Break(..)
            | ExprKind::Continue(_)
            | ExprKind::Return(_)
            | ExprKind::Try(_)
            | ExprKind::Closure(_) => true,
            _ => false,
        }
    }

    fn is_pure_call(&mut self, types: &BodyTypes, expr: ExprId) -> bool {
        let Some(call) = types.calls.get(&expr) else { return false };
        let has_pure_defaults = call.args.iter().all(|source| match source {
            ArgSource::Given(_) => true,
            ArgSource::Default(id) => self.is_pure(*id),
        });
        has_pure_defaults
            && match call.target {
                CallTarget::Fn(id, _) => self.is_pure(id),
                CallTarget::Struct => matches!(types.exprs[expr].kind(), TyKind::Struct(..)),
                CallTarget::Variant(_) => true,
                CallTarget::Value | CallTarget::Field(_) => false,
            }
    }
}

/// Whether no `display` of the program makes the text.
fn is_displayed_by_itself(types: &BodyTypes, value: ExprId) -> bool {
    matches!(
        types.exprs[value].kind(),
        TyKind::Int(_) | TyKind::Float(_) | TyKind::Bool | TyKind::Char | TyKind::String
    )
}

/// The intrinsics that neither change nor wait for anything.
fn only_reads(intrinsic: Intrinsic) -> bool {
    matches!(
        intrinsic,
        Intrinsic::BufferLength
            | Intrinsic::BufferCapacity
            | Intrinsic::BufferGet
            | Intrinsic::StringBytes
            | Intrinsic::SameObject
            | Intrinsic::WrappingAdd
            | Intrinsic::WrappingSub
            | Intrinsic::WrappingMul
            | Intrinsic::AddOverflows
            | Intrinsic::SubOverflows
            | Intrinsic::MulOverflows
            | Intrinsic::Fits
            | Intrinsic::CountOnes
            | Intrinsic::FloatSqrt
            | Intrinsic::FloatFloor
            | Intrinsic::FloatCeil
            | Intrinsic::FloatTrunc
            | Intrinsic::FloatAbs
    )
}
