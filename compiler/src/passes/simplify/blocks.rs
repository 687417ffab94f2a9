//! Jumps: past empty blocks, out of decisions already made; blocks with one way in join the block before.

use plat_syntax::index::IndexVec;

use crate::mir::builder::keep_reachable_blocks;
use crate::mir::{
    Block, BlockId, Const, Function, Operand, Poll, Rvalue, Statement, StatementKind, Terminator,
    TerminatorKind,
};

/// Simplifies the jumps of a function, and says whether it found something.
pub(super) fn run(function: &mut Function) -> bool {
    let mut changed = false;
    for id in function.blocks.ids() {
        changed |= decide(function, id);
        changed |= drop_repeated_poll(function, id);
        changed |= skip_empty(function, id);
        changed |= thread(function, id);
    }
    let before = function.blocks.len();
    keep_reachable_blocks(function);
    changed |= merge(function);
    changed || function.blocks.len() != before
}

/// A poll that is followed by one which does all that it does is none: loops that share their head, as those of iterators do, stay one
/// loop.
fn drop_repeated_poll(function: &mut Function, id: BlockId) -> bool {
    let TerminatorKind::Goto(next) = function.blocks[id].terminator.kind else { return false };
    let poll_of = |statement: Option<&Statement>| match statement?.kind {
        StatementKind::Poll(poll) => Some(poll),
        _ => None,
    };
    let Some(last) = poll_of(function.blocks[id].statements.last()) else { return false };
    let follows = poll_of(function.blocks[next].statements.first());
    let is_repeated = next != id && follows.is_some_and(|follows| follows == last || follows == Poll::Ends);
    if is_repeated {
        function.blocks[id].statements.pop();
    }
    is_repeated
}

/// A decision by a constant, or between equals, is none.
fn decide(function: &mut Function, id: BlockId) -> bool {
    let target = match &function.blocks[id].terminator.kind {
        TerminatorKind::Branch(_, then, otherwise) if then == otherwise => *then,
        TerminatorKind::Branch(Operand::Const(Const::Bool(value)), then, otherwise) => {
            if *value {
                *then
            } else {
                *otherwise
            }
        }
        TerminatorKind::Switch(Operand::Const(value), cases, otherwise) => case(value, cases, *otherwise),
        _ => return false,
    };
    function.blocks[id].terminator.kind = TerminatorKind::Goto(target);
    true
}

/// Where a switch goes for a constant.
fn case(value: &Const, cases: &[(i128, BlockId)], otherwise: BlockId) -> BlockId {
    let number = match value {
        Const::Int(number, _) => *number,
        Const::Char(character) => i128::from(u32::from(*character)),
        Const::Bool(value) => i128::from(*value),
        _ => return otherwise,
    };
    cases.iter().find(|(case, _)| *case == number).map_or(otherwise, |&(_, target)| target)
}

/// Leads past blocks that only go on.
fn skip_empty(function: &mut Function, id: BlockId) -> bool {
    let mut kind = function.blocks[id].terminator.kind.clone();
    let mut changed = false;
    kind.for_each_successor_mut(|successor| {
        let end = last_of_chain(function, *successor);
        changed |= end != *successor;
        *successor = end;
    });
    // An empty block may return: so can who goes there.
    if let TerminatorKind::Goto(target) = kind
        && function.blocks[target].statements.is_empty()
        && function.blocks[target].terminator.kind == TerminatorKind::Return
    {
        kind = TerminatorKind::Return;
        changed = true;
    }
    if changed {
        function.blocks[id].terminator.kind = kind;
    }
    changed
}

/// Where a chain of empty blocks leads to. One that leads to itself is an endless loop, and stays.
fn last_of_chain(function: &Function, start: BlockId) -> BlockId {
    let mut end = start;
    for _ in 0..function.blocks.len() {
        match function.blocks[end] {
            Block { ref statements, terminator: Terminator { kind: TerminatorKind::Goto(next), .. } }
                if statements.is_empty() =>
            {
                end = next;
            }
            _ => return end,
        }
    }
    start
}

/// Leads past an empty block that decides by a local which this block has just set to a constant.
fn thread(function: &mut Function, id: BlockId) -> bool {
    let TerminatorKind::Goto(next) = function.blocks[id].terminator.kind else { return false };
    if !function.blocks[next].statements.is_empty() {
        return false;
    }
    let last = function.blocks[id].statements.last().map(|statement| &statement.kind);
    let Some(StatementKind::Assign(set, Rvalue::Use(Operand::Const(value)))) = last else { return false };
    let decides_by = |operand: &Operand| operand.place() == Some(set);
    let target = match (&function.blocks[next].terminator.kind, value) {
        (TerminatorKind::Branch(operand, then, otherwise), Const::Bool(value)) if decides_by(operand) => {
            if *value {
                *then
            } else {
                *otherwise
            }
        }
        (TerminatorKind::Switch(operand, cases, otherwise), value) if decides_by(operand) => {
            case(value, cases, *otherwise)
        }
        _ => return false,
    };
    function.blocks[id].terminator.kind = TerminatorKind::Goto(target);
    true
}

/// Appends to each block that goes to another, to which nothing else leads, that block.
fn merge(function: &mut Function) -> bool {
    let mut entries: IndexVec<BlockId, usize> = IndexVec::filled(function.blocks.len(), 0);
    entries[Function::ENTRY] = 1;
    for block in function.blocks.iter() {
        for successor in block.terminator.kind.successors() {
            entries[successor] += 1;
        }
    }
    let mut changed = false;
    for id in function.blocks.ids() {
        while let TerminatorKind::Goto(next) = function.blocks[id].terminator.kind
            && entries[next] == 1
            && next != id
        {
            let unreachable = Terminator { kind: TerminatorKind::Unreachable, span: function.span };
            let emptied = Block { statements: Vec::new(), terminator: unreachable };
            let mut appended = std::mem::replace(&mut function.blocks[next], emptied);
            let block = &mut function.blocks[id];
            block.statements.append(&mut appended.statements);
            block.terminator = appended.terminator;
            entries[next] = 0;
            changed = true;
        }
    }
    if changed {
        keep_reachable_blocks(function);
    }
    changed
}
