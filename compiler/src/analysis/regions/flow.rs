//! How statements join regions and give them away.
//!
//! The lattice is that of Swift's SE-0414 (region based isolation) and of Milano, Turcotti and Myers, "A Flexible Type System for
//! Fearless Concurrency" (PLDI 2022), without annotations: a partition of the values at each point; where two ways meet, values
//! are in one region if they are on either.

use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::source::Span;

use super::Summaries;
use super::elements::Elements;
use super::journal::{How, Journal};
use super::live::LiveAfter;
use super::partition::Partition;
use super::summary::{Border, Summary};
use super::tuples::Tuples;
use crate::hir::Hir;
use crate::mir::boxing::{MAX_PARTS, contained_tys, has_at_most_parts};
use crate::mir::local_set::LocalSet;
use crate::mir::transfer::Transfer;
use crate::mir::visit::Access;
use crate::mir::{
    Argument, BlockId, Callee, Capture, Closure, Function, Glue, Local, LocalKind, Operand, Place, Rvalue,
    Statement, StatementKind, TerminatorKind,
};
use crate::types::{Head, Ty, TyKind};

/// One function being followed.
pub(super) struct Flow<'a> {
    pub hir: &'a Hir,
    pub function: &'a Function,
    pub transfer: &'a Transfer<'a>,
    pub elements: &'a Elements,
    pub summaries: &'a Summaries,
    /// Whether all that call the function know it.
    pub has_known_callers: bool,
    /// Locals that something refers to: what they hold may change in any call.
    referenced: LocalSet,
    /// Those that a `defer` uses.
    deferred: LocalSet,
    tuples: Tuples<'a>,
    /// The bodies of its `defer`s, which run when it unwinds, and what they use.
    defers: Vec<(&'a Callee, &'a [Place])>,
    live: LiveAfter,
}

/// What an operand brings along.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing: it is Sharable.
    Nothing,
    /// A value of this element's region.
    Element(u32),
    /// A value that came out of shared state, and is nobody else's.
    Fresh,
}

