//! Named scopes do not go where they could outlive their block: neither out of the function that names them, nor into objects, nor to tasks
//! that may end later than the scope.
//!
//! Where values may go is what `mir/holders.rs` says, as for closures. A summary for each function says what it does with a scope that it is
//! given: keep it, or give it to tasks of another scope that it is given. What that leaves open, how two scopes that a
//! function was given are nested, is found while the program runs: a scope that has ended takes no tasks.

use std::collections::{BTreeSet, HashMap};

use plat_abi::functions::RuntimeFn;
use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;
use plat_syntax::index::{Id, IndexVec};
use plat_syntax::source::Span;

use super::errors::{self, ScopeEscape};
use super::escape::Summaries;
use crate::hir::Hir;
use crate::mir::holders::{Holders, HoldsFunctions, Origin, closure_of, for_each_receiver, named_scope};
use crate::mir::{
    Argument, BlockId, Callee, Capture, Function, FunctionId, Local, LocalKind, Mir, Place, StatementKind,
    TaskScope,
};

/// Whether the program names scopes.
pub(super) fn are_named(mir: &Mir) -> bool {
    mir.functions.iter().flat_map(Function::statements).any(|it| named_scope(&it.kind).is_some())
}

/// Reports those that go where they may not.
pub(super) fn check(mir: &Mir, hir: &Hir, program: &Summaries<'_>, sink: &mut Sink) {
    let fates = compute_fates(mir, program);
    let holds = HoldsFunctions::scopes_only(&hir.definitions, hir.lang.scope);
    let mut reported = HashSet::default();
    for (id, function) in mir.functions.iter_enumerated() {
        let names = names_of(function);
        if names.is_empty() {
            continue;
        }
        let walk =
            Walk { function, holders: &program.holders[id], program, fates: &fates, holds: Some(&holds) };
        walk.run(&mut |span, event| {
            let Event::Escape(how, scope) = event else { return };
            let Some(&(handle, declared)) = names.get(&scope) else { return };
            if let Some(name) = function.locals[handle].name
                && reported.insert(span)
            {
                sink.emit(errors::scope_escapes(span, how, name, declared));
            }
        });
    }
}

/// What names each scope of a function, and where.
fn names_of(function: &Function) -> HashMap<Local, (Local, Span)> {
    let named = function.statements().filter_map(|statement| match &statement.kind {
        StatementKind::Call { target: Some(target), .. } => {
            Some((named_scope(&statement.kind)?, (target.local, statement.span)))
        }
        _ => None,
    });
    named.collect()
}

/// What a function does with a scope that is one of its parameters, or in one.
#[derive(Clone, Default, PartialEq)]
struct Fate {
    /// It may be kept.
    is_kept: bool,
    /// It may go to tasks of the scopes that these parameters are.
    tasks_of: BTreeSet<usize>,
}

type Fates = IndexVec<FunctionId, Vec<Fate>>;

fn compute_fates(mir: &Mir, program: &Summaries<'_>) -> Fates {
    let nothing = |function: &Function| vec![Fate::default(); function.param_count as usize];
    let mut fates: Fates = mir.functions.iter().map(nothing).collect();
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for (id, function) in mir.functions.iter_enumerated() {
            let mut own = fates[id].clone();
            let walk = Walk { function, holders: &program.holders[id], program, fates: &fates, holds: None };
            walk.run(&mut |_, event| match event {
                Event::Keeps(param) => own[param].is_kept = true,
                Event::Gives(param, to) => {
                    own[param].tasks_of.insert(to);
                }
                Event::Escape(..) => {}
            });
            changed |= own != fates[id];
            fates[id] = own;
        }
    }
    fates
}

/// What happens to a scope at a statement.
enum Event {
    /// It goes where it may not.
    Escape(ScopeEscape, Local),
    /// What a parameter holds may be kept.
    Keeps(usize),
    /// What a parameter holds may go to tasks of the scope that another one is.
    Gives(usize, usize),
}

