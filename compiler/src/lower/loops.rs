//! Loops. Each tests its condition at the end of a round, and once before the first: one jump per round.

use plat_abi::functions::RuntimeFn;
use plat_syntax::source::Span;

use super::function::{Dest, Frame, FunctionLowerer};
use super::place::{Access, ENTRY, ENTRY_KEY, ENTRY_VALUE, STORAGE};
use crate::bug;
use crate::hir::{BinaryOp, ExprId, ExprKind, FieldId, LoopId, PatId, PatKind, VariantId};
use crate::mir::{
    Argument, BlockId, Callee, CastKind, Const, Local, Operand, Place, Poll, Projection, Rvalue,
    StatementKind, TerminatorKind,
};
use crate::typeck::results::{Iteration, IteratorCalls};
use crate::types::{IntTy, Ty, TyKind};

/// How a counted loop counts. The counter never goes past its end, so it cannot overflow.
struct Counter {
    /// The number of this round.
    current: Local,
    /// Where it stops.
    end: Operand,
    /// Whether `end` belongs to it.
    end_kind: EndKind,
    blocks: Blocks,
    span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EndKind {
    /// The first number that does not belong to the loop.
    Exclusive,
    /// The last number.
    Inclusive,
}

/// A `for` that is being lowered.
struct ForTarget {
    id: LoopId,
    pat: PatId,
    body: ExprId,
    span: Span,
}

/// The blocks of a loop.
#[derive(Clone, Copy)]
struct Blocks {
    body: BlockId,
    next: BlockId,
    exit: BlockId,
}

impl FunctionLowerer<'_, '_> {
    fn loop_blocks(&mut self) -> Blocks {
        let [body, next, exit] = [(); 3].map(|()| self.builder.new_block());
        Blocks { body, next, exit }
    }

    /// Where every round of a loop passes.
    fn poll(&mut self, span: Span) {
        self.builder.push(StatementKind::Poll(Poll::Ends), span);
    }

    /// Lowers the body of a loop in the current block, and goes on with `next`. The names of the patterns are new in each
    /// round.
    fn lower_loop_body(&mut self, id: LoopId, blocks: Blocks, dest: Dest, body: ExprId, bound: &[PatId]) {
        self.frames.push(Frame::Loop { id, exit: blocks.exit, next: blocks.next, dest });
        self.in_block(bound, self.span(body), |this| this.lower_into(Dest::Nothing, body));
        self.frames.pop();
        self.builder.goto(blocks.next, self.span(body).shrink_to_end());
    }

    /// `loop`
    pub fn lower_loop(&mut self, dest: Dest, id: LoopId, body: ExprId, span: Span) {
        let blocks = self.loop_blocks();
        self.builder.goto_and_switch(blocks.next, span);
        self.poll(span);
        self.lower_loop_body(id, blocks, dest, body, &[]);
        self.builder.switch_to(blocks.exit);
    }

    /// `while`
    pub fn lower_while(&mut self, id: LoopId, condition: ExprId, body: ExprId, span: Span) {
        let blocks = self.loop_blocks();
        let stands_twice = self.is_small_condition(condition);
        if stands_twice {
            self.lower_condition(condition, blocks.body, blocks.exit);
        } else {
            self.builder.goto_and_switch(blocks.next, span);
            self.poll(span);
            self.lower_condition(condition, blocks.body, blocks.exit);
        }
        self.builder.switch_to(blocks.body);
        let bound = self.patterns_of_condition(condition);
        self.lower_loop_body(id, blocks, Dest::Nothing, body, &bound);
        if stands_twice {
            self.builder.switch_to(blocks.next);
            self.poll(span);
            self.lower_condition(condition, blocks.body, blocks.exit);
        }
        self.builder.switch_to(blocks.exit);
    }

