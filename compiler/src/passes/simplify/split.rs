//! Structs and tuples of which only parts are used become locals, one for each part.
//!
//! What is left of an iterator whose `next` was inlined, or of a pair that was made to be taken apart. A local is split where
//! it is never needed whole: every mention is of a part, puts it together, or copies it from one place or to another.

use plat_syntax::index::{Id, IndexVec};

use crate::hir::{Definitions, FieldId};
use crate::mir::local_set::LocalSet;
use crate::mir::typing::field_tys;
use crate::mir::{
    Block, Function, Local, LocalDecl, LocalKind, Operand, Place, Projection, Rvalue, Statement,
    StatementKind,
};
use crate::passes::loops::exposed;
use crate::types::TyKind;

/// Larger values are split only into more code.
const MAX_PARTS: usize = 16;

/// How deep in each other values are split. Iterators of iterators are, and nothing else is so deep.
const MAX_DEPTH: usize = 8;

/// Splits what it can, and parts of that, and says whether there was something.
pub(super) fn run(function: &mut Function, definitions: &Definitions) -> bool {
    (0..MAX_DEPTH).take_while(|_| split_outermost(function, definitions)).count() > 0
}

fn split_outermost(function: &mut Function, definitions: &Definitions) -> bool {
    let wanted = splittable(function, definitions);
    let mut parts = IndexVec::filled(function.locals.len(), Vec::new());
    let mut changed = false;
    for local in wanted.iter() {
        let decl = function.locals[local].clone();
        let tys = field_tys(definitions, decl.ty, None).unwrap_or_default();
        let part = |ty| function.locals.push(LocalDecl { ty, kind: LocalKind::Variable, ..decl.clone() });
        parts[local] = tys.into_iter().map(part).collect();
        changed = true;
    }
    if changed {
        let splitter = Splitter { wanted, parts };
        for block in function.blocks.iter_mut() {
            splitter.split_block(block, &mut function.locals);
        }
    }
    changed
}

/// The locals that are never needed whole: all their mentions are such as a split can cope with.
fn splittable(function: &mut Function, definitions: &Definitions) -> LocalSet {
    let mut found = candidates(function, definitions);
    if found.iter().next().is_none() {
        return found;
    }
    let mut fitting = vec![0; function.locals.len()];
    let mut mentions = vec![0; function.locals.len()];
    for block in function.blocks.iter_mut() {
        for statement in &block.statements {
            for_each_fitting(&statement.kind, |local| fitting[local.index()] += 1);
        }
        if let Some(place) = block.terminator.kind.operand().and_then(Operand::place) {
            fitting[place.local.index()] += usize::from(is_part(place));
        }
        block.for_each_local_mut(|local| mentions[local.index()] += 1);
    }
    for (index, (&fitting, &mentions)) in fitting.iter().zip(&mentions).enumerate() {
        if fitting != mentions || mentions == 0 {
            found.remove(Local::from_index(index));
        }
    }
    found
}

/// The variables that have parts.
fn candidates(function: &Function, definitions: &Definitions) -> LocalSet {
    let mut found = LocalSet::new(function.locals.len());
    for (local, decl) in function.locals.iter_enumerated() {
        let has_parts = matches!(decl.ty.kind(), TyKind::Struct(..) | TyKind::Tuple(_));
        if decl.kind == LocalKind::Variable && has_parts {
            let count = field_tys(definitions, decl.ty, None).map_or(0, |tys| tys.len());
            if (1..=MAX_PARTS).contains(&count) {
                found.insert(local);
            }
        }
    }
    if found.iter().next().is_some() {
        exposed(function).iter().for_each(|local| found.remove(local));
    }
    found
}

/// Calls `visit` with the local of each mention that a split can cope with.
fn for_each_fitting(kind: &StatementKind, mut visit: impl FnMut(Local)) {
    if let StatementKind::Assign(target, rvalue) = kind {
        let is_apart = !matches!(rvalue, Rvalue::Aggregate(_, Some(_), _)) && is_apart(target, rvalue);
        if let (true, Some(whole)) = (is_apart, target.as_local()) {
            visit(whole);
        }
        if let (true, Rvalue::Use(Operand::Use(source))) = (is_apart, rvalue)
            && let Some(whole) = source.as_local()
        {
            visit(whole);
        }
    }
    match kind {
        StatementKind::KeepAlive(place) => place.as_local().into_iter().for_each(&mut visit),
        StatementKind::Touch(locals) => locals.iter().copied().for_each(&mut visit),
        _ => {}
    }
    let mut visit_part = |place: &Place| {
        if is_part(place) {
            visit(place.local);
        }
    };
    kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut visit_part));
    kind.for_each_place(|place, _| visit_part(place));
}

