//! What may go to another task: what tasks capture, and what is sent through channels.
//!
//! Only Sharable values may: those that consist of numbers, strings, objects without `var` fields and the like. A type
//! parameter may stand for any type; the instances of generic code are checked when they are made (`passes/sharing`).

use plat_syntax::source::Span;

use crate::hir::{Bound, ExprId, ExprKind, LocalId};
use crate::types::{Ty, TyKind};

use super::CallTarget;
use super::body::Checker;
use super::bounds::{self, Obstacle};
use super::errors::sharing as errors;

/// The methods of `Channel` and `Sender` that send their argument.
const SENDING: [&str; 4] = ["send", "try_send", "send_timeout", "select_send"];

impl Checker<'_, '_> {
    /// Reports what the body gives to other tasks and is not Sharable, once all types are known.
    pub(super) fn check_crossings(&mut self) {
        if self.program.definitions().classes.is_empty() && !self.has_functions_as_values() {
            return;
        }
        for (id, expr) in self.body.exprs.iter_enumerated() {
            match &expr.kind {
                ExprKind::Spawn { task, .. } => self.check_captures(self.span(id), &task.captures),
                ExprKind::Race(arms) => {
                    for arm in arms {
                        self.check_captures(self.span(arm.body), &arm.captures);
                    }
                }
                ExprKind::Closure(closure) if self.copying_closures.contains(&id) => {
                    self.check_captures(self.span(id), &closure.captures);
                }
                ExprKind::MethodCall { receiver, args, .. } if self.sends(id) => {
                    if let (Some(arg), ExprKind::MethodCall { .. }) = (args.first(), &expr.kind) {
                        self.check_sent(arg.value, *receiver);
                    }
                }
                _ => {}
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

    /// Whether the call sends through a channel.
    fn sends(&self, call: ExprId) -> bool {
        let Some(CallTarget::Fn(function, _)) = self.types.calls.get(&call).map(|call| &call.target) else {
            return false;
        };
        let function = self.program.function(*function);
        function.is_library && SENDING.contains(&function.name.as_str())
    }

    fn check_sent(&mut self, value: ExprId, channel: ExprId) {
        let ty = self.types.exprs[value];
        let lang = &self.program.hir.lang;
        let is_channel = matches!(*self.types.exprs[channel].kind(), TyKind::Struct(id, _) if [lang.channel, lang.sender].contains(&Some(id)));
        if let Some(obstacle) = self.crossing_obstacle(ty).filter(|_| is_channel) {
            let shown = self.show(ty);
            let diagnostic = errors::sent(self.span(value), &shown);
            let diagnostic = self.explain_crossing(diagnostic, ty, &obstacle);
            self.emit(errors::ways_out(diagnostic));
        }
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