    /// Whether a condition may stand twice in the code: before the first round and after each.
    fn is_small_condition(&self, condition: ExprId) -> bool {
        match &self.body.exprs[condition].kind {
            ExprKind::Literal(_) | ExprKind::Local(_) | ExprKind::Const(_) | ExprKind::TypeConst(..) => true,
            ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Unary(_, base) => {
                self.is_small_condition(*base)
            }
            ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Index(left, right) => {
                self.is_small_condition(*left) && self.is_small_condition(*right)
            }
            ExprKind::MethodCall { receiver, args, .. } => {
                args.is_empty() && self.is_small_condition(*receiver)
            }
            _ => false,
        }
    }

    /// `for`
    pub fn lower_for(&mut self, expr: ExprId, id: LoopId, pat: PatId, iterable: ExprId, body: ExprId) {
        match self.types.iterations.get(&expr) {
            Some(Iteration::Range) => self.lower_for_range(id, pat, iterable, body),
            Some(Iteration::List) => self.lower_for_list(id, pat, iterable, body),
            Some(Iteration::Channel) => self.lower_for_channel(id, pat, iterable, body),
            Some(Iteration::Iterator) => self.lower_for_iterator(expr, id, pat, iterable, body),
            None => bug!(self.span(expr), "iterates over nothing known"),
        }
    }

    fn lower_for_range(&mut self, id: LoopId, pat: PatId, iterable: ExprId, body: ExprId) {
        let blocks = self.loop_blocks();
        let counter = match self.body.exprs[iterable].kind {
            ExprKind::Range { start, end, inclusive } => {
                self.count_through_ends(blocks, start, end, inclusive, self.span(iterable))
            }
            _ => self.count_through_range(blocks, iterable),
        };
        self.builder.switch_to(blocks.body);
        let element_ty = self.types.pats[pat];
        let is_char = *element_ty.kind() == TyKind::Char;
        let element = if is_char {
            let number = Operand::Use(counter.current.into());
            let cast = Rvalue::Cast(CastKind::Wrapping, number, element_ty);
            self.builder.assign_temp(element_ty, cast, counter.span)
        } else {
            counter.current
        };
        self.bind_always(pat, element.into());
        self.lower_loop_body(id, blocks, Dest::Nothing, body, &[pat]);
        self.builder.switch_to(blocks.next);
        self.poll(counter.span);
        self.count_on(&counter, is_char);
        self.builder.switch_to(blocks.exit);
    }

    /// Begins a loop over `start..end` as it is written.
    fn count_through_ends(
        &mut self,
        blocks: Blocks,
        start: ExprId,
        end: ExprId,
        inclusive: bool,
        span: Span,
    ) -> Counter {
        let start = self.operand_before(start, &[end]);
        let end = self.operand(end);
        let (start, end) = (self.countable(start, span), self.countable(end, span));
        let (end, inclusive) = match end {
            // The number after the last one bounds the loop with one comparison a round.
            Operand::Const(Const::Int(last, ty)) if inclusive && is_below_most(last, ty) => {
                (Operand::Const(Const::Int(last + 1, ty)), false)
            }
            end @ Operand::Const(_) => (end, inclusive),
            end => (self.keep(end, span), inclusive),
        };
        let end_kind = if inclusive { EndKind::Inclusive } else { EndKind::Exclusive };
        let current = self.counter(start, span);
        let counter = Counter { current, end, end_kind, blocks, span };
        let op = if inclusive { BinaryOp::Le } else { BinaryOp::Lt };
        self.branch_on_counter(&counter, op);
        counter
    }

