//! Which numbers can have which values: drops checks that cannot fail and decides comparisons that are known.
//!
//! A forward dataflow over differences (`facts`): of integer locals, and of the lengths of buffers. `transfer` says what a
//! statement makes known, `branches` what the outcome of a comparison does, `rewrite` uses it. An index that counts up from
//! 0 while it is below a length needs no check; a counter below a bound cannot overflow.

use plat_syntax::index::{Id, IndexVec};

use crate::hir::Definitions;
use crate::mir::typing::field_tys;
use crate::mir::{
    BlockId, Const, Function, FunctionId, Local, Operand, Place, Projection, Rvalue, StatementKind,
};
use crate::passes::loops::{exposed, is_tracked};
use crate::passes::mentions::count;
use crate::types::{Ty, TyKind};
pub(super) use branches::negated;
use facts::{Facts, Limits, Term, ZERO};

mod branches;
mod facts;
mod rewrite;
#[cfg(test)]
mod tests;
mod transfer;

/// More bytes than a process can have: addresses have 52 bits at most where a user's program runs.
const MAX_LENGTH: i128 = 1 << 52;

/// Functions with more blocks are left as they are: the work grows faster than they do.
const MAX_BLOCKS: usize = 1500;

/// What is known about the numbers of a function, at every block.
pub(super) struct Ranges<'f, F> {
    terms: Terms,
    limits: Limits,
    is_make_unique: &'f F,
    on_entry: IndexVec<BlockId, Option<Facts>>,
    at_end: IndexVec<BlockId, Option<Facts>>,
    /// The terms of locals that are mentioned in this block alone.
    passing: IndexVec<BlockId, Vec<Term>>,
}

/// A number, or one that differs from it by a constant.
type Offset = (Term, i128);

/// Which numbers facts are about.
struct Terms {
    locals: IndexVec<Local, Option<Term>>,
    /// Buffers whose lengths are followed.
    lengths: Vec<(Place, Term)>,
}

impl<'f, F: Fn(FunctionId) -> bool> Ranges<'f, F> {
    /// Solves the dataflow; `None` where there is nothing to gain.
    pub(super) fn solve(
        function: &Function,
        definitions: &Definitions,
        is_make_unique: &'f F,
    ) -> Option<Self> {
        let worthwhile = function.blocks.len() <= MAX_BLOCKS && has_checks(function);
        worthwhile.then(|| Self::solve_all(function, definitions, is_make_unique))
    }

    /// Solves the dataflow, if the function is not too large for it.
    pub(super) fn solve_all(function: &Function, definitions: &Definitions, is_make_unique: &'f F) -> Self {
        let mut limits = Limits::new();
        let terms = Terms::new(function, definitions, &mut limits);
        let none = IndexVec::filled(function.blocks.len(), None);
        let passing = passing(function, &terms);
        let mut ranges =
            Self { terms, limits, is_make_unique, on_entry: none.clone(), at_end: none, passing };
        if function.blocks.len() <= MAX_BLOCKS {
            ranges.flow(function);
        }
        ranges
    }

