//! Patterns as decision trees.
//!
//! Rows are alternatives in order; each is a list of tests, all of which must hold. The tree looks at the place that
//! the first row tests and that most rows test too, goes to one branch for each value that rows ask for, and takes along
//! into each branch the rows that may still match there. Nothing is tested twice on one path. Bodies are shared:
//! many leaves may go to one.

use std::collections::VecDeque;

use plat_syntax::index::Id;
use plat_syntax::source::Span;

use super::consts::{literal_const, scalar};
use super::function::FunctionLowerer;
use crate::bug;
use crate::hir::{BinaryOp, ExprId, LocalId, PatId, PatKind, RangeEnd};
use crate::mir::{BlockId, Const, Operand, Place, Projection, Rvalue, TerminatorKind};
use crate::typeck::values::Value;
use crate::types::{Ty, TyKind};

mod groups;
mod ranges;
mod test;

use test::{EndKind, Test, Verdict, const_test, range_test, verdict};

/// Where a row leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// A further condition, evaluated once the names are bound.
    pub guard: Option<ExprId>,
    /// The body.
    pub block: BlockId,
}

/// Places with the patterns that they must match.
type Tests = Vec<(Place, PatId)>;

/// One alternative.
#[derive(Clone, Debug)]
pub(super) struct Row {
    tests: Tests,
    bindings: Vec<(LocalId, Place)>,
    /// The position of its [`Target`].
    target: usize,
}

impl Row {
    /// A row of one pattern.
    pub fn new(place: Place, pat: PatId, target: usize) -> Self {
        Self::of_parts([(place, pat)].into_iter(), target)
    }

    /// A row of patterns that must all match.
    pub fn of_parts(tests: impl Iterator<Item = (Place, PatId)>, target: usize) -> Self {
        Self { tests: tests.collect(), bindings: Vec::new(), target }
    }
}

impl FunctionLowerer<'_, '_> {
    /// Goes to the target of the first row that matches; where none does, to `fallback`, or nowhere if the rows are known
    /// to be exhaustive.
    pub fn decide(&mut self, rows: Vec<Row>, targets: &[Target], fallback: Option<BlockId>, span: Span) {
        let rows = rows.into_iter().flat_map(|row| self.simplify(row)).collect();
        self.decide_simple(rows, targets, fallback, span);
    }

    fn decide_simple(
        &mut self,
        rows: VecDeque<Row>,
        targets: &[Target],
        fallback: Option<BlockId>,
        span: Span,
    ) {
        let Some(first) = rows.front() else {
            let kind = fallback.map_or(TerminatorKind::Unreachable, TerminatorKind::Goto);
            return self.builder.terminate(kind, span);
        };
        if first.tests.is_empty() {
            return self.arrive(rows, targets, fallback, span);
        }
        let rows = Vec::from(rows);
        let place = most_tested(&rows);
        let pat = first_pat(&rows, &place);
        match self.test(pat) {
            Test::Variant(_) => self.switch_variants(rows, &place, targets, fallback, span),
            Test::Value(_) => self.switch_values(rows, &place, targets, fallback, span),
            Test::Range(..) => self.switch_ranges(rows, &place, targets, fallback, span),
            Test::Equal(Const::String(_)) => self.compare_strings(rows, &place, targets, fallback, span),
            test => self.branch_on_test(rows, &place, &test, targets, fallback, span),
        }
    }

    /// The first row matches: binds its names and, if its guard holds, goes to its target.
    fn arrive(&mut self, mut rows: VecDeque<Row>, targets: &[Target], fallback: Option<BlockId>, span: Span) {
        let Some(row) = rows.pop_front() else { bug!(span, "no row matches") };
        for (local, place) in row.bindings {
            self.bind(local, place, span);
        }
        let Target { guard, block } = targets[row.target];
        let Some(guard) = guard else { return self.builder.goto(block, span) };
        let fails = self.builder.new_block();
        self.lower_condition(guard, block, fails);
        self.builder.switch_to(fails);
        self.decide_simple(rows, targets, fallback, span);
    }

