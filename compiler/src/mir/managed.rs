//! Which types have something to release.

use plat_syntax::hash::{HashMap, HashSet};
use std::cell::RefCell;

use super::Mir;
use super::boxing::{contained_tys, is_boxed};
use super::typing::field_tys;
use crate::hir::Definitions;
use crate::types::{Ty, TyKind};

/// Answers, and remembers, whether values of a type are counted or contain something that is.
pub struct Managed<'a> {
    definitions: &'a Definitions,
    known: RefCell<HashMap<Ty, bool>>,
    observed: RefCell<HashMap<Ty, bool>>,
    /// Classes that the program has weak references to.
    weakly_referred: HashSet<Ty>,
    /// Whether anything in the program can tell when a value is released.
    has_observers: bool,
}

impl<'a> Managed<'a> {
    /// Knows nothing yet.
    pub fn new(definitions: &'a Definitions) -> Self {
        let has_observers = definitions.classes.iter().any(|class| class.deinit.is_some());
        let (known, observed) = (RefCell::default(), RefCell::default());
        Self { definitions, known, observed, weakly_referred: HashSet::default(), has_observers }
    }

    /// Takes into account the weak references that there are in a monomorphic program.
    #[must_use]
    pub fn with_weak_references(mut self, mir: &Mir) -> Self {
        let locals = mir.functions.iter().flat_map(|function| function.locals.iter());
        let mut pending: Vec<Ty> = locals.map(|local| local.ty).collect();
        let mut seen = HashSet::default();
        while let Some(ty) = pending.pop() {
            if seen.insert(ty) {
                pending.extend_from_slice(ty.parts());
                pending.extend(contained_tys(self.definitions, ty));
                match *ty.kind() {
                    TyKind::Weak(class) => {
                        self.weakly_referred.insert(class);
                    }
                    TyKind::Class(..) => {
                        pending.extend(field_tys(self.definitions, ty, None).unwrap_or_default())
                    }
                    _ => {}
                }
            }
        }
        self.has_observers |= !self.weakly_referred.is_empty();
        self
    }

    /// What of the program can tell when a value is released, for [`with_observers`](Self::with_observers).
    pub fn observers(&self) -> HashSet<Ty> {
        self.weakly_referred.clone()
    }

    /// Knows nothing yet but these classes, which the program has weak references to.
    pub fn with_observers(definitions: &'a Definitions, weakly_referred: HashSet<Ty>) -> Self {
        let mut managed = Self::new(definitions);
        managed.has_observers |= !weakly_referred.is_empty();
        managed.weakly_referred = weakly_referred;
        managed
    }

    /// The definitions of the program.
    pub fn definitions(&self) -> &'a Definitions {
        self.definitions
    }

    /// Whether some class has a `deinit`.
    pub fn has_deinits(&self) -> bool {
        self.definitions.classes.iter().any(|class| class.deinit.is_some())
    }

    /// Whether the program can tell when a value of this type is released: a `deinit` then runs, or a weak reference ends.
    pub fn is_observed(&self, ty: Ty) -> bool {
        if !self.has_observers {
            return false;
        }
        if let Some(&known) = self.observed.borrow().get(&ty) {
            return known;
        }
        let is_observer = |ty: Ty| self.has_deinit(ty) || self.weakly_referred.contains(&ty);
        let is_observed = self.reaches(ty, &is_observer, &mut HashSet::default());
        self.observed.borrow_mut().insert(ty, is_observed);
        is_observed
    }

    /// Whether a `deinit` may run when a value of this type is released.
    pub fn runs_deinit(&self, ty: Ty) -> bool {
        self.has_deinits() && self.reaches(ty, &|ty| self.has_deinit(ty), &mut HashSet::default())
    }

    /// Whether the release of a value of this type may be the end of an object of that class.
    pub fn may_end(&self, ty: Ty, class: Ty) -> bool {
        self.reaches(ty, &|reached| reached == class, &mut HashSet::default())
    }

    fn has_deinit(&self, ty: Ty) -> bool {
        matches!(*ty.kind(), TyKind::Class(id, _) if self.definitions.classes[id].deinit.is_some())
    }

    /// Whether a value of type `ty` may keep something of a type alive that is wanted.
    fn reaches(&self, ty: Ty, wanted: &dyn Fn(Ty) -> bool, seen: &mut HashSet<Ty>) -> bool {
        if !seen.insert(ty) {
            return false;
        }
        if wanted(ty) {
            return true;
        }
        match *ty.kind() {
            // What is captured, or held by a value of an interface's type, no type says.
            TyKind::Fn(_) | TyKind::Interface(..) => true,
            TyKind::Buffer(part) | TyKind::Task(part) | TyKind::ChannelHandle(part) => {
                self.reaches(part, wanted, seen)
            }
            TyKind::Class(..) => {
                let fields = field_tys(self.definitions, ty, None).unwrap_or_default();
                fields.into_iter().any(|field| self.reaches(field, wanted, seen))
            }
            _ => contained_tys(self.definitions, ty).into_iter().any(|part| self.reaches(part, wanted, seen)),
        }
    }

    /// Whether a value of this type must be released.
    pub fn needs_release(&self, ty: Ty) -> bool {
        if let Some(&known) = self.known.borrow().get(&ty) {
            return known;
        }
        let needs = match ty.kind() {
            TyKind::String
            | TyKind::Buffer(_)
            | TyKind::Task(_)
            | TyKind::ChannelHandle(_)
            | TyKind::Class(..)
            | TyKind::Weak(_)
            | TyKind::Fn(_)
            | TyKind::Interface(..) => true,
            TyKind::Tuple(_) | TyKind::Struct(..) | TyKind::Enum(..) => {
                is_boxed(self.definitions, ty)
                    || contained_tys(self.definitions, ty).into_iter().any(|part| self.needs_release(part))
            }
            _ => false,
        };
        self.known.borrow_mut().insert(ty, needs);
        needs
    }
}
