//! How places relate to each other: whether changing one may change what stands in another.
//!
//! Two places overlap only where they begin with the same local and no two steps lead to different fields: places passed
//! with `&` overlap nothing else, and a buffer is changed only while one list refers to it. Places that go through
//! anything but fields and elements may be reached by other ways, and are not followed.

use crate::mir::local_set::LocalSet;
use crate::mir::visit::Access;
use crate::mir::{Function, FunctionKind, Place, Projection, StatementKind};
use crate::passes::mentions::{for_each_changed, for_each_changed_place};

/// Whether all of `inner` may stand in `outer`: the way to `outer` may be the beginning of the way to `inner`.
pub(in crate::passes) fn covers(outer: &Place, inner: &Place) -> bool {
    outer.local == inner.local
        && outer.projections.len() <= inner.projections.len()
        && outer.projections.iter().zip(&inner.projections).all(|(one, other)| match (one, other) {
            (Projection::Field(one), Projection::Field(other)) => one == other,
            _ => true,
        })
}

/// Whether after the statement another value may stand at the place: it stores one there or into something around it, or
/// changes an index on the way.
pub(in crate::passes) fn affects(kind: &StatementKind, place: &Place) -> bool {
    let mut affects = false;
    for_each_changed_place(kind, |changed, _| affects |= covers(changed, place));
    for_each_changed(kind, |changed, _| affects |= place.indices().any(|index| index == changed));
    affects
}

/// Whether the place can be followed: it goes through fields and elements alone, and begins with a local that changes only
/// where it is mentioned.
pub(in crate::passes) fn is_tracked(place: &Place, exposed: &LocalSet) -> bool {
    let is_plain = |step: &Projection| match step {
        Projection::Field(_) | Projection::VariantField(..) | Projection::Element(_) => true,
        // Others may come to the object, or share the block of the content.
        Projection::ClassField(_) | Projection::Content(_) => false,
    };
    !exposed.contains(place.local)
        && place.projections.iter().all(is_plain)
        && place.indices().all(|index| !exposed.contains(index))
}

/// The locals that may change where they are not mentioned, because something keeps their address.
pub(in crate::passes) fn exposed(function: &Function) -> LocalSet {
    let mut exposed = LocalSet::new(function.locals.len());
    if function.kind == FunctionKind::ClosureBody {
        // Other closures may refer to what this one captures.
        function.params().for_each(|param| exposed.insert(param));
    }
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if matches!(statement.kind, StatementKind::Call { .. }) {
            continue;
        }
        statement.kind.for_each_place(|place, access| {
            if matches!(access, Access::Address | Access::Capture) {
                exposed.insert(place.local);
            }
        });
    }
    exposed
}
