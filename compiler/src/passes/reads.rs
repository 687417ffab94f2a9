//! Walks over the places of statements that are read, to put others in their stead.

use crate::mir::visit::Access;
use crate::mir::{Place, StatementKind};

/// Calls `visit` with each place that a statement reads, and with each that it changes in part. A local that it assigns
/// whole, or names without a place, is not among them.
pub(super) fn for_each_place_read(kind: &mut StatementKind, mut visit: impl FnMut(&mut Place)) {
    kind.for_each_operand_mut(|operand| {
        if let Some(place) = operand.place_mut() {
            visit(place);
        }
    });
    kind.for_each_place_mut(|place, access| {
        if access != Access::Assign || !place.projections.is_empty() {
            visit(place);
        }
    });
}
