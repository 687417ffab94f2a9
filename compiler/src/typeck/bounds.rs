//! Whether a type meets a bound.
//!
//! A type meets a bound when an implementation says so, and a type parameter when its own bounds do. `Sharable` and the
//! interfaces of [`Structural`] hold by structure where no implementation says otherwise: numbers, `Bool`, `Char` and
//! `String` meet them all; tuples, structs and enums when their parts do. A type that contains itself meets such a bound
//! when nothing else in it forbids it.

use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::source::FileId;
use std::sync::{Mutex, PoisonError};

use crate::hir::{Bound, FnKind, Hir, InterfaceRef, Structural, TypeParam};
use crate::types::{Head, Sharing, Ty, TyKind};

/// Why a type does not meet a bound: the innermost type that does not, and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    /// The innermost type.
    pub(super) ty: Ty,
    /// What is asked of it.
    pub(super) bound: Bound,
    /// The fields that lead there, outermost first; empty if the type itself is the obstacle.
    pub(super) path: Vec<String>,
}

/// Answers, remembered for types without parameters.
#[derive(Default, Debug)]
pub(super) struct Bounds {
    known: Mutex<HashMap<Question, bool>>,
}

/// Whether a type meets a bound, asked in a file where that matters.
type Question = (Ty, Bound, Option<FileId>);

/// Where it is asked whether a type meets a bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    /// The type parameters in scope.
    pub(super) params: &'a [TypeParam],
    /// The file, for what depends on which fields it may use.
    pub(super) file: FileId,
}

impl Bounds {
    /// Whether `ty` meets `bound` there.
    pub(super) fn holds(&self, hir: &Hir, asker: Asker<'_>, ty: Ty, bound: Bound) -> bool {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let structural = match bound {
            Bound::Interface(interface) => hir.lang.structural(interface.id),
            Bound::Sharable | Bound::Object => None,
        };
        let file = structural.filter(|it| it.speaks_json()).map(|_| asker.file);
        if let Some(&known) = known().get(&(ty, bound, file)) {
            return known;
        }
        let holds = obstacle(hir, asker, ty, bound).is_none();
        let has_param = match bound {
            Bound::Interface(interface) => interface.args.iter().any(|arg| arg.has_param()),
            Bound::Sharable | Bound::Object => false,
        };
        if !ty.has_param() && !has_param {
            known().insert((ty, bound, file), holds);
        }
        holds
    }
}

/// Why `ty` does not meet `bound`; `None` if it does.
pub(super) fn obstacle(hir: &Hir, asker: Asker<'_>, ty: Ty, bound: Bound) -> Option<Obstacle> {
    let Asker { params, file } = asker;
    let params = Params::Known(params);
    Search { hir, params, file: Some(file), seen: HashSet::default(), path: Vec::new() }.obstacle(ty, bound)
}

/// Why `ty` does not meet `bound` even if all its type parameters do.
pub(super) fn obstacle_whatever_params(hir: &Hir, ty: Ty, bound: Bound) -> Option<Obstacle> {
    let (seen, path) = (HashSet::default(), Vec::new());
    Search { hir, params: Params::MeetAll, file: None, seen, path }.obstacle(ty, bound)
}

/// The same, asked in a file, for what depends on which fields that may use.
pub(super) fn obstacle_in_file(hir: &Hir, file: FileId, ty: Ty, bound: Bound) -> Option<Obstacle> {
    let (seen, path) = (HashSet::default(), Vec::new());
    Search { hir, params: Params::MeetAll, file: Some(file), seen, path }.obstacle(ty, bound)
}

/// Whether the type has by its structure alone what an implementation says otherwise.
pub(super) fn has_by_structure(hir: &Hir, ty: Ty, structural: Structural) -> bool {
    let Some(interface) = hir.lang.interface(structural) else { return false };
    let bound = Bound::Interface(InterfaceRef::plain(interface));
    let (seen, path) = (HashSet::default(), Vec::new());
    let mut search = Search { hir, params: Params::MeetAll, file: None, seen, path };
    search.structure(ty, bound, structural).is_none()
}

/// Types this deep inside each other are taken to meet every bound: only endless ones are.
const MAX_DEPTH: usize = 200;

/// What is known of type parameters.
#[derive(Clone, Copy)]
enum Params<'a> {
    /// Their bounds.
    Known(&'a [TypeParam]),
    /// That they meet every bound.
    MeetAll,
}

struct Search<'a> {
    hir: &'a Hir,
    params: Params<'a>,
    /// Where it is asked; `None` where all fields may be used.
    file: Option<FileId>,
    seen: HashSet<(Ty, Bound)>,
    path: Vec<String>,
}

