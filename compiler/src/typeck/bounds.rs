//! Whether a type meets a bound, by its structure.
//!
//! Numbers, `Bool`, `Char` and `String` meet all bounds; tuples, structs and enums when their parts do; a type parameter
//! when it is declared to. A type that contains itself meets a bound when nothing else in it forbids it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::hir::{Bound, Definitions, TypeParam};
use crate::types::{Sharing, Ty, TyKind};

/// Why a type does not meet a bound: the innermost type that does not, and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    /// The innermost type.
    pub(super) ty: Ty,
    /// The fields that lead there, outermost first; empty if the type itself is the obstacle.
    pub(super) path: Vec<String>,
}

/// Answers, remembered for types without parameters.
#[derive(Default, Debug)]
pub(super) struct Bounds {
    known: RefCell<HashMap<(Ty, Bound), bool>>,
}

impl Bounds {
    /// Whether `ty` meets `bound` where these type parameters are in scope.
    pub(super) fn holds(
        &self,
        definitions: &Definitions,
        params: &[TypeParam],
        ty: Ty,
        bound: Bound,
    ) -> bool {
        if let Some(&known) = self.known.borrow().get(&(ty, bound)) {
            return known;
        }
        let holds = Search::new(definitions, params, bound).obstacle(ty).is_none();
        if !ty.has_param() {
            self.known.borrow_mut().insert((ty, bound), holds);
        }
        holds
    }
}

/// Why `ty` does not meet `bound`; `None` if it does.
pub(super) fn obstacle(
    definitions: &Definitions,
    params: &[TypeParam],
    ty: Ty,
    bound: Bound,
) -> Option<Obstacle> {
    Search::new(definitions, params, bound).obstacle(ty)
}

/// Types this deep inside each other are taken to meet every bound: only endless ones are.
const MAX_DEPTH: usize = 200;

struct Search<'a> {
    definitions: &'a Definitions,
    params: &'a [TypeParam],
    bound: Bound,
    seen: HashSet<Ty>,
    path: Vec<String>,
}

impl<'a> Search<'a> {
    fn new(definitions: &'a Definitions, params: &'a [TypeParam], bound: Bound) -> Self {
        Self { definitions, params, bound, seen: HashSet::new(), path: Vec::new() }
    }

    fn obstacle(&mut self, ty: Ty) -> Option<Obstacle> {
        match *ty.kind() {
            TyKind::Bool
            | TyKind::Char
            | TyKind::Never
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::String
            | TyKind::Infer(_)
            | TyKind::Error => None,
            TyKind::Param(position, _) => self.param(position).then(|| self.found(ty)),
            TyKind::Task(_) | TyKind::ChannelHandle(_) => {
                (self.bound != Bound::Sharable).then(|| self.found(ty))
            }
            TyKind::Buffer(part) => self.obstacle(part),
            TyKind::Fn(signature) => {
                let is_met = self.bound == Bound::Sharable && signature.sharing() == Sharing::Sharable;
                (!is_met).then(|| self.found(ty))
            }
            TyKind::Tuple(parts) => self.tuple(parts),
            TyKind::Struct(..) | TyKind::Enum(..) => self.nominal(ty),
        }
    }

    fn found(&self, ty: Ty) -> Obstacle {
        Obstacle { ty, path: self.path.clone() }
    }

    /// Whether the parameter lacks the bound.
    fn param(&self, position: u32) -> bool {
        let has = |bound: &Bound| *bound == self.bound || (*bound == Bound::Ord && self.bound == Bound::Eq);
        !self.params.get(position as usize).is_some_and(|param| param.bounds.iter().any(has))
    }

    fn tuple(&mut self, parts: &[Ty]) -> Option<Obstacle> {
        parts.iter().enumerate().find_map(|(index, &part)| self.inside(|| index.to_string(), part))
    }

    fn nominal(&mut self, ty: Ty) -> Option<Obstacle> {
        if self.path.len() > MAX_DEPTH || !self.seen.insert(ty) {
            return None;
        }
        let definitions = self.definitions;
        match *ty.kind() {
            TyKind::Struct(id, args) => {
                let mut fields = definitions.structs[id].fields.iter();
                let obstacle = fields
                    .find_map(|field| self.inside(|| field.name.to_string(), field.ty.ty.substitute(args)))?;
                // The runtime's channel means nothing to a user: the type that hides it is in the way.
                let is_hidden = matches!(obstacle.ty.kind(), TyKind::ChannelHandle(_));
                Some(if is_hidden { self.found(ty) } else { obstacle })
            }
            TyKind::Enum(id, args) => definitions.enums[id].variants.iter().find_map(|variant| {
                let mut fields = variant.fields.iter();
                fields
                    .find_map(|field| self.inside(|| variant.name.to_string(), field.ty.ty.substitute(args)))
            }),
            _ => None,
        }
    }

    fn inside(&mut self, name: impl FnOnce() -> String, part: Ty) -> Option<Obstacle> {
        if is_plain(part) {
            return None;
        }
        self.path.push(name());
        let obstacle = self.obstacle(part);
        self.path.pop();
        obstacle
    }
}

fn is_plain(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Float(_) | TyKind::String)
}
