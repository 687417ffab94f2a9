//! Places: what may be read without a copy, assigned, and passed with `&`.
//!
//! A place is found in two steps. Walking its expression evaluates what it computes (indices, and what it begins with
//! if that is no variable) and gives a [`Path`]. Only when everything else has been evaluated is the path *taken*:
//! indices are checked, and for a change the lists on the way are made unique.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use crate::bug;
use crate::hir::{ExprId, ExprKind, FieldId, Intrinsic, LocalId, VariantId};
use crate::mir::{
    Argument, Callee, Const, Local, LocalKind, Operand, Place, Projection, Rvalue, StatementKind,
};
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
    /// The value of a key of a dict: the key, and where the indexing stands.
    Key(Local, Span),
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

/// The variant of the places in a dict where there is an entry.
pub(super) const ENTRY: VariantId = VariantId(0);

/// The key in an entry of a dict.
pub(super) const ENTRY_KEY: Projection = Projection::VariantField(ENTRY, FieldId(1));

/// The value in an entry of a dict.
pub(super) const ENTRY_VALUE: Projection = Projection::VariantField(ENTRY, FieldId(2));

impl Path {
    /// The local where it begins.
    pub fn root(&self) -> Local {
        self.root
    }

    /// Whether it is part of an object.
    pub fn leads_through_object(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Part(Projection::ClassField(_))))
    }

    /// Whether changing this place may change the other one, too: they begin alike, or both stand in objects.
    pub fn may_overlap(&self, other: &Place) -> bool {
        let is_object = |projection: &Projection| matches!(projection, Projection::ClassField(_));
        let in_object = |step: &Step| matches!(step, Step::Part(projection) if is_object(projection));
        self.root == other.local
            || (self.steps.iter().any(in_object) && other.projections.iter().any(is_object))
    }

    /// The way to a place that has been taken and stays where it is.
    pub fn to(place: Place) -> Self {
        Self { root: place.local, steps: place.projections.into_iter().map(Step::Part).collect() }
    }
}

impl FunctionLowerer<'_, '_> {
    /// Whether the expression names a place or a part of a value, rather than computing one.
    pub fn is_place(&self, expr: ExprId) -> bool {
        self.names_place(expr) && !self.types.conversions.contains_key(&expr)
    }

    /// Whether the expression names a place before its value becomes one of an interface's type.
    pub fn names_place(&self, expr: ExprId) -> bool {
        match self.body.exprs[expr].kind {
            ExprKind::Local(_) | ExprKind::TupleField(..) => true,
            ExprKind::Field(..) => !self.types.functions.contains_key(&expr),
            ExprKind::Index(..) => !self.is_slice(expr),
            ExprKind::Call { .. } => self.buffer_element(expr).is_some(),
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
            ExprKind::Index(base, index) if !self.is_slice(expr) => self.index_path(expr, base, index),
            ExprKind::Call { .. } => match self.buffer_element(expr) {
                Some((buffer, index)) => {
                    let mut path = self.storage_path(buffer);
                    path.steps.push(Step::Part(Projection::Element(self.index_local(index))));
                    path
                }
                None => self.value_path(expr),
            },
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

    fn index_path(&mut self, expr: ExprId, base: ExprId, index: ExprId) -> Path {
        let mut path = self.path(base);
        let span = self.span(expr);
        let step = if self.is_dict(self.ty(base)) {
            Step::Key(self.key_local(index), span)
        } else {
            Step::Index(self.index_local(index), span)
        };
        path.steps.push(step);
        path
    }

    pub fn is_dict(&self, ty: Ty) -> bool {
        matches!(*ty.kind(), TyKind::Struct(id, _) if self.program.is_dict(id))
    }

    /// A key in a local that nothing changes.
    fn key_local(&mut self, key: ExprId) -> Local {
        let (operand, span) = (self.operand(key), self.span(key));
        match operand.place().and_then(Place::as_local) {
            Some(local) if !self.changing.contains(&local) => local,
            _ => self.builder.assign_temp(self.ty(key), Rvalue::Use(operand), span),
        }
    }

    /// The buffer and the index of `buffer_get(buffer, index)`.
    fn buffer_element(&self, expr: ExprId) -> Option<(ExprId, ExprId)> {
        let ExprKind::Call { args, .. } = &self.body.exprs[expr].kind else { return None };
        let is_get = self.called_intrinsic(expr) == Some(Intrinsic::BufferGet);
        is_get.then(|| (args[0].value, args[1].value))
    }

    /// The path of a buffer, or of the string whose bytes it is.
    fn storage_path(&mut self, buffer: ExprId) -> Path {
        let text = self.string_of_bytes(buffer);
        self.path(text.unwrap_or(buffer))
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
                Step::Key(key, span) => self.take_value(place, key, access, span),
            };
        }
        place
    }

    /// What is assigned to a variable of type `Unit` is stored nowhere. Who passes its address stores it.
    pub fn fill_unit(&mut self, place: &Place, span: Span) {
        if let Some(local) = place.as_local()
            && self.place_ty(place).is_unit()
        {
            self.builder.assign(local, Rvalue::Use(Operand::Const(Const::Unit)), span);
        }
    }

    /// The reference in a local, so that the object lives as long as it is needed.
    fn hold(&mut self, reference: Place) -> Place {
        let is_borrowed = self.builder.function().locals[reference.local].kind == LocalKind::Borrowed;
        let is_part = reference.projections.iter().all(|step| matches!(step, Projection::Field(_)));
        if reference.projections.is_empty() || is_borrowed && is_part {
            // Who passed it keeps it, and nobody changes it meanwhile.
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

    /// The value of a key, which must be there.
    fn take_value(&mut self, dict: Place, key: Local, access: Access, span: Span) -> Place {
        let position = self.builder.temp(Ty::int());
        let (method, this) = match access {
            Access::Read => ("position_of", Argument::Value(Operand::Use(dict.clone()))),
            Access::Write | Access::Pass => ("position_to_change", Argument::Place(dict.clone())),
        };
        let args = vec![this, Argument::Value(Operand::Use(key.into()))];
        let callee = self.dict_method(&dict, method);
        self.builder.call(Some(position.into()), callee, args, span);
        let slot = dict.project(STORAGE).project(STORAGE).project(Projection::Element(position));
        slot.project(ENTRY_VALUE)
    }

    fn dict_method(&mut self, dict: &Place, name: &str) -> Callee {
        let ty = self.place_ty(dict);
        let TyKind::Struct(id, args) = *ty.kind() else { bug!("{ty:?} has no keys") };
        let method = self.program.method_of(id, name);
        self.program.callee(method, args)
    }

    /// `dict[key] = value`
    fn lower_insert(&mut self, dict: &Path, key: Local, value: ExprId, span: Span) {
        let mut value = self.operand(value);
        if value.place().is_some_and(|place| dict.may_overlap(place)) {
            value = self.keep(value, span);
        }
        let dict = self.take(dict, Access::Pass);
        let callee = self.dict_method(&dict, "put");
        let key = Argument::Value(Operand::Use(key.into()));
        self.builder.call(None, callee, vec![Argument::Place(dict), key, Argument::Value(value)], span);
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
        if let Some(terms) = self.added_to_itself(target, value) {
            let path = self.path(target);
            return self.lower_append(&path, &terms, span);
        }
        let mut path = self.path(target);
        if let Some(&Step::Key(key, span)) = path.steps.last() {
            path.steps.pop();
            return self.lower_insert(&path, key, value, span);
        }
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
