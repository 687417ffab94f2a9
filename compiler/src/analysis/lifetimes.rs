//! How long closures are used, and what they refer to.

use plat_syntax::index::IndexVec;

use crate::mir::holders::{Holders, closure_of};
use crate::mir::local_set::LocalSet;
use crate::mir::visit::Access;
use crate::mir::{BlockId, Function, Local, Operand, StatementKind};

/// Which locals may still be read, at the borders of blocks. Whoever may hold a closure, and is read, reads what the
/// closure needs.
pub(super) struct Lifetimes<'a> {
    function: &'a Function,
    needs: IndexVec<Local, Vec<Local>>,
    on_entry: IndexVec<BlockId, LocalSet>,
}

impl<'a> Lifetimes<'a> {
    pub(super) fn solve(function: &'a Function, needs: IndexVec<Local, Vec<Local>>) -> Self {
        let nothing = LocalSet::new(function.locals.len());
        let on_entry = IndexVec::filled(function.blocks.len(), nothing);
        let mut lifetimes = Self { function, needs, on_entry };
        let order = function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &block in order.iter().rev() {
                let mut live = lifetimes.at_end(block);
                for statement in function.blocks[block].statements.iter().rev() {
                    lifetimes.step_back(&mut live, &statement.kind);
                }
                changed |= lifetimes.on_entry[block].union_with(&live);
            }
        }
        lifetimes
    }

    /// What is still read where the function begins: what has no value there.
    pub(super) fn at_begin(&self) -> &LocalSet {
        &self.on_entry[Function::ENTRY]
    }

    /// Calls `visit` with each statement of a block, from the last to the first, and what is still read after it.
    pub(super) fn for_each_statement(
        &self,
        block: BlockId,
        mut visit: impl FnMut(usize, &StatementKind, &LocalSet),
    ) {
        let mut live = self.at_end(block);
        for (position, statement) in self.function.blocks[block].statements.iter().enumerate().rev() {
            visit(position, &statement.kind, &live);
            self.step_back(&mut live, &statement.kind);
        }
    }

    fn at_end(&self, block: BlockId) -> LocalSet {
        let terminator = &self.function.blocks[block].terminator.kind;
        let mut live = LocalSet::new(self.function.locals.len());
        for successor in terminator.successors() {
            live.union_with(&self.on_entry[successor]);
        }
        if *terminator == crate::mir::TerminatorKind::Return {
            self.read(&mut live, Function::RESULT);
        }
        if let Some(place) = terminator.operand().and_then(Operand::place) {
            self.read(&mut live, place.local);
        }
        live
    }

    fn step_back(&self, live: &mut LocalSet, kind: &StatementKind) {
        kind.for_each_place(|place, access| {
            if access == Access::Assign && place.projections.is_empty() {
                live.remove(place.local);
            }
        });
        kind.for_each_operand(|operand| {
            if let Some(place) = operand.place() {
                self.read(live, place.local);
            }
        });
        kind.for_each_place(|place, access| {
            if access != Access::Assign || !place.projections.is_empty() {
                self.read(live, place.local);
            }
        });
    }

    fn read(&self, live: &mut LocalSet, local: Local) {
        live.insert(local);
        for &needed in &self.needs[local] {
            live.insert(needed);
        }
    }
}

/// A closure of which more than one is used at a time, though its block is made anew in the same place.
pub(super) fn is_used_where_made(lifetimes: &Lifetimes<'_>, holders: &Holders, number: usize) -> bool {
    let made = &holders.made[number];
    let mut is_used = false;
    lifetimes.for_each_statement(made.block, |position, kind, live| {
        if position == made.statement && closure_of(kind).is_some() {
            let mut before = live.clone();
            lifetimes.step_back(&mut before, kind);
            is_used |= before.iter().any(|local| holds(holders, local, number));
        }
    });
    is_used
}

/// Whether something that the closure needs gets another value while the closure may still be used.
pub(super) fn loses_what_it_needs(
    function: &Function,
    lifetimes: &Lifetimes<'_>,
    holders: &Holders,
    number: usize,
    changes: impl Fn(&StatementKind, Local) -> bool,
) -> bool {
    let needs = &holders.made[number].needs;
    if needs.iter().any(|&local| lifetimes.at_begin().contains(local)) {
        return true;
    }
    let mut loses = false;
    for block in function.blocks.ids() {
        lifetimes.for_each_statement(block, |_, kind, live| {
            if needs.iter().any(|&local| changes(kind, local)) {
                loses |= live.iter().any(|local| holds(holders, local, number));
            }
        });
    }
    loses
}

fn holds(holders: &Holders, local: Local, number: usize) -> bool {
    holders.held(local).contains(&crate::mir::holders::Origin::Made(number))
}
