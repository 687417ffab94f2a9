//! Loops test at the end of a round rather than at its beginning.
//!
//! `while` tests before each round and jumps back after it: two jumps. With a copy of the test at the end, what is written first only
//! decides whether there is a first round, and a round has one jump.

use super::checks::is_silent;
use super::natural::{Dominators, Loop, loops};
use crate::mir::{BlockId, Function, Statement, StatementKind};

/// Statements of a test that is worth a copy. Those of iterators have two or three.
const MAX_STATEMENTS: usize = 6;

/// Gives the loops of a function, whose blocks are in reverse postorder with one before each loop, a test at the end. Says whether
/// there was one without.
pub(super) fn run(function: &mut Function) -> bool {
    let dominators = Dominators::new(function);
    let mut changed = false;
    // A copy leads into inner loops as the original did; theirs are made after it.
    for inside in loops(function, &dominators) {
        if begins_with_test(function, &inside) {
            test_at_end(function, &inside);
            changed = true;
        }
    }
    changed
}

/// Whether the loop begins with a block that may leave it and does nothing that takes time or can be seen.
fn begins_with_test(function: &Function, inside: &Loop) -> bool {
    let head = &function.blocks[inside.head];
    let may_leave = |block: BlockId| {
        let successors = function.blocks[block].terminator.kind.successors();
        successors.iter().any(|&successor| inside.blocks().all(|block| block != successor))
    };
    may_leave(inside.head)
        && !inside.latches.iter().any(|&latch| may_leave(latch))
        && head.statements.iter().filter(|statement| !is_poll(statement)).count() <= MAX_STATEMENTS
        && head.statements.iter().all(|statement| is_silent(function, &statement.kind))
}

fn is_poll(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Poll(_))
}

fn test_at_end(function: &mut Function, inside: &Loop) {
    let test = function.blocks[inside.head].clone();
    let copy = function.blocks.push(test);
    for &latch in &inside.latches {
        function.blocks[latch].terminator.kind.for_each_successor_mut(|successor| {
            if *successor == inside.head {
                *successor = copy;
            }
        });
    }
}
