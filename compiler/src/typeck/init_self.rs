//! The fields of `self` in an initialiser, in the flow of its body.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::errors::initialisers as errors;
use super::init::{Flow, Slot, State};
use super::results::CallTarget;
use crate::hir::{ExprId, ExprKind, Field, FieldId, FnKind, LocalId};

impl Flow<'_> {
    /// Fields with defaults have them from the start.
    pub(super) fn begin(&mut self) {
        for (slot, followed) in self.followed.clone().into_iter().enumerate() {
            if let Slot::Field(field) = followed
                && self.field(field).is_some_and(|field| field.default.is_some())
            {
                self.state.sure.set(slot, true);
                self.state.perhaps.set(slot, true);
            }
        }
    }

    fn field(&self, field: FieldId) -> Option<&Field> {
        self.checker.program.definitions().fields(self.initialised?).get(field)
    }

    /// Whether the local is `self` of the initialiser.
    pub(super) fn is_self(&self, local: LocalId) -> bool {
        self.this == Some(local)
    }

    /// The field that the expression `self.field` names.
    pub(super) fn own_field(&self, id: ExprId) -> Option<FieldId> {
        let ExprKind::Field(base, _) = self.checker.expr(id).kind else { return None };
        let ExprKind::Local(local) = self.checker.expr(base).kind else { return None };
        let field = self.checker.types.fields.get(&id).copied()?;
        self.is_self(local).then_some(field)
    }

    /// Whether all fields are set.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete_in(&self.state)
    }

    pub(super) fn is_complete_in(&self, state: &State) -> bool {
        self.missing_in(state).is_empty()
    }

    /// The slots of the fields that are not set.
    fn missing_in(&self, state: &State) -> Vec<(usize, FieldId)> {
        let fields = self.followed.iter().enumerate().filter_map(|(slot, followed)| match followed {
            Slot::Field(field) if !state.sure.has(slot) => Some((slot, *field)),
            _ => None,
        });
        fields.collect()
    }

    fn missing_names(&self, state: &State) -> Vec<Symbol> {
        self.missing_in(state).into_iter().filter_map(|(_, field)| Some(self.field(field)?.name)).collect()
    }

    /// `self.field` is read.
    pub(super) fn use_field(&mut self, id: ExprId) {
        let Some(field) = self.own_field(id) else { return };
        let (Some(&slot), Some(declared)) = (self.slots.get(&Slot::Field(field)), self.field(field)) else {
            return;
        };
        if !self.state.sure.has(slot) {
            let (name, declared) = (declared.name, declared.span);
            let path = self.lost[slot].filter(|_| self.state.perhaps.has(slot));
            let diagnostic = errors::field_before_set(self.checker.span(id), name, declared, path);
            self.findings.diagnostics.push(diagnostic);
            self.state.sure.set(slot, true);
        }
    }

    /// `self` is used as a value.
    pub(super) fn use_whole(&mut self, span: Span) {
        let missing = self.missing_names(&self.state);
        if !missing.is_empty() {
            self.findings.diagnostics.push(errors::self_before_set(span, &missing));
            self.give_up();
        }
        self.whole_uses += 1;
        self.state.whole.get_or_insert(span);
    }

    /// The initialiser is left here.
    pub(super) fn end_initialiser(&mut self, span: Span) {
        if self.this.is_none() {
            return;
        }
        for (slot, field) in self.missing_in(&self.state) {
            let Some(declared) = self.field(field) else { continue };
            let path = self.lost[slot].filter(|_| self.state.perhaps.has(slot));
            let diagnostic = errors::field_not_set(span, declared.name, declared.span, path);
            self.findings.diagnostics.push(diagnostic);
        }
    }

    /// Says nothing more of what is missing.
    fn give_up(&mut self) {
        for (slot, _) in self.missing_in(&self.state) {
            self.state.sure.set(slot, true);
        }
    }

    /// The place is changed otherwise than by an assignment: a `let` field must not be.
    pub(super) fn change(&mut self, place: ExprId) {
        if let Some(field) = self.own_field(place)
            && let Some(&slot) = self.slots.get(&Slot::Field(field))
        {
            let first = self.assignments.iter().find(|&&(other, _)| other == slot).map(|&(_, at)| at);
            self.report_field_twice(field, self.checker.span(place), first);
        }
    }

    /// Whether the call is one of a `mut fn`.
    pub(super) fn changes_receiver(&self, call: ExprId) -> bool {
        match self.checker.types.calls.get(&call).map(|call| &call.target) {
            Some(CallTarget::Fn(id, _)) => self.checker.program.function(*id).kind == FnKind::MutMethod,
            _ => false,
        }
    }

    /// A `var` field may be set again.
    pub(super) fn report_field_twice(&mut self, field: FieldId, span: Span, first: Option<Span>) {
        let Some(declared) = self.field(field) else { return };
        if !declared.is_var {
            let diagnostic = errors::field_set_twice(span, declared.name, first, declared.span);
            self.findings.diagnostics.push(diagnostic);
        }
    }

    /// `self` was used as a value on one of the ways that have come together.
    pub(super) fn report_mixed(&mut self) {
        if let Some(span) = self.state.whole
            && !self.is_complete()
        {
            let state = self.state.clone();
            self.report_whole_in_part(span, &state);
            self.give_up();
        }
    }

    pub(super) fn report_whole_in_part(&mut self, span: Span, state: &State) {
        let missing = self.missing_names(state);
        self.findings.diagnostics.push(errors::self_on_some_paths(span, &missing));
    }
}
