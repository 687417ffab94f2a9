//! Dominators and natural loops.

use plat_syntax::index::IndexVec;

use crate::mir::builder::keep_reachable_blocks;
use crate::mir::{Block, BlockId, Function, Terminator, TerminatorKind};

/// A natural loop.
#[derive(Debug)]
pub(super) struct Loop {
    /// Where every round begins.
    pub(super) head: BlockId,
    /// The block outside that leads to the head alone, and is the only one outside that leads there.
    pub(super) preheader: BlockId,
    /// The blocks where a round ends by going to the head.
    pub(super) latches: Vec<BlockId>,
    /// The blocks of the loop, in the function's order.
    blocks: Vec<BlockId>,
}

impl Loop {
    /// The blocks of the loop, in the function's order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = BlockId> + '_ {
        self.blocks.iter().copied()
    }

    /// Whether the block is one of the loop.
    pub(super) fn contains(&self, block: BlockId) -> bool {
        self.blocks.binary_search(&block).is_ok()
    }
}

/// Which blocks stand on every way to which.
pub(super) struct Dominators {
    immediate: IndexVec<BlockId, BlockId>,
}

impl Dominators {
    /// The dominators of a function whose blocks are in reverse postorder.
    pub(super) fn new(function: &Function) -> Self {
        const UNKNOWN: BlockId = BlockId(u32::MAX);
        let predecessors = function.predecessors();
        let mut immediate = IndexVec::filled(function.blocks.len(), UNKNOWN);
        immediate[Function::ENTRY] = Function::ENTRY;
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for id in function.blocks.ids().skip(1) {
                let mut known = predecessors[id].iter().copied().filter(|&block| immediate[block] != UNKNOWN);
                let Some(first) = known.next() else { continue };
                let common = known.fold(first, |one, other| meet(&immediate, one, other));
                changed |= immediate[id] != common;
                immediate[id] = common;
            }
        }
        Self { immediate }
    }

    /// Whether `above` stands on every way to `below`.
    pub(super) fn dominates(&self, above: BlockId, below: BlockId) -> bool {
        let mut block = below;
        while block > above {
            block = self.immediate[block];
        }
        block == above
    }
}

/// The nearest block that dominates both.
fn meet(immediate: &IndexVec<BlockId, BlockId>, mut one: BlockId, mut other: BlockId) -> BlockId {
    while one != other {
        if one > other {
            one = immediate[one];
        } else {
            other = immediate[other];
        }
    }
    one
}

/// Puts a block before each loop, puts the blocks in reverse postorder, and says whether there are loops.
pub(super) fn make_preheaders(function: &mut Function) -> bool {
    keep_reachable_blocks(function);
    let dominators = Dominators::new(function);
    let predecessors = function.predecessors();
    let mut found = false;
    for head in function.blocks.ids() {
        if !predecessors[head].iter().any(|&block| dominators.dominates(head, block)) {
            continue;
        }
        found = true;
        let outside: Vec<BlockId> =
            predecessors[head].iter().copied().filter(|&block| !dominators.dominates(head, block)).collect();
        let leads_there_alone =
            |&block: &BlockId| function.blocks[block].terminator.kind == TerminatorKind::Goto(head);
        if outside.len() == 1 && outside.iter().all(leads_there_alone) {
            continue;
        }
        insert_before(function, head, &outside);
    }
    if found {
        keep_reachable_blocks(function);
    }
    found
}

/// Puts a block on the ways from `outside` to `head`. The entry, to which callers lead, moves to another block.
fn insert_before(function: &mut Function, head: BlockId, outside: &[BlockId]) {
    let span = function.blocks[head].terminator.span;
    let empty = |target| Block {
        statements: Vec::new(),
        terminator: Terminator { kind: TerminatorKind::Goto(target), span },
    };
    if head == Function::ENTRY {
        let moved = function.blocks.next_id();
        let entry = std::mem::replace(&mut function.blocks[head], empty(moved));
        function.blocks.push(entry);
        for id in function.blocks.ids().skip(1) {
            redirect(function, id, head, moved);
        }
        return;
    }
    let before = function.blocks.push(empty(head));
    for &block in outside {
        redirect(function, block, head, before);
    }
}

fn redirect(function: &mut Function, block: BlockId, from: BlockId, to: BlockId) {
    function.blocks[block].terminator.kind.for_each_successor_mut(|successor| {
        if *successor == from {
            *successor = to;
        }
    });
}

/// The loops of a function that has a block before each, outer ones before those inside them.
pub(super) fn loops(function: &Function, dominators: &Dominators) -> Vec<Loop> {
    let predecessors = function.predecessors();
    let mut loops = Vec::new();
    // The loop that a block was last found to be inside of.
    let mut found_in: IndexVec<BlockId, Option<BlockId>> = IndexVec::filled(function.blocks.len(), None);
    for head in function.blocks.ids() {
        let (latches, outside): (Vec<BlockId>, Vec<BlockId>) =
            predecessors[head].iter().partition(|&&block| dominators.dominates(head, block));
        if latches.is_empty() {
            continue;
        }
        let &[preheader] = &outside[..] else { continue };
        if function.blocks[preheader].terminator.kind != TerminatorKind::Goto(head) {
            continue;
        }
        found_in[head] = Some(head);
        let mut blocks = vec![head];
        let mut pending = latches.clone();
        while let Some(block) = pending.pop() {
            if found_in[block].replace(head) != Some(head) {
                blocks.push(block);
                pending.extend_from_slice(&predecessors[block]);
            }
        }
        blocks.sort_unstable();
        loops.push(Loop { head, preheader, latches, blocks });
    }
    loops
}
