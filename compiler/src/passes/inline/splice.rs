//! Puts the body of a function in place of one call.

use plat_syntax::index::IndexVec;
use plat_syntax::source::Span;

use super::sites;
use crate::bug;
use crate::mir::{
    Argument, Block, BlockId, Const, Function, InlineSiteId, Local, LocalDecl, LocalKind, Operand, Place,
    Projection, Rvalue, Statement, StatementKind, Terminator, TerminatorKind,
};
use crate::types::Ty;

/// Replaces the call at `position` of `block` by the body of what it calls. `is_observed` says of which types the program can tell
/// when a value is released: what the callee only borrows of those stays its caller's until the end of the call.
pub fn splice(
    caller: &mut Function,
    block: BlockId,
    position: usize,
    callee: &Function,
    is_observed: &impl Fn(Ty) -> bool,
) {
    let mut rest = caller.blocks[block].statements.split_off(position);
    let call = rest.remove(0);
    let site = sites::add(caller, callee, &call);
    let StatementKind::Call { target, args, .. } = call.kind else { bug!(call.span, "inlines no call") };
    let end = caller.blocks[block].terminator.clone();
    let after = caller.blocks.push(Block { statements: Vec::new(), terminator: end });
    let entry = BlockId(caller.blocks.next_id().0);
    let direct = target.as_ref().and_then(Place::as_local).filter(|&local| is_apart(caller, local, &args));
    let result_place = Place::from(direct.unwrap_or_else(|| caller.add_temp(callee.result_ty())));
    let mut places = IndexVec::new();
    places.push(result_place.clone());
    let mut statements = Vec::with_capacity(rest.len() + 2);
    let lent = lent_locals(callee, &args, is_observed);
    if !lent.is_empty() {
        statements.push(Statement { kind: StatementKind::Touch(lent), span: call.span, site: call.site });
    }
    for (param, arg) in callee.params().zip(args) {
        let decl = &callee.locals[param];
        // What is given away ends with the callee, and not with the block of the caller.
        let is_given = decl.kind == LocalKind::Owned && is_observed(decl.ty);
        let is_apart = |place: &Place| is_given || !place.projections.is_empty() && is_index(callee, param);
        let place = pass(caller, block, decl.ty, is_apart, arg, (call.span, call.site));
        places.push(place);
    }
    // All of the callee is deeper than what the caller has by now.
    let depth = caller.deepest + 1;
    for decl in &callee.locals.as_slice()[places.len()..] {
        let decl = LocalDecl { depth: depth + decl.depth, ..decl.clone() };
        places.push(caller.locals.push(decl).into());
    }
    caller.deepest = depth + callee.deepest;
    let renaming = Renaming { places, first_block: entry, after, site };
    for body in callee.blocks.iter() {
        let body = renaming.block(body);
        caller.blocks.push(body);
    }
    caller.blocks[block].terminator = Terminator { kind: TerminatorKind::Goto(entry), span: call.span };
    // Functions do not store `()`.
    let is_unit = callee.result_ty().is_unit();
    if let Some(target) = target.filter(|_| direct.is_none() || is_unit) {
        let value = if is_unit { Operand::Const(Const::Unit) } else { Operand::Use(result_place) };
        let kind = StatementKind::Assign(target, Rvalue::Use(value));
        statements.push(Statement { kind, span: call.span, site: call.site });
    }
    statements.append(&mut rest);
    caller.blocks[after].statements = statements;
}

/// The locals that hold what the callee borrows and the program can tell the end of.
fn lent_locals(callee: &Function, args: &[Argument], is_observed: &impl Fn(Ty) -> bool) -> Vec<Local> {
    let lent = callee.params().zip(args).filter_map(|(param, arg)| match arg {
        Argument::Value(operand) => {
            let decl = &callee.locals[param];
            let is_lent = decl.kind == LocalKind::Borrowed && is_observed(decl.ty);
            operand.place().filter(|_| is_lent).map(|place| place.local)
        }
        Argument::Place(_) => None,
    });
    lent.collect()
}

/// Whether the local is a variable that the callee cannot see: what it returns may then be built right there.
fn is_apart(caller: &Function, local: Local, args: &[Argument]) -> bool {
    let mentions = |place: &Place| place.local == local || place.indices().any(|index| index == local);
    let is_seen = args.iter().any(|arg| match arg {
        Argument::Place(place) => mentions(place),
        Argument::Value(operand) => operand.place().is_some_and(mentions),
    });
    !is_seen && matches!(caller.locals[local].kind, LocalKind::Variable | LocalKind::Result)
}

/// The place that stands for a parameter of this type in the caller. Constants, and what is to be apart, take a new local.
fn pass(
    caller: &mut Function,
    block: BlockId,
    ty: Ty,
    is_apart: impl Fn(&Place) -> bool,
    arg: Argument,
    (span, site): (Span, Option<InlineSiteId>),
) -> Place {
    let operand = match arg {
        Argument::Place(place) => return place,
        Argument::Value(Operand::Use(place)) if !is_apart(&place) => return place,
        Argument::Value(operand) => operand,
    };
    let local = caller.add_temp(ty);
    let kind = StatementKind::Assign(local.into(), Rvalue::Use(operand));
    caller.blocks[block].statements.push(Statement { kind, span, site });
    local.into()
}

/// Whether a place of the function is indexed by the parameter.
fn is_index(function: &Function, param: Local) -> bool {
    let mut found = false;
    let mut visit = |place: &Place| found |= place.indices().any(|index| index == param);
    for block in function.blocks.iter() {
        for statement in &block.statements {
            statement.kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut visit));
            statement.kind.for_each_place(|place, _| visit(place));
        }
        block.terminator.kind.operand().and_then(Operand::place).into_iter().for_each(&mut visit);
    }
    found
}

/// What the callee's locals and blocks are called in the caller.
struct Renaming {
    places: IndexVec<Local, Place>,
    first_block: BlockId,
    after: BlockId,
    /// The site of the call.
    site: InlineSiteId,
}

impl Renaming {
    fn block(&self, block: &Block) -> Block {
        let mut block = block.clone();
        for statement in &mut block.statements {
            statement.site = Some(sites::moved(statement.site, self.site));
            let kind = &mut statement.kind;
            kind.for_each_operand_mut(|operand| {
                if let Some(place) = operand.place_mut() {
                    self.rename(place);
                }
            });
            kind.for_each_place_mut(|place, _| self.rename(place));
            if let StatementKind::Touch(locals) = kind {
                locals.iter_mut().for_each(|local| *local = self.places[*local].local);
            } else {
                kind.for_each_named_local_mut(|local| *local = self.local(*local));
            }
        }
        let terminator = &mut block.terminator;
        if let Some(place) = terminator.kind.operand_mut().and_then(Operand::place_mut) {
            self.rename(place);
        }
        terminator.kind.for_each_successor_mut(|target| target.0 += self.first_block.0);
        if terminator.kind == TerminatorKind::Return {
            terminator.kind = TerminatorKind::Goto(self.after);
        }
        block
    }

    fn rename(&self, place: &mut Place) {
        let base = &self.places[place.local];
        let steps = place.projections.iter().map(|&step| match step {
            Projection::Element(index) => Projection::Element(self.local(index)),
            step => step,
        });
        let projections = base.projections.iter().copied().chain(steps).collect();
        *place = Place { local: base.local, projections };
    }

    /// A local that is named without a place: never a parameter with a way into it.
    fn local(&self, local: Local) -> Local {
        self.places[local].as_local().unwrap_or_else(|| bug!("{local} is no local in the caller"))
    }
}
