//! Enums that are made and taken apart in one function become locals: one for the variant, one for each field of one.
//!
//! What is left of the `Option`s that an iterator gives when its `next` has been inlined. A local is split where every mention makes it,
//! copies it to or from another that is split, asks for its variant, or reads a field of one. A field that is a number gets one
//! whatever the variant; others must surely have been assigned wherever they are read.

use plat_syntax::index::{Id, IndexVec};

use super::split::is_apart;
use crate::hir::{Definitions, FieldId, VariantId};
use crate::mir::local_set::LocalSet;
use crate::mir::typing::field_tys;
use crate::mir::{
    Block, BlockId, Const, Function, Local, LocalDecl, LocalKind, Operand, Place, Projection, Rvalue,
    Statement, StatementKind,
};
use crate::passes::loops::exposed;
use crate::types::{Ty, TyKind};

/// Enums with more fields in all are split only into more code.
const MAX_PARTS: usize = 16;

/// Splits what it can, and says whether there was something.
pub(super) fn run(function: &mut Function, definitions: &Definitions) -> bool {
    let mut wanted = candidates(function, definitions);
    drop_unfit(function, &mut wanted);
    if is_empty(&wanted) {
        return false;
    }
    let mut parts = Parts::new(function, definitions, &wanted);
    let mut assigned = Assigned::solve(function, &parts);
    let before = wanted.clone();
    drop_unassigned(function, &parts, &assigned, &mut wanted);
    if wanted != before {
        wanted = before;
        parts.set_idle();
        assigned = Assigned::solve(function, &parts);
        drop_unassigned(function, &parts, &assigned, &mut wanted);
        // What is copied to or from what stays whole does so too.
        drop_unfit(function, &mut wanted);
    }
    if is_empty(&wanted) {
        return false;
    }
    for decl in parts.decls.drain(..) {
        function.locals.push(decl);
    }
    let splitter = Splitter { wanted, parts, assigned };
    for id in function.blocks.ids() {
        splitter.split_block(id, &mut function.blocks[id]);
    }
    true
}

fn is_empty(locals: &LocalSet) -> bool {
    locals.iter().next().is_none()
}

/// The variables that are enums of few fields.
fn candidates(function: &Function, definitions: &Definitions) -> LocalSet {
    let mut found = LocalSet::new(function.locals.len());
    for (local, decl) in function.locals.iter_enumerated() {
        if let (LocalKind::Variable, TyKind::Enum(id, _)) = (decl.kind, decl.ty.kind()) {
            let fields: usize = definitions.enums[*id].variants.iter().map(|it| it.fields.len()).sum();
            if fields <= MAX_PARTS {
                found.insert(local);
            }
        }
    }
    if !is_empty(&found) {
        exposed(function).iter().for_each(|local| found.remove(local));
    }
    found
}

/// Drops the locals that are mentioned otherwise than a split can cope with.
fn drop_unfit(function: &mut Function, wanted: &mut LocalSet) {
    let mut is_stable = is_empty(wanted);
    while !is_stable {
        let mut fitting = vec![0; function.locals.len()];
        let mut mentions = vec![0; function.locals.len()];
        for block in function.blocks.iter_mut() {
            for statement in &block.statements {
                for_each_fitting(&statement.kind, wanted, |local| fitting[local.index()] += 1);
            }
            block.for_each_local_mut(|local| mentions[local.index()] += 1);
        }
        let fits = |local: &Local| {
            let mentions = mentions[local.index()];
            mentions > 0 && fitting[local.index()] == mentions
        };
        let dropped: Vec<Local> = wanted.iter().filter(|local| !fits(local)).collect();
        dropped.iter().for_each(|&local| wanted.remove(local));
        is_stable = dropped.is_empty();
    }
}

/// Calls `visit` with the local of each mention that a split can cope with.
fn for_each_fitting(kind: &StatementKind, wanted: &LocalSet, mut visit: impl FnMut(Local)) {
    match Made::of(kind) {
        Some(Made::Variant(local, ..)) => visit(local),
        Some(Made::Copy(local, source)) if wanted.contains(local) && wanted.contains(source) => {
            visit(local);
            visit(source);
        }
        _ => {}
    }
    let mut visit_part = |place: &Place| {
        if matches!(place.projections.first(), Some(Projection::VariantField(..))) {
            visit(place.local);
        }
    };
    kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut visit_part));
    kind.for_each_place(|place, _| visit_part(place));
    if let StatementKind::Assign(_, Rvalue::Discriminant(place)) = kind {
        place.as_local().into_iter().for_each(visit);
    }
}