    /// Begins a loop over a value that is a range, and says itself whether its end belongs to it.
    fn count_through_range(&mut self, blocks: Blocks, iterable: ExprId) -> Counter {
        let span = self.span(iterable);
        let operand = self.operand(iterable);
        let range = self.operand_place(operand, span);
        let field = |field| Operand::Use(range.clone().project(Projection::Field(FieldId(field))));
        let (start, end) = (self.countable(field(0), span), self.countable(field(1), span));
        let current = self.counter(start, span);
        let ty = self.operand_ty(&end);
        let end = self.builder.assign_temp(ty, Rvalue::Use(end), span);
        let counter =
            Counter { current, end: Operand::Use(end.into()), end_kind: EndKind::Inclusive, blocks, span };
        let [inclusive, exclusive, not_empty] = [(); 3].map(|()| self.builder.new_block());
        self.builder.branch(field(2), inclusive, exclusive, span);
        self.builder.switch_to(inclusive);
        self.branch_on_counter(&counter, BinaryOp::Le);
        self.builder.switch_to(exclusive);
        let is_below = self.compare_counter(&counter, BinaryOp::Lt);
        self.builder.branch(is_below, not_empty, blocks.exit, span);
        self.builder.switch_to(not_empty);
        let one = Operand::Const(Const::Int(1, ty));
        let last = Rvalue::Wrapping(BinaryOp::Sub, Operand::Use(end.into()), one);
        self.builder.assign(end, last, span);
        self.builder.goto(blocks.body, span);
        counter
    }

    fn counter(&mut self, start: Operand, span: Span) -> Local {
        let ty = self.operand_ty(&start);
        let counter = self.builder.assign_temp(ty, Rvalue::Use(start), span);
        self.changing.insert(counter);
        counter
    }

    fn compare_counter(&mut self, counter: &Counter, op: BinaryOp) -> Operand {
        let comparison = Rvalue::Binary(op, Operand::Use(counter.current.into()), counter.end.clone());
        Operand::Use(self.builder.assign_temp(Ty::bool(), comparison, counter.span).into())
    }

    fn branch_on_counter(&mut self, counter: &Counter, op: BinaryOp) {
        let condition = self.compare_counter(counter, op);
        self.builder.branch(condition, counter.blocks.body, counter.blocks.exit, counter.span);
    }

    /// Goes on to the next number, or ends the loop.
    fn count_on(&mut self, counter: &Counter, is_char: bool) {
        let go_on = self.builder.new_block();
        if counter.end_kind == EndKind::Inclusive {
            let condition = self.compare_counter(counter, BinaryOp::Lt);
            self.builder.branch(condition, go_on, counter.blocks.exit, counter.span);
            self.builder.switch_to(go_on);
        }
        self.increment(counter.current, counter.span);
        if is_char {
            self.skip_surrogates(counter.current, counter.span);
        }
        match counter.end_kind {
            EndKind::Inclusive if is_char => self.branch_on_counter(counter, BinaryOp::Le),
            EndKind::Inclusive => self.builder.goto(counter.blocks.body, counter.span),
            EndKind::Exclusive => self.branch_on_counter(counter, BinaryOp::Lt),
        }
    }

    fn increment(&mut self, counter: Local, span: Span) {
        let one = Operand::Const(Const::Int(1, self.place_ty(&counter.into())));
        let next = Rvalue::Wrapping(BinaryOp::Add, Operand::Use(counter.into()), one);
        self.builder.assign(counter, next, span);
    }

    /// The numbers from 0xd800 to 0xdfff are no characters.
    fn skip_surrogates(&mut self, counter: Local, span: Span) {
        let [skip, end] = [(); 2].map(|()| self.builder.new_block());
        let cases = vec![(0xd800, skip)];
        self.builder.terminate(TerminatorKind::Switch(Operand::Use(counter.into()), cases, end), span);
        self.builder.switch_to(skip);
        let after = Const::Int(0xe000, self.place_ty(&counter.into()));
        self.builder.assign(counter, Rvalue::Use(Operand::Const(after)), span);
        self.builder.goto_and_switch(end, span);
    }

    /// A number that can be counted to: of a character its `UInt32`.
    fn countable(&mut self, operand: Operand, span: Span) -> Operand {
        if *self.operand_ty(&operand).kind() != TyKind::Char {
            return operand;
        }
        let ty = Ty::new(TyKind::Int(IntTy::U32));
        let cast = Rvalue::Cast(CastKind::Checked, operand, ty);
        Operand::Use(self.builder.assign_temp(ty, cast, span).into())
    }