    fn flow(&mut self, function: &Function) {
        let order = function.reverse_postorder();
        let predecessors = function.predecessors();
        let is_head = heads(function, &order, &predecessors);
        let counters = self.counters(function);
        let compared = compared_numbers(function);
        let mut is_joined = IndexVec::filled(function.blocks.len(), false);
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &id in &order {
                let Some(mut entry) = self.entry(function, id, &predecessors[id]) else { continue };
                if self.on_entry[id].is_none() && is_head[id] {
                    entry.relate(&counters);
                }
                if let Some(before) = &self.on_entry[id] {
                    // What goes on becoming less does so by way of the head of a loop. Elsewhere less is what follows from there. What the
                    // rounds of the loop make known is there for the first time now, and may say in one fact what followed from several.
                    if is_head[id] && std::mem::replace(&mut is_joined[id], true) {
                        entry.widen(before, &compared);
                    }
                    if entry == *before {
                        continue;
                    }
                }
                changed = true;
                self.on_entry[id] = Some(entry.clone());
                for statement in &function.blocks[id].statements {
                    self.step(&mut entry, &statement.kind);
                }
                self.at_end[id] = Some(entry);
            }
        }
    }

    /// The numbers that are assigned more than once.
    fn counters(&self, function: &Function) -> Vec<Term> {
        let counts = count(function);
        let locals = self.terms.locals.iter_enumerated();
        locals.filter(|(local, _)| counts[*local].assigned > 1).filter_map(|(_, term)| *term).collect()
    }

    /// What every block that leads here makes known; `None` if none has been reached.
    fn entry(&self, function: &Function, id: BlockId, predecessors: &[BlockId]) -> Option<Facts> {
        let mut entry = (id == Function::ENTRY).then(Facts::default);
        for &from in predecessors {
            let Some(mut facts) = self.at_end[from].clone() else { continue };
            self.refine(&mut facts, function, from, id);
            for &term in &self.passing[from] {
                facts.eliminate(term);
            }
            match &mut entry {
                Some(entry) => entry.meet(&facts, &self.limits),
                None => entry = Some(facts),
            }
        }
        entry
    }

    fn term_of(&self, local: Local) -> Option<Term> {
        self.terms.locals.get(local).copied().flatten()
    }

    /// The number that an operand is.
    fn offset(&self, operand: &Operand) -> Option<Offset> {
        match operand {
            Operand::Const(Const::Int(value, _)) => Some((ZERO, *value)),
            Operand::Const(_) => None,
            _ => Some((self.term_of(operand.place()?.as_local()?)?, 0)),
        }
    }

    /// The range of an operand.
    fn range(&self, facts: &Facts, operand: &Operand) -> Option<(i128, i128)> {
        let (term, offset) = self.offset(operand)?;
        let (least, most) = facts.range(&self.limits, term);
        Some((least + offset, most + offset))
    }

    /// The greatest value that `one - other` can have.
    fn most(&self, facts: &Facts, one: Offset, other: Offset) -> i128 {
        facts.most(&self.limits, one.0, other.0).saturating_add(one.1 - other.1)
    }

    fn length_term(&self, buffer: &Place) -> Option<Term> {
        self.terms.lengths.iter().find(|(place, _)| place == buffer).map(|&(_, term)| term)
    }

    /// Notes that a local stands for a buffer from now on.
    pub(super) fn rename(&mut self, buffer: &Place, local: Local) {
        let length = buffer.projections.len();
        let begins_there =
            |place: &Place| place.local == buffer.local && place.projections.starts_with(&buffer.projections);
        let renamed: Vec<(Place, Term)> = self
            .terms
            .lengths
            .iter()
            .filter(|(place, _)| begins_there(place))
            .map(|(place, term)| (Place { local, projections: place.projections[length..].to_vec() }, *term))
            .collect();
        self.terms.lengths.extend(renamed);
    }

    /// Whether every element on the way to the place is known to exist at the end of a block.
    pub(super) fn elements_exist(&self, block: BlockId, place: &Place) -> bool {
        let Some(facts) = &self.at_end[block] else { return false };
        let mut prefix = Place::from(place.local);
        place.projections.iter().all(|&step| {
            let exists = match step {
                Projection::Element(index) => self.is_inside(facts, index, &prefix),
                Projection::Field(_) => true,
                _ => false,
            };
            prefix.projections.push(step);
            exists
        })
    }

    /// The greatest value that `one - other` can have at the end of a block, as far as both are numbers that are followed.
    pub(super) fn most_at_end(&self, block: BlockId, one: &Operand, other: &Operand) -> Option<i128> {
        let facts = self.at_end[block].as_ref()?;
        // That one is at most 0 and the other at least says it too.
        let apart = self.range(facts, one)?.1 - self.range(facts, other)?.0;
        Some(self.most(facts, self.offset(one)?, self.offset(other)?).min(apart))
    }

    /// The range of a number at the end of a block.
    pub(super) fn range_at_end(&self, block: BlockId, operand: &Operand) -> Option<(i128, i128)> {
        self.range(self.at_end[block].as_ref()?, operand)
    }

    /// Whether the arithmetic that a statement does gives what it would without limits, or panics.
    pub(super) fn is_exact(&self, function: &Function, block: BlockId, statement: usize) -> bool {
        let Some(mut facts) = self.on_entry[block].clone() else { return false };
        let statements = &function.blocks[block].statements;
        statements[..statement].iter().for_each(|before| self.step(&mut facts, &before.kind));
        match &statements[statement].kind {
            StatementKind::Assign(_, Rvalue::Binary(..)) => true,
            StatementKind::Assign(target, Rvalue::Wrapping(op, left, right)) => target
                .as_local()
                .and_then(|local| self.term_of(local))
                .is_some_and(|term| self.fits(&facts, term, *op, left, right)),
            _ => false,
        }
    }

    fn is_inside(&self, facts: &Facts, index: Local, buffer: &Place) -> bool {
        let (Some(index), Some(length)) = (self.term_of(index), self.length_term(buffer)) else {
            return false;
        };
        facts.most(&self.limits, index, length) < 0 && facts.most(&self.limits, ZERO, index) <= 0
    }
}