/// A statement that gives a local, all of it, a value.
enum Made<'a> {
    Variant(Local, VariantId, &'a [Operand]),
    Copy(Local, Local),
}

impl<'a> Made<'a> {
    fn of(kind: &'a StatementKind) -> Option<Self> {
        let StatementKind::Assign(target, rvalue) = kind else { return None };
        let local = target.as_local().filter(|_| is_apart(target, rvalue))?;
        match rvalue {
            Rvalue::Aggregate(_, Some(variant), operands) => Some(Self::Variant(local, *variant, operands)),
            Rvalue::Use(Operand::Use(source)) => Some(Self::Copy(local, source.as_local()?)),
            _ => None,
        }
    }
}

/// A local that a field becomes.
struct Part {
    variant: VariantId,
    field: FieldId,
    local: Local,
    ty: Ty,
    /// What it is assigned with another variant; `None` if nothing.
    idle: Option<Const>,
}

/// What the locals become.
struct Parts {
    tags: IndexVec<Local, Option<Local>>,
    fields: IndexVec<Local, Vec<Part>>,
    /// The new locals, which come after those there are.
    decls: Vec<LocalDecl>,
    first: usize,
}

impl Parts {
    fn new(function: &Function, definitions: &Definitions, wanted: &LocalSet) -> Self {
        let mut parts = Self {
            tags: IndexVec::filled(function.locals.len(), None),
            fields: function.locals.iter().map(|_| Vec::new()).collect(),
            decls: Vec::new(),
            first: function.locals.len(),
        };
        for whole in wanted.iter() {
            let whole_decl = &function.locals[whole];
            let ty = whole_decl.ty;
            let TyKind::Enum(id, _) = ty.kind() else { continue };
            parts.tags[whole] =
                Some(parts.add(LocalDecl { ty: Ty::int(), name: None, ..whole_decl.clone() }));
            for variant in (0..definitions.enums[*id].variants.len()).map(|index| VariantId(index as u32)) {
                let tys = field_tys(definitions, ty, Some(variant)).unwrap_or_default();
                for (field, ty) in (0..).map(FieldId).zip(tys) {
                    let local = parts.add(LocalDecl { ty, ..whole_decl.clone() });
                    parts.fields[whole].push(Part { variant, field, local, ty, idle: None });
                }
            }
        }
        parts
    }

    fn add(&mut self, decl: LocalDecl) -> Local {
        let local = Local::from_index(self.first + self.decls.len());
        self.decls.push(LocalDecl { kind: LocalKind::Variable, ..decl });
        local
    }

    /// From now on numbers are assigned with every variant.
    fn set_idle(&mut self) {
        self.fields.iter_mut().flatten().for_each(|part| part.idle = idle(part.ty));
    }

    /// The part that the place is in.
    fn find(&self, place: &Place) -> Option<&Part> {
        let Some(&Projection::VariantField(variant, field)) = place.projections.first() else { return None };
        let fields = self.fields.get(place.local)?;
        fields.iter().find(|part| (part.variant, part.field) == (variant, field))
    }

    fn of(&self, local: Local) -> &[Part] {
        self.fields.get(local).map_or(&[], Vec::as_slice)
    }
}

/// A number to hold while there is none.
fn idle(ty: Ty) -> Option<Const> {
    Some(match ty.kind() {
        TyKind::Bool => Const::Bool(false),
        TyKind::Char => Const::Char('\0'),
        TyKind::Int(_) => Const::Int(0, ty),
        TyKind::Float(_) => Const::Float(0.0, ty),
        _ => return None,
    })
}

/// Which parts have surely been assigned where a block begins.
struct Assigned {
    on_entry: IndexVec<BlockId, LocalSet>,
}

impl Assigned {
    fn solve(function: &Function, parts: &Parts) -> Self {
        let count = parts.first + parts.decls.len();
        let mut all = LocalSet::new(count);
        parts.fields.iter().flatten().for_each(|part| all.insert(part.local));
        let mut on_entry = IndexVec::filled(function.blocks.len(), all);
        on_entry[Function::ENTRY] = LocalSet::new(count);
        let order = function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &id in &order {
                let mut assigned = on_entry[id].clone();
                let block: &Block = &function.blocks[id];
                block.statements.iter().for_each(|statement| step(&mut assigned, &statement.kind, parts));
                for successor in block.terminator.kind.successors() {
                    changed |= on_entry[successor].intersect_with(&assigned);
                }
            }
        }
        Self { on_entry }
    }
}

