//! Releases on the edges where a value dies because only another successor uses it.

use plat_syntax::hash::HashMap;
use plat_syntax::index::IndexVec;

use super::effects::Tracked;
use super::liveness::Liveness;
use super::ownership::release;
use crate::mir::{Block, BlockId, Function, Local, LocalKind, Statement, Terminator, TerminatorKind};

/// Releases what dies between blocks, and at the entry the owned parameters that are never used.
pub(super) fn release_on_edges(function: &mut Function, tracked: &Tracked, live: &Liveness) {
    let edges = dying_on_edges(function, tracked, live);
    let predecessors = count_predecessors(function);
    let shared = dying_on_all(function, &edges, &predecessors);
    for edge in edges {
        let mut dying = edge.dying;
        dying.retain(|local| !shared[edge.to].contains(local));
        if !dying.is_empty() {
            split(function, edge.from, edge.to, &dying);
        }
    }
    for (id, dying) in shared.iter_enumerated() {
        let span = function.blocks[id].terminator.span;
        function.blocks[id].statements.splice(0..0, dying.iter().map(|&local| release(local, span, None)));
    }
    release_unused_params(function, tracked, live, predecessors[Function::ENTRY]);
}

/// A way from a block to another, and the locals whose values die on it, the last declared first.
struct Edge {
    from: BlockId,
    to: BlockId,
    dying: Vec<Local>,
}

fn dying_on_edges(function: &Function, tracked: &Tracked, live: &Liveness) -> Vec<Edge> {
    let mut edges = Vec::new();
    for from in function.blocks.ids() {
        let held = live.before_terminator(function, tracked, from);
        let mut successors = function.blocks[from].terminator.kind.successors();
        successors.sort_unstable();
        successors.dedup();
        for to in successors {
            let entry = live.on_entry(to);
            let dying: Vec<Local> = held.iter().rev().filter(|&local| !entry.contains(local)).collect();
            if !dying.is_empty() {
                edges.push(Edge { from, to, dying });
            }
        }
    }
    edges
}

/// What dies on every edge to a block: the block itself can release it.
fn dying_on_all(
    function: &Function,
    edges: &[Edge],
    predecessors: &IndexVec<BlockId, usize>,
) -> IndexVec<BlockId, Vec<Local>> {
    let mut counts: HashMap<(BlockId, Local), usize> = HashMap::default();
    for edge in edges {
        for &local in &edge.dying {
            *counts.entry((edge.to, local)).or_default() += 1;
        }
    }
    let mut shared = IndexVec::filled(function.blocks.len(), Vec::new());
    for edge in edges {
        let is_shared = |local: &Local| counts[&(edge.to, *local)] == predecessors[edge.to];
        shared[edge.to] = edge.dying.iter().copied().filter(is_shared).collect();
    }
    shared
}

/// Puts a block with releases on an edge.
fn split(function: &mut Function, from: BlockId, to: BlockId, dying: &[Local]) {
    let span = function.blocks[from].terminator.span;
    let statements = dying.iter().map(|&local| release(local, span, None)).collect();
    let goto = Terminator { kind: TerminatorKind::Goto(to), span };
    let between = function.blocks.push(Block { statements, terminator: goto });
    function.blocks[from].terminator.kind.for_each_successor_mut(|successor| {
        if *successor == to {
            *successor = between;
        }
    });
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

/// Releases before all else the owned parameters that the body does not use. An entry that is also the head of a loop moves
/// to another block first.
fn release_unused_params(function: &mut Function, tracked: &Tracked, live: &Liveness, predecessors: usize) {
    let is_unused = |param: &Local| {
        function.locals[*param].kind == LocalKind::Owned
            && tracked.contains(*param)
            && !live.on_entry(Function::ENTRY).contains(*param)
    };
    let unused: Vec<Local> = function.params().rev().filter(is_unused).collect();
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
    let releases: Vec<Statement> = unused.iter().map(|&local| release(local, span, None)).collect();
    function.blocks[Function::ENTRY].statements.splice(0..0, releases);
}
