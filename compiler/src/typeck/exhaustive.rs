//! Whether patterns cover every value, and which can never match (Maranget's usefulness).
//!
//! Patterns are rows of a matrix. A column is taken apart by the constructors at its head: each gets the rows that
//! can match it, with the constructor's fields as new columns; constructors that no row names share what is left.
//! A row that reaches an end of this first is useful; an end that no row without a guard reaches is a missing case,
//! described by the constructors on the way. Numbers are cut into the ranges that the patterns tell apart.
//! One walk answers both questions, and looks at a row only where it can match.

use std::collections::BTreeMap;

use plat_syntax::index::{Id, Symbol};

use crate::hir::{Body, Definitions, FieldId, PatId, PatKind, RangeEnd, VariantId};
use crate::types::{IntTy, Ty, TyKind};

use super::values::{Value, literal_value};
use super::{BodyTypes, Program};

mod witness;

use witness::Witness;

/// What is wrong with the patterns of a `match`.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Some of the values that are not covered, as patterns.
    pub(super) missing: Vec<String>,
    /// The arms that can never match.
    pub(super) unreachable: Vec<usize>,
    /// Whether it was given up.
    pub(super) is_too_complex: bool,
}

/// More steps than any `match` written by hand takes, and few enough to take no time.
const MAX_STEPS: usize = 200_000;
/// Deeper patterns are given up, to spare the stack.
const MAX_DEPTH: usize = 400;
/// How many missing cases are named.
const MAX_WITNESSES: usize = 3;

/// Checks the arms of a `match` on a value of type `ty`. The types of the patterns are final and without errors.
pub(super) fn check(
    program: &Program<'_>,
    body: &Body,
    types: &BodyTypes,
    ty: Ty,
    arms: &[(PatId, bool)],
) -> Verdict {
    let mut matrix = Matrix { program, body, types, steps: 0, useful: vec![false; arms.len()] };
    let rows = arms.iter().enumerate().map(|(arm, &(pat, is_guarded))| Row {
        columns: vec![Column::Pat(pat)],
        arm,
        is_guarded,
    });
    let missing = matrix.missing(rows.collect(), vec![ty], 0);
    if matrix.steps > MAX_STEPS {
        return Verdict { is_too_complex: true, ..Verdict::default() };
    }
    let definitions = program.definitions();
    let missing = missing.iter().filter_map(|witness| witness.first());
    Verdict {
        missing: missing.map(|witness| witness.show(definitions)).collect(),
        unreachable: (0..arms.len()).filter(|&arm| !matrix.useful[arm]).collect(),
        is_too_complex: false,
    }
}

/// Patterns still to be matched: the last column is next.
#[derive(Clone)]
struct Row {
    columns: Vec<Column>,
    arm: usize,
    is_guarded: bool,
}

#[derive(Clone, Copy)]
enum Column {
    Wild,
    Pat(PatId),
}

/// The outermost part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Head {
    /// Matches everything.
    Wild,
    /// A struct or tuple.
    Single,
    /// A variant.
    Variant(VariantId),
    /// Integers or characters, ends included. `false` and `true` are 0 and 1.
    Range(i128, i128),
    /// A string.
    String(Symbol),
    /// A value that only comparing can tell apart: matches something, and covers nothing. Its place tells it apart.
    Opaque(PatId),
}

struct Matrix<'a> {
    program: &'a Program<'a>,
    body: &'a Body,
    types: &'a BodyTypes,
    steps: usize,
    useful: Vec<bool>,
}

