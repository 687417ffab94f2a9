//! The unknowns of one body.
//!
//! An unknown is bound at most once, to a type that does not contain it. Those of number literals accept number types
//! only, and become `Int` or `Float` when nothing says otherwise. Bindings are kept on a trail, so that a
//! tentative unification can be undone.

use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use crate::types::{InferVar, Ty, TyKind};

/// What an unknown may become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum VarKind {
    /// Any type.
    Any,
    /// A number type: that of an integer literal, which fits a float type too; `Int` by default.
    Int,
    /// An integer type: that of a variable whose value was an integer literal; `Int` by default.
    Integer,
    /// A float type; `Float` by default.
    Float,
}

impl VarKind {
    /// The types that are of both kinds.
    fn narrower(self, other: Self) -> Option<Self> {
        match (self, other) {
            (kind, Self::Any) | (Self::Any, kind) => Some(kind),
            (Self::Int, kind) | (kind, Self::Int) => Some(kind),
            _ => (self == other).then_some(self),
        }
    }
}

/// What an unknown stands for, to name it when it stays unknown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unknown {
    /// The type of a literal; never reported, it has a default.
    Literal,
    /// A type argument.
    TypeArg(Symbol),
    /// The elements of a list literal.
    Element,
    /// The keys of a dict literal.
    Key,
    /// The values of a dict literal.
    DictValue,
    /// The type of a variable.
    Local(Symbol),
    /// The type of a closure's parameter.
    Param(Symbol),
    /// What a task or loop gives, or a part of a pattern.
    Value,
}

#[derive(Clone, Copy, Debug)]
struct Var {
    binding: Option<Ty>,
    kind: VarKind,
    what: Unknown,
    span: Span,
    is_reported: bool,
    /// Whether an expression that never gives a value was expected to be of this type.
    meets_never: bool,
    /// How long the chains of unknowns bound to this one are at most.
    rank: u8,
}

/// The unknowns of one body with what is known of them.
#[derive(Default, Debug)]
pub(super) struct InferTable {
    vars: IndexVec<InferVar, Var>,
    trail: Vec<(InferVar, Var)>,
    snapshots: usize,
}

/// A point to go back to.
#[must_use]
pub(super) struct Snapshot(usize);

impl InferTable {
    /// A new unknown.
    pub(super) fn fresh(&mut self, kind: VarKind, what: Unknown, span: Span) -> Ty {
        let var = Var { binding: None, kind, what, span, is_reported: false, meets_never: false, rank: 0 };
        Ty::new(TyKind::Infer(self.vars.push(var)))
    }

    /// The type, followed through bindings as far as its head.
    pub(super) fn shallow(&self, mut ty: Ty) -> Ty {
        while let TyKind::Infer(var) = *ty.kind() {
            match self.vars[var].binding {
                Some(bound) => ty = bound,
                None => return ty,
            }
        }
        ty
    }

    /// The type with everything that is known filled in.
    pub(super) fn deep(&self, ty: Ty) -> Ty {
        if !ty.has_infer() {
            return ty;
        }
        let ty = self.shallow(ty);
        ty.map_parts(|part| self.deep(part))
    }

    /// Like [`Self::deep`], with literals at their default types.
    pub(super) fn with_defaults(&self, ty: Ty) -> Ty {
        if !ty.has_infer() {
            return ty;
        }
        let ty = self.shallow(ty);
        match *ty.kind() {
            TyKind::Infer(var) => self.default_of(var).unwrap_or(ty),
            _ => ty.map_parts(|part| self.with_defaults(part)),
        }
    }

    fn default_of(&self, var: InferVar) -> Option<Ty> {
        match self.vars[var].kind {
            VarKind::Any => None,
            VarKind::Int | VarKind::Integer => Some(Ty::int()),
            VarKind::Float => Some(Ty::float()),
        }
    }

    /// What kind of unknown the type is, if it is one that is not bound yet.
    pub(super) fn unbound(&self, ty: Ty) -> Option<VarKind> {
        match *self.shallow(ty).kind() {
            TyKind::Infer(var) => Some(self.vars[var].kind),
            _ => None,
        }
    }

    /// Remembers that an expression which never gives a value is expected to be of this type.
    pub(super) fn meet_never(&mut self, ty: Ty) {
        if let TyKind::Infer(var) = *self.shallow(ty).kind() {
            self.set(var, Var { meets_never: true, ..self.vars[var] });
        }
    }

