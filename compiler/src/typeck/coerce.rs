//! Where an expression's type meets the one that is expected of it.
//!
//! Types must be equal; only `Never` fits every type. Whatever else does not fit is reported here, with both types,
//! where each came from, and the way out when there is a usual one.

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::{Bound, ClosureForm, ExprId, ExprKind, FnId, InterfaceRef, LocalId, StructId, Structural};
use crate::types::{Ty, TyKind};

use super::CallTarget;
use super::body::Checker;
use super::bounds::Asker;
use super::errors::{control, types as errors};
use super::expect::{BranchKind, Expect, Why};

impl Checker<'_, '_> {
    /// Checks an expression that must have this type. The type is the expected one or `Never`.
    pub(super) fn check(&mut self, expr: ExprId, expected: Ty, why: Why) -> Ty {
        let found = self.infer(expr, Expect::Value(expected, why));
        self.coerce(expr, found, expected, why)
    }

    /// Makes the type of an expression the expected one, or reports that it is not.
    pub(super) fn coerce(&mut self, expr: ExprId, found: Ty, expected: Ty, why: Why) -> Ty {
        let found = self.infer.shallow(found);
        if found.is_never() {
            self.infer.meet_never(expected);
            return found;
        }
        if !self.infer.try_unify(found, expected)
            && !self.coerce_sharing(expr, found, expected)
            && !self.convert(expr, found, expected, why)
        {
            let diagnostic = self.mismatch(expr, found, expected, why);
            self.emit(diagnostic);
        }
        expected
    }

    /// Makes the value of an expression one of the interface's type that is expected, if that is one. Whether its type has
    /// the interface is checked when it is known in full.
    fn convert(&mut self, expr: ExprId, found: Ty, expected: Ty, why: Why) -> bool {
        let expected = self.infer.shallow(expected);
        let Some(interface) = expected.as_interface() else { return false };
        if found.has_error() {
            return false;
        }
        // Nothing else will tell what a literal is.
        let known = self.infer.with_defaults(found);
        self.infer.try_unify(found, known);
        self.pending.telling.push((known, interface));
        self.learn_from_bounds();
        self.types.conversions.insert(expr, expected);
        self.pending.conversions.push((expr, known, expected, why));
        true
    }

    /// Checks that a value that became one of an interface's type has a type with that interface.
    pub(super) fn check_conversion(&mut self, expr: ExprId, found: Ty, expected: Ty, why: Why) {
        let (found, expected) = (self.infer.deep(found), self.infer.deep(expected));
        let Some(interface) = expected.as_interface() else { return };
        if found.has_error() || found.has_infer() || expected.has_error() {
            return;
        }
        let bound = Bound::Interface(interface);
        if !self.is_bound_met(found, bound) {
            let diagnostic = self.mismatch(expr, found, expected, why);
            let diagnostic = self.explain_obstacle(diagnostic, found, bound);
            self.emit(diagnostic);
        }
    }

    /// Makes the type of a place the expected one, or reports that it is not: values go in and out, so nothing is converted.
    pub(super) fn coerce_place(&mut self, expr: ExprId, found: Ty, expected: Ty, why: Why) {
        let found = self.infer.shallow(found);
        if !found.is_never() && !self.infer.try_unify(found, expected) {
            let diagnostic = self.mismatch(expr, found, expected, why);
            self.emit(diagnostic);
        }
    }

    /// The message for an expression of a type that does not fit.
    fn mismatch(&mut self, expr: ExprId, found: Ty, expected: Ty, why: Why) -> Diagnostic {
        let span = self.span(expr);
        let (found_name, expected_name) = (self.show(found), self.show(expected));
        let mut diagnostic = match why {
            Why::Branch(BranchKind::If, first) => {
                control::branches_differ(span, first, &expected_name, &found_name)
            }
            Why::Branch(BranchKind::Arm, first) => {
                control::arms_differ(span, first, "match", &expected_name, &found_name)
            }
            Why::Branch(BranchKind::SelectArm, first) => {
                control::arms_differ(span, first, "select", &expected_name, &found_name)
            }
            Why::Branch(BranchKind::RaceArm, first) => {
                control::arms_differ(span, first, "race", &expected_name, &found_name)
            }
            Why::Branch(BranchKind::Break, first) => {
                control::breaks_differ(span, first, &expected_name, &found_name)
            }
            Why::Condition => control::condition_not_bool(span, &found_name),
            Why::Index => errors::index_not_int(span, &found_name),
            _ => errors::mismatched(span, &expected_name, &found_name),
        };
        diagnostic = self.label_expected(diagnostic, &expected_name, why);
        diagnostic = self.label_found(diagnostic, expr, &found_name);
        diagnostic = self.suggest_conversion(diagnostic, expr, found, expected);
        self.infer.give_up(found);
        self.infer.give_up(expected);
        diagnostic
    }

