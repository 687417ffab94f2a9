//! Places: what may be read without a copy, assigned, and passed with `&`.
//!
//! A place is found in two steps. Walking its expression evaluates what it computes (indices, and what it begins with
//! if that is no variable) and gives a [`Path`]. Only when everything else has been evaluated is the path *taken*:
//! indices are checked, and for a change the lists on the way are made unique.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use crate::bug;
use crate::hir::{ExprId, ExprKind, FieldId, LocalId};
use crate::mir::{Argument, Const, Local, Operand, Place, Projection, Rvalue, StatementKind};
use crate::types::{Ty, TyKind};

/// A place whose indices have been evaluated.
#[derive(Clone, Debug)]
pub(super) struct Path {
    root: Local,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A part that is there.
    Part(Projection),
    /// An element of a list: the index, and where the indexing stands.
    Index(Local, Span),
}

/// What a place is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// To be read.
    Read,
    /// To be assigned.
    Write,
    /// To be passed by its address.
    Pass,
}

/// The field of `List` that is its buffer, and of `Channel` that is its handle.
pub(super) const STORAGE: Projection = Projection::Field(FieldId(0));

impl Path {
    /// The local where it begins.
    pub fn root(&self) -> Local {
        self.root
    }

    /// The way to a place that has been taken and stays where it is.
    pub fn to(place: Place) -> Self {
        Self { root: place.local, steps: place.projections.into_iter().map(Step::Part).collect() }
    }
}

impl FunctionLowerer<'_, '_> {
    /// Whether the expression names a place or a part of a value, rather than computing one.
    pub fn is_place(&self, expr: ExprId) -> bool {
        match self.body.exprs[expr].kind {
            ExprKind::Local(_) | ExprKind::Field(..) | ExprKind::TupleField(..) => true,
            ExprKind::Index(..) => !self.is_slice(expr),
            _ => false,
        }
    }

    /// Whether an index expression is a slice: a call that makes a value.
    pub fn is_slice(&self, index: ExprId) -> bool {
        self.types.calls.contains_key(&index)
    }

    /// The place an expression names, to be read by the next statement. What computes a value gives a temporary.
    pub fn read_place(&mut self, expr: ExprId) -> Place {
        let path = self.path(expr);
        self.take(&path, Access::Read)
    }