    /// Binds every literal that nothing gave a type, and what there is no value of, which is a `Unit` as good as any other.
    pub(super) fn apply_defaults(&mut self) {
        for index in 0..self.vars.len() {
            let var = InferVar(index as u32);
            let Var { binding: None, meets_never, .. } = self.vars[var] else { continue };
            let default = self.default_of(var);
            self.vars[var].binding = default.or_else(|| meets_never.then(Ty::unit));
        }
    }

    /// What to say about an unknown that stayed unknown; each is reported once.
    pub(super) fn report(&mut self, var: InferVar) -> Option<(Unknown, Span)> {
        let var = &mut self.vars[var];
        let is_new = !std::mem::replace(&mut var.is_reported, true);
        is_new.then_some((var.what, var.span))
    }

    /// A point to go back to with [`Self::undo`], or to confirm with [`Self::commit`].
    pub(super) fn snapshot(&mut self) -> Snapshot {
        self.snapshots += 1;
        Snapshot(self.trail.len())
    }

    /// Undoes every binding since the snapshot.
    pub(super) fn undo(&mut self, snapshot: Snapshot) {
        for (var, old) in self.trail.drain(snapshot.0..).rev() {
            self.vars[var] = old;
        }
        self.snapshots -= 1;
    }

    /// Keeps every binding since the snapshot.
    pub(super) fn commit(&mut self, _snapshot: Snapshot) {
        self.snapshots -= 1;
        if self.snapshots == 0 {
            self.trail.clear();
        }
    }

    /// Binds `var`, which is unbound, to `ty`, which is not it. Fails where the unknown is of another kind or `ty` contains it.
    pub(super) fn bind(&mut self, var: InferVar, ty: Ty) -> bool {
        if let TyKind::Infer(other) = *ty.kind() {
            return self.join(var, other);
        }
        let fits = match self.vars[var].kind {
            VarKind::Any => !self.occurs(var, ty),
            VarKind::Int => matches!(ty.kind(), TyKind::Int(_) | TyKind::Float(_)),
            VarKind::Integer => matches!(ty.kind(), TyKind::Int(_)),
            VarKind::Float => matches!(ty.kind(), TyKind::Float(_)),
        };
        if fits {
            self.set(var, Var { binding: Some(ty), ..self.vars[var] });
        }
        fits
    }

    /// Makes two unknowns one, of the narrower kind, if some type is of both kinds. The one with the shorter chains is
    /// bound to the other, so that chains stay short.
    fn join(&mut self, a: InferVar, b: InferVar) -> bool {
        let Some(kind) = self.vars[a].kind.narrower(self.vars[b].kind) else { return false };
        let (from, to) = if self.vars[a].rank > self.vars[b].rank { (b, a) } else { (a, b) };
        let (from_var, to_var) = (self.vars[from], self.vars[to]);
        let rank = to_var.rank.max(from_var.rank.saturating_add(1));
        let meets_never = to_var.meets_never || from_var.meets_never;
        self.set(from, Var { binding: Some(Ty::new(TyKind::Infer(to))), ..from_var });
        self.set(to, Var { kind, rank, meets_never, ..to_var });
        true
    }

    /// From now on the literals in the type are integers: a variable holds them, and its type must not depend on
    /// where it is used later.
    pub(super) fn close(&mut self, ty: Ty) {
        if !ty.has_infer() {
            return;
        }
        let ty = self.shallow(ty);
        match *ty.kind() {
            TyKind::Infer(var) if self.vars[var].kind == VarKind::Int => {
                self.set(var, Var { kind: VarKind::Integer, ..self.vars[var] });
            }
            _ => ty.parts().iter().for_each(|&part| self.close(part)),
        }
    }

    /// Nothing more is said about what is unknown in a type that has been reported: it was to follow from what is wrong.
    pub(super) fn give_up(&mut self, ty: Ty) {
        if !ty.has_infer() {
            return;
        }
        let ty = self.shallow(ty);
        match *ty.kind() {
            TyKind::Infer(var) if self.vars[var].kind == VarKind::Any => {
                self.set(var, Var { binding: Some(Ty::new(TyKind::Error)), ..self.vars[var] });
            }
            _ => ty.parts().iter().for_each(|&part| self.give_up(part)),
        }
    }

    fn set(&mut self, var: InferVar, value: Var) {
        if self.snapshots > 0 {
            self.trail.push((var, self.vars[var]));
        }
        self.vars[var] = value;
    }

    fn occurs(&self, var: InferVar, ty: Ty) -> bool {
        if !ty.has_infer() {
            return false;
        }
        let ty = self.shallow(ty);
        match *ty.kind() {
            TyKind::Infer(other) => other == var,
            _ => ty.parts().iter().any(|&part| self.occurs(var, part)),
        }
    }
}
