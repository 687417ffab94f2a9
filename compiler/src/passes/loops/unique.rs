//! Lists are made unique where that is not known already, and before a loop rather than in every round.
//!
//! A store into an element is preceded by a call that makes the list unique. A list stays so until it is copied: until
//! something reads a value that contains it, or it is assigned. The call moves out of a loop in which nothing does that, if
//! every round makes it: a loop that only may store must not copy a list for nothing.

use super::natural::{Dominators, Loop, loops};
use super::overlap::{affects, covers, exposed, is_tracked};
use crate::hir::FieldId;
use crate::mir::{
    Argument, BlockId, Callee, Function, FunctionId, Place, Projection, Statement, StatementKind,
};

/// Drops and moves the calls, and says whether there were any.
pub(super) fn run(function: &mut Function, is_make_unique: &impl Fn(FunctionId) -> bool) -> bool {
    let lists = Lists::new(function, is_make_unique);
    if lists.places.is_empty() {
        return false;
    }
    hoist(function, &lists);
    drop_known(function, &lists);
    true
}

/// The list that a statement makes unique, if that is all it does.
pub(in crate::passes) fn made_unique<'k>(
    kind: &'k StatementKind,
    is_make_unique: &impl Fn(FunctionId) -> bool,
) -> Option<&'k Place> {
    match kind {
        StatementKind::Call { callee: Callee::Function(id), args, .. } if is_make_unique(*id) => {
            match &args[..] {
                [Argument::Place(list)] => Some(list),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The lists that a function makes unique.
struct Lists<'f, F> {
    places: Vec<Place>,
    is_make_unique: &'f F,
}

impl<'f, F: Fn(FunctionId) -> bool> Lists<'f, F> {
    fn new(function: &Function, is_make_unique: &'f F) -> Self {
        let exposed = exposed(function);
        let mut places = Vec::new();
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let Some(list) = made_unique(&statement.kind, is_make_unique)
                && is_tracked(list, &exposed)
                && !places.contains(list)
            {
                places.push(list.clone());
            }
        }
        Self { places, is_make_unique }
    }

    fn made_unique<'k>(&self, kind: &'k StatementKind) -> Option<&'k Place> {
        made_unique(kind, self.is_make_unique)
    }

    fn find(&self, kind: &StatementKind) -> Option<usize> {
        let list = self.made_unique(kind)?;
        self.places.iter().position(|place| place == list)
    }

    /// What is known after a statement, given what is known before it.
    fn step(&self, known: &mut [bool], kind: &StatementKind) {
        if let Some(list) = self.made_unique(kind) {
            let position = self.places.iter().position(|place| place == list);
            if position.is_some_and(|position| known[position]) {
                return;
            }
            // A copy of the list shares what is in it.
            for (known, place) in known.iter_mut().zip(&self.places) {
                *known &= !covers(list, place);
            }
            if let Some(position) = position {
                known[position] = true;
            }
            return;
        }
        for (known, place) in known.iter_mut().zip(&self.places) {
            *known = *known && !ends_uniqueness(kind, place);
        }
    }
}

/// Whether after the statement something else may refer to the list's buffer, or another list stand there.
fn ends_uniqueness(kind: &StatementKind, list: &Place) -> bool {
    let buffer = list.clone().project(Projection::Field(FieldId(0)));
    let mut copies = false;
    kind.for_each_operand(|operand| {
        copies |= operand.place().is_some_and(|place| covers(place, &buffer));
    });
    let keeps_buffer = match kind {
        StatementKind::SetLength(changed, _) => *changed == buffer,
        _ => false,
    };
    copies || !keeps_buffer && affects(kind, &buffer)
}

/// Drops the calls for lists that are unique on every way there.
fn drop_known<F: Fn(FunctionId) -> bool>(function: &mut Function, lists: &Lists<'_, F>) {
    let on_entry = solve(function, lists);
    for (block, known) in function.blocks.iter_mut().zip(on_entry) {
        let Some(mut known) = known else { continue };
        block.statements.retain(|statement| {
            let is_known = lists.find(&statement.kind).is_some_and(|position| known[position]);
            lists.step(&mut known, &statement.kind);
            !is_known
        });
    }
}

/// What is known on entry to each block that can be reached.
fn solve<F: Fn(FunctionId) -> bool>(function: &Function, lists: &Lists<'_, F>) -> Vec<Option<Vec<bool>>> {
    let mut on_entry: Vec<Option<Vec<bool>>> = vec![None; function.blocks.len()];
    on_entry[0] = Some(vec![false; lists.places.len()]);
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for (id, block) in function.blocks.iter_enumerated() {
            let Some(mut known) = on_entry[id.0 as usize].clone() else { continue };
            for statement in &block.statements {
                lists.step(&mut known, &statement.kind);
            }
            for successor in block.terminator.kind.successors() {
                changed |= meet(&mut on_entry[successor.0 as usize], &known);
            }
        }
    }
    on_entry
}

fn meet(into: &mut Option<Vec<bool>>, known: &[bool]) -> bool {
    let Some(into) = into else {
        *into = Some(known.to_vec());
        return true;
    };
    let before = into.clone();
    for (into, &known) in into.iter_mut().zip(known) {
        *into &= known;
    }
    *into != before
}

/// Moves calls before the loops in which they give the same in every round, inner loops first.
fn hoist<F: Fn(FunctionId) -> bool>(function: &mut Function, lists: &Lists<'_, F>) {
    let dominators = Dominators::new(function);
    for inner in loops(function, &dominators).iter().rev() {
        for list in &lists.places {
            if list.indices().next().is_none() && stays_unique(function, inner, list, lists) {
                hoist_list(function, inner, list, lists, &dominators);
            }
        }
    }
}

fn stays_unique<F: Fn(FunctionId) -> bool>(
    function: &Function,
    inside: &Loop,
    list: &Place,
    lists: &Lists<'_, F>,
) -> bool {
    let mut statements = inside.blocks().flat_map(|block| &function.blocks[block].statements);
    statements.all(|statement| match lists.made_unique(&statement.kind) {
        Some(other) => other == list || !covers(other, list),
        None => !ends_uniqueness(&statement.kind, list),
    })
}

/// Moves the calls for one list, if every round makes one.
fn hoist_list<F: Fn(FunctionId) -> bool>(
    function: &mut Function,
    inside: &Loop,
    list: &Place,
    lists: &Lists<'_, F>,
    dominators: &Dominators,
) {
    let is_call = |statement: &Statement| lists.made_unique(&statement.kind) == Some(list);
    let is_in_every_round =
        |block: &BlockId| inside.latches.iter().all(|&latch| dominators.dominates(*block, latch));
    let mut always = inside.blocks().filter(is_in_every_round);
    let call =
        always.find_map(|block| function.blocks[block].statements.iter().find(|s| is_call(s)).cloned());
    let Some(call) = call else { return };
    for block in inside.blocks() {
        function.blocks[block].statements.retain(|statement| !is_call(statement));
    }
    function.blocks[inside.preheader].statements.push(call);
}
