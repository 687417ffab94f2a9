//! Polls of loops: what each may do, and where there is none.
//!
//! Lowering puts one into every loop. The library counts on not being left in the middle of its loops, nor where its functions begin: it is
//! written for a world in which a task ends only where it waits or panics, and `shield`, which by types alone may call itself, is
//! not to be left before it shields. So its polls only pause ([`mark`]). When all other passes are done, polls that are not in a loop
//! are dropped ([`place`]).

use plat_syntax::index::{Id, IndexVec};

use crate::mir::{BlockId, Function, Mir, Poll, Statement, StatementKind, graph};

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

/// Drops polls that are in no loop. Of owned MIR.
pub(super) fn place(function: &mut Function) {
    if !function.statements().any(is_poll) {
        return;
    }
    let edges: Vec<Vec<usize>> = function
        .blocks
        .iter()
        .map(|block| block.terminator.kind.successors().into_iter().map(Id::index).collect())
        .collect();
    let mut is_in_loop = IndexVec::filled(function.blocks.len(), false);
    for block in graph::cycles(&edges).into_iter().flatten() {
        is_in_loop[BlockId::from_index(block)] = true;
    }
    for (block, is_in_loop) in function.blocks.iter_mut().zip(is_in_loop.iter()) {
        if !is_in_loop {
            block.statements.retain(|statement| !is_poll(statement));
        }
    }
}

fn is_poll(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Poll(_))
}
