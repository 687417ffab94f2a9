//! Which types have something to release.

use std::cell::RefCell;
use std::sync::Arc;

use plat_syntax::hash::{HashMap, HashSet};

use super::boxing::{contained_tys, is_boxed};
use super::holders::closure_of;
use super::typing::field_tys;
use super::{Capture, Mir};
use crate::hir::Definitions;
use crate::types::{Ty, TyKind};

/// Answers, and remembers, whether values of a type are counted or contain something that is.
pub struct Managed<'a> {
    definitions: &'a Definitions,
    known: RefCell<HashMap<Ty, bool>>,
    observed: RefCell<HashMap<Ty, bool>>,
    /// `None` where only the definitions are known.
    program: Option<Arc<Program>>,
    /// Whether anything in the program can tell when a value is released.
    has_observers: bool,
}

/// What a monomorphic program shows that types do not say.
#[derive(Default, Debug)]
pub struct Program {
    /// Classes that it has weak references to.
    weakly_referred: HashSet<Ty>,
    /// What its closures capture.
    captured: HashSet<Ty>,
    /// What its values of interfaces' types hold.
    held: HashMap<Ty, Vec<Ty>>,
}

impl Program {
    fn of(mir: &Mir, definitions: &Definitions) -> Self {
        let mut program = Self { weakly_referred: weakly_referred(mir, definitions), ..Self::default() };
        for function in mir.functions.iter() {
            let statements = function.blocks.iter().flat_map(|block| &block.statements);
            for closure in statements.filter_map(|statement| closure_of(&statement.kind)) {
                program.captured.extend(closure.captures.iter().map(|capture| match capture {
                    Capture::Value(operand) | Capture::Owned(operand) => {
                        function.operand_ty(definitions, operand)
                    }
                    Capture::Place(place) => function.place_ty(definitions, place),
                }));
            }
        }
        for table in &mir.tables {
            program.held.entry(table.interface).or_default().push(table.ty);
        }
        program
    }
}

/// The classes that a monomorphic program has weak references to.
fn weakly_referred(mir: &Mir, definitions: &Definitions) -> HashSet<Ty> {
    let locals = mir.functions.iter().flat_map(|function| function.locals.iter());
    let mut pending: Vec<Ty> = locals.map(|local| local.ty).collect();
    let (mut seen, mut found) = (HashSet::default(), HashSet::default());
    while let Some(ty) = pending.pop() {
        if seen.insert(ty) {
            pending.extend_from_slice(ty.parts());
            pending.extend(contained_tys(definitions, ty));
            match *ty.kind() {
                TyKind::Weak(class) => {
                    found.insert(class);
                }
                TyKind::Class(..) => pending.extend(field_tys(definitions, ty, None).unwrap_or_default()),
                _ => {}
            }
        }
    }
    found
}

impl<'a> Managed<'a> {
    /// Knows nothing yet.
    pub fn new(definitions: &'a Definitions) -> Self {
        Self::with_program(definitions, None)
    }

    /// Knows a monomorphic program.
    pub fn of_program(definitions: &'a Definitions, mir: &Mir) -> Self {
        Self::with_program(definitions, Some(Arc::new(Program::of(mir, definitions))))
    }

    /// Knows nothing yet but what another one does of the [`program`](Self::program).
    pub fn with_program(definitions: &'a Definitions, program: Option<Arc<Program>>) -> Self {
        let has_weak = program.as_ref().is_some_and(|program| !program.weakly_referred.is_empty());
        let has_observers = has_weak || definitions.classes.iter().any(|class| class.deinit.is_some());
        let (known, observed) = (RefCell::default(), RefCell::default());
        Self { definitions, known, observed, program, has_observers }
    }

    /// What it knows of the program, for [`with_program`](Self::with_program).
    pub fn program(&self) -> Option<Arc<Program>> {
        self.program.clone()
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
        let is_weakly_referred =
            |ty: Ty| self.program.as_ref().is_some_and(|program| program.weakly_referred.contains(&ty));
        let is_observer = |ty: Ty| self.definitions.has_deinit(ty) || is_weakly_referred(ty);
        let is_observed = self.reaches(ty, &is_observer, &mut HashSet::default());
        self.observed.borrow_mut().insert(ty, is_observed);
        is_observed
    }

    /// Whether a `deinit` may run when a value of this type is released.
    pub fn runs_deinit(&self, ty: Ty) -> bool {
        self.has_deinits() && self.reaches(ty, &|ty| self.definitions.has_deinit(ty), &mut HashSet::default())
    }

    /// Whether the release of a value of this type may be the end of an object of that class.
    pub fn may_end(&self, ty: Ty, class: Ty) -> bool {
        self.reaches(ty, &|reached| reached == class, &mut HashSet::default())
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
            TyKind::Fn(_) => self.program.as_ref().is_none_or(|program| {
                program.captured.iter().any(|&captured| self.reaches(captured, wanted, seen))
            }),
            TyKind::Interface(..) => self.program.as_ref().is_none_or(|program| {
                let held = program.held.get(&ty).map_or(&[][..], Vec::as_slice);
                held.iter().any(|&held| self.reaches(held, wanted, seen))
            }),
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
