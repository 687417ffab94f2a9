//! Which fields of objects must be watched while a call changes them, and where.
//!
//! A field whose address is passed to a call is in use until the call returns: nobody else may read or change it meanwhile.
//! For most fields that can be seen here, because nothing that the call may run mentions the field. The others are watched:
//! the object has a word that says whether the field is in use, and every mention of the field looks at it. So are those that a
//! `for inout` goes over.
//!
//! Runs on monomorphic MIR before calls are inlined: what is inlined later stands between the two ends of the use.

use plat_abi::functions::RuntimeFn;
use plat_syntax::hash::{HashMap, HashSet};

use crate::hir::{Definitions, FieldId};
use crate::mir::managed::Managed;
use crate::mir::typing::projected_ty;
use crate::mir::{
    Argument, Block, Callee, Function, FunctionId, LocalKind, Mir, Operand, Place, Projection, Statement,
    StatementKind, UseStep,
};
use crate::types::{Ty, TyKind};

/// A field of a class.
type Field = (Ty, FieldId);

/// Watches the fields that need it.
pub(super) fn run(mir: &mut Mir, managed: &Managed<'_>) {
    let definitions = managed.definitions();
    drop_uses_of_closures(mir, managed);
    let mut passed = passed_fields(mir, definitions);
    passed.extend(fields_in_use(mir, definitions));
    if passed.is_empty() {
        return;
    }
    let mentions = mentions_of_functions(mir, managed, &passed);
    let mut watched = conflicts(mir, definitions, &mentions);
    watched.extend(fields_in_use(mir, definitions));
    if watched.is_empty() {
        return;
    }
    for function in mir.functions.iter_mut() {
        watch(function, definitions, &watched);
    }
}

/// A closure that cannot come to run itself need not say that it is in use.
fn drop_uses_of_closures(mir: &mut Mir, managed: &Managed<'_>) {
    let is_own = |statement: &Statement| matches!(&statement.kind, StatementKind::InUse(_, place) if !place.is_in_object());
    let watched: Vec<FunctionId> = mir
        .functions
        .iter_enumerated()
        .filter(|(_, it)| statements(it).any(is_own))
        .map(|(id, _)| id)
        .collect();
    if watched.is_empty() {
        return;
    }
    let mut runs = HashMap::default();
    for id in watched {
        if !runs_anything(mir, managed, id, &mut runs) {
            for block in mir.functions[id].blocks.iter_mut() {
                block.statements.retain(|statement| !is_own(statement));
            }
        }
    }
}

/// Whether a function runs, itself or by what it runs, something that cannot be told from here.
fn runs_anything(
    mir: &Mir,
    managed: &Managed<'_>,
    root: FunctionId,
    known: &mut HashMap<FunctionId, Runs>,
) -> bool {
    let mut seen = HashSet::default();
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        let runs = known.entry(id).or_insert_with(|| Runs::of(mir, managed, &mir.functions[id]));
        if runs.is_anything {
            return true;
        }
        pending.extend(&runs.functions);
    }
    false
}

/// The fields on the way to a place, outermost first, each with the place that ends with it.
fn fields_of(function: &Function, definitions: &Definitions, place: &Place) -> Vec<(Field, Place)> {
    if !place.is_in_object() {
        return Vec::new();
    }
    let mut ty = function.locals[place.local].ty;
    let mut found = Vec::new();
    for (position, &step) in place.projections.iter().enumerate() {
        if let Projection::ClassField(field) = step {
            let projections = place.projections[..=position].to_vec();
            found.push(((ty, field), Place { local: place.local, projections }));
        }
        ty = projected_ty(definitions, ty, step).unwrap_or_else(Ty::error);
    }
    found
}

/// The fields that a statement passes by their address, or the address of a part of them.
fn passed_by(function: &Function, definitions: &Definitions, kind: &StatementKind) -> Vec<(Field, Place)> {
    let StatementKind::Call { args, .. } = kind else { return Vec::new() };
    let places = args.iter().filter_map(|arg| match arg {
        Argument::Place(place) => Some(place),
        Argument::Value(_) => None,
    });
    let passed = places.filter_map(|place| fields_of(function, definitions, place).pop());
    passed.filter(|((class, _), _)| !is_cell(definitions, *class)).collect()
}