impl<'a> Flow<'a> {
    pub fn new(
        hir: &'a Hir,
        function: &'a Function,
        transfer: &'a Transfer<'a>,
        elements: &'a Elements,
        summaries: &'a Summaries,
        has_known_callers: bool,
    ) -> Self {
        let mut deferred = LocalSet::new(function.locals.len());
        let mut defers: Vec<(&Callee, &[Place])> = Vec::new();
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let StatementKind::Defer { body, captures, .. } = &statement.kind {
                captures.iter().for_each(|place| deferred.insert(place.local));
                defers.push((body, captures));
            }
        }
        let mut referenced = function.referenced_locals();
        referenced.union_with(&deferred);
        let tuples = Tuples::find(function);
        let live = LiveAfter::default();
        let flow = Self {
            hir,
            function,
            transfer,
            elements,
            summaries,
            has_known_callers,
            referenced,
            deferred,
            tuples,
            defers,
            live,
        };
        Self { live: flow.live_after_withdrawals(), ..flow }
    }

    /// Follows all ways through the function until nothing new is found. Writes down what it does in the end.
    pub fn solve(&self) -> (Summary, Journal) {
        let order = self.function.reverse_postorder();
        let mut on_entry: HashMap<BlockId, Partition> = HashMap::default();
        on_entry.insert(Function::ENTRY, self.at_entry());
        let mut journal = Journal::new(self.function);
        // Blocks before which something new was found.
        let mut pending: HashSet<BlockId> = HashSet::from_iter([Function::ENTRY]);
        while !pending.is_empty() {
            for &block in &order {
                if !pending.remove(&block) {
                    continue;
                }
                let mut after = on_entry[&block].clone();
                self.walk(block, &mut after, &mut journal);
                for successor in self.function.blocks[block].terminator.kind.successors() {
                    let is_news = match on_entry.get_mut(&successor) {
                        Some(known) => known.meet(&after),
                        None => on_entry.insert(successor, after.clone()).is_none(),
                    };
                    if is_news {
                        pending.insert(successor);
                    }
                }
            }
        }
        journal.speak();
        let mut at_return: Option<Partition> = None;
        for &block in &order {
            let Some(mut state) = on_entry.remove(&block) else { continue };
            self.walk(block, &mut state, &mut journal);
            if self.function.blocks[block].terminator.kind == TerminatorKind::Return {
                self.leave(block, &state, &mut journal);
                match &mut at_return {
                    Some(known) => _ = known.meet(&state),
                    None => at_return = Some(state),
                }
            }
        }
        (self.summary(at_return.as_ref(), &journal), journal)
    }

    /// A value of a parameter is what it was given.
    fn at_entry(&self) -> Partition {
        let mut partition = Partition::new(self.elements.count());
        for (position, param) in self.function.params().enumerate() {
            if let (Some(local), Some(param)) = (self.elements.of(param), self.elements.of_param(position)) {
                partition.join(local, param);
            }
        }
        partition
    }

    /// What the caller has of it must not have been given away.
    fn leave(&self, block: BlockId, state: &Partition, journal: &mut Journal) {
        let span = self.function.blocks[block].terminator.span;
        let returned = self.elements.of(Function::RESULT).map(|element| (Function::RESULT, element));
        if let Some((local, element)) = returned
            && let Some(gift) = state.given(element)
        {
            journal.used(local, element, gift, span);
        }
    }

    fn summary(&self, at_return: Option<&Partition>, journal: &Journal) -> Summary {
        let params = self.function.param_count as usize;
        let result = self.elements.of(Function::RESULT);
        Summary {
            returned: self.border(at_return),
            unwound: self.border(journal.unwound.as_ref()),
            result: result.map(|element| at_return.map_or(element, |state| state.region(element))),
            gives: (0..params).map(|position| journal.gift_of_param(position).is_some()).collect(),
            together: (0..params).map(|position| journal.given_with(position)).collect(),
            lends: journal.lends.iter().copied().collect(),
        }
    }

    /// The regions of what the function was given and what is in places now, if it ever comes to there.
    fn border(&self, state: Option<&Partition>) -> Border {
        let region = |element: u32| state.map_or(element, |state| state.region(element));
        let params: Vec<Local> = self.function.params().collect();
        let is_place = |&param: &Local| self.function.locals[param].kind == LocalKind::Inout;
        let place = |param: &Local| self.elements.of(*param).filter(|_| is_place(param)).map(region);
        Border {
            params: (0..params.len()).map(|position| self.elements.of_param(position).map(region)).collect(),
            places: params.iter().map(place).collect(),
        }
    }

    fn walk(&self, block: BlockId, state: &mut Partition, journal: &mut Journal) {
        let statements = &self.function.blocks[block].statements;
        let matters_unwound = journal.speaks() && self.may_matter_unwound();
        for (position, statement) in statements.iter().enumerate() {
            journal.go_to(block, position);
            self.check_uses(statement, state, journal);
            if matters_unwound && may_unwind(&statement.kind) {
                journal.unwinds(self.unwound(&statement.kind, state.clone()));
            }
            self.step(statement, &statements[position + 1..], state, journal);
        }
    }

    /// Notes what the statement uses that has been given away.
    fn check_uses(&self, statement: &Statement, state: &mut Partition, journal: &mut Journal) {
        if !state.has_given() {
            return;
        }
        let mut used: Vec<Local> = Vec::new();
        match &statement.kind {
            StatementKind::KeepAlive(_) | StatementKind::Forget(_) | StatementKind::Touch(_) => return,
            kind => {
                kind.for_each_operand(|operand| used.extend(operand.place().map(|place| self.base(place))));
                kind.for_each_place(|place, access| {
                    let is_new = access == Access::Assign && place.projections.is_empty();
                    let is_filled = access == Access::Address
                        && matches!(kind, StatementKind::Call { callee, args, .. }
                            if args.iter().enumerate().any(|(at, arg)| callee.fills(at) && arg.place() == Some(place)));
                    if !is_new && !is_filled {
                        used.push(self.base(place));
                    }
                });
            }
        }
        for local in used {
            if let Some(element) = self.elements.of(local)
                && let Some(gift) = state.given(element)
            {
                journal.used(local, element, gift, statement.span);
                state.forgive(element);
            }
        }
    }

    fn step(&self, statement: &Statement, rest: &[Statement], state: &mut Partition, journal: &mut Journal) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Assign(place, Rvalue::Closure(closure)) if closure.is_once => {
                self.enter_scope(place, closure, span, state, journal);
            }
            StatementKind::Assign(place, _) if self.tuples.contains(place.local) => {}
            StatementKind::Assign(place, rvalue) | StatementKind::Init(place, rvalue) => {
                if let Rvalue::Closure(closure) = rvalue {
                    self.lend_captures(closure, span, state, journal);
                }
                let sources = self.sources_of(rvalue);
                self.store(place, &sources, span, state, journal);
            }
            StatementKind::MoveElements { source, target, .. } => {
                let moved = self.source(source);
                self.store(target, &[moved], span, state, journal);
            }
            StatementKind::Share(place) => self.share(place, rest, span, state, journal),
            StatementKind::Withdraw { offer, variable } => {
                self.withdraw(*offer, *variable, state, journal);
            }
            StatementKind::Spawn { target, body, captures, .. } => {
                self.spawn(body, captures, span, state, journal);
                self.store(target, &[], span, state, journal);
            }
            StatementKind::Call { target, callee, args } => {
                self.call(target.as_ref(), callee, args, span, state, journal);
            }
            _ => {}
        }
    }

    /// Whether it matters to anybody what may reach what where the function unwinds.
    fn may_matter_unwound(&self) -> bool {
        let params = 0..self.function.param_count as usize;
        params.filter(|&position| self.elements.of_param(position).is_some()).count() > 1
    }

    /// What may reach what when the statement unwinds, and the `defer`s have run, if all was as in `state` before it.
    fn unwound(&self, kind: &StatementKind, mut state: Partition) -> Partition {
        if let StatementKind::Call { callee, args, .. } = kind
            && self.is_known_by_summary(callee)
        {
            let summary = self.summaries.of(callee, args.len());
            self.join_by(&summary.unwound, args.iter().map(Argument::place), &mut state);
        }
        for (body, captures) in &self.defers {
            let summary = self.summaries.of(body, captures.len());
            for border in [&summary.returned, &summary.unwound] {
                self.join_by(border, captures.iter().map(Some), &mut state);
            }
        }
        state
    }

    /// Joins what is passed at the places to a function, by its border.
    fn join_by<'p>(
        &self,
        border: &Border,
        passed: impl Iterator<Item = Option<&'p Place>>,
        state: &mut Partition,
    ) {
        let mut firsts: HashMap<u32, u32> = HashMap::default();
        for (position, place) in passed.enumerate() {
            let Some(element) = place.and_then(|place| self.source(place).element()) else { continue };
            for region in border.at(position) {
                state.join(*firsts.entry(region).or_insert(element), element);
            }
        }
    }

    /// Whether a call of it is one of a function of the program, known or not.
    fn is_known_by_summary(&self, callee: &Callee) -> bool {
        matches!(
            callee,
            Callee::Generic(..) | Callee::GenericBody(..) | Callee::Function(_) | Callee::Value(_)
        )
    }

    /// Whether something refers to the local.
    pub(super) fn is_referenced(&self, local: Local) -> bool {
        self.referenced.contains(local)
    }

    /// Whether there is a `select` that may take back what it offers.
    fn has_offers(&self) -> bool {
        !self.live.is_empty()
    }

    /// Whether the local is used after the statement, which withdraws an offer.
    pub(super) fn is_used_after(&self, at: (BlockId, usize), local: Local) -> bool {
        self.is_referenced(local) || self.live.get(&at).is_some_and(|live| live.contains(local))
    }

    /// Whether the value at a place belongs to one task at a time.
    pub(super) fn is_transfer(&self, place: &Place) -> bool {
        if place.projections.is_empty() {
            return self.elements.of(place.local).is_some();
        }
        self.transfer.is_transfer(self.function.place_ty(&self.hir.definitions, place))
    }

    pub(super) fn source(&self, place: &Place) -> Source {
        if let Some(part) = self.tuples.part(place) {
            return self.source(&part);
        }
        if !self.is_transfer(place) {
            return Source::Nothing;
        }
        self.elements.of(place.local).map_or(Source::Fresh, Source::Element)
    }

    /// The local that what is at a place belongs to.
    pub(super) fn base(&self, place: &Place) -> Local {
        self.tuples.part(place).map_or(place.local, |part| self.base(&part))
    }

    fn source_of_operand(&self, operand: &Operand) -> Source {
        operand.place().map_or(Source::Nothing, |place| self.source(place))
    }

    fn sources_of(&self, rvalue: &Rvalue) -> Vec<Source> {
        let mut sources = Vec::new();
        // What is computed from numbers is a number.
        if holds_operands(rvalue) {
            rvalue.for_each_part(|operand| sources.push(self.source_of_operand(operand)));
        }
        match rvalue {
            // What they give is another way to the same, though the place itself may be Sharable to look at.
            Rvalue::TaskResult(place) | Rvalue::Weaken(place) | Rvalue::Upgrade(place, _) => {
                sources.push(self.source(place));
            }
            Rvalue::Closure(closure) => {
                sources.extend(closure.captures.iter().filter_map(|capture| match capture {
                    Capture::Place(place) => Some(self.source(place)),
                    Capture::Value(_) | Capture::Owned(_) => None,
                }));
            }
            _ => {}
        }
        sources
    }

    /// The body of a scope is made, which is called at once, and not again: what it gives away is given away here.
    fn enter_scope(
        &self,
        place: &Place,
        closure: &Closure,
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let summary = self.summaries.of(&closure.body, closure.captures.len());
        let source = |capture: &Capture| capture.place().map_or(Source::Nothing, |place| self.source(place));
        let sources: Vec<Source> = closure.captures.iter().map(source).collect();
        self.give_arguments(&summary, &How::Captured, &sources, span, state, journal);
        self.lend_captures(closure, span, state, journal);
        let is_kept = |&(position, _): &(usize, Source)| summary.gives.get(position) != Some(&true);
        let kept = sources.into_iter().enumerate().filter(is_kept).map(|(_, source)| source);
        let kept: Vec<Source> = kept.collect();
        self.store(place, &kept, span, state, journal);
    }

    /// Stores what comes from these sources into a place.
    fn store(
        &self,
        place: &Place,
        sources: &[Source],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let elements = sources.iter().filter_map(|source| match source {
            Source::Element(element) => Some(*element),
            Source::Nothing | Source::Fresh => None,
        });
        match self.elements.of(place.local) {
            Some(target) if self.is_transfer(place) => {
                let elements: Vec<u32> = elements.collect();
                self.assign(place, target, &elements, span, state, journal);
            }
            // What a Sharable value refers to can be had by any task.
            _ => elements.for_each(|element| self.give(element, How::Kept, span, state, journal)),
        }
    }

    /// The place, which belongs to the element, holds what comes from the others.
    fn assign(
        &self,
        place: &Place,
        target: u32,
        sources: &[u32],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let is_new = place.projections.is_empty() && !self.referenced.contains(place.local);
        if is_new && !sources.contains(&target) {
            state.detach(target);
        }
        for &source in sources {
            journal.joined(target, source, span);
            state.join(target, source);
        }
    }

    /// Gives a value, and all that may reach it or be reached from it, away.
    pub(super) fn give(
        &self,
        element: u32,
        how: How,
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let members: Vec<u32> = state.members(element).collect();
        let gift = journal.gave(element, how, span);
        let is_held = |&local: &Local| {
            self.function.locals[local].kind == LocalKind::Inout || self.deferred.contains(local)
        };
        let held = members.iter().filter_map(|&member| self.elements.local(member)).find(is_held);
        if let Some(local) = held {
            return journal.gave_place(local, gift);
        }
        for member in members {
            if let Some(position) = self.elements.param(member) {
                journal.gave_param(position, gift);
            }
            journal.given.extend(self.elements.local(member));
        }
        state.give(element, gift);
    }

    /// The value at the place, a copy, is sent to another task, unless the statement is for a task that captures it: that gives all
    /// that it captures away at once.
    fn share(
        &self,
        place: &Place,
        rest: &[Statement],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let Some(element) = self.elements.of(place.local).filter(|_| self.is_transfer(place)) else { return };
        let is_captured = rest.iter().any(|next| {
            matches!(&next.kind, StatementKind::Spawn { captures, .. }
                if captures.iter().any(|capture| capture.place() == Some(place)))
        });
        if !is_captured {
            if self.has_offers() {
                // It does not come back with what is given now.
                state.age(journal.gave(element, How::Sent, span));
            }
            self.give(element, How::Sent, span, state, journal);
            state.detach(element);
        }
    }

    /// A task gets what it captures. Some of that may be of one region: its body does not know, and is asked whether it gives a part away.
    fn spawn(
        &self,
        body: &Callee,
        captures: &[Operand],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let summary = self.summaries.of(body, captures.len());
        let sources: Vec<Source> = captures.iter().map(|capture| self.source_of_operand(capture)).collect();
        self.give_arguments(&summary, &How::Captured, &sources, span, state, journal);
        // What the task keeps is as good as one region: a function that has only this task use them may be given one under two names.
        let kept =
            sources.iter().enumerate().filter(|&(position, _)| summary.gives.get(position) != Some(&true));
        let kept: Vec<u32> = kept.filter_map(|(_, source)| source.element()).collect();
        for pair in kept.windows(2) {
            state.join(pair[0], pair[1]);
        }
        if let Some(&first) = kept.first() {
            self.give(first, How::Captured, span, state, journal);
        }
        sources.iter().filter_map(|source| source.element()).for_each(|element| state.detach(element));
    }

    fn call(
        &self,
        target: Option<&Place>,
        callee: &Callee,
        args: &[Argument],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        match callee {
            _ if self.is_known_by_summary(callee) => {
                let summary = self.summaries.of(callee, args.len());
                self.apply(&summary, target, callee, args, span, state, journal);
                let lent = self.lent(callee, args, &summary);
                let functions: Vec<Option<&Place>> = args.iter().map(Argument::place).collect();
                let returns = target.is_some_and(|target| self.is_transfer(target));
                self.lend(&lent, returns, &functions, span, state, journal);
            }
            // They look at values.
            Callee::Glue(glue, ty) if !self.runs_code(*glue, *ty) => {}
            Callee::Primitive(_) | Callee::Foreign(_) => {}
            _ => {
                self.call_runtime(target, callee, args, span, state, journal);
            }
        }
    }

    /// Whether an operation by structure may be what a program says that it is.
    fn runs_code(&self, glue: Glue, ty: Ty) -> bool {
        let Some(interface) = self.hir.lang.interface(glue.structural()).filter(|_| glue != Glue::Same)
        else {
            return false;
        };
        let (mut pending, mut seen) = (vec![ty], HashSet::default());
        while let Some(ty) = pending.pop() {
            let says = |head| self.hir.definitions.implementations.explicit(head, interface).next().is_some();
            if matches!(ty.kind(), TyKind::Param(..) | TyKind::Interface(..))
                || Head::of(ty).is_some_and(says)
            {
                return true;
            }
            if has_at_most_parts(ty, MAX_PARTS) && seen.insert(ty) {
                pending.extend(contained_tys(&self.hir.definitions, ty));
            }
        }
        false
    }

    /// Nothing is known of the callee but which places it fills.
    fn call_runtime(
        &self,
        target: Option<&Place>,
        callee: &Callee,
        args: &[Argument],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let mut given: Vec<Source> = Vec::new();
        for (position, arg) in args.iter().enumerate() {
            match arg.place() {
                Some(place) if callee.fills(position) => self.store(place, &[], span, state, journal),
                Some(place) => given.push(self.source(place)),
                None => {}
            }
        }
        let given: Vec<u32> = given.iter().filter_map(|source| source.element()).collect();
        for pair in given.windows(2) {
            journal.joined(pair[0], pair[1], span);
            state.join(pair[0], pair[1]);
        }
        if let Some(target) = target.filter(|target| self.is_transfer(target)) {
            let sources: Vec<Source> = given.iter().copied().map(Source::Element).collect();
            self.store(target, &sources, span, state, journal);
        }
    }

    /// Does to the arguments what a summary says.
    #[allow(clippy::too_many_arguments)]
    fn apply(
        &self,
        summary: &Summary,
        target: Option<&Place>,
        callee: &Callee,
        args: &[Argument],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let sources: Vec<Source> =
            args.iter().map(|arg| arg.place().map_or(Source::Nothing, |place| self.source(place))).collect();
        // What is in each of the callee's regions when it is called.
        let mut regions: HashMap<u32, Vec<u32>> = HashMap::default();
        let mut spares = 0;
        for (position, (source, arg)) in sources.iter().zip(args).enumerate() {
            let Source::Element(element) = *source else { continue };
            let Some(region) = summary.returned.param(position) else { continue };
            // A place is what it was until it gets what it is when the callee returns.
            let element = match arg {
                Argument::Place(_) => {
                    let spare = self.elements.spare(spares);
                    spares += 1;
                    state.detach(spare);
                    state.join(spare, element);
                    spare
                }
                Argument::Value(_) => element,
            };
            let members = regions.entry(region).or_default();
            if let Some(&first) = members.first() {
                self.link(first, element, (args, &sources), span, journal);
                state.join(first, element);
            }
            members.push(element);
        }
        self.give_arguments(summary, &How::Passed(callee.clone()), &sources, span, state, journal);
        for (position, arg) in args.iter().enumerate() {
            let (Argument::Place(place), Some(region)) = (arg, summary.returned.place(position)) else {
                continue;
            };
            let sources = regions.entry(region).or_default().clone();
            match self.elements.of(place.local) {
                Some(element) if self.is_transfer(place) => {
                    self.assign(place, element, &sources, span, state, journal);
                    regions.entry(region).or_default().push(element);
                }
                // Of what a function value does to shared state, `lend` sees more.
                _ if matches!(callee, Callee::Value(_)) => {}
                // The place is in shared state: what goes there is anybody's.
                _ if self.is_transfer(place) => {
                    sources.iter().for_each(|&source| self.give(source, How::Kept, span, state, journal));
                }
                _ => {}
            }
        }
        if let Some(target) = target.filter(|target| self.is_transfer(target)) {
            let sources = summary.result.and_then(|region| regions.get(&region)).cloned().unwrap_or_default();
            let sources: Vec<Source> = sources.into_iter().map(Source::Element).collect();
            self.store(target, &sources, span, state, journal);
        }
        for spare in 0..spares {
            state.detach(self.elements.spare(spare));
        }
    }

    /// Writes down that a call joins two of its arguments, by the locals they stand in.
    fn link(
        &self,
        a: u32,
        b: u32,
        (args, sources): (&[Argument], &[Source]),
        span: Span,
        journal: &mut Journal,
    ) {
        let mut spares = 0;
        let mut whole = |element: u32| {
            spares = 0;
            for (arg, source) in args.iter().zip(sources) {
                if let (Argument::Place(_), Source::Element(of_place)) = (arg, source) {
                    if self.elements.spare(spares) == element {
                        return *of_place;
                    }
                    spares += 1;
                }
            }
            element
        };
        let (a, b) = (whole(a), whole(b));
        journal.joined(a, b, span);
    }

    fn give_arguments(
        &self,
        summary: &Summary,
        how: &How,
        sources: &[Source],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let mut given: Vec<(usize, u32)> = Vec::new();
        for (position, source) in sources.iter().enumerate() {
            let Source::Element(element) = *source else { continue };
            if !summary.gives.get(position).copied().unwrap_or(false) {
                continue;
            }
            // What another argument gives away already, the callee has only once if it knows that they are one.
            let region = summary.together.get(position).copied().unwrap_or(position);
            if let Some(gift) = state.given(element)
                && !given.contains(&(region, gift))
                && let Some(local) = self.elements.local(element)
            {
                journal.used_beside(local, element, gift, span);
                continue;
            }
            self.give(element, how.clone(), span, state, journal);
            if let Some(gift) = state.given(element) {
                given.push((region, gift));
            }
        }
        for (position, source) in sources.iter().enumerate() {
            let Source::Element(element) = *source else { continue };
            if summary.gives.get(position).copied().unwrap_or(false) {
                continue;
            }
            if let (Some(gift), Some(local)) = (state.given(element), self.elements.local(element)) {
                journal.used_beside(local, element, gift, span);
                state.forgive(element);
            }
        }
    }
}

/// Whether the value is made of the operands as they are.
fn holds_operands(rvalue: &Rvalue) -> bool {
    matches!(
        rvalue,
        Rvalue::Use(_)
            | Rvalue::Aggregate(..)
            | Rvalue::Interface(..)
            | Rvalue::Reinterpret(..)
            | Rvalue::Closure(_)
    )
}

/// Whether a panic may come out of the statement.
fn may_unwind(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::Assign(_, rvalue) | StatementKind::Init(_, rvalue) => !holds_operands(rvalue),
        StatementKind::KeepAlive(_) | StatementKind::Forget(_) | StatementKind::Touch(_) => false,
        _ => true,
    }
}

impl Source {
    fn element(self) -> Option<u32> {
        match self {
            Self::Element(element) => Some(element),
            Self::Nothing | Self::Fresh => None,
        }
    }
}
