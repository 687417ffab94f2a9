//! Enums that are made and taken apart in one function, as inlined calls leave them: decisions by a variant that is
//! known, and parts of values that were just put together.

use plat_syntax::index::IndexVec;

use crate::hir::{FieldId, VariantId};
use crate::mir::{
    BlockId, Const, Function, Local, Operand, Place, Projection, Rvalue, Statement, StatementKind,
    TerminatorKind,
};
use crate::passes::mentions::{Counts, count, for_each_changed};
use crate::passes::reads::for_each_place_read;
use crate::types::Ty;

/// Simplifies what it can, and says whether there was something.
pub(super) fn run(function: &mut Function) -> bool {
    let mut changed = false;
    let mut counts = count(function);
    for id in function.blocks.ids() {
        let simplifies = thread_variant(function, id, &counts)
            | fold_discriminants(function, id)
            | read_parts(function, id, &counts);
        if simplifies {
            counts = count(function);
            changed = true;
        }
    }
    changed
}

/// Leads past a block that only decides by the variant of a local, which is known at the end of this one.
fn thread_variant(function: &mut Function, id: BlockId, counts: &IndexVec<Local, Counts>) -> bool {
    let TerminatorKind::Goto(next) = function.blocks[id].terminator.kind else { return false };
    let Some((tag, decided)) = deciding_block(function, next) else { return false };
    let Some(variant) = known_variant(&function.blocks[id].statements, decided) else { return false };
    if (counts[tag].read, counts[tag].assigned) != (1, 1) {
        return false;
    }
    let TerminatorKind::Switch(_, cases, otherwise) = &function.blocks[next].terminator.kind else {
        return false;
    };
    let case = cases.iter().find(|(number, _)| *number == i128::from(variant.0));
    let target = case.map_or(*otherwise, |&(_, target)| target);
    function.blocks[id].terminator.kind = TerminatorKind::Goto(target);
    true
}

/// Replaces the discriminant of a value that was made in the same block.
fn fold_discriminants(function: &mut Function, id: BlockId) -> bool {
    let mut changed = false;
    for position in 0..function.blocks[id].statements.len() {
        let (before, after) = function.blocks[id].statements.split_at_mut(position);
        let StatementKind::Assign(_, rvalue @ Rvalue::Discriminant(_)) = &mut after[0].kind else { continue };
        let decided = rvalue.inspected().and_then(Place::as_local);
        if let Some(variant) = decided.and_then(|decided| known_variant(before, decided)) {
            *rvalue = Rvalue::Use(Operand::Const(Const::Int(i128::from(variant.0), Ty::int())));
            changed = true;
        }
    }
    changed
}

/// The tag and the enum of a block that is nothing but `tag = discriminant(enum); switch tag`.
fn deciding_block(function: &Function, id: BlockId) -> Option<(Local, Local)> {
    let block = &function.blocks[id];
    let [Statement { kind: StatementKind::Assign(tag, Rvalue::Discriminant(decided)), .. }] =
        &block.statements[..]
    else {
        return None;
    };
    let TerminatorKind::Switch(Operand::Use(switched), ..) = &block.terminator.kind else { return None };
    (switched == tag).then_some((tag.as_local()?, decided.as_local()?))
}

/// The variant that the local is after these statements.
fn known_variant(statements: &[Statement], mut local: Local) -> Option<VariantId> {
    for statement in statements.iter().rev() {
        let mut changes = false;
        for_each_changed(&statement.kind, |changed, _| changes |= changed == local);
        if changes {
            match &statement.kind {
                StatementKind::Assign(target, Rvalue::Aggregate(_, variant, _))
                    if target.projections.is_empty() =>
                {
                    return *variant;
                }
                StatementKind::Assign(target, Rvalue::Use(Operand::Use(source)))
                    if target.projections.is_empty() =>
                {
                    local = source.as_local()?;
                }
                _ => return None,
            }
        }
    }
    None
}

/// Reads what a value was put together from in place of its parts, if that leaves nobody who reads the value.
fn read_parts(function: &mut Function, id: BlockId, counts: &IndexVec<Local, Counts>) -> bool {
    let mut changed = false;
    for position in 0..function.blocks[id].statements.len() {
        let (before, after) = function.blocks[id].statements.split_at_mut(position + 1);
        let StatementKind::Assign(target, rvalue) = &before[position].kind else { continue };
        let Some(whole) = target.as_local().filter(|&whole| counts[whole].changed == 0) else { continue };
        let aggregate = match rvalue {
            Rvalue::Aggregate(_, variant, parts) => Aggregate { whole, variant: *variant, parts },
            Rvalue::Interface(_, content) => {
                Aggregate { whole, variant: None, parts: std::slice::from_ref(content) }
            }
            _ => continue,
        };
        if let Some(reach) = aggregate.reach(after, counts[whole].read) {
            for statement in &mut after[..reach] {
                aggregate.replace_reads(&mut statement.kind);
            }
            changed = true;
        }
    }
    changed
}

/// A value that was just put together; one of an interface's type has one part, what it holds.
struct Aggregate<'a> {
    whole: Local,
    variant: Option<VariantId>,
    parts: &'a [Operand],
}

impl Aggregate<'_> {
    /// How many of these statements it takes until the value has been read so often, if each time a part is read that still
    /// is what it was made from.
    fn reach(&self, statements: &[Statement], reads: usize) -> Option<usize> {
        let mut found = 0;
        for (position, statement) in statements.iter().enumerate() {
            let mut is_part = true;
            let mut kind = statement.kind.clone();
            for_each_place_read(&mut kind, |place| {
                if place.local == self.whole {
                    is_part &= self.part(place).is_some();
                    found += 1;
                }
            });
            // A statement that changes something may read it before or after: not worth telling apart.
            if !is_part || self.is_lost(&statement.kind) {
                return None;
            }
            if found == reads {
                return (reads > 0).then_some(position + 1);
            }
        }
        None
    }

    /// Whether after the statement the parts may no longer be what the value was made from.
    fn is_lost(&self, kind: &StatementKind) -> bool {
        let mut is_lost = false;
        for_each_changed(kind, |changed, _| {
            let is_source = |part: &Operand| part.place().is_some_and(|place| depends(place, changed));
            is_lost |= changed == self.whole || self.parts.iter().any(is_source);
        });
        is_lost
    }

    fn replace_reads(&self, kind: &mut StatementKind) {
        for_each_place_read(kind, |place| {
            if let Some((source, rest)) = self.part(place) {
                let mut source = source.clone();
                source.projections.extend_from_slice(rest);
                *place = source;
            }
        });
    }

    /// What the part that the place reads was made from, and the way further in.
    fn part<'p>(&'p self, place: &'p Place) -> Option<(&'p Place, &'p [Projection])> {
        let (step, rest) = place.projections.split_first().filter(|_| place.local == self.whole)?;
        let field = match *step {
            Projection::Field(field) if self.variant.is_none() => field,
            Projection::VariantField(variant, field) if self.variant == Some(variant) => field,
            Projection::Content(_) => FieldId(0),
            _ => return None,
        };
        // A constant is no place.
        let Operand::Use(source) = self.parts.get(field.0 as usize)? else { return None };
        Some((source, rest))
    }
}

/// Whether changing the local may change what stands at the place.
fn depends(place: &Place, local: Local) -> bool {
    place.local == local || place.indices().any(|index| index == local)
}
