//! Which types have something to release.

use std::cell::RefCell;
use std::collections::HashMap;

use super::boxing::{contained_tys, is_boxed};
use crate::hir::Definitions;
use crate::types::{Ty, TyKind};

/// Answers, and remembers, whether values of a type are counted or contain something that is.
pub struct Managed<'a> {
    definitions: &'a Definitions,
    known: RefCell<HashMap<Ty, bool>>,
}

impl<'a> Managed<'a> {
    /// Knows nothing yet.
    pub fn new(definitions: &'a Definitions) -> Self {
        Self { definitions, known: RefCell::default() }
    }

    /// The definitions of the program.
    pub fn definitions(&self) -> &'a Definitions {
        self.definitions
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
            | TyKind::Fn(_) => true,
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