    /// Iterates over the list as it was at the start: changes in the body make a copy of it.
    fn lower_for_list(&mut self, id: LoopId, pat: PatId, iterable: ExprId, body: ExprId) {
        let span = self.span(iterable);
        let buffer = self.iterated_place(iterable).project(STORAGE);
        let target = ForTarget { id, pat, body, span };
        self.lower_for_elements(target, buffer, |this, element, _| this.bind_always(pat, element));
    }

    /// Counts through the elements of a buffer, of which there are as many in every round. `bind` gives names to what is in one, or
    /// goes on to the next.
    fn lower_for_elements(
        &mut self,
        target: ForTarget,
        buffer: Place,
        bind: impl FnOnce(&mut Self, Place, Blocks),
    ) {
        let ForTarget { id, pat, body, span } = target;
        let length = self.builder.assign_temp(Ty::int(), Rvalue::Length(buffer.clone()), span);
        let current = self.counter(Self::int(0), span);
        let (blocks, end) = (self.loop_blocks(), Operand::Use(length.into()));
        let counter = Counter { current, end, end_kind: EndKind::Exclusive, blocks, span };
        self.branch_on_counter(&counter, BinaryOp::Lt);
        self.builder.switch_to(blocks.body);
        bind(self, buffer.project(Projection::Element(current)), blocks);
        self.lower_loop_body(id, blocks, Dest::Nothing, body, &[pat]);
        self.builder.switch_to(blocks.next);
        self.poll(span);
        self.count_on(&counter, false);
        self.builder.switch_to(blocks.exit);
    }

    /// `for inout`: the list, or that of a dict's entries, is made unique once, and nothing else uses it until the loop ends.
    pub fn lower_for_inout(&mut self, id: LoopId, pat: PatId, iterable: ExprId, body: ExprId) {
        let span = self.span(iterable);
        let path = self.path(iterable);
        let target = ForTarget { id, pat, body, span };
        if path.leads_through_object() {
            self.with_taken(&path, span, |this, collection| this.lower_for_places(target, collection));
        } else {
            let collection = self.take(&path, Access::Write);
            self.lower_for_places(target, collection);
        }
    }

    fn lower_for_places(&mut self, target: ForTarget, collection: Place) {
        let ForTarget { pat, span, .. } = target;
        if self.is_dict(self.place_ty(&collection)) {
            let entries = self.unique_buffer(collection.project(STORAGE), span);
            self.lower_for_elements(target, entries, |this, slot, blocks| this.bind_entry(pat, slot, blocks));
        } else {
            let elements = self.unique_buffer(collection, span);
            self.lower_for_elements(target, elements, |this, element, _| this.bind_always(pat, element));
        }
    }

    /// The buffer of a list, which belongs to that alone.
    fn unique_buffer(&mut self, list: Place, span: Span) -> Place {
        let TyKind::Struct(_, args) = *self.place_ty(&list).kind() else { bug!(span, "changes no list") };
        self.make_unique(list.clone(), args, span);
        list.project(STORAGE)
    }

    /// Gives names to the key and the value in a place for an entry of a dict, or goes on if there is none.
    fn bind_entry(&mut self, pat: PatId, slot: Place, blocks: Blocks) {
        let span = self.body.pats[pat].span;
        let PatKind::Tuple(parts) = &self.body.pats[pat].kind else { bug!(span, "an entry as a whole") };
        let tag = self.builder.assign_temp(Ty::int(), Rvalue::Discriminant(slot.clone()), span);
        let is_entry = self.builder.new_block();
        let cases = vec![(i128::from(ENTRY.0), is_entry)];
        self.builder.terminate(TerminatorKind::Switch(Operand::Use(tag.into()), cases, blocks.next), span);
        self.builder.switch_to(is_entry);
        for (&part, projection) in parts.iter().zip([ENTRY_KEY, ENTRY_VALUE]) {
            self.bind_always(part, slot.clone().project(projection));
        }
    }

