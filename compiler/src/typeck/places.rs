//! Places: what may be assigned, passed with `&`, or changed by a `mut fn`.
//!
//! A place is a `var`, an `inout` parameter, `self` in a `mut fn`, a `var` field or tuple field of a place, or an
//! element of a place. The types of the expression are known by the time it is asked.

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::index::{Id, Symbol};

use crate::hir::{AggregateId, ExprId, ExprKind, FieldId, LocalId, LocalKind};
use crate::types::TyKind;

use super::body::Checker;
use super::errors::{places as errors, tasks};
use super::tasks::{Exit, ExitKind};

/// What a place is wanted for.
#[derive(Clone, Copy, Debug)]
pub(super) enum PlaceUse {
    /// `place = value`
    Assign,
    /// `place += value`
    Change,
    /// `&place`
    Inout,
    /// `place.f()` of the `mut fn` of this name
    Receiver(Symbol),
    /// `for inout x in place`
    ForInout,
}

impl Checker<'_, '_> {
    /// Reports an expression that is not a place, or not one that may be changed here, and says whether it is.
    pub(super) fn require_place(&mut self, id: ExprId, wanted: PlaceUse) -> bool {
        self.place(id, id, wanted)
    }

    /// `whole` is what the user wants to change, `id` the part of it that decides.
    fn place(&mut self, id: ExprId, whole: ExprId, wanted: PlaceUse) -> bool {
        match self.expr(id).kind {
            ExprKind::Local(local) => self.local_place(local, id, whole, wanted),
            ExprKind::Field(..) if self.types.functions.contains_key(&id) => {
                self.emit(errors::not_a_place(self.span(whole), self.span(id), wanted));
                false
            }
            ExprKind::Field(base, _) if self.is_reference(base) => self.field_place(base, id, wanted),
            ExprKind::Field(base, _) => self.place(base, whole, wanted) && self.field_place(base, id, wanted),
            ExprKind::TupleField(base, ..) => self.place(base, whole, wanted),
            ExprKind::Index(base, _) if !self.types.calls.contains_key(&id) => {
                self.place(base, whole, wanted)
            }
            ExprKind::Error => false,
            _ if self.types.exprs[id] == self.common.error => false,
            ExprKind::Const(constant) => {
                let constant = &self.program.definitions().consts[constant];
                self.emit(errors::constant(self.span(whole), constant.name, constant.span, wanted));
                false
            }
            _ => {
                self.emit(errors::not_a_place(self.span(whole), self.span(id), wanted));
                false
            }
        }
    }

    fn local_place(&mut self, local: LocalId, id: ExprId, whole: ExprId, wanted: PlaceUse) -> bool {
        let state = self.locals[local];
        if state.ty == Some(self.common.error) {
            return false;
        }
        let is_copy = |exit: &&Exit| matches!(exit.kind, ExitKind::Task | ExitKind::CopyingClosure);
        if let Some(exit) =
            self.exits.get(state.task_depth + 1..).and_then(|around| around.iter().find(is_copy))
        {
            let declared = self.body.locals[local].span;
            let name = self.local_name(local);
            let diagnostic = tasks::captured_is_changed(self.span(whole), name, declared, exit.kind, wanted);
            self.emit(match self.atomic_edits(local) {
                Some(edits) => tasks::may_be_atomic(diagnostic, name, edits),
                None => tasks::may_be_in_mutex(diagnostic),
            });
            return false;
        }
        match self.body.locals[local].kind {
            LocalKind::Inout if state.is_key => {
                let declared = &self.body.locals[local];
                self.emit(errors::key(self.span(whole), declared.name, declared.span, wanted));
                false
            }
            LocalKind::Var | LocalKind::Inout | LocalKind::InitSelf => true,
            LocalKind::Let
                if state.is_late
                    && id == whole
                    && state.task_depth == self.task_depth()
                    && matches!(wanted, PlaceUse::Assign) =>
            {
                true
            }
            LocalKind::Let => {
                let diagnostic = self.immutable_local(local, whole, wanted);
                self.emit(diagnostic);
                false
            }
        }
    }

    fn immutable_local(&self, local: LocalId, whole: ExprId, wanted: PlaceUse) -> Diagnostic {
        let declared = &self.body.locals[local];
        let span = self.span(whole);
        let is_param = self.body.params.contains(&local);
        let has_self = self.function.kind != crate::hir::FnKind::Static;
        if is_param && has_self && self.body.params.first() == Some(&local) {
            if self.locals[local].ty.is_some_and(|ty| matches!(ty.kind(), TyKind::Class(..))) {
                return errors::self_of_class(span, wanted);
            }
            return errors::self_is_read_only(span, self.function.name, self.function.head, wanted);
        }
        if is_param {
            return errors::parameter_is_read_only(span, declared.name, declared.span, wanted);
        }
        match declared.keyword {
            Some(keyword) => errors::let_is_read_only(span, declared.name, declared.span, keyword, wanted),
            None => errors::binding_is_read_only(span, declared.name, declared.span, wanted),
        }
    }

    /// A `let` field is set once, by its struct's initialiser.
    fn field_place(&mut self, base: ExprId, id: ExprId, wanted: PlaceUse) -> bool {
        let ty = self.infer.shallow(self.types.exprs[base]);
        let (Some((aggregate, _)), Some(&field)) = (AggregateId::of(ty), self.types.fields.get(&id)) else {
            return false;
        };
        let declaration = &self.program.definitions().fields(aggregate)[field];
        if declaration.is_var || self.is_own_initialiser(base) {
            return true;
        }
        if let AggregateId::Struct(structure) = aggregate
            && self.program.definitions().structs[structure].is_newtype
        {
            let name = self.program.definitions().structs[structure].name;
            self.emit(errors::newtype_is_read_only(self.span(id), name, wanted));
            return false;
        }
        let declared = (declaration.span.file == self.function.span.file).then_some(declaration.span);
        self.emit(errors::field_is_read_only(self.span(id), declaration.name, declared, wanted));
        false
    }

