//! Releases on the edges where a value dies because only another successor uses it.

use std::collections::HashMap;

use plat_syntax::index::IndexVec;
use plat_syntax::source::Span;

use super::effects::Tracked;
use super::liveness::Liveness;
use super::ownership::release;
use crate::mir::{Block, BlockId, Function, Local, LocalKind, Statement, Terminator, TerminatorKind};

/// Releases what dies between blocks, and at the entry the owned parameters that are never used.
pub(super) fn release_on_edges(function: &mut Function, tracked: &Tracked, live: &Liveness) {
    let predecessors = count_predecessors(function);
    let original_blocks: Vec<BlockId> = function.blocks.ids().collect();
    // What the start of a block releases, collected first: blocks in between must not shift under the walk.
    let mut at_start: IndexVec<BlockId, Vec<Local>> = IndexVec::filled(function.blocks.len(), Vec::new());
    for id in original_blocks {
        let held = live.before_terminator(function, tracked, id);
        let span = function.blocks[id].terminator.span;
        let mut between: HashMap<BlockId, BlockId> = HashMap::new();
        let mut kind = function.blocks[id].terminator.kind.clone();
        kind.for_each_successor_mut(|successor| {
            let entry = live.on_entry(*successor);
            let dying: Vec<Local> = held.iter().rev().filter(|&local| !entry.contains(local)).collect();
            if dying.is_empty() {
                return;
            }
            if predecessors[*successor] == 1 {
                at_start[*successor] = dying;
                return;
            }
            let target = *successor;
            *successor = *between
                .entry(target)
                .or_insert_with(|| function.blocks.push(releasing_block(&dying, target, span)));
        });
        function.blocks[id].terminator.kind = kind;
    }
    let unused = |param: &Local| {
        function.locals[*param].kind == LocalKind::Owned
            && tracked.contains(*param)
            && !live.on_entry(Function::ENTRY).contains(*param)
    };
    let unused: Vec<Local> = function.params().rev().filter(unused).collect();
    for (id, dying) in at_start.iter_enumerated() {
        let span = function.blocks[id].terminator.span;
        function.blocks[id].statements.splice(0..0, dying.iter().map(|&local| release(local, span)));
    }
    release_at_entry(function, &unused, predecessors[Function::ENTRY]);
}

/// How many blocks lead to each block; one that does so in several ways counts once. Callers lead to the entry.
fn count_predecessors(function: &Function) -> IndexVec<BlockId, usize> {
    let mut counts = IndexVec::filled(function.blocks.len(), 0);
    counts[Function::ENTRY] = 1;
    for block in function.blocks.iter() {
        let mut successors = block.terminator.kind.successors();
        successors.sort_unstable();
        successors.dedup();
        for successor in successors {
            counts[successor] += 1;
        }
    }
    counts
}

fn releasing_block(dying: &[Local], target: BlockId, span: Span) -> Block {
    let statements = dying.iter().map(|&local| release(local, span)).collect();
    Block { statements, terminator: Terminator { kind: TerminatorKind::Goto(target), span } }
}

/// Puts releases before all else. An entry that is also the head of a loop moves to another block first.
fn release_at_entry(function: &mut Function, unused: &[Local], predecessors: usize) {
    if unused.is_empty() {
        return;
    }
    let span = function.span;
    if predecessors > 1 {
        let entry = function.blocks[Function::ENTRY].clone();
        let moved = function.blocks.push(entry);
        for block in function.blocks.iter_mut() {
            block.terminator.kind.for_each_successor_mut(|successor| {
                if *successor == Function::ENTRY {
                    *successor = moved;
                }
            });
        }
        let kind = TerminatorKind::Goto(moved);
        function.blocks[Function::ENTRY] =
            Block { statements: Vec::new(), terminator: Terminator { kind, span } };
    }
    let releases: Vec<Statement> = unused.iter().map(|&local| release(local, span)).collect();
    function.blocks[Function::ENTRY].statements.splice(0..0, releases);
}
