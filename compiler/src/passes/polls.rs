//! Polls of loops: what each may do, and where there is none.
//!
//! Lowering puts one into every loop. The library counts on not being left in the middle of its loops, nor where its functions begin: it is
//! written for a world in which a task ends only where it waits or panics, and `shield`, which by types alone may call itself, is
//! not to be left before it shields. So its polls only pause ([`mark`]). When all other passes are done, polls that no round needs
//! are dropped ([`place`]). What polls cost in short rounds is a matter of `loops`.

use plat_syntax::index::Id;

use crate::mir::{Block, BlockId, Function, Mir, Poll, Statement, StatementKind, graph};

/// Makes the polls of the library ones that only pause. Of monomorphic MIR in which nothing is inlined.
pub(super) fn mark(mir: &mut Mir) {
    for function in mir.functions.iter_mut().filter(|function| function.is_library) {
        function.poll = Poll::Pauses;
        for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
            if let StatementKind::Poll(poll) = &mut statement.kind {
                *poll = Poll::Pauses;
            }
        }
    }
}

/// Drops polls that are in no loop, and those that each round passes beside another one. Of owned MIR.
pub(super) fn place(function: &mut Function) {
    if !function.statements().any(|statement| poll_of(statement).is_some()) {
        return;
    }
    let edges: Vec<Vec<usize>> = function
        .blocks
        .iter()
        .map(|block| block.terminator.kind.successors().into_iter().map(Id::index).collect())
        .collect();
    let mut polls: Vec<Option<Poll>> = vec![None; edges.len()];
    for block in graph::cycles(&edges).into_iter().flatten() {
        let statements = &function.blocks[BlockId::from_index(block)].statements;
        polls[block] = statements.iter().filter_map(poll_of).max();
    }
    let polling: Vec<(usize, Poll)> =
        polls.iter().enumerate().filter_map(|(block, poll)| Some((block, (*poll)?))).collect();
    let mut search = Search { edges: &edges, visited: vec![None; edges.len()] };
    for (block, poll) in polling {
        if !search.has_round_without(block, |other| polls[other] >= Some(poll)) {
            polls[block] = None;
        }
    }
    for (block, kept) in function.blocks.iter_mut().zip(polls) {
        keep_one(block, kept);
    }
}

/// Keeps the last poll of a block that does as much.
fn keep_one(block: &mut Block, kept: Option<Poll>) {
    let position =
        block.statements.iter().rposition(|statement| kept.is_some() && poll_of(statement) == kept);
    let mut here = 0;
    block.statements.retain(|statement| {
        here += 1;
        poll_of(statement).is_none() || Some(here - 1) == position
    });
}

fn poll_of(statement: &Statement) -> Option<Poll> {
    match statement.kind {
        StatementKind::Poll(poll) => Some(poll),
        _ => None,
    }
}

/// Looks for cycles in the graph of blocks.
struct Search<'a> {
    edges: &'a [Vec<usize>],
    /// From which block each was come to last.
    visited: Vec<Option<usize>>,
}

impl Search<'_> {
    /// Whether a way leads from the block back to it past others of which none ends it.
    fn has_round_without(&mut self, block: usize, ends: impl Fn(usize) -> bool) -> bool {
        let mut pending = self.edges[block].clone();
        while let Some(next) = pending.pop() {
            if next == block {
                return true;
            }
            if self.visited[next].replace(block) != Some(block) && !ends(next) {
                pending.extend_from_slice(&self.edges[next]);
            }
        }
        false
    }
}