    /// The rows that a row stands for: alternatives apart, parts of tuples and structs tested one by one, what always
    /// matches bound.
    fn simplify(&self, row: Row) -> Vec<Row> {
        let Row { tests, mut bindings, target } = row;
        let mut pending: Vec<_> = tests.into_iter().rev().collect();
        let mut open = Vec::new();
        while let Some((place, pat)) = pending.pop() {
            match &self.body.pats[pat].kind {
                PatKind::Wild => {}
                PatKind::Bind(local) => bindings.push((*local, place)),
                PatKind::Tuple(items) => {
                    for (position, &item) in items.iter().enumerate().rev() {
                        let field = Projection::Field(crate::hir::FieldId::from_index(position));
                        pending.push((place.clone().project(field), item));
                    }
                }
                PatKind::Or(alternatives) => {
                    return self.split(alternatives, place, (open, pending), bindings, target);
                }
                PatKind::Error => bug!(self.body.pats[pat].span, "lowers a wrong pattern"),
                _ if self.always_matches(pat) => {
                    let parts = self.parts(pat, &place);
                    pending.extend(parts.into_iter().rev());
                }
                _ => open.push((place, pat)),
            }
        }
        vec![Row { tests: open, bindings, target }]
    }

    fn split(
        &self,
        alternatives: &[PatId],
        place: Place,
        (open, pending): (Tests, Tests),
        bindings: Vec<(LocalId, Place)>,
        target: usize,
    ) -> Vec<Row> {
        let rows = alternatives.iter().flat_map(|&alternative| {
            let mut tests = open.clone();
            tests.push((place.clone(), alternative));
            tests.extend(pending.iter().rev().cloned());
            self.simplify(Row { tests, bindings: bindings.clone(), target })
        });
        rows.collect()
    }

    /// Whether a constructor pattern only takes apart: of a struct, or of the one variant there is.
    fn always_matches(&self, pat: PatId) -> bool {
        let Some(constructor) = self.types.constructors.get(&pat) else { return false };
        constructor.variant.is_none() || self.variant_count(self.types.pats[pat]) == 1
    }

    fn variant_count(&self, ty: Ty) -> usize {
        match ty.kind() {
            TyKind::Enum(id, _) => self.program.definitions().enums[*id].variants.len(),
            _ => bug!("{ty:?} has no variants"),
        }
    }

    /// The sub-patterns of a constructor pattern with their places.
    fn parts(&self, pat: PatId, place: &Place) -> Vec<(Place, PatId)> {
        let constructor = &self.types.constructors[&pat];
        let parts = constructor.fields.iter().map(|&(field, part)| {
            let projection = match constructor.variant {
                Some(variant) => Projection::VariantField(variant, field),
                None => Projection::Field(field),
            };
            (place.clone().project(projection), part)
        });
        parts.collect()
    }

    /// What a pattern that does not always match tests.
    fn test(&self, pat: PatId) -> Test {
        let ty = self.types.pats[pat];
        match &self.body.pats[pat].kind {
            PatKind::Literal(literal, sign) => const_test(literal_const(literal, *sign, ty)),
            PatKind::Const(id) => match self.program.const_value(*id) {
                Some(Value::Aggregate(..)) | None => Test::EqualTo(*id),
                Some(value) => const_test(scalar(value, ty)),
            },
            PatKind::Range { start, end, inclusive } => {
                let ends = [start, end].map(|end| match end {
                    RangeEnd::Literal(literal, sign) => literal_const(literal, *sign, ty),
                    RangeEnd::Const(name, id) => match self.program.const_value(*id) {
                        Some(value) => scalar(value, ty),
                        None => bug!(name.span, "a range whose end is not known"),
                    },
                });
                range_test(&ends, *inclusive)
            }
            _ => match self.types.constructors.get(&pat).and_then(|constructor| constructor.variant) {
                Some(variant) => Test::Variant(variant),
                None => bug!(self.body.pats[pat].span, "tests nothing"),
            },
        }
    }

