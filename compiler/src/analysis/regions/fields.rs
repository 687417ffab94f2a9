//! Which fields of objects a program changes: a class has `var` fields that might as well be `let`.

use plat_syntax::hash::HashSet;

use crate::hir::{ClassId, Definitions, FieldId};
use crate::mir::visit::Access;
use crate::mir::{Function, Mir, Place, Projection, StatementKind};
use crate::types::TyKind;

/// The fields that something changes once the object is there.
pub(super) struct ChangedFields(HashSet<(ClassId, FieldId)>);

impl ChangedFields {
    /// Finds those that functions of the program change, called or not.
    pub fn find(mir: &Mir, definitions: &Definitions) -> Self {
        let mut found = HashSet::default();
        for function in mir.functions.iter() {
            for statement in function.statements() {
                // To give a value to others does not change the field that it is in.
                if matches!(statement.kind, StatementKind::Share(_)) {
                    continue;
                }
                statement.kind.for_each_place(|place, access| {
                    if access != Access::Inspect {
                        found.extend(changed_by(function, place, definitions));
                    }
                });
            }
        }
        Self(found)
    }

    /// Whether something changes the field.
    pub fn contains(&self, class: ClassId, field: FieldId) -> bool {
        self.0.contains(&(class, field))
    }
}

/// The field that a change of a place is one of: the last on the way that belongs to an object, since what comes after it is part of its value.
fn changed_by(function: &Function, place: &Place, definitions: &Definitions) -> Option<(ClassId, FieldId)> {
    let is_field = |step: &Projection| matches!(step, Projection::ClassField(_));
    let last = place.projections.iter().rposition(is_field)?;
    let Projection::ClassField(field) = place.projections[last] else { return None };
    let object = Place { local: place.local, projections: place.projections[..last].to_vec() };
    match *function.place_ty(definitions, &object).kind() {
        TyKind::Class(class, _) => Some((class, field)),
        _ => None,
    }
}
