//! Heap blocks that can refer to others of their kind, in chains of any length.

use plat_syntax::hash::HashMap;

use super::layout::{Layout, Parts, Shape};
use crate::mir::graph;
use crate::types::Ty;

/// Where in a link between two blocks the kind stands: above the bits of an address.
pub const KIND_SHIFT: u32 = 48;

/// How many kinds of block one group tells apart: below the kind's two highest bits, of which one tells a link from a count and
/// one is a count's sign. No program has as many types that refer to each other; kinds beyond would be released by ordinary recursion.
pub const MAX_KINDS: usize = 1 << 14;

/// A kind of heap block that can refer, by way of others of its group, to another of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupMember {
    /// Number of the group.
    pub group: u32,
    /// Number of the kind in it.
    pub kind: u32,
}

/// The groups of heap blocks that can form chains of any length: for each cycle of types the buffers, boxed enums,
/// interfaces' values, objects and closures on it.
pub(super) fn heap_groups(
    types: &[Ty],
    parts: &HashMap<Ty, Parts>,
    layouts: &HashMap<Ty, Layout>,
) -> Vec<Vec<Ty>> {
    let numbers: HashMap<Ty, usize> = types.iter().enumerate().map(|(number, &ty)| (ty, number)).collect();
    let successors = |number: usize| match &parts[&types[number]] {
        Parts::Foreign(_) => Vec::new(),
        inner => inner.iter().map(|part| numbers[&part]).collect(),
    };
    let edges: Vec<Vec<usize>> = (0..types.len()).map(successors).collect();
    let is_heap = |ty: &Ty| {
        matches!(
            layouts[ty].shape,
            Shape::Buffer(_) | Shape::Boxed(_) | Shape::Interface(_) | Shape::Object(_) | Shape::Closure
        )
    };
    let mut groups = Vec::new();
    for component in graph::cycles(&edges) {
        let members: Vec<Ty> = component.into_iter().map(|number| types[number]).filter(is_heap).collect();
        if !members.is_empty() {
            groups.push(members);
        }
    }
    groups
}