    fn branch_on_test(
        &mut self,
        rows: Vec<Row>,
        place: &Place,
        test: &Test,
        targets: &[Target],
        fallback: Option<BlockId>,
        span: Span,
    ) {
        let [holds, fails] = [(); 2].map(|()| self.builder.new_block());
        self.emit_test(place, test, holds, fails, span);
        for (block, outcome) in [(holds, true), (fails, false)] {
            self.builder.switch_to(block);
            let rows = self.rows_after(&rows, place, test, outcome);
            self.decide(rows, targets, fallback, span);
        }
    }

    fn emit_test(&mut self, place: &Place, test: &Test, holds: BlockId, fails: BlockId, span: Span) {
        let ty = self.place_ty(place);
        let value = Operand::Use(place.clone());
        match test {
            Test::Bool(true) => self.builder.branch(value, holds, fails, span),
            Test::Bool(false) => self.builder.branch(value, fails, holds, span),
            Test::Equal(constant) => {
                let equal = self.equality(ty, value, Operand::Const(constant.clone()), span);
                self.builder.branch(equal, holds, fails, span);
            }
            Test::EqualTo(id) => {
                let constant = self.builder.temp(ty);
                self.lower_const(super::function::Dest::Local(constant), *id, span);
                let equal = self.equality(ty, value, Operand::Use(constant.into()), span);
                self.builder.branch(equal, holds, fails, span);
            }
            Test::FloatRange(start, end, kind) => {
                let ends = [Const::Float(*start, ty), Const::Float(*end, ty)];
                self.emit_range_test(value, ends, *kind, holds, fails, span);
            }
            Test::Variant(_) | Test::Value(_) | Test::Range(..) => bug!(span, "{test:?} takes a switch"),
        }
    }

    fn emit_range_test(
        &mut self,
        value: Operand,
        [start, end]: [Const; 2],
        kind: EndKind,
        holds: BlockId,
        fails: BlockId,
        span: Span,
    ) {
        let above = self.builder.new_block();
        let compare = Rvalue::Binary(BinaryOp::Ge, value.clone(), Operand::Const(start));
        let is_above = self.builder.assign_temp(Ty::bool(), compare, span);
        self.builder.branch(Operand::Use(is_above.into()), above, fails, span);
        self.builder.switch_to(above);
        let op = if kind == EndKind::Inclusive { BinaryOp::Le } else { BinaryOp::Lt };
        let compare = Rvalue::Binary(op, value, Operand::Const(end));
        let is_below = self.builder.assign_temp(Ty::bool(), compare, span);
        self.builder.branch(Operand::Use(is_below.into()), holds, fails, span);
    }

    /// The rows that may still match once a test of a place has come out.
    fn rows_after(&self, rows: &[Row], place: &Place, known: &Test, outcome: bool) -> Vec<Row> {
        rows.iter().filter_map(|row| self.row_after(row, place, known, outcome)).collect()
    }

    fn row_after(&self, row: &Row, place: &Place, known: &Test, outcome: bool) -> Option<Row> {
        let mut tests = Vec::with_capacity(row.tests.len());
        for (tested, pat) in &row.tests {
            let verdict =
                if tested == place { verdict(&self.test(*pat), known, outcome) } else { Verdict::Open };
            match verdict {
                Verdict::Fails => return None,
                Verdict::Open => tests.push((tested.clone(), *pat)),
                Verdict::Holds if self.types.constructors.contains_key(pat) => {
                    tests.extend(self.parts(*pat, tested));
                }
                Verdict::Holds => {}
            }
        }
        Some(Row { tests, ..row.clone() })
    }
}

/// The place that the first row tests and that most rows test too.
fn most_tested(rows: &[Row]) -> Place {
    let count =
        |place: &Place| rows.iter().filter(|row| row.tests.iter().any(|(tested, _)| tested == place)).count();
    let places = rows[0].tests.iter().map(|(place, _)| place);
    // `max_by_key` returns the last of equals; what is written first is tested first.
    places.rev().max_by_key(|place| count(place)).cloned().unwrap_or_else(|| bug!("no test"))
}

fn first_pat(rows: &[Row], place: &Place) -> PatId {
    let tested = rows[0].tests.iter().find(|(tested, _)| tested == place);
    tested.map(|&(_, pat)| pat).unwrap_or_else(|| bug!("no test of {place:?}"))
}