impl Matrix<'_> {
    /// Values that no row without a guard matches, as one witness per column, the last column's last. Marks useful rows.
    fn missing(&mut self, mut rows: Vec<Row>, mut types: Vec<Ty>, depth: usize) -> Vec<Vec<Witness>> {
        self.steps += 1 + rows.len() / 16;
        if self.steps > MAX_STEPS || depth > MAX_DEPTH {
            self.steps = MAX_STEPS + 1;
            return Vec::new();
        }
        // Columns that nothing looks at are skipped.
        let mut skipped = 0;
        while let Some(&ty) = types.last() {
            if self.is_empty_type(ty) {
                return Vec::new();
            }
            // Without any arms, name what there is to cover.
            let is_bare = rows.is_empty() && depth == 0;
            if is_bare || !rows.iter().all(|row| self.is_wild(row)) {
                break;
            }
            types.pop();
            for row in &mut rows {
                row.columns.pop();
            }
            skipped += 1;
        }
        let mut found = match types.pop() {
            None => self.end(&rows),
            Some(ty) => self.split(self.without_alternatives(rows), &types, ty, depth),
        };
        for witness in &mut found {
            witness.extend(std::iter::repeat_n(Witness::Wild, skipped));
        }
        found
    }

    /// No columns are left: the first row matches; those after it only where it has a guard.
    fn end(&mut self, rows: &[Row]) -> Vec<Vec<Witness>> {
        for row in rows {
            self.useful[row.arm] = true;
            if !row.is_guarded {
                return Vec::new();
            }
        }
        vec![Vec::new()]
    }

    fn is_wild(&self, row: &Row) -> bool {
        match row.columns.last() {
            None | Some(Column::Wild) => true,
            Some(&Column::Pat(pat)) => matches!(self.body.pats[pat].kind, PatKind::Wild | PatKind::Bind(_)),
        }
    }

    fn is_empty_type(&self, ty: Ty) -> bool {
        match *ty.kind() {
            TyKind::Never => true,
            TyKind::Enum(id, _) => self.definitions().enums[id].variants.is_empty(),
            _ => false,
        }
    }

    fn definitions(&self) -> &Definitions {
        self.program.definitions()
    }

    /// The rows with one row per alternative of `A | B` in the last column.
    fn without_alternatives(&self, rows: Vec<Row>) -> Vec<Row> {
        let has_alternatives = |row: &Row| match row.columns.last() {
            Some(&Column::Pat(pat)) => matches!(self.body.pats[pat].kind, PatKind::Or(_)),
            _ => false,
        };
        if !rows.iter().any(has_alternatives) {
            return rows;
        }
        let mut flat = Vec::with_capacity(rows.len());
        for row in rows {
            self.flatten(row, &mut flat);
        }
        flat
    }

    fn flatten(&self, mut row: Row, flat: &mut Vec<Row>) {
        if let Some(&Column::Pat(pat)) = row.columns.last()
            && let PatKind::Or(alternatives) = &self.body.pats[pat].kind
        {
            row.columns.pop();
            for &alternative in alternatives {
                let mut row = row.clone();
                row.columns.push(Column::Pat(alternative));
                self.flatten(row, flat);
            }
            return;
        }
        flat.push(row);
    }

    /// Takes the last column, of type `ty`, apart. `types` are those of the columns before it.
    fn split(&mut self, rows: Vec<Row>, types: &[Ty], ty: Ty, depth: usize) -> Vec<Vec<Witness>> {
        let heads: Vec<_> = rows.iter().map(|row| self.head(row)).collect();
        let cases = self.cases(ty, &heads);
        let mut found = Vec::new();
        for (head, members) in cases.present {
            let fields = self.field_types(ty, head);
            let rows = members.into_iter().map(|row| self.specialise(&rows[row], head, fields.len()));
            let rows = rows.collect();
            let columns = types.iter().copied().chain(fields.iter().rev().copied()).collect();
            let missing = self.missing(rows, columns, depth + 1);
            if matches!(head, Head::Opaque(_)) {
                // Its value is among those of the other constructors, which say what is missing.
                continue;
            }
            for mut witness in missing {
                if found.len() < MAX_WITNESSES {
                    let at = witness.len() - fields.len();
                    let fields = witness.drain(at..).rev().collect();
                    witness.push(Witness::of(ty, head, fields));
                    found.push(witness);
                }
            }
        }
        if cases.absent.is_empty() {
            return found;
        }
        let wild = rows.iter().zip(&heads).filter(|(_, head)| **head == Head::Wild);
        let rest = wild.map(|(row, _)| without_last(row)).collect();
        for witness in self.missing(rest, types.to_vec(), depth + 1) {
            for absent in &cases.absent {
                if found.len() < MAX_WITNESSES {
                    let mut witness = witness.clone();
                    witness.push(absent.clone());
                    found.push(witness);
                }
            }
        }
        found
    }

    /// What the last column of the row begins with.
    fn head(&self, row: &Row) -> Head {
        let Some(&Column::Pat(pat)) = row.columns.last() else { return Head::Wild };
        let ty = self.types.pats[pat];
        match &self.body.pats[pat].kind {
            PatKind::Wild | PatKind::Bind(_) | PatKind::Error | PatKind::Or(_) => Head::Wild,
            PatKind::Literal(literal, sign) => self.value(pat, literal_value(literal, *sign, ty).as_ref()),
            PatKind::Const(constant) => self.value(pat, self.program.const_values[*constant].as_ref()),
            PatKind::Range { start, end, inclusive } => {
                match (self.range_end(start, ty), self.range_end(end, ty)) {
                    (Some(start), Some(end)) if is_discrete(ty) => {
                        let end = if *inclusive { end } else { end.saturating_sub(1) };
                        if start <= end { Head::Range(start, end) } else { Head::Opaque(pat) }
                    }
                    _ => Head::Opaque(pat),
                }
            }
            PatKind::Variant(..) | PatKind::Bare(..) | PatKind::Struct(..) => {
                match self.types.constructors.get(&pat).and_then(|constructor| constructor.variant) {
                    Some(variant) => Head::Variant(variant),
                    None => Head::Single,
                }
            }
            PatKind::Tuple(_) => Head::Single,
        }
    }

    /// A literal, or a constant whose value is known. What its type cannot hold has been reported.
    fn value(&self, pat: PatId, value: Option<&Value>) -> Head {
        match value {
            Some(Value::String(text)) => Head::String(*text),
            Some(Value::Bool(value)) => Head::Range(i128::from(*value), i128::from(*value)),
            value => match value.and_then(number) {
                Some(value) if is_discrete(self.types.pats[pat]) => Head::Range(value, value),
                _ => Head::Opaque(pat),
            },
        }
    }

    fn range_end(&self, end: &RangeEnd, ty: Ty) -> Option<i128> {
        match end {
            RangeEnd::Literal(literal, sign) => number(&literal_value(literal, *sign, ty)?),
            RangeEnd::Const(_, constant) => number(self.program.const_values[*constant].as_ref()?),
        }
    }

    /// The constructors to look at, each with the rows that can match it, and those that no row names.
    fn cases(&self, ty: Ty, heads: &[Head]) -> Cases {
        if matches!(ty.kind(), TyKind::Int(_) | TyKind::Char | TyKind::Bool) {
            return discrete_cases(ty, heads);
        }
        let mut groups: BTreeMap<Head, Vec<usize>> = BTreeMap::new();
        for &head in heads.iter().filter(|head| **head != Head::Wild) {
            groups.entry(head).or_default();
        }
        for (row, &head) in heads.iter().enumerate() {
            match head {
                Head::Wild => groups.values_mut().for_each(|rows| rows.push(row)),
                head => groups.entry(head).or_default().push(row),
            }
        }
        let absent = self.absent(ty, &groups);
        Cases { present: groups.into_iter().collect(), absent }
    }

    /// The constructors of the type that no row names.
    fn absent(&self, ty: Ty, groups: &BTreeMap<Head, Vec<usize>>) -> Vec<Witness> {
        match *ty.kind() {
            TyKind::Enum(id, _) => {
                let variants = &self.definitions().enums[id].variants;
                let absent = variants.ids().filter(|&variant| !groups.contains_key(&Head::Variant(variant)));
                let witness = |variant| {
                    let fields = vec![Witness::Wild; variants[variant].fields.len()];
                    Witness::of(ty, Head::Variant(variant), fields)
                };
                absent.map(witness).collect()
            }
            TyKind::Tuple(_) | TyKind::Struct(..) if groups.contains_key(&Head::Single) => Vec::new(),
            _ => vec![Witness::Wild],
        }
    }

    /// The types of the fields of a constructor.
    fn field_types(&self, ty: Ty, head: Head) -> Vec<Ty> {
        match (ty.kind(), head) {
            (TyKind::Tuple(parts), Head::Single) => parts.to_vec(),
            (&TyKind::Struct(id, args), Head::Single) => self.definitions().structs[id]
                .fields
                .iter()
                .map(|field| field.ty.ty.substitute(args))
                .collect(),
            (&TyKind::Enum(id, args), Head::Variant(variant)) => {
                let fields = &self.definitions().enums[id].variants[variant].fields;
                fields.iter().map(|field| field.ty.ty.substitute(args)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The row with its last column replaced by those of the constructor's fields, the first field last.
    fn specialise(&self, row: &Row, head: Head, arity: usize) -> Row {
        let mut columns = row.columns.clone();
        let last = columns.pop();
        let base = columns.len();
        columns.resize(base + arity, Column::Wild);
        let mut place = |field: usize, pat: PatId| {
            if field < arity {
                columns[base + arity - 1 - field] = Column::Pat(pat);
            }
        };
        if let (Some(Column::Pat(pat)), Head::Single | Head::Variant(_)) = (last, head) {
            match &self.body.pats[pat].kind {
                PatKind::Tuple(items) => {
                    items.iter().enumerate().for_each(|(field, &item)| place(field, item))
                }
                _ => {
                    let fields =
                        self.types.constructors.get(&pat).map_or(&[][..], |found| found.fields.as_slice());
                    fields.iter().for_each(|&(field, item): &(FieldId, PatId)| place(field.index(), item));
                }
            }
        }
        Row { columns, arm: row.arm, is_guarded: row.is_guarded }
    }
}

struct Cases {
    present: Vec<(Head, Vec<usize>)>,
    absent: Vec<Witness>,
}

fn without_last(row: &Row) -> Row {
    let mut row = row.clone();
    row.columns.pop();
    row
}

/// An integer or character as a number.
fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Char(char) => Some(i128::from(u32::from(*char))),
        _ => None,
    }
}

fn is_discrete(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Int(_) | TyKind::Char)
}

