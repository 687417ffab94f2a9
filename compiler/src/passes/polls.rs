//! Polls of loops: what each may do, and where there is none.
//!
//! Lowering puts one into every loop. The library counts on not being left in the middle of its loops, as it is written for a world in which
//! a task ends only where it waits or panics. So loops poll without end in the functions that work on memory or on what tasks share, and in those
//! of the library that such functions call, and no function of the library is left where it begins ([`mark`]). When all other passes are
//! done, polls that are not in a loop, or in one that is short for certain, are dropped ([`place`]).

use plat_syntax::index::IndexVec;

use crate::mir::{
    Block, BlockId, Callee, Function, FunctionId, Mir, Operand, Place, Poll, Projection, Statement,
    StatementKind,
};

/// Makes the polls of code that is not to be left half done ones that only pause. Of monomorphic MIR in which nothing is inlined.
pub(super) fn mark(mir: &mut Mir) {
    let is_whole = undivided(mir);
    for (function, is_whole) in mir.functions.iter_mut().zip(is_whole.iter()) {
        if function.is_library {
            // `shield` is not to be left before it shields. By types alone it may well call itself.
            function.poll = Poll::Pauses;
        }
        if *is_whole {
            for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
                if let StatementKind::Poll(poll) = &mut statement.kind {
                    *poll = Poll::Pauses;
                }
            }
        }
    }
}

/// The functions that are not to be left half done.
fn undivided(mir: &Mir) -> IndexVec<FunctionId, bool> {
    let works = |function: &Function| function.is_library && kinds(function).any(works_on_memory);
    let mut is_whole: IndexVec<FunctionId, bool> = mir.functions.iter().map(works).collect();
    let mut pending: Vec<FunctionId> = is_whole.ids().filter(|&id| is_whole[id]).collect();
    while let Some(id) = pending.pop() {
        for kind in kinds(&mir.functions[id]) {
            if let StatementKind::Call { callee: Callee::Function(callee), .. } = kind
                && mir.functions[*callee].is_library
                && !std::mem::replace(&mut is_whole[*callee], true)
            {
                pending.push(*callee);
            }
        }
    }
    is_whole
}

fn kinds(function: &Function) -> impl Iterator<Item = &StatementKind> {
    function.blocks.iter().flat_map(|block| &block.statements).map(|statement| &statement.kind)
}

/// Whether a statement makes or ends what nobody owns meanwhile, or is part of what tasks agree by.
fn works_on_memory(kind: &StatementKind) -> bool {
    let mut moves_out = false;
    kind.for_each_operand(|operand| {
        moves_out |= matches!(operand, Operand::Move(place) if is_element(place));
    });
    moves_out
        || matches!(
            kind,
            StatementKind::SetLength(..)
                | StatementKind::MoveElements { .. }
                | StatementKind::Init(..)
                | StatementKind::Call { callee: Callee::Primitive(_), .. }
        )
}

fn is_element(place: &Place) -> bool {
    place.projections.iter().any(|step| matches!(step, Projection::Element(_)))
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