impl Terms {
    fn new(function: &Function, definitions: &Definitions, limits: &mut Limits) -> Self {
        let exposed = exposed(function);
        let locals = function.locals.iter_enumerated().map(|(local, decl)| match decl.ty.kind() {
            TyKind::Int(int) if !exposed.contains(local) => Some(limits.push(int.min(), int.max())),
            _ => None,
        });
        let mut terms = Self { locals: locals.collect(), lengths: Vec::new() };
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let StatementKind::Assign(_, Rvalue::Length(buffer)) | StatementKind::SetLength(buffer, _) =
                &statement.kind
                && is_tracked(buffer, &exposed)
                && !terms.lengths.iter().any(|(place, _)| place == buffer)
            {
                let element = match function.place_ty(definitions, buffer).kind() {
                    TyKind::Buffer(element) => *element,
                    _ => Ty::int(),
                };
                let most = if takes_room(definitions, element, 8) { MAX_LENGTH } else { i64::MAX.into() };
                terms.lengths.push((buffer.clone(), limits.push(0, most)));
            }
        }
        terms
    }
}

/// The numbers that the function compares others with, and their neighbours, in order: where counters stop.
fn compared_numbers(function: &Function) -> Vec<i128> {
    let mut numbers = Vec::new();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let StatementKind::Assign(_, Rvalue::Binary(op, left, right)) = &statement.kind
            && op.is_comparison()
        {
            for operand in [left, right] {
                if let Operand::Const(Const::Int(number, _)) = operand {
                    numbers.extend([number - 1, *number, number + 1]);
                }
            }
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Of each block, whether one that comes later in the order, or itself, leads back to it.
fn heads(
    function: &Function,
    order: &[BlockId],
    predecessors: &IndexVec<BlockId, Vec<BlockId>>,
) -> IndexVec<BlockId, bool> {
    let mut position = IndexVec::filled(function.blocks.len(), usize::MAX);
    for (at, &block) in order.iter().enumerate() {
        position[block] = at;
    }
    let leads_back = |id: BlockId| predecessors[id].iter().any(|&from| position[from] >= position[id]);
    function.blocks.ids().map(leads_back).collect()
}

/// Whether values of the type surely take at least a byte. `depth` is how far it looks.
fn takes_room(definitions: &Definitions, ty: Ty, depth: u32) -> bool {
    match ty.kind() {
        TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Bool
        | TyKind::Char
        | TyKind::String
        | TyKind::Buffer(_) => true,
        TyKind::Struct(..) | TyKind::Tuple(_) if depth > 0 => field_tys(definitions, ty, None)
            .is_some_and(|fields| fields.into_iter().any(|field| takes_room(definitions, field, depth - 1))),
        TyKind::Enum(id, _) => definitions.enums[*id].variants.len() > 1,
        _ => false,
    }
}

/// Whether the function does something that may fail by a number.
fn has_checks(function: &Function) -> bool {
    let mut statements = function.blocks.iter().flat_map(|block| &block.statements);
    statements.any(|statement| match &statement.kind {
        StatementKind::CheckIndex { .. } => true,
        StatementKind::Assign(_, Rvalue::Binary(op, left, _)) => {
            let is_int = match left {
                Operand::Const(constant) => matches!(constant.ty().kind(), TyKind::Int(_)),
                _ => left.place().is_some_and(|place| {
                    place.projections.is_empty()
                        && matches!(function.locals[place.local].ty.kind(), TyKind::Int(_))
                }),
            };
            is_int && !op.is_comparison()
        }
        _ => false,
    })
}

/// The locals that only one block mentions: what is known about them need not leave it.
fn passing(function: &Function, terms: &Terms) -> IndexVec<BlockId, Vec<Term>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mentioned {
        Nowhere,
        In(BlockId),
        Widely,
    }
    let mut mentioned = vec![Mentioned::Nowhere; function.locals.len()];
    for param in function.params() {
        mentioned[param.index()] = Mentioned::Widely;
    }
    for (id, block) in function.blocks.iter_enumerated() {
        block.clone().for_each_local_mut(|local| {
            let mentioned = &mut mentioned[local.index()];
            *mentioned = match *mentioned {
                Mentioned::Nowhere => Mentioned::In(id),
                Mentioned::In(other) if other == id => Mentioned::In(id),
                _ => Mentioned::Widely,
            };
        });
    }
    let mut passing = IndexVec::filled(function.blocks.len(), Vec::new());
    for (local, term) in terms.locals.iter_enumerated() {
        if let (Mentioned::In(block), Some(term)) = (mentioned[local.index()], term) {
            passing[block].push(*term);
        }
    }
    passing
}