/// The ranges of values that a type has.
fn domain(ty: Ty) -> Vec<(i128, i128)> {
    match *ty.kind() {
        TyKind::Int(int) => vec![(IntTy::min(int), IntTy::max(int))],
        // Surrogates are not characters.
        TyKind::Char => vec![(0, 0xd7ff), (0xe000, 0x0010_ffff)],
        _ => vec![(0, 1)],
    }
}

/// Cuts a type's values at every end of a range, and sorts the rows by the pieces they cover.
fn discrete_cases(ty: Ty, heads: &[Head]) -> Cases {
    let mut cuts: Vec<i128> = Vec::new();
    for head in heads {
        if let Head::Range(start, end) = *head {
            cuts.extend([start, end.saturating_add(1)]);
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces: Vec<(i128, i128)> = Vec::new();
    for (low, high) in domain(ty) {
        let mut start = low;
        let first = cuts.partition_point(|&cut| cut <= low);
        for &cut in cuts[first..].iter().take_while(|&&cut| cut <= high) {
            pieces.push((start, cut - 1));
            start = cut;
        }
        pieces.push((start, high));
    }
    rows_by_piece(ty, heads, &pieces)
}

fn rows_by_piece(ty: Ty, heads: &[Head], pieces: &[(i128, i128)]) -> Cases {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); pieces.len()];
    let mut opaque = Vec::new();
    for (row, head) in heads.iter().enumerate() {
        if let Head::Range(start, end) = *head {
            let first = pieces.partition_point(|piece| piece.0 < start);
            let covered = pieces[first..].iter().take_while(|piece| piece.1 <= end).count();
            rows[first..first + covered].iter_mut().for_each(|rows| rows.push(row));
        }
        if matches!(head, Head::Opaque(_)) {
            opaque.push((*head, vec![row]));
        }
    }
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for (&(start, end), rows) in pieces.iter().zip(rows) {
        if rows.is_empty() {
            absent.push(Witness::range(ty, start, end));
        } else {
            present.push((Head::Range(start, end), rows));
        }
    }
    present.append(&mut opaque);
    add_wild_rows(&mut present, heads);
    Cases { present, absent }
}

fn add_wild_rows(present: &mut [(Head, Vec<usize>)], heads: &[Head]) {
    let wild: Vec<_> = (0..heads.len()).filter(|&row| heads[row] == Head::Wild).collect();
    if wild.is_empty() {
        return;
    }
    for (_, rows) in present {
        rows.extend(&wild);
        rows.sort_unstable();
    }
}