/// Whether the rvalue makes a value of parts, or copies one, that come from elsewhere than the target.
pub(super) fn is_apart(target: &Place, rvalue: &Rvalue) -> bool {
    match rvalue {
        Rvalue::Aggregate(_, _, operands) => {
            operands.iter().all(|operand| operand.place().is_none_or(|place| place.local != target.local))
        }
        Rvalue::Use(Operand::Use(source)) => source.local != target.local,
        _ => false,
    }
}

fn is_part(place: &Place) -> bool {
    matches!(place.projections.first(), Some(Projection::Field(_)))
}

struct Splitter {
    wanted: LocalSet,
    parts: IndexVec<Local, Vec<Local>>,
}

impl Splitter {
    fn split_block(&self, block: &mut Block, locals: &mut IndexVec<Local, LocalDecl>) {
        let mut split = Vec::with_capacity(block.statements.len());
        for statement in std::mem::take(&mut block.statements) {
            self.split_statement(statement, locals, &mut split);
        }
        block.statements = split;
        if let Some(place) = block.terminator.kind.operand_mut().and_then(Operand::place_mut) {
            self.look_inside(place);
        }
    }

    fn split_statement(
        &self,
        mut statement: Statement,
        locals: &mut IndexVec<Local, LocalDecl>,
        into: &mut Vec<Statement>,
    ) {
        if let StatementKind::Assign(target, rvalue) = &mut statement.kind {
            // A whole that is copied elsewhere is put together there.
            if let Rvalue::Use(Operand::Use(source)) = rvalue
                && let Some(parts) = self.parts_of(source)
            {
                let ty = locals[source.local].ty;
                let operands = parts.iter().map(|&part| Operand::Use(part.into())).collect();
                *rvalue = Rvalue::Aggregate(ty, None, operands);
            }
            if let Some(parts) = self.parts_of(target) {
                let values: Vec<Rvalue> = match rvalue {
                    Rvalue::Aggregate(_, None, operands) => operands.drain(..).map(Rvalue::Use).collect(),
                    Rvalue::Use(Operand::Use(source)) => (0..parts.len())
                        .map(|field| source.clone().project(Projection::Field(FieldId::from_index(field))))
                        .map(|part| Rvalue::Use(Operand::Use(part)))
                        .collect(),
                    other => crate::bug!("{other:?} is assigned to what is split"),
                };
                for (&part, value) in parts.iter().zip(values) {
                    let mut kind = StatementKind::Assign(part.into(), value);
                    self.look_inside_all(&mut kind);
                    into.push(Statement { kind, ..statement });
                }
                return;
            }
        }
        match &mut statement.kind {
            StatementKind::KeepAlive(place) if self.parts_of(place).is_some() => {
                for part in self.counted_parts(place.local, locals) {
                    into.push(Statement { kind: StatementKind::KeepAlive(part.into()), ..statement });
                }
                return;
            }
            StatementKind::Touch(touched) => {
                let parts = touched.iter().flat_map(|&local| match self.wanted.contains(local) {
                    true => self.counted_parts(local, locals),
                    false => vec![local],
                });
                *touched = parts.collect();
            }
            _ => self.look_inside_all(&mut statement.kind),
        }
        into.push(statement);
    }

    /// The parts of a local that is split, in the order in which they are released, but for numbers.
    fn counted_parts(&self, whole: Local, locals: &IndexVec<Local, LocalDecl>) -> Vec<Local> {
        let is_counted = |part: &Local| {
            let kind = locals[*part].ty.kind();
            !matches!(kind, TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Float(_))
        };
        self.parts[whole].iter().copied().filter(is_counted).collect()
    }

    /// The parts of the local, if the place is all of one that is split.
    fn parts_of(&self, place: &Place) -> Option<&[Local]> {
        let local = place.as_local().filter(|&local| self.wanted.contains(local))?;
        Some(&self.parts[local])
    }

    fn look_inside_all(&self, kind: &mut StatementKind) {
        kind.for_each_operand_mut(|operand| {
            if let Some(place) = operand.place_mut() {
                self.look_inside(place);
            }
        });
        kind.for_each_place_mut(|place, _| self.look_inside(place));
    }

    /// Replaces a part by the local that it has become.
    fn look_inside(&self, place: &mut Place) {
        if let (true, Some(&Projection::Field(field))) =
            (self.wanted.contains(place.local), place.projections.first())
        {
            place.local = self.parts[place.local][field.index()];
            place.projections.remove(0);
        }
    }
}
