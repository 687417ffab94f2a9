//! Which enums are boxed: those that would otherwise contain themselves.
//!
//! An enum whose definition leads back to itself is boxed, whatever its arguments: `enum Tree { Leaf, Node(Tree, Tree) }`.
//! Generic enums stay as they are when it is their argument that recurs and boxing that one already ends the cycle, so
//! `Option<Tree>` is a plain word; only in `struct Node { next: Option<Node> }` it is the `Option<Node>` that is boxed.

use plat_syntax::hash::HashSet;

use super::typing::field_tys;
use crate::hir::{Definitions, EnumId};
use crate::types::{Ty, TyKind};

/// Types with more parts than this are not followed: only a type that grows with every step inwards, which `passes::mono`
/// rejects, gets there.
pub const MAX_PARTS: usize = 256;

/// Whether values of the enum `ty` are one pointer to a counted block. Of other types: no.
pub fn is_boxed(definitions: &Definitions, ty: Ty) -> bool {
    let TyKind::Enum(id, _) = *ty.kind() else { return false };
    if definition_recurs(definitions, id) {
        return true;
    }
    let mut search = Search { definitions, seen: HashSet::default() };
    search.finds(ty, &|inner| inner == ty, &|inner| match *inner.kind() {
        TyKind::Enum(id, _) => !definition_recurs(definitions, id),
        _ => true,
    })
}

/// Whether the enum's own definition leads back to it.
fn definition_recurs(definitions: &Definitions, id: EnumId) -> bool {
    let params = definitions.enums[id].type_params.iter().zip(0..);
    let params: Vec<Ty> =
        params.map(|(param, position)| Ty::new(TyKind::Param(position, param.name))).collect();
    let mut search = Search { definitions, seen: HashSet::default() };
    let is_same = |inner: Ty| matches!(*inner.kind(), TyKind::Enum(other, _) if other == id);
    search.finds(Ty::enumeration(id, &params), &is_same, &|_| true)
}

/// A search through what values of a type contain without a pointer between.
struct Search<'a> {
    definitions: &'a Definitions,
    seen: HashSet<Ty>,
}

impl Search<'_> {
    /// Whether something inside `ty` is `wanted`. Only what is `open` is looked into.
    fn finds(&mut self, ty: Ty, wanted: &dyn Fn(Ty) -> bool, open: &dyn Fn(Ty) -> bool) -> bool {
        contained_tys(self.definitions, ty).into_iter().any(|inner| {
            wanted(inner)
                || (self.seen.insert(inner)
                    && open(inner)
                    && has_at_most_parts(inner, MAX_PARTS)
                    && self.finds(inner, wanted, open))
        })
    }
}

/// The types of everything directly inside a value of type `ty`: fields, and the fields of all variants.
pub fn contained_tys(definitions: &Definitions, ty: Ty) -> Vec<Ty> {
    match *ty.kind() {
        TyKind::Enum(id, _) => {
            let variants = definitions.enums[id].variants.ids();
            variants
                .flat_map(|variant| field_tys(definitions, ty, Some(variant)).unwrap_or_default())
                .collect()
        }
        TyKind::Class(..) => Vec::new(),
        _ => field_tys(definitions, ty, None).unwrap_or_default(),
    }
}

/// Whether the type, written out, has no more than `limit` names in it.
pub fn has_at_most_parts(ty: Ty, limit: usize) -> bool {
    fn count(ty: Ty, budget: &mut usize) -> bool {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        ty.parts().iter().all(|&part| count(part, budget))
    }
    count(ty, &mut { limit })
}
