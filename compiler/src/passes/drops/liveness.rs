//! Which tracked locals hold a value that may still be used.

use plat_syntax::index::IndexVec;

use super::effects::{Effects, Tracked};
use crate::mir::local_set::LocalSet;
use crate::mir::{BlockId, Function};

/// Liveness at the borders of blocks.
pub(super) struct Liveness {
    entry: IndexVec<BlockId, LocalSet>,
}

impl Liveness {
    /// Solves the dataflow of a function.
    pub(super) fn solve(function: &Function, tracked: &Tracked) -> Self {
        let nothing = LocalSet::new(function.locals.len());
        let mut liveness = Self { entry: IndexVec::filled(function.blocks.len(), nothing) };
        let order = function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &id in order.iter().rev() {
                let mut live = liveness.before_terminator(function, tracked, id);
                for statement in function.blocks[id].statements.iter().rev() {
                    step_back(&mut live, &Effects::of(&statement.kind, tracked));
                }
                changed |= liveness.entry[id].union_with(&live);
            }
        }
        liveness
    }

    /// What is live on entry to a block.
    pub(super) fn on_entry(&self, block: BlockId) -> &LocalSet {
        &self.entry[block]
    }

    /// What is live before the terminator of a block.
    pub(super) fn before_terminator(&self, function: &Function, tracked: &Tracked, id: BlockId) -> LocalSet {
        let terminator = &function.blocks[id].terminator.kind;
        let mut live = LocalSet::new(function.locals.len());
        for successor in terminator.successors() {
            live.union_with(&self.entry[successor]);
        }
        step_back(&mut live, &Effects::of_terminator(terminator, tracked));
        live
    }
}

/// What is live before a statement, given what is live after it.
pub(super) fn step_back(live: &mut LocalSet, effects: &Effects) {
    for &local in &effects.defines {
        live.remove(local);
    }
    for &local in &effects.uses {
        live.insert(local);
    }
}