    /// Evaluates what the expression of a place computes.
    pub fn path(&mut self, expr: ExprId) -> Path {
        match self.body.exprs[expr].kind {
            ExprKind::Local(local) => match self.init_value(local, self.span(expr)) {
                Some(whole) => Path { root: whole, steps: Vec::new() },
                None => self.local_path(local),
            },
            ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) => self.field_path(expr, base),
            ExprKind::Index(base, index) if !self.is_slice(expr) => {
                let mut path = self.path(base);
                let span = self.span(expr);
                let index = self.index_local(index);
                path.steps.push(Step::Index(index, span));
                path
            }
            _ => self.value_path(expr),
        }
    }

    /// The variable, or what a name after `for inout` stands for.
    pub fn local_path(&mut self, local: LocalId) -> Path {
        match self.elements.get(&local) {
            Some(path) => path.clone(),
            None => Path { root: self.local(local), steps: Vec::new() },
        }
    }

    fn field_path(&mut self, expr: ExprId, base: ExprId) -> Path {
        let Some(&field) = self.types.fields.get(&expr) else { bug!("{expr} has no field") };
        if let ExprKind::Local(local) = self.body.exprs[base].kind
            && let Some(root) = self.init_field(local, field)
        {
            return Path { root, steps: Vec::new() };
        }
        let mut path = self.path(base);
        let is_reference = matches!(self.ty(base).kind(), TyKind::Class(..));
        let step = if is_reference { Projection::ClassField(field) } else { Projection::Field(field) };
        path.steps.push(Step::Part(step));
        path
    }

    fn value_path(&mut self, expr: ExprId) -> Path {
        Path { root: self.lower_to_temp(expr), steps: Vec::new() }
    }

    /// An index in a local that nothing changes.
    pub fn index_local(&mut self, index: ExprId) -> Local {
        let operand = self.operand(index);
        self.operand_index(operand, self.span(index))
    }

    /// An index in a local that nothing changes.
    pub fn operand_index(&mut self, operand: Operand, span: Span) -> Local {
        match operand.place().and_then(Place::as_local) {
            Some(local) if !self.changing.contains(&local) => local,
            _ => self.builder.assign_temp(Ty::int(), Rvalue::Use(operand), span),
        }
    }

    /// Turns a path into a place for the next statement. What leads to an object is only read: not the way to it changes.
    pub fn take(&mut self, path: &Path, access: Access) -> Place {
        let last_object =
            path.steps.iter().rposition(|step| matches!(step, Step::Part(Projection::ClassField(_))));
        let mut place = Place::from(path.root);
        for (position, &step) in path.steps.iter().enumerate() {
            let is_before_object = last_object.is_some_and(|last| position < last);
            let access = if is_before_object { Access::Read } else { access };
            place = match step {
                Step::Part(projection @ Projection::ClassField(_)) if access == Access::Pass => {
                    self.hold(place).project(projection)
                }
                Step::Part(projection) => place.project(projection),
                Step::Index(index, span) => self.take_element(place, index, access, span),
            };
        }
        place
    }

    /// The reference in a local, so that the object lives as long as it is needed.
    fn hold(&mut self, reference: Place) -> Place {
        if reference.projections.is_empty() {
            return reference;
        }
        let (ty, span) = (self.place_ty(&reference), self.builder.function().span);
        self.builder.assign_temp(ty, Rvalue::Use(Operand::Use(reference)), span).into()
    }

    fn take_element(&mut self, list: Place, index: Local, access: Access, span: Span) -> Place {
        let ty = self.place_ty(&list);
        let TyKind::Struct(id, args) = *ty.kind() else { bug!("{ty:?} is indexed") };
        if id != self.program.list() {
            bug!("{ty:?} is indexed");
        }
        let buffer = list.clone().project(STORAGE);
        let length = self.builder.assign_temp(Ty::int(), Rvalue::Length(buffer.clone()), span);
        let (index_operand, length) = (Operand::Use(index.into()), Operand::Use(length.into()));
        self.builder.push(StatementKind::CheckIndex { index: index_operand, length }, span);
        if access != Access::Read {
            self.make_unique(list, args, span);
        }
        buffer.project(Projection::Element(index))
    }

    /// Gives the list at a place, with elements of these types, a buffer of its own.
    pub fn make_unique(&mut self, list: Place, args: &[Ty], span: Span) {
        let make_unique = self.program.make_unique();
        let callee = self.program.callee(make_unique, args);
        self.builder.call(None, callee, vec![Argument::Place(list)], span);
    }

    /// The value of a place.
    pub fn read_operand(&mut self, expr: ExprId) -> Operand {
        let place = self.read_place(expr);
        if self.ty(expr).is_unit() {
            return Operand::Const(Const::Unit);
        }
        // Whoever uses the value may call closures that put another into the place.
        let is_referenced = self.referenced.contains(&place.local);
        let operand = Operand::Use(place);
        if is_referenced { self.keep(operand, self.span(expr)) } else { operand }
    }

    /// `place = value`
    pub fn lower_assign(&mut self, target: ExprId, value: ExprId, span: Span) {
        let path = self.path(target);
        if path.steps.is_empty() && super::operators::is_scalar(self.ty(value)) {
            return self.lower_into(Dest::Local(path.root), value);
        }
        let value = self.operand(value);
        let place = self.take(&path, Access::Write);
        if !self.place_ty(&place).is_unit() {
            self.builder.assign(place, Rvalue::Use(value), span);
        }
    }
}
