//! Function values that several tasks may use at once: where one must be, whether it is.
//!
//! The type `fn(A) -> B` does not say what a value of it holds, `Sharable fn(A) -> B` does. A function by its name holds
//! nothing; a closure is sharable when all it captures is. Both are still known by a `let` that names them.

use crate::hir::{Bound, ExprId, ExprKind, LocalId, LocalKind};
use crate::types::{Sharing, Ty, TyKind};

use super::CaptureMode;
use super::body::Checker;
use super::errors::closures as errors;

/// Something that has been found to be no closure or function by its name.
struct Unknown;

impl Checker<'_, '_> {
    /// Makes function types that differ only in whether their values can be shared equal, if the expression allows it.
    pub(super) fn coerce_sharing(&mut self, expr: ExprId, found: Ty, expected: Ty) -> bool {
        let expected = self.infer.shallow(expected);
        let (Some(from), Some(to)) = (found.signature(), expected.signature()) else { return false };
        if !self.infer.try_unify(Ty::new(TyKind::Fn(from.with_sharing(to.sharing()))), expected) {
            return false;
        }
        if to.sharing() == Sharing::Sharable {
            self.pending.sharable.push((expr, found, expected));
        }
        true
    }

    /// Checks what must be sharable, once it is known what closures capture.
    pub(super) fn check_shared_values(&mut self) {
        for (expr, found, expected) in std::mem::take(&mut self.pending.sharable) {
            match self.closure_of(expr) {
                Ok(Some(closure)) => self.check_closure_shared(closure),
                Ok(None) => {}
                Err(Unknown) => {
                    let (found, expected) = (self.show(found), self.show(expected));
                    self.emit(errors::not_known_sharable(self.span(expr), &found, &expected));
                }
            }
        }
        for local in self.body.locals.ids() {
            self.note_shared_function(local);
        }
    }

    /// What is known of the function in a `let` is from here on part of its type.
    fn note_shared_function(&mut self, local: LocalId) {
        if let Some(signature) = self.types.locals[local].signature()
            && self.is_shared_local(local)
        {
            self.types.locals[local] = Ty::new(TyKind::Fn(signature.with_sharing(Sharing::Sharable)));
        }
    }

    /// The closure that an expression surely gives; `None` for a function by its name.
    fn closure_of(&self, expr: ExprId) -> Result<Option<ExprId>, Unknown> {
        let expr = self.value_of(expr);
        match self.expr(expr).kind {
            ExprKind::Closure(_) => Ok(Some(expr)),
            ExprKind::Fn(..)
            | ExprKind::StaticFn(..)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::Error => Ok(None),
            // A method holds the value that it is called on.
            ExprKind::Field(base, _)
                if self.types.functions.contains_key(&expr)
                    && self.is_bound_met(self.types.exprs[base], Bound::Sharable) =>
            {
                Ok(None)
            }
            ExprKind::Local(local) if self.body.locals[local].kind == LocalKind::Let => {
                self.locals[local].value.map_or(Err(Unknown), |value| self.closure_of(value))
            }
            _ => Err(Unknown),
        }
    }

    fn check_closure_shared(&mut self, closure: ExprId) {
        let Some(captures) = self.types.captures.get(&closure).cloned() else { return };
        for capture in captures {
            let declared = &self.body.locals[capture.local];
            if capture.mode != CaptureMode::Value {
                self.emit(errors::holds_variable(self.span(closure), declared.name, declared.span));
                return;
            }
            if !self.is_shared_local(capture.local) {
                let ty = self.show(self.types.locals[capture.local]);
                self.emit(errors::captures_unsharable(self.span(closure), declared.name, &ty, declared.span));
                return;
            }
        }
    }

    /// Whether what a local holds can be shared: by its type, or because it surely is a closure or function that can.
    fn is_shared_local(&self, local: LocalId) -> bool {
        let ty = self.types.locals[local];
        if ty.has_error() || self.is_bound_met(ty, Bound::Sharable) {
            return true;
        }
        let is_known = ty.signature().is_some() && self.body.locals[local].kind == LocalKind::Let;
        is_known && self.locals[local].value.is_some_and(|value| self.is_shared_function(value))
    }

    fn is_shared_function(&self, expr: ExprId) -> bool {
        match self.closure_of(expr) {
            Ok(Some(closure)) => self.types.captures.get(&closure).is_some_and(|captures| {
                let is_shared = |capture: &super::Capture| {
                    capture.mode == CaptureMode::Value && self.is_shared_local(capture.local)
                };
                captures.iter().all(is_shared)
            }),
            Ok(None) => true,
            Err(Unknown) => false,
        }
    }
}
