//! Buffers that a loop reaches again and again by the same way are found once, before it.
//!
//! A *view* is a local that holds a buffer which another place owns. Nothing counts it, so that it is good only while that
//! place stays as it is: it is made for loops in which nothing changes what stands on the way. It stands for the place in every
//! access, also where elements are changed through it. Runs when copies have been dealt with: what changes through a view
//! is not seen as a change of what the view was made from.

use super::checks::is_same_in_every_round;
use super::natural::{Dominators, Loop, loops, make_preheaders};
use super::overlap::exposed;
use plat_syntax::index::Id;

use crate::hir::Definitions;
use crate::mir::{
    Function, FunctionId, Local, LocalKind, Operand, Place, Projection, Rvalue, Statement, StatementKind,
};
use crate::passes::ranges::Ranges;
use crate::passes::simplify;

/// Makes views in the loops of a function.
pub(in crate::passes) fn run(function: &mut Function, definitions: &Definitions) {
    if !mentions_distant_buffer(function) || !make_preheaders(function) {
        return;
    }
    let dominators = Dominators::new(function);
    let exposed = exposed(function);
    let nothing = |_: FunctionId| false;
    let mut ranges = Ranges::solve_all(function, definitions, &nothing);
    for outer in loops(function, &dominators) {
        for buffer in distant_buffers(function, &outer) {
            let exists = ranges.elements_exist(outer.preheader, &buffer);
            if exists && is_same_in_every_round(function, &outer, &buffer, &exposed, &nothing) {
                let view = make_view(function, definitions, &outer, &buffer);
                ranges.rename(&buffer, view);
            }
        }
    }
    simplify::clean_blocks(function);
}

/// Whether the buffer is somewhere in memory rather than in a local of its own.
fn is_distant(function: &Function, buffer: &Place) -> bool {
    buffer.indices().next().is_some() || function.locals[buffer.local].kind == LocalKind::Inout
}

fn mentions_distant_buffer(function: &Function) -> bool {
    let mut found = false;
    for block in function.blocks.iter() {
        for_each_buffer(&block.statements, |buffer| found |= is_distant(function, buffer));
    }
    found
}

/// The buffers that a loop accesses elements of, outer ones first.
fn distant_buffers(function: &Function, inside: &Loop) -> Vec<Place> {
    let mut buffers: Vec<Place> = Vec::new();
    for block in inside.blocks() {
        for_each_buffer(&function.blocks[block].statements, |buffer| {
            if is_distant(function, buffer) && !buffers.contains(buffer) {
                buffers.push(buffer.clone());
            }
        });
    }
    buffers.sort_by_key(|buffer| buffer.projections.len());
    buffers
}

/// Calls `visit` with each buffer of which a statement accesses an element.
fn for_each_buffer(statements: &[Statement], mut visit: impl FnMut(&Place)) {
    let mut visit_place = |place: &Place| {
        for (length, step) in place.projections.iter().enumerate() {
            if length > 0 && matches!(step, Projection::Element(_)) {
                visit(&Place { local: place.local, projections: place.projections[..length].to_vec() });
            }
        }
    };
    for statement in statements {
        statement.kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut visit_place));
        statement.kind.for_each_place(|place, _| visit_place(place));
    }
}

/// Puts a view in place of the buffer throughout a loop.
fn make_view(function: &mut Function, definitions: &Definitions, inside: &Loop, buffer: &Place) -> Local {
    let ty = function.place_ty(definitions, buffer);
    let view = function.add_innermost(ty, LocalKind::View);
    for block in inside.blocks() {
        for statement in &mut function.blocks[block].statements {
            statement.kind.for_each_operand_mut(|operand| {
                // Who takes the buffer itself takes it from its owner.
                if let Some(place) = operand.place_mut().filter(|place| *place != buffer) {
                    look_through(place, buffer, view);
                }
            });
            statement.kind.for_each_place_mut(|place, _| look_through(place, buffer, view));
        }
        if let Some(place) = function.blocks[block].terminator.kind.operand_mut().and_then(Operand::place_mut)
        {
            look_through(place, buffer, view);
        }
    }
    let span = function.blocks[inside.preheader].terminator.span;
    let kind = StatementKind::Assign(view.into(), Rvalue::Use(Operand::Use(buffer.clone())));
    function.blocks[inside.preheader].statements.push(Statement { kind, span, site: None });
    view
}

/// Replaces the buffer by its view where the place is in it.
fn look_through(place: &mut Place, buffer: &Place, view: Local) {
    let length = buffer.projections.len();
    let begins_there = place.local == buffer.local && place.projections.starts_with(&buffer.projections);
    if begins_there {
        place.local = view;
        place.projections.drain(..length);
    }
}

/// Of each view of a function, the locals that own what it shows: more than one if it shows them as a whole that is made nowhere.
pub(in crate::passes) fn owners(function: &Function) -> Vec<Vec<Local>> {
    let mut sources = vec![Vec::new(); function.locals.len()];
    for statement in function.statements() {
        if let StatementKind::Assign(target, _) = &statement.kind
            && let Some(view) = target.as_local()
            && function.locals[view].kind == LocalKind::View
        {
            let sources: &mut Vec<Local> = &mut sources[view.index()];
            statement.kind.for_each_operand(|operand| sources.extend(operand.place().map(|it| it.local)));
        }
    }
    function.locals.ids().map(|local| ends_of(local, &sources)).collect()
}

/// Where the ways from a view to what it shows end.
fn ends_of(view: Local, sources: &[Vec<Local>]) -> Vec<Local> {
    let (mut ends, mut pending) = (Vec::new(), sources[view.index()].clone());
    while let Some(local) = pending.pop() {
        match sources[local.index()].as_slice() {
            [] => ends.push(local),
            further => pending.extend(further),
        }
    }
    ends.sort_unstable();
    ends.dedup();
    ends
}