/// Whether the library sees to it by itself, with locks, that nobody comes to the fields of the class at a wrong time.
fn is_cell(definitions: &Definitions, class: Ty) -> bool {
    matches!(*class.kind(), TyKind::Class(id, _) if definitions.classes[id].is_cell)
}

fn passed_fields(mir: &Mir, definitions: &Definitions) -> HashSet<Field> {
    let mut passed = HashSet::default();
    for function in mir.functions.iter() {
        for statement in statements(function) {
            passed.extend(
                passed_by(function, definitions, &statement.kind).into_iter().map(|(field, _)| field),
            );
        }
    }
    passed
}

/// The fields that a loop has in use, whatever it does.
fn fields_in_use(mir: &Mir, definitions: &Definitions) -> HashSet<Field> {
    let mut used = HashSet::default();
    for function in mir.functions.iter() {
        for statement in statements(function) {
            if let StatementKind::InUse(UseStep::Begin(_), place) = &statement.kind {
                used.extend(fields_of(function, definitions, place).pop().map(|(field, _)| field));
            }
        }
    }
    used
}

fn statements(function: &Function) -> impl Iterator<Item = &Statement> {
    function.blocks.iter().flat_map(|block| &block.statements)
}

/// Calls `visit` with every place that a block mentions.
fn for_each_place(block: &Block, mut visit: impl FnMut(&Place)) {
    for statement in &block.statements {
        for_each_place_of(&statement.kind, &mut visit);
    }
    block.terminator.kind.operand().and_then(Operand::place).into_iter().for_each(visit);
}

fn for_each_place_of(kind: &StatementKind, mut visit: impl FnMut(&Place)) {
    kind.for_each_operand(|operand| operand.place().into_iter().for_each(&mut visit));
    kind.for_each_place(|place, _| visit(place));
}

/// Which of the fields each function may mention, itself or by what it runs.
fn mentions_of_functions(
    mir: &Mir,
    managed: &Managed<'_>,
    passed: &HashSet<Field>,
) -> HashMap<FunctionId, HashSet<Field>> {
    let mut mentions: HashMap<FunctionId, HashSet<Field>> = HashMap::default();
    let mut runs: HashMap<FunctionId, Runs> = HashMap::default();
    for (id, function) in mir.functions.iter_enumerated() {
        let own = mentions.entry(id).or_default();
        for block in function.blocks.iter() {
            for_each_place(block, |place| {
                let fields = fields_of(function, managed.definitions(), place);
                own.extend(fields.into_iter().map(|(field, _)| field).filter(|field| passed.contains(field)));
            });
        }
        let found = Runs::of(mir, managed, function);
        if found.is_anything {
            own.extend(passed);
        }
        runs.insert(id, found);
    }
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for id in mir.functions.ids() {
            let more: Vec<Field> =
                runs[&id].functions.iter().flat_map(|callee| &mentions[callee]).copied().collect();
            let own = mentions.entry(id).or_default();
            for field in more {
                changed |= own.insert(field);
            }
        }
    }
    mentions
}

/// What a function runs.
struct Runs {
    functions: HashSet<FunctionId>,
    /// Whether it runs something that cannot be told from here.
    is_anything: bool,
}

impl Runs {
    fn of(mir: &Mir, managed: &Managed<'_>, function: &Function) -> Self {
        let mut runs = Self { functions: HashSet::default(), is_anything: false };
        for statement in statements(function) {
            if let StatementKind::Call { callee, .. } = &statement.kind {
                runs.add(callee);
            }
        }
        // Whatever a local holds may end here.
        for &(class, deinit) in &mir.deinits {
            if function.locals.iter().any(|local| managed.may_end(local.ty, class)) {
                runs.functions.insert(deinit);
            }
        }
        runs
    }

