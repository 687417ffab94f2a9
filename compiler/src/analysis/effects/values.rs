//! Which function values the locals of a function may hold.
//!
//! Not by the flow of control: what a local holds somewhere it counts as holding everywhere, with what that has captured. What is read
//! from an object, a channel or a task, or comes from a call that nobody can look into, may be any value of its type that the
//! program makes.

use std::cell::RefCell;
use std::rc::Rc;

use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::IndexVec;

use crate::hir::Definitions;
use crate::mir::boxing::contained_tys;
use crate::mir::{
    Argument, Callee, Capture, Closure, Function, FunctionId, Local, Operand, Place, Projection, Rvalue,
    StatementKind,
};
use crate::types::{Ty, TyKind};

/// Where a function value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value {
    /// It is, or is part of, what the function was given as this parameter.
    Param(Local),
    /// A closure with this body.
    Made(FunctionId),
    /// Any of this type that the program makes.
    Unknown(Ty),
}

impl Value {
    /// The body of the closure that it is.
    pub(super) fn made(self) -> Option<FunctionId> {
        match self {
            Self::Made(body) => Some(body),
            Self::Param(_) | Self::Unknown(_) => None,
        }
    }

    /// The parameter that it was given as, or is part of.
    pub(super) fn param(self) -> Option<Local> {
        match self {
            Self::Param(param) => Some(param),
            Self::Made(_) | Self::Unknown(_) => None,
        }
    }
}

/// A set of them, in the order in which they were found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Values(Vec<Value>);

impl Values {
    pub(super) fn iter(&self) -> impl Iterator<Item = Value> {
        self.0.iter().copied()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is new.
    pub(super) fn insert(&mut self, value: Value) -> bool {
        let is_new = !self.0.contains(&value);
        if is_new {
            self.0.push(value);
        }
        is_new
    }

    /// Whether any is new.
    pub(super) fn extend(&mut self, values: impl IntoIterator<Item = Value>) -> bool {
        values.into_iter().fold(false, |changed, value| self.insert(value) | changed)
    }
}

/// The types of function values that are in values of each type, where they can be come to without an object, a channel, a task or
/// a value of an interface's type in between.
pub(super) struct FunctionTypes<'a> {
    pub(super) definitions: &'a Definitions,
    known: RefCell<HashMap<Ty, Rc<[Ty]>>>,
}

impl<'a> FunctionTypes<'a> {
    pub(super) fn new(definitions: &'a Definitions) -> Self {
        Self { definitions, known: RefCell::default() }
    }

    pub(super) fn of(&self, ty: Ty) -> Rc<[Ty]> {
        if let Some(known) = self.known.borrow().get(&ty) {
            return Rc::clone(known);
        }
        let (mut found, mut seen) = (Vec::new(), HashSet::from_iter([ty]));
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            let parts = match *ty.kind() {
                TyKind::Fn(_) => {
                    found.push(ty.without_sharing());
                    continue;
                }
                TyKind::Buffer(part) => vec![part],
                TyKind::Tuple(_) | TyKind::Struct(..) | TyKind::Enum(..) => {
                    contained_tys(self.definitions, ty)
                }
                _ => continue,
            };
            pending.extend(parts.into_iter().filter(|&part| seen.insert(part)));
        }
        let found: Rc<[Ty]> = found.into();
        self.known.borrow_mut().insert(ty, Rc::clone(&found));
        found
    }

    /// All values that there are of the function types in this type.
    pub(super) fn unknown(&self, ty: Ty) -> impl Iterator<Item = Value> + use<> {
        let types = self.of(ty);
        (0..types.len()).map(move |index| Value::Unknown(types[index]))
    }
}

/// What the locals of one function may hold; of a function in which none can, nothing is kept.
#[derive(Default)]
pub(super) struct Held {
    locals: Option<IndexVec<Local, Values>>,
}

