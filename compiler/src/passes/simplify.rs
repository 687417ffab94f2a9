//! Straightens control flow.
//!
//! Jumps to jumps go where those lead, blocks that only one other leads to are joined with it, and a block that makes a
//! variant on its way to a switch on it goes to the variant's case: `while let Some(x) = ch.recv()` then tests once
//! what the runtime says, not twice. Knows no ownership; runs before it is decided.

use plat_syntax::index::{Id, IndexVec};

use crate::mir::builder::{keep_mentioned_locals, keep_reachable_blocks};
use crate::mir::{
    Block, BlockId, Function, Local, Operand, Place, Rvalue, Statement, StatementKind, TerminatorKind,
};

/// Simplifies one function.
pub fn run(function: &mut Function) {
    thread_jumps(function);
    thread_variants(function);
    thread_jumps(function);
    join_blocks(function);
    keep_reachable_blocks(function);
    keep_mentioned_locals(function);
}

/// Lets every jump to an empty block that only jumps on go where that goes.
fn thread_jumps(function: &mut Function) {
    let mut targets: IndexVec<BlockId, BlockId> = function.blocks.ids().collect();
    for block in function.blocks.ids() {
        targets[block] = final_target(function, block);
    }
    for block in function.blocks.iter_mut() {
        block.terminator.kind.for_each_successor_mut(|target| *target = targets[*target]);
    }
}

/// Where a jump to the block ends up. A circle of empty blocks is an endless loop, and stays one.
fn final_target(function: &Function, start: BlockId) -> BlockId {
    let mut target = start;
    for _ in 0..function.blocks.len() {
        match &function.blocks[target] {
            block if !block.statements.is_empty() => return target,
            block => match block.terminator.kind {
                TerminatorKind::Goto(next) => target = next,
                _ => return target,
            },
        }
    }
    start
}

/// Appends each block that only one jump leads to, to the block that jumps.
fn join_blocks(function: &mut Function) {
    let mut uses = IndexVec::<BlockId, usize>::filled(function.blocks.len(), 0);
    uses[Function::ENTRY] += 1;
    for block in function.reverse_postorder() {
        function.blocks[block].terminator.kind.clone().for_each_successor_mut(|target| uses[*target] += 1);
    }
    for block in function.reverse_postorder() {
        while let TerminatorKind::Goto(next) = function.blocks[block].terminator.kind {
            if uses[next] != 1 || next == block {
                break;
            }
            let statements = std::mem::take(&mut function.blocks[next].statements);
            let terminator = function.blocks[next].terminator.clone();
            function.blocks[next].terminator.kind = TerminatorKind::Unreachable;
            uses[next] = 0;
            function.blocks[block].statements.extend(statements);
            function.blocks[block].terminator = terminator;
        }
    }
}

/// A block that does nothing but switch on the variant of a local, which it may first give another name: the result of
/// an inlined call is passed on so.
struct VariantSwitch {
    /// What is switched on, as it is called before the block.
    scrutinee: Local,
    /// The assignment of the other name.
    renaming: Option<Statement>,
    cases: Vec<(i128, BlockId)>,
    otherwise: BlockId,
}

/// Lets blocks that make a variant and then go to a switch on it go to its case.
fn thread_variants(function: &mut Function) {
    let is_single_use = single_use_locals(function);
    for block in function.blocks.ids() {
        let TerminatorKind::Goto(next) = function.blocks[block].terminator.kind else { continue };
        let Some(switch) = variant_switch(&function.blocks[next], &is_single_use) else { continue };
        let Some(variant) = made_variant(&function.blocks[block].statements, switch.scrutinee) else {
            continue;
        };
        let case = switch.cases.iter().find(|(value, _)| *value == variant);
        let target = case.map_or(switch.otherwise, |&(_, target)| target);
        function.blocks[block].statements.extend(switch.renaming);
        function.blocks[block].terminator.kind = TerminatorKind::Goto(target);
    }
}

/// Which locals are mentioned twice: where they are assigned and where they are read.
fn single_use_locals(function: &Function) -> Vec<bool> {
    let mut mentions = vec![0; function.locals.len()];
    for mut block in function.blocks.iter().cloned() {
        block.for_each_local_mut(|local| mentions[local.index()] += 1);
    }
    mentions.into_iter().map(|count| count == 2).collect()
}

fn variant_switch(block: &Block, is_single_use: &[bool]) -> Option<VariantSwitch> {
    let (last, before) = block.statements.split_last()?;
    let StatementKind::Assign(target, Rvalue::Discriminant(scrutinee)) = &last.kind else { return None };
    let TerminatorKind::Switch(Operand::Use(operand), cases, otherwise) = &block.terminator.kind else {
        return None;
    };
    if target != operand || !is_single_use[target.as_local()?.index()] {
        return None;
    }
    let scrutinee = scrutinee.as_local()?;
    let (scrutinee, renaming) = match before {
        [] => (scrutinee, None),
        [renaming] => (renamed_from(renaming, scrutinee)?, Some(renaming.clone())),
        _ => return None,
    };
    Some(VariantSwitch { scrutinee, renaming, cases: cases.clone(), otherwise: *otherwise })
}

/// The local whose value the statement gives to `name`.
fn renamed_from(statement: &Statement, name: Local) -> Option<Local> {
    match &statement.kind {
        StatementKind::Assign(target, Rvalue::Use(Operand::Use(source))) if is_whole(target, name) => {
            source.as_local()
        }
        _ => None,
    }
}

/// The number of the variant that the local is when the statements are done, if they make it last.
fn made_variant(statements: &[Statement], local: Local) -> Option<i128> {
    let last = statements.iter().rev().find(|statement| mentions(statement, local))?;
    match &last.kind {
        StatementKind::Assign(target, Rvalue::Aggregate(_, Some(variant), _)) if is_whole(target, local) => {
            Some(i128::from(variant.0))
        }
        _ => None,
    }
}

fn is_whole(place: &Place, local: Local) -> bool {
    place.as_local() == Some(local)
}

fn mentions(statement: &Statement, local: Local) -> bool {
    let mut found = false;
    let mut check = |place: &Place| found |= place.local == local;
    statement.kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut check));
    statement.kind.for_each_place(|place, _| check(place));
    found
}