    fn add(&mut self, callee: &Callee) {
        match callee {
            Callee::Function(id) => {
                self.functions.insert(*id);
            }
            Callee::Runtime(RuntimeFn::catch_panic | RuntimeFn::scope_catch) => self.is_anything = true,
            Callee::Runtime(_) | Callee::Primitive(_) | Callee::Foreign(_) => {}
            _ => self.is_anything = true,
        }
    }
}

/// The fields that may be come to while they are in use.
fn conflicts(
    mir: &Mir,
    definitions: &Definitions,
    mentions: &HashMap<FunctionId, HashSet<Field>>,
) -> HashSet<Field> {
    let mut watched = HashSet::default();
    for function in mir.functions.iter() {
        for statement in statements(function) {
            let StatementKind::Call { callee, .. } = &statement.kind else { continue };
            let passed = passed_by(function, definitions, &statement.kind);
            for (position, (field, _)) in passed.iter().enumerate() {
                let is_mentioned = match callee {
                    Callee::Function(id) => mentions[id].contains(field),
                    Callee::Runtime(_) | Callee::Primitive(_) | Callee::Foreign(_) => false,
                    _ => true,
                };
                let is_passed_twice = passed[..position].iter().any(|(other, _)| other == field);
                if is_mentioned || is_passed_twice {
                    watched.insert(*field);
                }
            }
        }
    }
    watched
}

/// Puts the beginnings and ends of uses, and looks at them, into a function.
fn watch(function: &mut Function, definitions: &Definitions, watched: &HashSet<Field>) {
    for id in function.blocks.ids() {
        let mut mentions_one = false;
        for_each_place(&function.blocks[id], |place| {
            mentions_one |=
                fields_of(function, definitions, place).iter().any(|(field, _)| watched.contains(field));
        });
        if !mentions_one {
            continue;
        }
        let statements = std::mem::take(&mut function.blocks[id].statements);
        let mut output = Vec::with_capacity(statements.len() * 2);
        for statement in statements {
            watch_statement(function, definitions, watched, statement, &mut output);
        }
        if let Some(place) = function.blocks[id].terminator.kind.operand().and_then(Operand::place) {
            let span = function.blocks[id].terminator.span;
            for (_, place) in watched_on_way(function, definitions, watched, place) {
                output.push(Statement {
                    kind: StatementKind::InUse(UseStep::Check, place),
                    span,
                    site: None,
                });
            }
        }
        function.blocks[id].statements = output;
    }
}

fn watched_on_way(
    function: &Function,
    definitions: &Definitions,
    watched: &HashSet<Field>,
    place: &Place,
) -> Vec<(Field, Place)> {
    let fields = fields_of(function, definitions, place).into_iter();
    fields.filter(|(field, _)| watched.contains(field)).collect()
}

fn watch_statement(
    function: &mut Function,
    definitions: &Definitions,
    watched: &HashSet<Field>,
    statement: Statement,
    output: &mut Vec<Statement>,
) {
    if matches!(statement.kind, StatementKind::InUse(..)) {
        output.push(statement);
        return;
    }
    let passed: Vec<Place> = passed_by(function, definitions, &statement.kind)
        .into_iter()
        .filter(|(field, _)| watched.contains(field))
        .map(|(_, place)| place)
        .collect();
    let mut checked: Vec<Place> = Vec::new();
    for_each_place_of(&statement.kind, |place| {
        for (_, place) in watched_on_way(function, definitions, watched, place) {
            if !passed.contains(&place) && !checked.contains(&place) {
                checked.push(place);
            }
        }
    });
    let (span, site) = (statement.span, statement.site);
    let step = |step, place| Statement { kind: StatementKind::InUse(step, place), span, site };
    output.extend(checked.into_iter().map(|place| step(UseStep::Check, place)));
    let mut uses = Vec::new();
    for place in passed {
        let guard = function.add_innermost(Ty::unit(), LocalKind::Use);
        output.push(step(UseStep::Begin(guard), place.clone()));
        uses.push((guard, place));
    }
    output.push(statement);
    output.extend(uses.into_iter().rev().map(|(guard, place)| step(UseStep::End(guard), place)));
}
