//! What a `defer` will see: its captures keep their values, and are not moved away, while its guard is set.
//!
//! A call that unwinds calls the `defer` with the addresses of its captures, which no operand of the call says. So a
//! statement that touches them is put behind every statement with a guard set; liveness then does the rest. And what the captures
//! show is released after the `defer` has run, whatever block it came from.

use plat_syntax::index::IndexVec;

use super::effects::Tracked;
use crate::mir::local_set::LocalSet;
use crate::mir::{BlockId, Function, Local, Statement, StatementKind};

/// Puts the touches in; `drops` removes them.
pub(super) fn touch_captures(function: &mut Function) {
    let guards = Guards::of(function);
    if guards.captures.is_empty() {
        return;
    }
    let on_entry = guards.solve(function);
    for id in function.blocks.ids() {
        let block = &mut function.blocks[id];
        let mut set = on_entry[id].clone();
        let mut touched = Vec::with_capacity(block.statements.len() * 2);
        for statement in block.statements.drain(..) {
            let (span, site) = (statement.span, statement.site);
            step(&mut set, &statement.kind);
            touched.push(statement);
            let seen = guards.seen(&set);
            if !seen.is_empty() {
                touched.push(Statement { kind: StatementKind::Touch(seen), span, site });
            }
        }
        block.statements = touched;
    }
}

/// Lets the unwinder run each `defer` before it releases what that sees through views.
pub(super) fn put_before_owners(function: &mut Function, tracked: &Tracked) {
    let mut outlasting: Vec<(Local, u32)> = Vec::new();
    for statement in function.statements() {
        let StatementKind::Defer { guard, captures, .. } = &statement.kind else { continue };
        let depth = function.locals[*guard].depth;
        for capture in captures {
            for &owner in tracked.owners(capture.local) {
                let owners = [owner].into_iter().chain(tracked.needs(owner).iter().copied());
                outlasting.extend(owners.map(|owner| (owner, depth)));
            }
        }
    }
    for (owner, depth) in outlasting {
        let decl = &mut function.locals[owner];
        // At one depth guards come first.
        decl.depth = decl.depth.min(depth);
    }
}

/// The guards of a function, with the locals that their `defer`s see.
struct Guards {
    captures: Vec<(Local, Vec<Local>)>,
}

impl Guards {
    fn of(function: &Function) -> Self {
        let statements = function.blocks.iter().flat_map(|block| &block.statements);
        let guards = statements.filter_map(|statement| match &statement.kind {
            StatementKind::Defer { guard, captures, .. } => {
                Some((*guard, captures.iter().map(|place| place.local).collect()))
            }
            _ => None,
        });
        Self { captures: guards.collect() }
    }

    /// What the `defer`s of the guards that are set see.
    fn seen(&self, set: &LocalSet) -> Vec<Local> {
        let set = self.captures.iter().filter(|(guard, _)| set.contains(*guard));
        let mut seen: Vec<Local> = set.flat_map(|(_, captures)| captures).copied().collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    /// Which are set where a block begins: they follow the nesting of blocks, so all ways to a point agree.
    fn solve(&self, function: &Function) -> IndexVec<BlockId, LocalSet> {
        let nothing = LocalSet::new(function.locals.len());
        let mut on_entry = IndexVec::filled(function.blocks.len(), nothing);
        for id in function.reverse_postorder() {
            let mut set = on_entry[id].clone();
            for statement in &function.blocks[id].statements {
                step(&mut set, &statement.kind);
            }
            for successor in function.blocks[id].terminator.kind.successors() {
                on_entry[successor].union_with(&set);
            }
        }
        on_entry
    }
}

fn step(set: &mut LocalSet, kind: &StatementKind) {
    match kind {
        StatementKind::Defer { guard, .. } => set.insert(*guard),
        StatementKind::Disarm(guard) => set.remove(*guard),
        _ => {}
    }
}
