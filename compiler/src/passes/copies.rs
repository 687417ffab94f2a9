//! Copies of places: where a local surely still equals the place it was copied from, and reading that instead.

use plat_syntax::index::IndexVec;

use super::mentions::{Counts, changes_while_reading, for_each_changed, may_change_objects};
use super::reads::for_each_place_read;
use crate::mir::local_set::LocalSet;
use crate::mir::{BlockId, Function, Local, LocalKind, Operand, Place, Projection, Rvalue, StatementKind};

/// Copies of places: locals that are assigned once, `local = place`, and never changed.
pub(super) struct Copies {
    sources: IndexVec<Local, Option<Place>>,
    /// The copies of places that depend on each local.
    dependents: IndexVec<Local, Vec<Local>>,
    /// The copies of fields of objects that other code may change.
    of_var_fields: Vec<Local>,
    on_entry: IndexVec<BlockId, LocalSet>,
}

impl Copies {
    /// Finds the copies that `wanted` accepts, and solves where they hold. `is_var_field` says which places other code may
    /// change, as fields of objects.
    pub(super) fn solve(
        function: &Function,
        counts: &IndexVec<Local, Counts>,
        wanted: impl Fn(Local, &Place) -> bool,
        is_var_field: impl Fn(&Place) -> bool,
    ) -> Self {
        let mut sources = IndexVec::filled(function.locals.len(), None);
        // What closures refer to may change in any call, which does not mention it.
        let referenced = function.referenced_locals();
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let StatementKind::Assign(target, Rvalue::Use(Operand::Use(source))) = &statement.kind
                && let Some(local) = target.as_local()
                && function.locals[local].kind == LocalKind::Variable
                && (counts[local].assigned, counts[local].changed) == (1, 0)
                && source.local != local
                && !mentions(source).any(|local| referenced.contains(local))
                && wanted(local, source)
            {
                sources[local] = Some(source.clone());
            }
        }
        let mut dependents = IndexVec::filled(function.locals.len(), Vec::new());
        for (copy, source) in sources.iter_enumerated() {
            for local in source.iter().flat_map(mentions) {
                dependents[local].push(copy);
            }
        }
        let is_of_var_field = |local: &Local| sources[*local].as_ref().is_some_and(&is_var_field);
        let of_var_fields = sources.ids().filter(is_of_var_field).collect();
        let mut copies = Self { sources, dependents, of_var_fields, on_entry: IndexVec::new() };
        copies.on_entry = copies.flow(function);
        copies
    }

    /// What the local is a copy of.
    pub(super) fn source(&self, local: Local) -> Option<&Place> {
        self.sources[local].as_ref()
    }

    /// The copies, in order.
    pub(super) fn locals(&self) -> impl Iterator<Item = Local> + '_ {
        self.sources.ids().filter(|&local| self.sources[local].is_some())
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.locals().next().is_none()
    }

    /// The copies that hold where a block begins.
    pub(super) fn on_entry(&self, block: BlockId) -> LocalSet {
        self.on_entry[block].clone()
    }

    /// The copies that a statement may end while it still reads.
    pub(super) fn lost_while_reading(&self, kind: &StatementKind) -> Vec<Local> {
        let mut lost = Vec::new();
        if matches!(kind, StatementKind::Call { .. }) && may_change_objects(kind) {
            lost.extend_from_slice(&self.of_var_fields);
        }
        for_each_changed(kind, |changed, _| {
            if !self.dependents[changed].is_empty() && changes_while_reading(kind, changed) {
                lost.extend_from_slice(&self.dependents[changed]);
            }
        });
        lost
    }

    /// Changes what holds before a statement to what holds after it.
    pub(super) fn step(&self, holding: &mut LocalSet, kind: &StatementKind) {
        for_each_changed(kind, |changed, _| {
            for &copy in &self.dependents[changed] {
                holding.remove(copy);
            }
        });
        if !self.of_var_fields.is_empty() && may_change_objects(kind) {
            self.of_var_fields.iter().for_each(|&copy| holding.remove(copy));
        }
        if let StatementKind::Assign(target, _) = kind
            && let Some(local) = target.as_local()
            && self.sources[local].is_some()
        {
            holding.insert(local);
        }
    }

    /// What holds on entry to each block: what holds at the end of every block before it.
    fn flow(&self, function: &Function) -> IndexVec<BlockId, LocalSet> {
        let mut all = LocalSet::new(function.locals.len());
        for local in self.locals() {
            all.insert(local);
        }
        let mut on_entry = IndexVec::filled(function.blocks.len(), all);
        on_entry[Function::ENTRY] = LocalSet::new(function.locals.len());
        if self.is_empty() {
            return on_entry;
        }
        let order = function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &id in &order {
                let mut holding = on_entry[id].clone();
                for statement in &function.blocks[id].statements {
                    self.step(&mut holding, &statement.kind);
                }
                for successor in function.blocks[id].terminator.kind.successors() {
                    changed |= on_entry[successor].intersect_with(&holding);
                }
            }
        }
        on_entry
    }
}

/// The locals that a place depends on.
fn mentions(place: &Place) -> impl Iterator<Item = Local> + '_ {
    std::iter::once(place.local).chain(place.indices())
}

/// The copies that hold wherever they are read: only those can go altogether.
fn always_holding(function: &Function, copies: &Copies, counts: &IndexVec<Local, Counts>) -> LocalSet {
    let mut always = LocalSet::new(function.locals.len());
    for local in copies.locals().filter(|&local| counts[local].read > 0) {
        always.insert(local);
    }
    for (id, block) in function.blocks.iter_enumerated() {
        let mut holding = copies.on_entry(id);
        for statement in &block.statements {
            let lost = copies.lost_while_reading(&statement.kind);
            let mut kind = statement.kind.clone();
            for_each_place_read(&mut kind, |place| {
                drop_unreadable(&mut always, &holding, place);
                mentions(place).filter(|local| lost.contains(local)).for_each(|local| always.remove(local));
            });
            copies.step(&mut holding, &statement.kind);
        }
        if let Some(place) = block.terminator.kind.operand().and_then(Operand::place) {
            drop_unreadable(&mut always, &holding, place);
        }
    }
    always
}

fn drop_unreadable(always: &mut LocalSet, readable: &LocalSet, place: &Place) {
    for local in mentions(place) {
        if !readable.contains(local) {
            always.remove(local);
        }
    }
}

/// Reads the original in place of each copy that holds wherever it is read, and says whether there was one.
pub(super) fn replace(function: &mut Function, copies: &Copies, counts: &IndexVec<Local, Counts>) -> bool {
    let always = always_holding(function, copies, counts);
    let source_of = |local: Local| copies.source(local).filter(|_| always.contains(local));
    let mut changed = false;
    let mut replace = |place: &mut Place| {
        for step in &mut place.projections {
            if let Projection::Element(index) = step
                && let Some(source) = source_of(*index)
            {
                *index = source.local;
                changed = true;
            }
        }
        if let Some(source) = source_of(place.local) {
            place.local = source.local;
            place.projections.splice(0..0, source.projections.iter().copied());
            changed = true;
        }
    };
    for block in function.blocks.iter_mut() {
        for statement in &mut block.statements {
            for_each_place_read(&mut statement.kind, &mut replace);
            if let StatementKind::Touch(locals) = &mut statement.kind {
                locals
                    .iter_mut()
                    .for_each(|local| *local = source_of(*local).map_or(*local, |place| place.local));
            }
        }
        if let Some(place) = block.terminator.kind.operand_mut().and_then(Operand::place_mut) {
            replace(place);
        }
    }
    changed
}