struct Walk<'a> {
    function: &'a Function,
    holders: &'a Holders,
    program: &'a Summaries<'a>,
    fates: &'a Fates,
    /// Which types scopes may be in, where it matters what is stored.
    holds: Option<&'a HoldsFunctions<'a>>,
}

type Report<'r> = dyn FnMut(Span, Event) + 'r;

impl Walk<'_> {
    fn run(&self, report: &mut Report<'_>) {
        let claims = self.claims();
        let open = self.open_scopes();
        for (id, block) in self.function.blocks.iter_enumerated() {
            let Some(mut open) = open[id].clone() else { continue };
            for statement in &block.statements {
                self.step(&statement.kind, statement.span, (&open, &claims), report);
                change_open(&mut open, &statement.kind);
            }
        }
    }

    /// The locals with addresses of records, and what holds the handle that each was claimed by.
    fn claims(&self) -> HashMap<Local, Local> {
        let claims = self.function.statements().filter_map(|statement| match &statement.kind {
            StatementKind::Call {
                target: Some(record),
                callee: Callee::Runtime(RuntimeFn::scope_claim),
                args,
            } => match args.first()? {
                Argument::Value(handle) => Some((record.local, handle.place()?.local)),
                Argument::Place(_) => None,
            },
            _ => None,
        });
        claims.collect()
    }

    /// The scopes that are open where each block begins, from the outermost on.
    fn open_scopes(&self) -> IndexVec<BlockId, Option<Vec<Local>>> {
        let mut on_entry = IndexVec::filled(self.function.blocks.len(), None);
        on_entry[Function::ENTRY] = Some(Vec::new());
        for id in self.function.reverse_postorder() {
            let Some(mut open) = on_entry[id].clone() else { continue };
            let block = &self.function.blocks[id];
            block.statements.iter().for_each(|statement| change_open(&mut open, &statement.kind));
            for successor in block.terminator.kind.successors() {
                on_entry[successor].get_or_insert_with(|| open.clone());
            }
        }
        on_entry
    }

    fn step(
        &self,
        kind: &StatementKind,
        span: Span,
        (open, claims): (&[Local], &HashMap<Local, Local>),
        report: &mut Report<'_>,
    ) {
        match kind {
            StatementKind::Spawn { scope, .. } => {
                let given =
                    self.holders.given(kind, &|callee, position| self.program.passes(callee, position));
                match scope {
                    TaskScope::Record(record) => {
                        self.to_tasks(&given, Origin::Scope(*record), open, span, report)
                    }
                    TaskScope::Claimed(record) => {
                        let holder = record.place().and_then(|place| claims.get(&place.local));
                        for &of in holder.into_iter().flat_map(|&holder| self.holders.held(holder)) {
                            self.to_tasks(&given, of, open, span, report);
                        }
                    }
                    TaskScope::Thread | TaskScope::Ended => keep(&given, ScopeEscape::Task, span, report),
                }
            }
            StatementKind::Call { callee, args, .. } => {
                let places = args.iter().map(Argument::place);
                self.pass(callee, places, (open, span), report);
            }
            _ => {}
        }
        if let Some(closure) = closure_of(kind) {
            let places = closure.captures.iter().map(Capture::place);
            self.pass(&closure.body, places, (open, span), report);
        }
        self.stores(kind, span, report);
    }

    /// What happens to those that are given to something that is called, or made a closure of.
    fn pass<'p>(
        &self,
        callee: &Callee,
        given: impl Iterator<Item = Option<&'p Place>>,
        at: (&[Local], Span),
        report: &mut Report<'_>,
    ) {
        let locals: Vec<Option<Local>> = given.map(|place| Some(place?.local)).collect();
        for (position, &local) in locals.iter().enumerate() {
            let Some(local) = local else { continue };
            self.meet(&self.fate(callee, position), local, &locals, at, report);
        }
    }

    /// What happens to a local at a call of something that has this in mind for it.
    fn meet(
        &self,
        fate: &Fate,
        local: Local,
        args: &[Option<Local>],
        (open, span): (&[Local], Span),
        report: &mut Report<'_>,
    ) {
        let held = self.holders.held(local);
        if fate.is_kept {
            keep(held, ScopeEscape::Kept, span, report);
        }
        for holder in fate.tasks_of.iter().filter_map(|&position| args.get(position).copied().flatten()) {
            for &of in self.holders.held(holder) {
                self.to_tasks(held, of, open, span, report);
            }
        }
    }

    /// What is given goes to tasks of a scope.
    fn to_tasks(
        &self,
        given: &BTreeSet<Origin>,
        of: Origin,
        open: &[Local],
        span: Span,
        report: &mut Report<'_>,
    ) {
        for &origin in given {
            match (origin, of) {
                (Origin::Scope(scope), Origin::Scope(of)) => {
                    let inner = open.iter().position(|&other| other == of);
                    let outer = open.iter().position(|&other| other == scope);
                    if outer.is_none() || inner.is_none() || outer > inner {
                        report(span, Event::Escape(ScopeEscape::OuterTask, scope));
                    }
                }
                (Origin::Scope(scope), Origin::Param(_)) => {
                    report(span, Event::Escape(ScopeEscape::OuterTask, scope));
                }
                (Origin::Param(param), Origin::Param(of)) => {
                    report(span, Event::Gives(param.index() - 1, of.index() - 1));
                }
                _ => {}
            }
        }
    }

    /// What is called does with its argument at this position.
    fn fate(&self, callee: &Callee, position: usize) -> Fate {
        let kept = || Fate { is_kept: true, ..Fate::default() };
        match callee {
            Callee::Function(id) => self.fates[*id].get(position).cloned().unwrap_or_else(kept),
            Callee::Value(_) if position == 0 => Fate::default(),
            Callee::Value(ty) => {
                let mut bodies = self.program.values_of(*ty, position);
                let is_kept =
                    bodies.any(|(body, own)| self.fates[body].get(own).is_none_or(|fate| fate.is_kept));
                Fate { is_kept, ..Fate::default() }
            }
            // They call their argument, or look at it, and return.
            Callee::Runtime(RuntimeFn::catch_panic | RuntimeFn::scope_catch | RuntimeFn::scope_claim)
            | Callee::Primitive(_)
            | Callee::Glue(..) => Fate::default(),
            _ => kept(),
        }
    }

    /// Reports scopes that are stored where they may not be.
    fn stores(&self, kind: &StatementKind, span: Span, report: &mut Report<'_>) {
        let Some(holds) = self.holds else { return };
        if named_scope(kind).is_some() {
            return;
        }
        let given = self.holders.given(kind, &|callee, position| self.program.passes(callee, position));
        for_each_receiver(kind, |place| {
            let decl = &self.function.locals[place.local];
            if !holds.may_hold(decl.ty) {
                return;
            }
            for &origin in &given {
                let Origin::Scope(scope) = origin else { continue };
                let is_outside = decl.name.is_some() && decl.depth < self.function.locals[scope].depth;
                let how = match decl.kind {
                    _ if place.is_in_object() => ScopeEscape::Stored,
                    LocalKind::Result => ScopeEscape::Returned,
                    LocalKind::Inout => ScopeEscape::Stored,
                    LocalKind::Variable if is_outside => ScopeEscape::Stored,
                    _ => continue,
                };
                report(span, Event::Escape(how, scope));
            }
        });
    }
}

/// What is given may be kept for as long as anybody likes.
fn keep(given: &BTreeSet<Origin>, how: ScopeEscape, span: Span, report: &mut Report<'_>) {
    for &origin in given {
        match origin {
            Origin::Scope(scope) => report(span, Event::Escape(how, scope)),
            Origin::Param(param) => report(span, Event::Keeps(param.index() - 1)),
            Origin::Made(_) => {}
        }
    }
}

fn change_open(open: &mut Vec<Local>, kind: &StatementKind) {
    match kind {
        StatementKind::ScopeEnter(scope) => open.push(*scope),
        StatementKind::ScopeExit(scope) | StatementKind::ScopeLeave(scope) => {
            open.retain(|other| other != scope);
        }
        _ => {}
    }
}