    /// Says where the expected type comes from.
    pub(super) fn label_expected(&self, diagnostic: Diagnostic, expected: &str, why: Why) -> Diagnostic {
        let (span, text) = match why {
            Why::Annotation(span) => (span, errors::because_annotated()),
            Why::Result(id) => {
                let function = self.program.function(id);
                (function.result.span, self.because_result(id, function.name, expected))
            }
            Why::Param(name, span) => (span, errors::because_param(name, expected)),
            Why::Place(span) => (span, errors::because_place(expected)),
            Why::Operand(span) => (span, errors::because_operand(expected)),
            Why::Element(span) => (span, errors::because_element(expected)),
            Why::EarlierReturn(span) => (span, errors::because_earlier_return(expected)),
            Why::TaskType(span) => (span, errors::because_task(expected)),
            Why::ClosureOf(name, span) => (span, errors::because_closure(name, expected)),
            Why::Plain | Why::Branch(..) | Why::Condition | Why::Index => return diagnostic,
        };
        if self.is_foreign(span) { diagnostic } else { diagnostic.secondary(span, text) }
    }

    /// A function that computes a constant or a default stands for that.
    fn because_result(&self, id: FnId, name: Symbol, expected: &str) -> String {
        let is_const = || self.program.definitions().consts.iter().any(|constant| constant.value == id);
        match name.as_str().strip_suffix(".default") {
            Some(of) => errors::because_param(Symbol::intern(of), expected),
            None if is_const() => errors::because_param(name, expected),
            None => errors::because_result(name, expected),
        }
    }

    /// Whether the place is in another file than the body: labels there would show the insides of the library.
    fn is_foreign(&self, span: Span) -> bool {
        span.file != self.function.span.file
    }

    /// Says where the type that was found comes from.
    fn label_found(&self, diagnostic: Diagnostic, expr: ExprId, found: &str) -> Diagnostic {
        match &self.expr(expr).kind {
            // One that the compiler has put there stands where its value does.
            ExprKind::Local(local) if self.body.locals[*local].span == self.span(expr) => diagnostic,
            ExprKind::Local(local) => self.label_local(diagnostic, *local, found),
            ExprKind::MethodCall { receiver, .. } if self.is_task(*receiver) => {
                match self.task_result(*receiver) {
                    Some(result) => {
                        diagnostic.secondary(self.span(result), errors::because_task_gives(found))
                    }
                    None => diagnostic,
                }
            }
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::StaticCall { .. } => {
                self.label_callee(diagnostic, expr, found)
            }
            _ => diagnostic,
        }
    }

    fn label_local(&self, diagnostic: Diagnostic, local: LocalId, found: &str) -> Diagnostic {
        let declared = &self.body.locals[local];
        let diagnostic = diagnostic.secondary(declared.span, errors::because_local(declared.name, found));
        let value = self.locals[local]
            .value
            .filter(|_| self.locals[local].ty.is_some_and(|ty| self.is_task_type(ty)));
        match value.and_then(|value| self.spawn_result(value)) {
            Some(result) => diagnostic.secondary(self.span(result), errors::because_task_result()),
            None => diagnostic,
        }
    }

    fn label_callee(&self, diagnostic: Diagnostic, expr: ExprId, found: &str) -> Diagnostic {
        let Some(CallTarget::Fn(id, _)) = self.types.calls.get(&expr).map(|call| &call.target) else {
            return diagnostic;
        };
        let function = self.program.function(*id);
        if self.is_foreign(function.span) {
            return diagnostic;
        }
        diagnostic.secondary(function.result.span, errors::because_call(function.name, found))
    }

    /// Whether a struct with these type arguments is `Bytes`.
    fn is_bytes(&self, id: StructId, args: &[Ty]) -> bool {
        Some(id) == self.program.hir.lang.list && args == [Ty::byte()]
    }