impl Held {
    /// Follows the values through the function. `given` are those that a call gives back, or stores into places that it is passed.
    pub(super) fn solve(
        function: &Function,
        types: &FunctionTypes<'_>,
        given: impl Fn(&Held, &StatementKind) -> Values,
    ) -> Self {
        if function.locals.iter().all(|decl| types.of(decl.ty).is_empty()) {
            return Self::default();
        }
        let mut held = Self { locals: Some(IndexVec::filled(function.locals.len(), Values::default())) };
        for param in function.params().filter(|&param| !types.of(function.locals[param].ty).is_empty()) {
            held.add(param, [Value::Param(param)]);
        }
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for statement in function.statements() {
                changed |= held.step(function, types, &statement.kind, &given);
            }
        }
        held
    }

    /// What a local may hold.
    pub(super) fn of_local(&self, local: Local) -> Values {
        self.locals.as_ref().map(|locals| locals[local].clone()).unwrap_or_default()
    }

    /// What an operand may hold.
    pub(super) fn of_operand(
        &self,
        function: &Function,
        types: &FunctionTypes<'_>,
        operand: &Operand,
    ) -> Values {
        operand.place().map(|place| self.of_place(function, types, place)).unwrap_or_default()
    }

    /// What a place may hold.
    pub(super) fn of_place(&self, function: &Function, types: &FunctionTypes<'_>, place: &Place) -> Values {
        let is_hidden =
            |step: &Projection| matches!(step, Projection::ClassField(_) | Projection::Content(_));
        if !place.projections.iter().any(is_hidden) {
            return self.of_local(place.local);
        }
        let mut values = Values::default();
        values.extend(types.unknown(function.place_ty(types.definitions, place)));
        values
    }

    fn add(&mut self, local: Local, values: impl IntoIterator<Item = Value>) -> bool {
        self.locals.as_mut().is_some_and(|locals| locals[local].extend(values))
    }

    fn step(
        &mut self,
        function: &Function,
        types: &FunctionTypes<'_>,
        kind: &StatementKind,
        given: impl Fn(&Held, &StatementKind) -> Values,
    ) -> bool {
        match kind {
            StatementKind::Assign(target, rvalue) | StatementKind::Init(target, rvalue) => {
                let captured = match rvalue {
                    Rvalue::Closure(closure) => self.capture(function, types, closure),
                    _ => false,
                };
                let values = self.of_rvalue(function, types, rvalue);
                self.store(function, types, target, &values) || captured
            }
            StatementKind::MoveElements { source, target, .. } => {
                let values = self.of_place(function, types, source);
                self.store(function, types, target, &values)
            }
            StatementKind::Call { target, args, .. } => {
                let places = args.iter().filter_map(|arg| match arg {
                    Argument::Place(place) => Some(place),
                    Argument::Value(_) => None,
                });
                let receivers = target.iter().chain(places).filter(|place| holds(function, types, place));
                if receivers.clone().next().is_none() {
                    return false;
                }
                let values = given(self, kind);
                receivers.fold(false, |changed, place| self.store(function, types, place, &values) | changed)
            }
            _ => false,
        }
    }

    fn store(
        &mut self,
        function: &Function,
        types: &FunctionTypes<'_>,
        place: &Place,
        values: &Values,
    ) -> bool {
        !values.is_empty() && holds(function, types, place) && self.add(place.local, values.iter())
    }

    /// A closure may store into the variables that it refers to.
    fn capture(&mut self, function: &Function, types: &FunctionTypes<'_>, closure: &Closure) -> bool {
        closure.captures.iter().fold(false, |changed, capture| match capture {
            Capture::Place(place) if holds(function, types, place) => {
                let ty = function.place_ty(types.definitions, place);
                self.add(place.local, types.unknown(ty)) | changed
            }
            _ => changed,
        })
    }

    fn of_rvalue(&self, function: &Function, types: &FunctionTypes<'_>, rvalue: &Rvalue) -> Values {
        let mut values = Values::default();
        match rvalue {
            Rvalue::Closure(closure) => {
                if let Callee::Function(body) = closure.body {
                    values.insert(Value::Made(body));
                }
                for place in closure.captures.iter().filter_map(Capture::place) {
                    values.extend(self.of_place(function, types, place).iter());
                }
            }
            Rvalue::TaskResult(_) => {
                values.extend(types.unknown(function.rvalue_ty(types.definitions, rvalue)));
            }
            _ => rvalue.for_each_part(|operand| {
                values.extend(self.of_operand(function, types, operand).iter());
            }),
        }
        values
    }
}

fn holds(function: &Function, types: &FunctionTypes<'_>, place: &Place) -> bool {
    !types.of(function.locals[place.local].ty).is_empty()
}