impl Search<'_> {
    fn obstacle(&mut self, ty: Ty, bound: Bound) -> Option<Obstacle> {
        match *ty.kind() {
            TyKind::Infer(_) | TyKind::Error => return None,
            TyKind::Param(position, _) => {
                return (!self.param_meets(position, ty, bound)).then(|| self.found(ty, bound));
            }
            TyKind::Interface(id, args) => {
                let known = Bound::Interface(InterfaceRef { id, args });
                return (!self.includes(known, bound, ty)).then(|| self.found(ty, bound));
            }
            _ => {}
        }
        let structural = match bound {
            Bound::Sharable => Some(Structural::Sharable),
            Bound::Object => {
                let is_object = matches!(ty.kind(), TyKind::Class(..) | TyKind::Never);
                return (!is_object).then(|| self.found(ty, bound));
            }
            Bound::Interface(interface) => {
                if let Some(answer) = self.implementation(ty, interface) {
                    return answer;
                }
                self.hir.lang.structural(interface.id)
            }
        };
        match structural {
            Some(structural) => self.structure(ty, bound, structural),
            None => Some(self.found(ty, bound)),
        }
    }

    /// What an implementation says: nothing if there is none; else what is in the way of its own bounds.
    fn implementation(&mut self, ty: Ty, wanted: InterfaceRef) -> Option<Option<Obstacle>> {
        let head = Head::of(ty)?;
        let mut known = self.hir.definitions.implementations.explicit(head, wanted.id);
        let found = known.find(|it| {
            let args = it.interface.substitute(ty.parts()).args;
            args.iter().zip(wanted.args).all(|(&known, &wanted)| known == wanted || wanted.has_infer())
        })?;
        if self.path.len() > MAX_DEPTH || !self.seen.insert((ty, Bound::Interface(wanted))) {
            return Some(None);
        }
        for (param, &part) in found.type_params.iter().zip(ty.parts()) {
            for bound in &param.bounds {
                let bound = bound.substitute(ty.parts());
                let obstacle = self.inside(|| param.name.to_string(), part, bound);
                if obstacle.is_some() {
                    return Some(obstacle);
                }
            }
        }
        Some(self.obstacle_above(ty, wanted))
    }

    /// What is in the way of what the interface extends, which the type may have by its structure.
    fn obstacle_above(&mut self, ty: Ty, interface: InterfaceRef) -> Option<Obstacle> {
        let definitions = &self.hir.definitions;
        let mut above = definitions.with_supers(interface, ty);
        above.remove(0);
        let sharable = definitions.is_sharable_interface(interface.id).then_some(Bound::Sharable);
        let mut above = above.into_iter().map(Bound::Interface).chain(sharable);
        above.find_map(|bound| self.obstacle(ty, bound))
    }

    fn structure(&mut self, ty: Ty, bound: Bound, structural: Structural) -> Option<Obstacle> {
        if structural.speaks_json() && matches!(ty.kind(), TyKind::Struct(..) | TyKind::Enum(..)) {
            return self.json(ty, bound, structural);
        }
        match *ty.kind() {
            TyKind::Bool
            | TyKind::Char
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::String
            | TyKind::Never
            | TyKind::Param(..)
            | TyKind::Interface(..)
            | TyKind::Infer(_)
            | TyKind::Error => None,
            // What a task gives is there for those who may have it.
            TyKind::Task(result) if structural == Structural::Sharable => self.obstacle(result, bound),
            TyKind::ChannelHandle(_) if structural == Structural::Sharable => None,
            TyKind::Task(_) | TyKind::ChannelHandle(_) => Some(self.found(ty, bound)),
            TyKind::Fn(signature) => {
                let is_met = structural == Structural::Sharable && signature.sharing() == Sharing::Sharable;
                (!is_met).then(|| self.found(ty, bound))
            }
            TyKind::Buffer(part) => self.obstacle(part, bound),
            TyKind::Weak(class) if structural == Structural::Sharable => self.obstacle(class, bound),
            TyKind::Weak(_) => Some(self.found(ty, bound)),
            TyKind::Class(..) => self.class(ty, structural, bound),
            TyKind::Tuple(parts) => self.tuple(parts, bound),
            TyKind::Struct(..) | TyKind::Enum(..) => self.nominal(ty, bound),
        }
    }

    fn found(&self, ty: Ty, bound: Bound) -> Obstacle {
        Obstacle { ty, bound, path: self.path.clone() }
    }

    /// Whether the parameter's own bounds, or what they extend, include this one.
    fn param_meets(&self, position: u32, ty: Ty, wanted: Bound) -> bool {
        let Params::Known(params) = self.params else { return true };
        let Some(param) = params.get(position as usize) else { return false };
        param.bounds.iter().any(|&bound| self.includes(bound, wanted, ty))
    }

    /// Whether a bound that `this` meets, with all it extends, includes the other.
    fn includes(&self, known: Bound, wanted: Bound, this: Ty) -> bool {
        match (known, wanted) {
            (Bound::Interface(known), Bound::Interface(wanted)) => {
                self.hir.definitions.with_supers(known, this).contains(&wanted)
            }
            (Bound::Interface(known), Bound::Sharable) => {
                self.hir.definitions.is_sharable_interface(known.id)
            }
            (Bound::Interface(_), Bound::Object) => false,
            (Bound::Sharable | Bound::Object, wanted) => wanted == known,
        }
    }

    fn tuple(&mut self, parts: &[Ty], bound: Bound) -> Option<Obstacle> {
        parts.iter().enumerate().find_map(|(index, &part)| self.inside(|| index.to_string(), part, bound))
    }

    fn nominal(&mut self, ty: Ty, bound: Bound) -> Option<Obstacle> {
        if self.path.len() > MAX_DEPTH || !self.seen.insert((ty, bound)) {
            return None;
        }
        let definitions = &self.hir.definitions;
        match *ty.kind() {
            TyKind::Struct(id, args) => {
                let mut fields = definitions.structs[id].fields.iter();
                let obstacle = fields.find_map(|field| {
                    // What the library hides has no name for users.
                    let is_hidden = definitions.structs[id].is_library && !field.is_public;
                    let name = || if is_hidden { String::new() } else { field.name.to_string() };
                    self.inside(name, field.ty.ty.substitute(args), bound)
                })?;
                // What the library hides means nothing to a user: the type that hides it is in the way.
                let is_hidden = matches!(obstacle.ty.kind(), TyKind::ChannelHandle(_) | TyKind::Weak(_))
                    || self.is_cell(obstacle.ty);
                Some(if is_hidden { self.found(ty, bound) } else { obstacle })
            }
            TyKind::Class(id, args) => {
                let class = &definitions.classes[id];
                let fields = &class.fields;
                if class.is_cell && bound == Bound::Sharable {
                    return None;
                }
                if fields.iter().any(|field| field.is_var) {
                    return Some(self.found(ty, bound));
                }
                fields.iter().find_map(|field| {
                    self.inside(|| field.name.to_string(), field.ty.ty.substitute(args), bound)
                })
            }
            TyKind::Enum(id, args) => definitions.enums[id].variants.iter().find_map(|variant| {
                let mut fields = variant.fields.iter();
                fields.find_map(|field| {
                    self.inside(|| variant.name.to_string(), field.ty.ty.substitute(args), bound)
                })
            }),
            _ => None,
        }
    }

    /// Whether it is what shared state of the library is made of, which is nobody's to look at.
    fn is_cell(&self, ty: Ty) -> bool {
        matches!(*ty.kind(), TyKind::Class(id, _) if self.hir.definitions.classes[id].is_cell)
    }

    /// Types of the program say in JSON what their fields say, to those who may use all of them: reading a value makes one without
    /// asking its `init`. In its own file a type can be said to have the interface for everybody.
    fn json(&mut self, ty: Ty, bound: Bound, structural: Structural) -> Option<Obstacle> {
        let definitions = &self.hir.definitions;
        let (own_file, is_library, is_hidden) = match *ty.kind() {
            TyKind::Struct(id, _) => {
                let it = &definitions.structs[id];
                let has_init = it.members.iter().any(|&id| definitions.functions[id].kind == FnKind::Init);
                let has_private = it.fields.iter().any(|field| !field.is_public);
                let is_foreign = self.file.is_some_and(|file| file != it.span.file);
                let is_made_by_init = has_init && structural == Structural::Decode;
                (it.span.file, it.is_library, is_made_by_init || (has_private && is_foreign))
            }
            TyKind::Enum(id, _) => {
                let it = &definitions.enums[id];
                (it.span.file, it.is_library, false)
            }
            _ => return None,
        };
        if is_library {
            return Some(self.found(ty, bound));
        }
        if !is_hidden {
            return self.nominal(ty, bound);
        }
        let interface = self.hir.lang.interface(structural);
        let mut declared =
            Head::of(ty).into_iter().flat_map(|head| definitions.implementations.of_head(head));
        let is_declared = declared
            .any(|it| Some(it.interface.id) == interface && it.is_structural && it.span.file == own_file);
        if !is_declared {
            return Some(self.found(ty, bound));
        }
        let asking = self.file.replace(own_file);
        let obstacle = self.nominal(ty, bound);
        self.file = asking;
        obstacle
    }

    /// Objects are compared, hashed and displayed by identity; what may be shared depends on their fields.
    fn class(&mut self, ty: Ty, structural: Structural, bound: Bound) -> Option<Obstacle> {
        match structural {
            _ if structural != Structural::Sharable && self.is_cell(ty) => Some(self.found(ty, bound)),
            Structural::Eq | Structural::Hash | Structural::Display => None,
            Structural::Ord | Structural::Encode | Structural::Decode => Some(self.found(ty, bound)),
            Structural::Sharable => self.nominal(ty, bound),
        }
    }

    fn inside(&mut self, name: impl FnOnce() -> String, part: Ty, bound: Bound) -> Option<Obstacle> {
        self.path.push(name());
        let obstacle = self.obstacle(part, bound);
        self.path.pop();
        obstacle
    }
}