    /// Whether the expression is a reference to an object, whose fields are places whatever it is itself. `self` of an
    /// initialiser is the fields alone until all are set.
    fn is_reference(&self, id: ExprId) -> bool {
        let ty = self.infer.shallow(self.types.exprs[id]);
        matches!(ty.kind(), TyKind::Class(..)) && !self.is_own_initialiser(id)
    }

    /// Whether the way to a place leads through an object.
    pub(super) fn leads_through_object(&self, mut id: ExprId) -> bool {
        loop {
            id = match self.expr(id).kind {
                ExprKind::Field(base, _) if self.is_reference(base) => return true,
                ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Index(base, _) => base,
                _ => return false,
            };
        }
    }

    fn is_own_initialiser(&self, base: ExprId) -> bool {
        matches!(self.expr(base).kind, ExprKind::Local(local) if self.body.locals[local].kind == LocalKind::InitSelf)
    }

    /// Reports places that a call changes and uses otherwise at the same time.
    pub(super) fn check_overlaps(&mut self, uses: &[PlaceInCall]) {
        if !uses.iter().any(|using| using.is_changed) || uses.len() < 2 {
            return;
        }
        let paths: Vec<_> = uses.iter().map(|using| self.path(using.expr)).collect();
        for (index, first) in paths.iter().enumerate() {
            let Some(first) = first else { continue };
            for (other, second) in paths.iter().enumerate().skip(index + 1) {
                let Some(second) = second else { continue };
                let is_conflict = uses[index].is_changed || uses[other].is_changed;
                if is_conflict && first.overlaps(second) {
                    self.report_overlap(
                        &uses[index],
                        &uses[other],
                        first.local,
                        first.ends_in_elements(second),
                    );
                }
            }
        }
    }

    fn report_overlap(
        &mut self,
        first: &PlaceInCall,
        second: &PlaceInCall,
        local: LocalId,
        are_elements: bool,
    ) {
        // The place that is changed holds the other use up.
        let (changed, other) = if first.is_changed { (first, second) } else { (second, first) };
        let name = self.local_name(local);
        self.emit(errors::overlap(self.span(other.expr), self.span(changed.expr), name, are_elements));
    }

    /// Reports the uses of a place in the body of the `for inout` that changes it. The expressions of the body stand after
    /// that of the place.
    pub(super) fn check_uses_in_loop(&mut self, place: ExprId, body: ExprId) {
        let Some(changed) = self.path(place) else { return };
        let inside = place.index() + 1..body.index();
        let mut is_part = vec![false; inside.len()];
        for (position, index) in inside.clone().enumerate().rev() {
            let id = ExprId::from_index(index);
            match self.expr(id).kind {
                ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Index(base, _) => {
                    if let Some(base) = base.index().checked_sub(inside.start) {
                        is_part[base] = true;
                    }
                }
                ExprKind::Local(_) => {}
                _ => continue,
            }
            if !is_part[position] && self.path(id).is_some_and(|path| path.overlaps(&changed)) {
                let name = self.local_name(changed.local);
                self.emit(errors::used_in_loop(self.span(id), self.span(place), name));
            }
        }
    }

    /// The way to the place that an expression names, if it names one of a local.
    pub(super) fn path(&self, mut id: ExprId) -> Option<Path> {
        let mut steps = Vec::new();
        // How many steps from the end the way leaves the last object it leads through.
        let mut beyond_object = None;
        loop {
            match self.expr(id).kind {
                ExprKind::Local(local) => {
                    steps.reverse();
                    let read_only = beyond_object.map_or(0, |beyond| steps.len() - beyond);
                    return Some(Path { local, steps, read_only });
                }
                ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) => {
                    if self.is_reference(base) {
                        beyond_object.get_or_insert(steps.len());
                    }
                    steps.push(Step::Field(*self.types.fields.get(&id)?));
                    id = base;
                }
                ExprKind::Index(base, _) if !self.types.calls.contains_key(&id) => {
                    steps.push(Step::Element);
                    id = base;
                }
                _ => return None,
            }
        }
    }
}

/// A place that a call changes, or the value of one that is an argument of the same call.
pub(super) struct PlaceInCall {
    /// The place.
    pub(super) expr: ExprId,
    /// Whether the call changes it.
    pub(super) is_changed: bool,
}

/// A place: a local and the way into it.
pub(super) struct Path {
    /// Where it begins.
    pub(super) local: LocalId,
    steps: Vec<Step>,
    /// How many steps lead to the field of the last object on the way. What is before it, a change of the field only reads.
    read_only: usize,
}

#[derive(PartialEq)]
enum Step {
    Field(FieldId),
    /// Which one is known only when the program runs: any two may be the same.
    Element,
}

impl Path {
    /// Whether one is the other or a part of it.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let is_one_way =
            self.local == other.local && self.steps.iter().zip(&other.steps).all(|(a, b)| a == b);
        is_one_way && self.steps.len() >= other.read_only && other.steps.len() >= self.read_only
    }

    /// Whether both are elements of one collection.
    fn ends_in_elements(&self, other: &Self) -> bool {
        self.steps.iter().zip(&other.steps).any(|(a, b)| *a == Step::Element && *b == Step::Element)
    }
}
