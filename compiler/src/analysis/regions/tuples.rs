//! Tuples that are made only to be taken apart, as in `let (a, b) = (f(), g());`: their parts are not one region.

use plat_syntax::hash::{HashMap, HashSet};

use crate::mir::visit::Access;
use crate::mir::{Function, Local, LocalKind, Operand, Place, Projection, Rvalue, StatementKind};
use crate::types::TyKind;

/// Of each such tuple, what its parts are made of.
pub(super) struct Tuples<'a> {
    parts: HashMap<Local, &'a [Operand]>,
}

impl<'a> Tuples<'a> {
    /// Finds temporaries that are assigned once, from temporaries, and read only part by part.
    pub fn find(function: &'a Function) -> Self {
        let mut parts: HashMap<Local, &'a [Operand]> = HashMap::default();
        let mut whole: HashSet<Local> = HashSet::default();
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            let made = made_tuple(function, &statement.kind);
            if let Some((local, operands)) = made
                && parts.insert(local, operands).is_some()
            {
                whole.insert(local);
            }
            if matches!(statement.kind, StatementKind::KeepAlive(_) | StatementKind::Touch(_)) {
                continue;
            }
            let mut mention = |place: &Place| {
                if !matches!(place.projections.first(), Some(Projection::Field(_))) {
                    whole.insert(place.local);
                }
            };
            statement.kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut mention));
            statement.kind.for_each_place(|place, access| {
                if access != Access::Assign || made.is_none() {
                    mention(place);
                }
            });
        }
        parts.retain(|local, _| !whole.contains(local));
        Self { parts }
    }

    /// What the part of a tuple that is at the place was made of, and how the rest of the place leads on from there.
    pub fn part(&self, place: &Place) -> Option<Place> {
        let operands = self.parts.get(&place.local)?;
        let Some((Projection::Field(field), rest)) = place.projections.split_first() else { return None };
        let part = operands.get(field.0 as usize)?.place()?;
        Some(Place { local: part.local, projections: [&part.projections, rest].concat() })
    }

    /// Whether the local is such a tuple.
    pub fn contains(&self, local: Local) -> bool {
        self.parts.contains_key(&local)
    }
}

/// The tuple that the statement makes of temporaries.
fn made_tuple<'a>(function: &Function, kind: &'a StatementKind) -> Option<(Local, &'a [Operand])> {
    let StatementKind::Assign(target, Rvalue::Aggregate(ty, None, operands)) = kind else { return None };
    let is_temporary = |local: Local| {
        function.locals[local].name.is_none() && function.locals[local].kind == LocalKind::Variable
    };
    let are_temporaries =
        operands.iter().all(|operand| operand.place().is_none_or(|place| is_temporary(place.local)));
    let local = target.as_local().filter(|&local| is_temporary(local))?;
    (matches!(ty.kind(), TyKind::Tuple(_)) && are_temporaries).then_some((local, operands.as_slice()))
}
