//! Puts small functions in place of their calls.
//!
//! The library is written in small functions (`xs.push(x)`, `ch.recv()`, `option.unwrap()`), and a call costs more than
//! most of them do. Runs before ownership is decided, so that values pass in and out without being counted.
//! Functions are visited callees first; what is put in has been inlined into itself.
//!
//! A parameter becomes the place that is passed for it, without a copy. That is sound because nothing the callee does
//! may change that place: places passed with `&` overlap no other argument, which `typeck` and `lower` see to.

use plat_syntax::index::{Id, IndexVec};

use crate::mir::{
    BlockId, Callee, Function, FunctionId, FunctionKind, LocalKind, Mir, Rvalue, StatementKind,
    TerminatorKind,
};

mod sites;
mod splice;

/// Statements that a callee may have, calls counted [`CALL_WEIGHT`] times. Enough for every accessor of the library and
/// for `List.push`; with twice as much, code grows by a third and nothing we measure gets faster.
const MAX_WEIGHT: usize = 24;

/// How much a call adds: what it takes to pass arguments and to describe the frame to the unwinder.
const CALL_WEIGHT: usize = 3;

/// How much it adds to make a buffer or to move elements: each is a call too, with branches around it. What does both is
/// the slow path of something, and stays apart.
const BUFFER_WEIGHT: usize = 10;

/// Where a function stops growing.
const MAX_CALLER_STATEMENTS: usize = 4000;

/// Inlined calls that a callee may have in it. Chains of functions that do nothing but call the next would otherwise be described
/// once more for each of their links.
const MAX_SITES: usize = 256;

/// Inlines in every function those small ones that are `wanted`.
pub fn run(mir: &mut Mir, wanted: impl Fn(&Function) -> bool) {
    let mut is_small = IndexVec::filled(mir.functions.len(), false);
    for id in callees_first(mir) {
        inline_into(mir, id, &is_small);
        sites::keep_mentioned(&mut mir.functions[id]);
        is_small[id] = wanted(&mir.functions[id]) && is_inlinable(&mir.functions[id], id);
    }
}

/// All functions, each after those it calls, as far as they do not call each other in a circle.
fn callees_first(mir: &Mir) -> Vec<FunctionId> {
    let mut order = Vec::with_capacity(mir.functions.len());
    let mut seen = vec![false; mir.functions.len()];
    for root in mir.functions.ids() {
        if std::mem::replace(&mut seen[root.index()], true) {
            continue;
        }
        let mut stack = vec![(root, callees(&mir.functions[root]))];
        while let Some((id, pending)) = stack.last_mut() {
            let Some(callee) = pending.pop() else {
                order.push(*id);
                stack.pop();
                continue;
            };
            if !std::mem::replace(&mut seen[callee.index()], true) {
                stack.push((callee, callees(&mir.functions[callee])));
            }
        }
    }
    order
}

fn callees(function: &Function) -> Vec<FunctionId> {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let callees = statements.filter_map(|statement| match statement.kind.callee() {
        Some(Callee::Function(id)) => Some(*id),
        _ => None,
    });
    callees.collect()
}

/// Whether calls of the function are replaced. A function that does not return only runs when it is too late to be fast.
fn is_inlinable(function: &Function, id: FunctionId) -> bool {
    let mut weight = 0;
    for block in function.blocks.iter() {
        for statement in &block.statements {
            weight += match &statement.kind {
                StatementKind::Call { callee: Callee::Function(callee), .. } if *callee == id => {
                    return false;
                }
                StatementKind::Call { .. } => CALL_WEIGHT,
                StatementKind::MoveElements { .. } | StatementKind::Assign(_, Rvalue::NewBuffer(..)) => {
                    BUFFER_WEIGHT
                }
                StatementKind::ScopeEnter(_) | StatementKind::Spawn { .. } | StatementKind::Defer { .. } => {
                    return false;
                }
                _ => 1,
            };
        }
    }
    let returns = function.blocks.iter().any(|block| block.terminator.kind == TerminatorKind::Return);
    function.kind != FunctionKind::TaskBody
        && weight <= MAX_WEIGHT
        && function.inline_sites.len() <= MAX_SITES
        && returns
        && !has_loop(function)
        && !assigns_params(function)
}

/// Whether a block leads back to itself or one before it.
fn has_loop(function: &Function) -> bool {
    let mut position = vec![0; function.blocks.len()];
    let order = function.reverse_postorder();
    for (at, block) in order.iter().enumerate() {
        position[block.index()] = at;
    }
    order.iter().any(|&block| {
        let successors = function.blocks[block].terminator.kind.successors();
        successors.iter().any(|successor| position[successor.index()] <= position[block.index()])
    })
}

/// Whether the function changes a parameter that is not `inout`. Lowering makes no such function.
fn assigns_params(function: &Function) -> bool {
    let mut assigns = false;
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        statement.kind.for_each_place(|place, access| {
            let is_param = (1..=function.param_count).contains(&place.local.0);
            let is_inout = function.locals[place.local].kind == LocalKind::Inout;
            assigns |= is_param && !is_inout && access != crate::mir::visit::Access::Inspect;
        });
    }
    assigns
}

/// Replaces the calls of small functions in `caller`, from the last to the first so that what is put in is not visited.
fn inline_into(mir: &mut Mir, caller: FunctionId, is_small: &IndexVec<FunctionId, bool>) {
    let mut size: usize = mir.functions[caller].blocks.iter().map(|block| block.statements.len()).sum();
    for block in mir.functions[caller].blocks.ids().rev() {
        for position in (0..mir.functions[caller].blocks[block].statements.len()).rev() {
            let Some(callee) = small_callee(&mir.functions[caller], block, position, is_small) else {
                continue;
            };
            if size > MAX_CALLER_STATEMENTS {
                return;
            }
            let body = mir.functions[callee].clone();
            size += body.blocks.iter().map(|block| block.statements.len()).sum::<usize>();
            splice::splice(&mut mir.functions[caller], block, position, &body);
        }
    }
}

fn small_callee(
    function: &Function,
    block: BlockId,
    position: usize,
    is_small: &IndexVec<FunctionId, bool>,
) -> Option<FunctionId> {
    match function.blocks[block].statements[position].kind {
        StatementKind::Call { callee: Callee::Function(id), .. } if is_small[id] => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