    /// Receives until the channel is closed and empty.
    fn lower_for_channel(&mut self, id: LoopId, pat: PatId, iterable: ExprId, body: ExprId) {
        let span = self.span(iterable);
        let handle = self.iterated_place(iterable).project(STORAGE);
        let blocks = self.loop_blocks();
        let closed = self.builder.new_block();
        self.builder.goto_and_switch(blocks.next, span);
        self.poll(span);
        let slot = self.builder.temp(self.types.pats[pat]);
        let status = self.builder.temp(Ty::int());
        let args = vec![Argument::Value(Operand::Use(handle)), Argument::Place(slot.into())];
        self.builder.call(Some(status.into()), Callee::Runtime(RuntimeFn::channel_recv), args, span);
        let received = TerminatorKind::Switch(Operand::Use(status.into()), vec![(0, closed)], blocks.body);
        self.builder.terminate(received, span);
        self.builder.switch_to(closed);
        self.builder.push(StatementKind::Forget(slot), span);
        self.builder.goto(blocks.exit, span);
        self.builder.switch_to(blocks.body);
        self.bind_always(pat, slot.into());
        self.lower_loop_body(id, blocks, Dest::Nothing, body, &[pat]);
        self.builder.switch_to(blocks.exit);
    }

    /// Asks an iterator for elements until there are none.
    fn lower_for_iterator(&mut self, expr: ExprId, id: LoopId, pat: PatId, iterable: ExprId, body: ExprId) {
        let span = self.span(iterable);
        let types = self.types;
        let Some(calls) = types.iterators.get(&expr) else { bug!(span, "calls what?") };
        let iterator = self.new_iterator(calls, iterable);
        let blocks = self.loop_blocks();
        self.builder.goto_and_switch(blocks.next, span);
        self.poll(span);
        let option = Ty::enumeration(self.program.option(), &[self.types.pats[pat]]);
        let next = self.builder.temp(option);
        let callee = self.program.callee(calls.next.id, &calls.next.type_args);
        self.builder.call(Some(next.into()), callee, vec![Argument::Place(iterator.into())], span);
        let tag = self.builder.assign_temp(Ty::int(), Rvalue::Discriminant(next.into()), span);
        let some = vec![(i128::from(VariantId::SOME.0), blocks.body)];
        self.builder.terminate(TerminatorKind::Switch(Operand::Use(tag.into()), some, blocks.exit), span);
        self.builder.switch_to(blocks.body);
        self.bind_always(
            pat,
            Place::from(next).project(Projection::VariantField(VariantId::SOME, FieldId(0))),
        );
        self.lower_loop_body(id, blocks, Dest::Nothing, body, &[pat]);
        self.builder.switch_to(blocks.exit);
    }

    /// The iterator of a loop in a local of its own.
    fn new_iterator(&mut self, calls: &IteratorCalls, iterable: ExprId) -> Local {
        let span = self.span(iterable);
        let operand = self.operand(iterable);
        let iterator = self.builder.temp(calls.ty);
        match &calls.make {
            None => self.builder.assign(iterator, Rvalue::Use(operand), span),
            Some(make) => {
                let callee = self.program.callee(make.id, &make.type_args);
                self.builder.call(Some(iterator.into()), callee, vec![Argument::Value(operand)], span);
            }
        }
        self.changing.insert(iterator);
        iterator
    }

    /// What is iterated over, in a place that the body does not change.
    fn iterated_place(&mut self, iterable: ExprId) -> Place {
        let span = self.span(iterable);
        let operand = self.operand(iterable);
        let place = self.operand_place(operand, span);
        if self.is_stable_place(&place) {
            return place;
        }
        let copy = self.keep(Operand::Use(place), span);
        self.operand_place(copy, span)
    }
}

/// Whether there is a greater number of the type.
fn is_below_most(number: i128, ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Int(int) if number < int.max())
}