/// Changes what has been assigned before a statement to what has been after it.
fn step(assigned: &mut LocalSet, kind: &StatementKind, parts: &Parts) {
    match Made::of(kind) {
        Some(Made::Variant(local, variant, _)) => {
            for part in parts.of(local) {
                set(assigned, part.local, part.variant == variant || part.idle.is_some());
            }
        }
        Some(Made::Copy(local, source)) => {
            for (part, from) in parts.of(local).iter().zip(parts.of(source)) {
                let is_assigned = assigned.contains(from.local);
                set(assigned, part.local, is_assigned);
            }
        }
        None => {}
    }
}

fn set(locals: &mut LocalSet, local: Local, is_in: bool) {
    if is_in { locals.insert(local) } else { locals.remove(local) }
}

/// Drops the locals of which a part may be read that has not been assigned.
fn drop_unassigned(function: &Function, parts: &Parts, found: &Assigned, wanted: &mut LocalSet) {
    for (id, block) in function.blocks.iter_enumerated() {
        let mut assigned = found.on_entry[id].clone();
        for statement in &block.statements {
            let mut visit = |place: &Place| {
                if parts.find(place).is_some_and(|part| !assigned.contains(part.local)) {
                    wanted.remove(place.local);
                }
            };
            statement.kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut visit));
            statement.kind.for_each_place(|place, _| visit(place));
            step(&mut assigned, &statement.kind, parts);
        }
        let decided = block.terminator.kind.operand().and_then(Operand::place);
        if let Some(place) = decided.filter(|place| parts.find(place).is_some()) {
            wanted.remove(place.local);
        }
    }
}

struct Splitter {
    wanted: LocalSet,
    parts: Parts,
    assigned: Assigned,
}

impl Splitter {
    fn split_block(&self, id: BlockId, block: &mut Block) {
        let mut assigned = self.assigned.on_entry[id].clone();
        let mut split = Vec::with_capacity(block.statements.len());
        for statement in std::mem::take(&mut block.statements) {
            let before = assigned.clone();
            step(&mut assigned, &statement.kind, &self.parts);
            self.split_statement(statement, &before, &mut split);
        }
        block.statements = split;
    }

    fn split_statement(&self, mut statement: Statement, assigned: &LocalSet, into: &mut Vec<Statement>) {
        let made = Made::of(&statement.kind).and_then(|made| self.assignments(&made, assigned));
        let Some(assignments) = made else {
            self.look_inside(&mut statement.kind);
            into.push(statement);
            return;
        };
        for (local, value) in assignments {
            let mut kind = StatementKind::Assign(local.into(), Rvalue::Use(value));
            self.look_inside(&mut kind);
            into.push(Statement { kind, ..statement });
        }
    }

    /// What the parts of a local are assigned instead of the local; `None` if that is not split.
    fn assignments(&self, made: &Made<'_>, assigned: &LocalSet) -> Option<Vec<(Local, Operand)>> {
        let (Made::Variant(whole, ..) | Made::Copy(whole, _)) = *made;
        let tag = self.tag(whole)?;
        let mut assignments = Vec::new();
        match *made {
            Made::Variant(_, variant, operands) => {
                for part in self.parts.of(whole) {
                    let value = match operands.get(part.field.index()) {
                        Some(operand) if part.variant == variant => Some(operand.clone()),
                        _ => part.idle.clone().map(Operand::Const),
                    };
                    assignments.extend(value.map(|value| (part.local, value)));
                }
                assignments.push((tag, Operand::Const(Const::Int(i128::from(variant.0), Ty::int()))));
            }
            Made::Copy(_, source) => {
                for (part, from) in self.parts.of(whole).iter().zip(self.parts.of(source)) {
                    if assigned.contains(from.local) {
                        assignments.push((part.local, Operand::Use(from.local.into())));
                    }
                }
                assignments.push((tag, Operand::Use(self.tag(source)?.into())));
            }
        }
        Some(assignments)
    }

    fn tag(&self, local: Local) -> Option<Local> {
        self.parts.tags.get(local).copied().flatten().filter(|_| self.wanted.contains(local))
    }

    fn look_inside(&self, kind: &mut StatementKind) {
        if let StatementKind::Assign(_, rvalue) = kind
            && let Rvalue::Discriminant(place) = &rvalue
            && let Some(tag) = place.as_local().and_then(|local| self.tag(local))
        {
            *rvalue = Rvalue::Use(Operand::Use(tag.into()));
        }
        let look = |place: &mut Place| {
            if self.wanted.contains(place.local)
                && let Some(part) = self.parts.find(place)
            {
                place.local = part.local;
                place.projections.remove(0);
            }
        };
        kind.for_each_operand_mut(|operand| operand.place_mut().into_iter().for_each(look));
        kind.for_each_place_mut(|place, _| look(place));
    }
}
