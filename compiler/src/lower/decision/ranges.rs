//! Ranges of integers and characters: the values are cut at every end of a range, and a binary search finds the piece.
//!
//! Compared one after the other, thousands of ranges would take as many comparisons, and each would look at all rows.

use plat_syntax::hash::HashMap;
use plat_syntax::source::Span;

use super::test::{Test, scalar_const};
use super::{Row, Target};
use crate::hir::BinaryOp;
use crate::lower::function::FunctionLowerer;
use crate::mir::{BlockId, Operand, Place, Rvalue};
use crate::types::{Ty, TyKind};

/// Where a piece leads: to the same block as others that the same rows may match.
struct Pieces {
    /// The first value of each piece but the first.
    cuts: Vec<i128>,
    /// The block of each piece.
    blocks: Vec<BlockId>,
}

impl FunctionLowerer<'_, '_> {
    pub(super) fn switch_ranges(
        &mut self,
        rows: Vec<Row>,
        place: &Place,
        targets: &[Target],
        fallback: Option<BlockId>,
        span: Span,
    ) {
        let asked: Vec<Asked> = rows.iter().map(|row| Asked::of(self.test_of(row, place))).collect();
        let cuts = cuts(&asked, self.place_ty(place));
        let is_final =
            |row: &Row, asked: Asked| row.tests.len() == asked.count() && targets[row.target].guard.is_none();
        let is_final: Vec<bool> = rows.iter().zip(&asked).map(|(row, &asked)| is_final(row, asked)).collect();
        let mut blocks = HashMap::default();
        let mut leaves: Vec<(BlockId, Vec<usize>)> = Vec::new();
        let mut block_of = |members: Vec<usize>| {
            *blocks.entry(members).or_insert_with_key(|members| {
                let block = self.builder.new_block();
                leaves.push((block, members.clone()));
                block
            })
        };
        let pieces = rows_of_pieces(&asked, &is_final, &cuts).into_iter().map(&mut block_of).collect();
        self.search(place, &Pieces { cuts, blocks: pieces }.merged(), span);
        for (block, members) in leaves {
            self.builder.switch_to(block);
            let rows = members.into_iter().map(|row| without_test(&rows[row], asked[row], place)).collect();
            self.decide(rows, targets, fallback, span);
        }
    }

    /// Goes to the block of the piece in which the value lies.
    fn search(&mut self, place: &Place, pieces: &Pieces, span: Span) {
        let ty = self.place_ty(place);
        let mut pending = vec![(None, 0, pieces.cuts.len())];
        while let Some((block, first, last)) = pending.pop() {
            if let Some(block) = block {
                self.builder.switch_to(block);
            }
            if first == last {
                self.builder.goto(pieces.blocks[first], span);
                continue;
            }
            let middle = first + (last - first) / 2;
            let cut = Operand::Const(scalar_const(pieces.cuts[middle], ty));
            let compare = Rvalue::Binary(BinaryOp::Lt, Operand::Use(place.clone()), cut);
            let is_below = self.builder.assign_temp(Ty::bool(), compare, span);
            let mut side = |first: usize, last: usize| match first == last {
                true => pieces.blocks[first],
                false => {
                    let block = self.builder.new_block();
                    pending.push((Some(block), first, last));
                    block
                }
            };
            let (below, above) = (side(first, middle), side(middle + 1, last));
            self.builder.branch(Operand::Use(is_below.into()), below, above, span);
        }
    }
}

impl Pieces {
    /// Neighbours that lead to one block as one piece.
    fn merged(self) -> Self {
        let Self { cuts, blocks } = self;
        let mut merged = Self { cuts: Vec::new(), blocks: vec![blocks[0]] };
        for (pair, cut) in blocks.windows(2).zip(cuts) {
            if pair[0] != pair[1] {
                merged.cuts.push(cut);
                merged.blocks.push(pair[1]);
            }
        }
        merged
    }
}

/// What a row asks of the place.
#[derive(Clone, Copy)]
enum Asked {
    /// That its value lies between these, ends included.
    Between(i128, i128),
    /// Something that its piece does not tell.
    Other,
    Nothing,
}

impl Asked {
    fn of(test: Option<Test>) -> Self {
        match test {
            Some(Test::Value(value)) => Self::Between(value, value),
            Some(Test::Range(start, end)) => Self::Between(start, end),
            Some(_) => Self::Other,
            None => Self::Nothing,
        }
    }

    /// The number of tests that the piece answers.
    fn count(self) -> usize {
        usize::from(matches!(self, Self::Between(..)))
    }
}

/// Where the values of the type are cut, sorted.
fn cuts(asked: &[Asked], ty: Ty) -> Vec<i128> {
    let (least, greatest) = match *ty.kind() {
        TyKind::Int(int) => (int.min(), int.max()),
        _ => (0, i128::from(u32::from(char::MAX))),
    };
    let is_char = *ty.kind() == TyKind::Char;
    let mut cuts: Vec<i128> = Vec::new();
    for &asked in asked {
        if let Asked::Between(start, end) = asked {
            cuts.extend([start, end + 1]);
        }
    }
    for cut in &mut cuts {
        // Between the characters there is a gap.
        if is_char && (0xd800..0xe000).contains(cut) {
            *cut = 0xe000;
        }
    }
    cuts.retain(|&cut| least < cut && cut <= greatest);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// The rows that may match in each piece, in order. After a row that matches whatever else, none is looked at.
fn rows_of_pieces(asked: &[Asked], is_final: &[bool], cuts: &[i128]) -> Vec<Vec<usize>> {
    let mut pieces: Vec<Vec<usize>> = vec![Vec::new(); cuts.len() + 1];
    // For each piece, itself while it is open, else one nearer to the next open one.
    let mut next: Vec<usize> = (0..=pieces.len()).collect();
    let piece_of = |value: i128| cuts.partition_point(|&cut| cut <= value);
    for (row, &asked) in asked.iter().enumerate() {
        let (first, last) = match asked {
            Asked::Between(start, end) if start > end => continue,
            Asked::Between(start, end) => (piece_of(start), piece_of(end)),
            Asked::Other | Asked::Nothing => (0, pieces.len() - 1),
        };
        let mut piece = open_from(&mut next, first);
        while piece <= last {
            pieces[piece].push(row);
            if is_final[row] {
                next[piece] = piece + 1;
            }
            piece = open_from(&mut next, piece + 1);
        }
    }
    pieces
}

/// The first open piece from this one on; shortens the way there for the next who asks.
fn open_from(next: &mut [usize], piece: usize) -> usize {
    let mut open = piece;
    while next[open] != open {
        open = next[open];
    }
    let mut passed = piece;
    while next[passed] != open {
        passed = std::mem::replace(&mut next[passed], open);
    }
    open
}

/// The row in a piece in which what it asks of the place holds.
fn without_test(row: &Row, asked: Asked, place: &Place) -> Row {
    let mut row = row.clone();
    if matches!(asked, Asked::Between(..)) {
        row.tests.retain(|(tested, _)| tested != place);
    }
    row
}
