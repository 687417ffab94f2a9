//! Whether the values of a type may be used by several tasks at once (they are *Sharable*), or belong to one at a time
//! (they are *Transfer*). By structure: nobody says so of a type.

use std::cell::RefCell;

use plat_syntax::hash::{HashMap, HashSet};

use crate::hir::{Bound, Definitions, TypeParam};
use crate::mir::boxing::{MAX_PARTS, contained_tys, has_at_most_parts};
use crate::mir::typing::field_tys;
use crate::types::{Sharing, Ty, TyKind};

/// What is in the way of types without parameters being Sharable, remembered.
pub type Known = RefCell<HashMap<Ty, Option<Ty>>>;

/// Answers for the types of one function.
pub struct Transfer<'a> {
    definitions: &'a Definitions,
    params: &'a [TypeParam],
    known: &'a Known,
    own: Known,
}

impl<'a> Transfer<'a> {
    /// For types where these type parameters are in scope, which are Transfer unless a bound says otherwise.
    pub fn new(definitions: &'a Definitions, params: &'a [TypeParam], known: &'a Known) -> Self {
        Self { definitions, params, known, own: Known::default() }
    }

    /// Whether a value of the type belongs to one task at a time.
    pub fn is_transfer(&self, ty: Ty) -> bool {
        self.culprit(ty).is_some()
    }

    /// The innermost part of the type that makes it Transfer.
    pub fn culprit(&self, ty: Ty) -> Option<Ty> {
        let known = if ty.has_param() { &self.own } else { self.known };
        if let Some(&known) = known.borrow().get(&ty) {
            return known;
        }
        let found = self.search(ty, &mut HashSet::default());
        known.borrow_mut().insert(ty, found);
        found
    }

    fn search(&self, ty: Ty, seen: &mut HashSet<Ty>) -> Option<Ty> {
        // Types without end are found out when the program's instances are made.
        if !seen.insert(ty) || !has_at_most_parts(ty, MAX_PARTS) {
            return None;
        }
        match *ty.kind() {
            TyKind::Fn(signature) => (signature.sharing() != Sharing::Sharable).then_some(ty),
            TyKind::Interface(id, _) => (!self.definitions.is_sharable_interface(id)).then_some(ty),
            TyKind::Param(position, _) => (!self.is_sharable_param(position)).then_some(ty),
            TyKind::ChannelHandle(_) => None,
            TyKind::Buffer(part) | TyKind::Task(part) | TyKind::Weak(part) => self.search(part, seen),
            TyKind::Class(id, _) => {
                let class = &self.definitions.classes[id];
                if class.is_cell {
                    return None;
                }
                if class.fields.iter().any(|field| field.is_var) {
                    return Some(ty);
                }
                let fields = field_tys(self.definitions, ty, None).unwrap_or_default();
                fields.into_iter().find_map(|field| self.search(field, seen))
            }
            _ => contained_tys(self.definitions, ty).into_iter().find_map(|part| self.search(part, seen)),
        }
    }

    fn is_sharable_param(&self, position: u32) -> bool {
        let Some(param) = self.params.get(position as usize) else { return false };
        param.bounds.iter().any(|&bound| match bound {
            Bound::Sharable => true,
            Bound::Interface(interface) => self.definitions.is_sharable_interface(interface.id),
            Bound::Object => false,
        })
    }
}
