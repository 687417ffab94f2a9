//! Polls of loops: what each may do, and where there is none.
//!
//! Lowering puts one into every loop. The library counts on not being left in the middle of its loops, nor where its functions begin: it is
//! written for a world in which a task ends only where it waits or panics, and `shield`, which by types alone may call itself, is
//! not to be left before it shields. So its polls only pause ([`mark`]). When all other passes are done, polls that are not in a loop,
//! or in one that is short for certain, are dropped ([`place`]).

use plat_syntax::index::IndexVec;

use crate::mir::{Block, BlockId, Function, Mir, Poll, Statement, StatementKind};

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

/// Drops polls that are not needed. Of owned MIR.
pub(super) fn place(function: &mut Function) {
    for id in function.blocks.ids() {
        if has_poll(&function.blocks[id]) && !is_in_loop(function, id) {
            function.blocks[id].statements.retain(|statement| !is_poll(statement));
        }
    }
}

fn has_poll(block: &Block) -> bool {
    block.statements.iter().any(is_poll)
}

fn is_poll(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Poll(_))
}

/// Whether a block can come to itself again.
fn is_in_loop(function: &Function, id: BlockId) -> bool {
    let mut is_seen = IndexVec::filled(function.blocks.len(), false);
    let mut pending = function.blocks[id].terminator.kind.successors();
    while let Some(block) = pending.pop() {
        if block == id {
            return true;
        }
        if !std::mem::replace(&mut is_seen[block], true) {
            pending.extend(function.blocks[block].terminator.kind.successors());
        }
    }
    false
}
