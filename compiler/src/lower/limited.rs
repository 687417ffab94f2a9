//! Scopes with a limit, and transactions, whose bodies leave more than that: the function around it, or a loop.
//!
//! A body is a closure, so it cannot go there. It gives `None`, and says by a number in a variable of the function how it has
//! left, with the value that it left with in another. The function looks, and goes on as if it had left the scope by itself.

use plat_syntax::source::Span;

use super::function::{Dest, Frame, FunctionLowerer};
use crate::bug;
use crate::hir::{Body, ExprId, ExprKind, FieldId, Gives, Leave, VariantId};
use crate::mir::{
    BlockId, Capture, Const, Function, Local, LocalKind, Operand, Place, Projection, Rvalue, TerminatorKind,
};
use crate::types::{Ty, TyKind};

/// How the body of a limited scope, or a transaction, may leave more than itself, as locals of the function around it, or of its own.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    /// 0 as long as it has not, else the number of the way, from 1.
    how: Local,
    ways: Vec<Way>,
    /// What the function around it, or the task or closure, gives.
    result: Ty,
}

/// A way.
#[derive(Clone, Debug)]
struct Way {
    leave: Leave,
    /// Where the value is that it is left with, as an `Option`, and its type.
    value: Option<(Local, Ty)>,
}

/// Where a jump leads.
enum Target {
    /// Out of the frames from this number on, and to the block; the value goes to the destination.
    Block(usize, BlockId, Dest),
    /// Out of the function that is lowered.
    Return,
    /// Out of the function around it: the number of the way, and the way.
    Outwards(i128, Way),
}

impl FunctionLowerer<'_, '_> {
    /// A scope or transaction whose bodies, which are closures, may leave more than that; `call` runs them.
    pub fn lower_leavable(
        &mut self,
        dest: Dest,
        expr: ExprId,
        call: ExprId,
        bodies: &[ExprId],
        gives: Gives,
    ) {
        let span = self.span(expr);
        let ways = self.begin_ways(bodies[0], span);
        self.limited.extend(bodies.iter().map(|&body| (body, ways.clone())));
        let result = self.lower_to_temp(call);
        let blocks: Vec<BlockId> = ways.ways.iter().map(|_| self.builder.new_block()).collect();
        let stays = self.builder.new_block();
        let cases = (1..).zip(blocks.iter().copied()).collect();
        self.builder.terminate(TerminatorKind::Switch(Operand::Use(ways.how.into()), cases, stays), span);
        for (way, block) in ways.ways.into_iter().zip(blocks) {
            self.builder.switch_to(block);
            self.leave(way.leave, span, |this, dest| {
                if let (Some((slot, ty)), Dest::Local(_)) = (way.value, dest) {
                    let value = Operand::Use(content(slot));
                    this.store(dest, ty, Rvalue::Use(value), span);
                }
            });
        }
        self.builder.switch_to(stays);
        let ty = self.ty(expr);
        match gives {
            _ if ty.is_never() => self.builder.terminate(TerminatorKind::Unreachable, span),
            Gives::Result => self.take_out_of_option(dest, result, ty, span),
            Gives::Value => {
                let value = self.use_place(content(result));
                self.store(dest, ty, Rvalue::Use(value), span);
            }
        }
    }

    /// `Ok(Some(value))` becomes `Ok(value)`.
    fn take_out_of_option(&mut self, dest: Dest, from: Local, ty: Ty, span: Span) {
        let Dest::Local(_) = dest else { return };
        let [ok, err, end] = [(); 3].map(|()| self.builder.new_block());
        self.switch_on_variant(&from.into(), vec![(i128::from(VariantId::OK.0), ok)], err, span);
        let some = content(from);
        let value = some.project(Projection::VariantField(VariantId::SOME, FieldId(0)));
        let error = Place::from(from).project(Projection::VariantField(VariantId::ERR, FieldId(0)));
        for (block, variant, place) in [(ok, VariantId::OK, value), (err, VariantId::ERR, error)] {
            self.builder.switch_to(block);
            let operand = self.use_place(place);
            self.store(dest, ty, Rvalue::Aggregate(ty, Some(variant), vec![operand]), span);
            self.builder.goto(end, span);
        }
        self.builder.switch_to(end);
    }

    /// The variables that say how the body has left.
    fn begin_ways(&mut self, closure: ExprId, span: Span) -> Ways {
        let body: &Body = self.body;
        let ExprKind::Closure(closure) = &body.exprs[closure].kind else {
            bug!(span, "a limited scope without a body")
        };
        let how = self.builder.assign_temp(Ty::int(), Rvalue::Use(Self::int(0)), span);
        let mut ways = Vec::with_capacity(closure.leaves.len());
        for &leave in &closure.leaves {
            let value = self.left_with(leave, span).map(|ty| {
                let option = self.option_of(ty);
                let none = Rvalue::Aggregate(option, Some(VariantId::NONE), Vec::new());
                (self.builder.assign_temp(option, none, span), ty)
            });
            ways.push(Way { leave, value });
        }
        let ways = Ways { how, ways, result: self.returned_ty() };
        for local in ways.locals() {
            self.changing.insert(local);
            self.referenced.insert(local);
        }
        ways
    }

    fn option_of(&self, ty: Ty) -> Ty {
        Ty::enumeration(self.program.option(), &[ty])
    }

    /// The type of the value that a jump may have, unless it is dropped.
    fn left_with(&self, leave: Leave, span: Span) -> Option<Ty> {
        match self.target(leave, span) {
            Target::Return => Some(self.returned_ty()).filter(|ty| !ty.is_unit() && !ty.is_never()),
            Target::Block(_, _, Dest::Local(local)) if !matches!(leave, Leave::Round(_)) => {
                Some(self.builder.function().locals[local].ty)
            }
            Target::Block(..) => None,
            Target::Outwards(_, way) => way.value.map(|(_, ty)| ty),
        }
    }

