//! Making two types one.
//!
//! Purely structural. What is convertible without being equal (`Never`, literals) is `coerce`'s business; the type of
//! wrong expressions fits everything.

use crate::types::{Ty, TyKind};

use super::infer::InferTable;

impl InferTable {
    /// Makes the types equal if they can be, by binding unknowns. After a failure some may be bound.
    pub(super) fn unify(&mut self, a: Ty, b: Ty) -> bool {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == b {
            return true;
        }
        match (a.kind(), b.kind()) {
            (TyKind::Error, _) => self.poison(b),
            (_, TyKind::Error) => self.poison(a),
            (&TyKind::Infer(var), _) => self.bind(var, b),
            (_, &TyKind::Infer(var)) => self.bind(var, a),
            (TyKind::Struct(left, _), TyKind::Struct(right, _)) => left == right && self.unify_parts(a, b),
            (TyKind::Enum(left, _), TyKind::Enum(right, _)) => left == right && self.unify_parts(a, b),
            (TyKind::Class(left, _), TyKind::Class(right, _)) => left == right && self.unify_parts(a, b),
            (TyKind::Interface(left, _), TyKind::Interface(right, _)) => {
                left == right && self.unify_parts(a, b)
            }
            (TyKind::Tuple(_), TyKind::Tuple(_))
            | (TyKind::Buffer(_), TyKind::Buffer(_))
            | (TyKind::Task(_), TyKind::Task(_))
            | (TyKind::Weak(_), TyKind::Weak(_))
            | (TyKind::ChannelHandle(_), TyKind::ChannelHandle(_)) => self.unify_parts(a, b),
            (TyKind::Fn(left), TyKind::Fn(right)) => {
                let is_alike = left.modes() == right.modes() && left.sharing() == right.sharing();
                is_alike && self.unify_parts(a, b)
            }
            _ => false,
        }
    }

    /// What a wrong expression would have told of these unknowns has been reported: they are wrong too, and quiet.
    fn poison(&mut self, ty: Ty) -> bool {
        match *ty.kind() {
            TyKind::Infer(var) => {
                self.bind(var, Ty::error());
            }
            _ if ty.has_infer() => {
                for &part in ty.parts() {
                    let part = self.shallow(part);
                    self.poison(part);
                }
            }
            _ => {}
        }
        true
    }

    fn unify_parts(&mut self, a: Ty, b: Ty) -> bool {
        let (a, b) = (a.parts(), b.parts());
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.unify(a, b))
    }

    /// Makes the types equal if they can be; otherwise binds nothing.
    pub(super) fn try_unify(&mut self, a: Ty, b: Ty) -> bool {
        let snapshot = self.snapshot();
        let is_equal = self.unify(a, b);
        if is_equal {
            self.commit(snapshot);
        } else {
            self.undo(snapshot);
        }
        is_equal
    }

    /// Whether the types could be made equal. Binds nothing.
    pub(super) fn could_unify(&mut self, a: Ty, b: Ty) -> bool {
        let snapshot = self.snapshot();
        let is_equal = self.unify(a, b);
        self.undo(snapshot);
        is_equal
    }
}
