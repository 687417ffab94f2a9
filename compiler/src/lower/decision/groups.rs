//! Rows sorted by what they ask of one place: in one pass, because there may be thousands of them.

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::test::Test;
use super::{Row, Target};
use crate::hir::VariantId;
use crate::lower::function::FunctionLowerer;
use crate::mir::{BlockId, Const, Operand, Place, TerminatorKind};

/// The rows that may match for each of the tests that rows make, and those that may match where all of them fail.
struct Groups {
    of_tests: Vec<(Test, Vec<Row>)>,
    rest: Vec<Row>,
}

/// What tells tests apart of which only one can hold.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Variant(VariantId),
    Value(i128),
    String(Symbol),
}

impl Key {
    fn of(test: &Test) -> Option<Self> {
        match test {
            Test::Variant(variant) => Some(Self::Variant(*variant)),
            Test::Value(value) => Some(Self::Value(*value)),
            Test::Equal(Const::String(text)) => Some(Self::String(*text)),
            _ => None,
        }
    }
}

impl FunctionLowerer<'_, '_> {
    pub(super) fn switch_variants(
        &mut self,
        rows: Vec<Row>,
        place: &Place,
        targets: &[Target],
        fallback: Option<BlockId>,
        span: Span,
    ) {
        let Groups { of_tests, rest } = self.group(rows, place);
        let blocks: Vec<_> = of_tests.iter().map(|_| self.builder.new_block()).collect();
        let number = |(test, _): &(Test, Vec<Row>)| match test {
            Test::Variant(variant) => i128::from(variant.0),
            test => crate::bug!(span, "{test:?} of an enum"),
        };
        let mut cases: Vec<_> = of_tests.iter().map(number).zip(blocks.iter().copied()).collect();
        // Where all variants are asked for the last needs no test.
        let is_complete = of_tests.len() == self.variant_count(self.place_ty(place));
        let last = cases.pop_if(|_| is_complete);
        let otherwise = last.map_or_else(|| self.builder.new_block(), |(_, block)| block);
        self.switch_on_variant(place, cases, otherwise, span);
        for ((_, rows), block) in of_tests.into_iter().zip(blocks) {
            self.builder.switch_to(block);
            self.decide(rows, targets, fallback, span);
        }
        if !is_complete {
            self.builder.switch_to(otherwise);
            self.decide(rest, targets, fallback, span);
        }
    }

    pub(super) fn switch_values(
        &mut self,
        rows: Vec<Row>,
        place: &Place,
        targets: &[Target],
        fallback: Option<BlockId>,
        span: Span,
    ) {
        let Groups { of_tests, rest } = self.group(rows, place);
        let mut case = |(test, _): &(Test, Vec<Row>)| match test {
            Test::Value(value) => (*value, self.builder.new_block()),
            test => crate::bug!(span, "{test:?} of a number"),
        };
        let cases: Vec<_> = of_tests.iter().map(&mut case).collect();
        let otherwise = self.builder.new_block();
        let operand = Operand::Use(place.clone());
        self.builder.terminate(TerminatorKind::Switch(operand, cases.clone(), otherwise), span);
        for ((_, rows), (_, block)) in of_tests.into_iter().zip(cases) {
            self.builder.switch_to(block);
            self.decide(rows, targets, fallback, span);
        }
        self.builder.switch_to(otherwise);
        self.decide(rest, targets, fallback, span);
    }

    /// One comparison after the other.
    pub(super) fn compare_strings(
        &mut self,
        rows: Vec<Row>,
        place: &Place,
        targets: &[Target],
        fallback: Option<BlockId>,
        span: Span,
    ) {
        let Groups { of_tests, rest } = self.group(rows, place);
        for (test, rows) in of_tests {
            let [holds, fails] = [(); 2].map(|()| self.builder.new_block());
            self.emit_test(place, &test, holds, fails, span);
            self.builder.switch_to(holds);
            self.decide(rows, targets, fallback, span);
            self.builder.switch_to(fails);
        }
        self.decide(rest, targets, fallback, span);
    }

    /// Sorts rows by the tests of a place that have a key. A row that makes none may match whatever comes out.
    fn group(&self, rows: Vec<Row>, place: &Place) -> Groups {
        let mut of_tests: Vec<(Test, Vec<Row>)> = Vec::new();
        let mut positions = HashMap::default();
        let asked: Vec<Option<Test>> = rows.iter().map(|row| self.test_of(row, place)).collect();
        let keys: Vec<Option<Key>> = asked.iter().map(|test| test.as_ref().and_then(Key::of)).collect();
        for (key, test) in keys.iter().zip(asked) {
            if let (Some(key), Some(test)) = (key, test) {
                positions.entry(key).or_insert_with(|| {
                    of_tests.push((test, Vec::new()));
                    of_tests.len() - 1
                });
            }
        }
        let mut rest = Vec::new();
        for (row, key) in rows.into_iter().zip(&keys) {
            if let Some(key) = key {
                let (test, group) = &mut of_tests[positions[key]];
                group.extend(self.row_after(&row, place, test, true));
                continue;
            }
            for (test, group) in &mut of_tests {
                group.extend(self.row_after(&row, place, test, true));
            }
            rest.push(row);
        }
        Groups { of_tests, rest }
    }

    /// What the row tests of a place.
    pub(super) fn test_of(&self, row: &Row, place: &Place) -> Option<Test> {
        row.tests.iter().find(|(tested, _)| tested == place).map(|&(_, pat)| self.test(pat))
    }
}