    /// Adds the usual way from one type to the other.
    fn suggest_conversion(
        &mut self,
        diagnostic: Diagnostic,
        expr: ExprId,
        found: Ty,
        expected: Ty,
    ) -> Diagnostic {
        let span = self.span(expr);
        let (found, expected) = (self.infer.with_defaults(found), self.infer.with_defaults(expected));
        match (found.kind(), expected.kind()) {
            (TyKind::Int(_) | TyKind::Float(_), TyKind::Int(_) | TyKind::Float(_)) => {
                errors::suggest_cast(diagnostic, span, self.needs_parentheses(expr), &self.show(expected))
            }
            (TyKind::Task(result), _) if self.infer.could_unify(*result, expected) => {
                errors::suggest_await(diagnostic, span, self.needs_parentheses(expr))
            }
            (_, TyKind::Task(result)) if self.infer.could_unify(*result, found) => {
                errors::suggest_spawn(diagnostic)
            }
            (_, TyKind::Enum(id, args))
                if Some(*id) == self.program.hir.lang.option && self.infer.could_unify(args[0], found) =>
            {
                errors::suggest_wrap(diagnostic, span, "Some")
            }
            (_, TyKind::Enum(id, args))
                if Some(*id) == self.program.hir.lang.result && self.infer.could_unify(args[0], found) =>
            {
                errors::suggest_wrap(diagnostic, span, "Ok")
            }
            (TyKind::Enum(id, args), _)
                if self.is_fallible(*id) && self.infer.could_unify(args[0], expected) =>
            {
                errors::suggest_unwrap(diagnostic, Some(*id) == self.program.hir.lang.option)
            }
            (TyKind::Fn(signature), _)
                if signature.modes().is_empty()
                    && !self.is_block_closure(expr)
                    && self.infer.could_unify(signature.result(), expected) =>
            {
                errors::suggest_call(diagnostic, span, self.needs_parentheses(expr))
            }
            (TyKind::Fn(signature), _) if self.is_block_closure(expr) => {
                let fits = self.infer.could_unify(signature.result(), expected);
                errors::suggest_block_value(diagnostic, span, fits)
            }
            (TyKind::Enum(given, from), TyKind::Enum(wanted, to))
                if given == wanted
                    && Some(*given) == self.program.hir.lang.result
                    && self.infer.could_unify(from[0], to[0]) =>
            {
                errors::suggest_passing_error_on(diagnostic)
            }
            (TyKind::Int(_), TyKind::Struct(id, _)) if Some(*id) == self.program.hir.lang.duration => {
                errors::suggest_unit(diagnostic)
            }
            (TyKind::Struct(channel, _), TyKind::Struct(end, _))
                if Some(*channel) == self.program.hir.lang.channel =>
            {
                match self.program.definitions().structs[*end].name.as_str() {
                    "Sender" => self.suggest_end(diagnostic, expr, "sender"),
                    "Receiver" => self.suggest_end(diagnostic, expr, "receiver"),
                    _ => diagnostic,
                }
            }
            (TyKind::String, TyKind::Struct(id, args)) if self.is_bytes(*id, args) => {
                errors::suggest_bytes(diagnostic, span, self.needs_parentheses(expr))
            }
            (TyKind::Struct(id, args), TyKind::String) if self.is_bytes(*id, args) => {
                errors::suggest_reading_bytes(diagnostic)
            }
            (_, TyKind::String) if self.meets(found, Structural::Display) && !found.is_unit() => {
                errors::suggest_display(diagnostic)
            }
            _ => diagnostic,
        }
    }

    fn suggest_end(&self, diagnostic: Diagnostic, channel: ExprId, end: &str) -> Diagnostic {
        errors::suggest_end(diagnostic, self.span(channel), self.needs_parentheses(channel), end)
    }

    fn is_block_closure(&self, expr: ExprId) -> bool {
        matches!(&self.expr(expr).kind, ExprKind::Closure(closure) if closure.form == ClosureForm::Block)
    }

    fn is_fallible(&self, id: crate::hir::EnumId) -> bool {
        let lang = &self.program.hir.lang;
        Some(id) == lang.option || Some(id) == lang.result
    }

    /// Whether something that binds tighter than operators can be written after the expression only with parentheses.
    pub(super) fn needs_parentheses(&self, expr: ExprId) -> bool {
        !matches!(
            self.expr(expr).kind,
            ExprKind::Literal(_)
                | ExprKind::Interpolate(_)
                | ExprKind::Local(_)
                | ExprKind::Const(_)
                | ExprKind::TypeConst(..)
                | ExprKind::Call { .. }
                | ExprKind::Construct { .. }
                | ExprKind::StaticCall { .. }
                | ExprKind::MethodCall { .. }
                | ExprKind::Field(..)
                | ExprKind::TupleField(..)
                | ExprKind::Index(..)
                | ExprKind::Tuple(_)
                | ExprKind::List(_)
                | ExprKind::Dict(_)
                | ExprKind::Try(_)
        )
    }

    /// Whether the type meets the bound in this function.
    pub(super) fn is_bound_met(&self, ty: Ty, bound: Bound) -> bool {
        self.program.bounds.holds(self.program.hir, self.asker(), ty, bound)
    }

    /// Where this body asks.
    pub(super) fn asker(&self) -> Asker<'_> {
        Asker { params: &self.function.type_params, file: self.function.span.file }
    }

    /// Whether values of the type can do this in this function.
    pub(super) fn meets(&self, ty: Ty, structural: Structural) -> bool {
        self.structural_bound(structural).is_some_and(|bound| self.is_bound_met(ty, bound))
    }

    /// What types that can do this meet.
    pub(super) fn structural_bound(&self, structural: Structural) -> Option<Bound> {
        match structural {
            Structural::Sharable => Some(Bound::Sharable),
            _ => {
                let interface = self.program.hir.lang.interface(structural)?;
                Some(Bound::Interface(InterfaceRef::plain(interface)))
            }
        }
    }
}
