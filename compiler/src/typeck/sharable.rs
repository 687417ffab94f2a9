//! What function values capture that several tasks may call.
//!
//! Only Sharable values: those that consist of numbers, strings, objects without `var` fields and the like. What else goes to
//! other tasks is followed through the program by `analysis/regions`.

use plat_syntax::source::Span;

use crate::hir::{Bound, ExprKind, LocalId};
use crate::types::{Ty, TyKind};

use super::body::Checker;
use super::bounds::{self, Obstacle};
use super::errors::sharing as errors;

impl Checker<'_, '_> {
    /// Reports what such function values capture and is not Sharable, once all types are known.
    pub(super) fn check_crossings(&mut self) {
        if self.program.definitions().classes.is_empty() && !self.has_functions_as_values() {
            return;
        }
        for (id, expr) in self.body.exprs.iter_enumerated() {
            if let ExprKind::Closure(closure) = &expr.kind
                && self.copying_closures.contains(&id)
            {
                self.check_captures(self.span(id), &closure.captures);
            }
        }
    }

    fn has_functions_as_values(&self) -> bool {
        self.types.locals.iter().any(|ty| matches!(ty.kind(), TyKind::Fn(_)))
    }

    /// Why a value of this type cannot go to another task.
    fn crossing_obstacle(&self, ty: Ty) -> Option<Obstacle> {
        if ty.has_error() {
            return None;
        }
        bounds::obstacle_whatever_params(self.program.hir, ty, Bound::Sharable)
    }

    /// Reports what a body at `whole` captures and may not have.
    fn check_captures(&mut self, whole: Span, captures: &[LocalId]) {
        captures.iter().for_each(|&capture| self.check_capture(whole, capture));
    }

    fn check_capture(&mut self, whole: Span, capture: LocalId) {
        let ty = self.types.locals[capture];
        if let Some(obstacle) = self.crossing_obstacle(ty) {
            let span = self.first_use(whole, capture);
            let name = self.local_name(capture);
            let declared = self.body.locals[capture].span;
            let diagnostic = errors::captured(span, name, declared);
            let diagnostic = self.explain_crossing(diagnostic, ty, &obstacle);
            self.emit(errors::ways_out(diagnostic));
        }
    }

    fn first_use(&self, whole: Span, capture: LocalId) -> Span {
        let uses = self.body.exprs.iter().filter(|expr| {
            let is_inside = whole.start <= expr.span.start && expr.span.end <= whole.end;
            is_inside && matches!(expr.kind, ExprKind::Local(local) if local == capture)
        });
        uses.map(|expr| expr.span).min_by_key(|span| span.start).unwrap_or(whole)
    }

    /// Says which part of the type is in the way.
    fn explain_crossing(
        &self,
        diagnostic: plat_syntax::diagnostics::Diagnostic,
        ty: Ty,
        obstacle: &Obstacle,
    ) -> plat_syntax::diagnostics::Diagnostic {
        let culprit = self.show(obstacle.ty);
        let diagnostic = match *obstacle.ty.kind() {
            TyKind::Class(id, _) => {
                let class = &self.program.definitions().classes[id];
                let field = class.fields.iter().find(|field| field.is_var);
                let is_near = class.span.file == self.function.span.file;
                match field {
                    Some(field) => {
                        let place = is_near.then_some(field.span);
                        errors::var_field(diagnostic, &culprit, field.name, place)
                    }
                    None => errors::not_sharable(diagnostic, &culprit),
                }
            }
            _ => errors::not_sharable(diagnostic, &culprit),
        };
        if obstacle.ty == ty {
            return diagnostic;
        }
        let names: Vec<&str> =
            obstacle.path.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let path = names.join(".");
        errors::reached(diagnostic, &self.show(ty), &culprit, &path)
    }
}
