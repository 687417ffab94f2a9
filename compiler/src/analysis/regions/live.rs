//! Which variables are still used after a point of a function. Only asked about where a `select` takes back what it has not sent.

use plat_syntax::hash::HashMap;
use plat_syntax::index::IndexVec;

use super::flow::Flow;
use crate::mir::local_set::LocalSet;
use crate::mir::visit::Access;
use crate::mir::{BlockId, Function, Local, Statement, StatementKind, TerminatorKind};

/// The variables that are used after some statements, by the places of these.
pub(super) type LiveAfter = HashMap<(BlockId, usize), LocalSet>;

impl Flow<'_> {
    /// What is used after each `Withdraw`. That a variable keeps its value until its block ends is no use of it.
    pub(super) fn live_after_withdrawals(&self) -> LiveAfter {
        let mut found = LiveAfter::default();
        let blocks: Vec<BlockId> = self.function.blocks.ids().collect();
        let has_any = |block: &BlockId| self.function.blocks[*block].statements.iter().any(is_withdrawal);
        if !blocks.iter().any(has_any) {
            return found;
        }
        let on_entry = self.live_on_entry();
        for block in blocks.into_iter().filter(has_any) {
            self.walk_back(block, &on_entry, |position, live, statement| {
                if is_withdrawal(statement) {
                    found.insert((block, position), live.clone());
                }
            });
        }
        found
    }

    fn live_on_entry(&self) -> IndexVec<BlockId, LocalSet> {
        let nothing = LocalSet::new(self.function.locals.len());
        let mut on_entry = IndexVec::filled(self.function.blocks.len(), nothing);
        let order = self.function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &block in order.iter().rev() {
                let live = self.walk_back(block, &on_entry, |_, _, _| {});
                changed |= on_entry[block].union_with(&live);
            }
        }
        on_entry
    }

    /// Walks from the end of a block to its beginning, and calls `visit` with what is live after each statement.
    fn walk_back(
        &self,
        block: BlockId,
        on_entry: &IndexVec<BlockId, LocalSet>,
        mut visit: impl FnMut(usize, &LocalSet, &Statement),
    ) -> LocalSet {
        let block = &self.function.blocks[block];
        let mut live = LocalSet::new(self.function.locals.len());
        for successor in block.terminator.kind.successors() {
            live.union_with(&on_entry[successor]);
        }
        if block.terminator.kind == TerminatorKind::Return {
            live.insert(Function::RESULT);
        }
        for (position, statement) in block.statements.iter().enumerate().rev() {
            visit(position, &live, statement);
            self.step_back(&statement.kind, &mut live);
        }
        live
    }

    fn step_back(&self, kind: &StatementKind, live: &mut LocalSet) {
        if matches!(kind, StatementKind::KeepAlive(_)) {
            return;
        }
        let is_new = |access: Access, local: Local| access == Access::Assign && !self.is_referenced(local);
        kind.for_each_place(|place, access| {
            if place.projections.is_empty() && is_new(access, place.local) {
                live.remove(place.local);
            }
        });
        kind.for_each_place(|place, access| {
            if !place.projections.is_empty() || !is_new(access, place.local) {
                live.insert(self.base(place));
            }
        });
        kind.for_each_operand(|operand| {
            if let Some(place) = operand.place() {
                live.insert(self.base(place));
            }
        });
    }
}

fn is_withdrawal(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Withdraw { .. })
}