    /// What `return` has to give.
    pub fn returned_ty(&self) -> Ty {
        match &self.ways {
            Some(ways) => ways.result,
            None if self.init_self.is_some() => Ty::unit(),
            None => self.builder.function().result_ty(),
        }
    }

    /// Leaves a loop or the function; `store` puts the value that it is left with where it goes.
    pub fn leave(&mut self, leave: Leave, span: Span, store: impl FnOnce(&mut Self, Dest)) {
        match self.target(leave, span) {
            Target::Block(depth, block, dest) => {
                store(self, dest);
                self.leave_frames(depth + 1, span);
                self.builder.goto(block, span);
            }
            Target::Return => {
                store(self, self.result_dest());
                self.return_result(span);
            }
            Target::Outwards(number, way) => self.leave_outwards(number, way.value, span, store),
        }
    }

    /// Leaves the body of a limited scope. How, it says last: a scope that is cancelled while it waits for its tasks has not been left.
    fn leave_outwards(
        &mut self,
        number: i128,
        slot: Option<(Local, Ty)>,
        span: Span,
        store: impl FnOnce(&mut Self, Dest),
    ) {
        let value = slot.map(|(slot, ty)| (slot, ty, self.builder.temp(ty)));
        store(self, value.map_or(Dest::Nothing, |(_, _, temp)| Dest::Local(temp)));
        self.leave_frames(0, span);
        if let Some((slot, ty, temp)) = value {
            let some = vec![Operand::Use(temp.into())];
            self.builder.assign(
                slot,
                Rvalue::Aggregate(self.option_of(ty), Some(VariantId::SOME), some),
                span,
            );
        }
        let Some(ways) = &self.ways else { bug!(span, "leaves what is not around it") };
        let how = ways.how;
        self.builder.assign(how, Rvalue::Use(Self::int(number)), span);
        let none = Rvalue::Aggregate(self.builder.function().result_ty(), Some(VariantId::NONE), Vec::new());
        self.builder.assign(Function::RESULT, none, span);
        self.builder.terminate(TerminatorKind::Return, span);
    }

    fn target(&self, leave: Leave, span: Span) -> Target {
        let found = self.frames.iter().enumerate().find_map(|(depth, frame)| match (leave, frame) {
            (Leave::Loop(wanted), &Frame::Loop { id, exit, dest, .. }) if id == wanted => {
                Some(Target::Block(depth, exit, dest))
            }
            (Leave::Round(wanted), &Frame::Loop { id, next, .. }) if id == wanted => {
                Some(Target::Block(depth, next, Dest::Nothing))
            }
            _ => None,
        });
        let outwards = || {
            let ways = &self.ways.as_ref()?.ways;
            let position = ways.iter().position(|way| way.leave == leave)?;
            Some(Target::Outwards(position as i128 + 1, ways[position].clone()))
        };
        match found.or_else(outwards) {
            Some(target) => target,
            None if leave == Leave::Function => Target::Return,
            None => bug!(span, "leaves {leave:?}, which does not enclose it"),
        }
    }

    /// What a closure captures to say how it leaves more than itself.
    pub fn captured_ways(&self, expr: ExprId) -> Vec<Capture> {
        let ways = self.limited.get(&expr);
        ways.into_iter().flat_map(Ways::locals).map(|local| Capture::Place(local.into())).collect()
    }

    /// The parameters of a closure's body for what `captured_ways` gives.
    pub fn declare_ways(&mut self, around: Option<&Ways>) {
        self.ways = around.map(|around| {
            let how = self.builder.param(Ty::int(), None, LocalKind::Inout);
            let ways = around.ways.iter().map(|way| Way {
                leave: way.leave,
                value: way
                    .value
                    .map(|(_, ty)| (self.builder.param(self.option_of(ty), None, LocalKind::Inout), ty)),
            });
            Ways { how, ways: ways.collect(), result: around.result }
        });
    }

    /// Lowers the body of a limited scope that may leave more than itself: what it gives is in an `Option`.
    pub fn lower_limited_body(&mut self, value: ExprId, span: Span) {
        let result = self.builder.function().result_ty();
        let TyKind::Enum(_, &[ty]) = *result.kind() else { bug!(span, "a limited body gives {result:?}") };
        let Some(ways) = &self.ways else { bug!(span, "leaves what is not around it") };
        // A transaction may have left otherwise when it ran before.
        let how = ways.how;
        self.builder.assign(how, Rvalue::Use(Self::int(0)), span);
        let has_value = !ty.is_unit() && !ty.is_never();
        let temp = has_value.then(|| self.builder.temp(ty));
        self.lower_into(temp.map_or(Dest::Nothing, Dest::Local), value);
        let given = temp.map_or(Operand::Const(Const::Unit), |temp| Operand::Use(temp.into()));
        self.builder.assign(
            Function::RESULT,
            Rvalue::Aggregate(result, Some(VariantId::SOME), vec![given]),
            span,
        );
        self.return_result(span);
    }
}

impl Ways {
    /// How many captures they are.
    pub fn count(&self) -> u32 {
        self.locals().count() as u32
    }

    fn locals(&self) -> impl Iterator<Item = Local> {
        let values = self.ways.iter().filter_map(|way| way.value.map(|(slot, _)| slot));
        std::iter::once(self.how).chain(values)
    }
}

/// What is in the `Some` of an `Option`, or in the `Ok` of a `Result`: both come first.
fn content(local: Local) -> Place {
    Place::from(local).project(Projection::VariantField(VariantId::SOME, FieldId(0)))
}
