//! Closures that refer to variables may be called and passed on, but not go where the variables are not; all others live in
//! the frame of the function that makes them when they do not leave it.
//!
//! A summary for each function says which of its parameters it keeps beyond the call, and which it may give back or store into
//! places of the caller. Calls of function values do what any function does that the program makes such values of.

use std::collections::BTreeSet;

use plat_abi::functions::RuntimeFn;
use plat_syntax::diagnostics::{Diagnostic, Sink};
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{Id, IndexVec, Symbol};
use plat_syntax::source::Span;

use super::lifetimes::{Lifetimes, is_used_where_made, loses_what_it_needs};
use super::{errors, scopes};
use crate::hir::{Definitions, Hir};
use crate::mir::holders::{
    Holders, HoldsFunctions, Made, Origin, PASSES_ALL, closure_of, closure_of_mut, for_each_receiver,
};
use crate::mir::visit::Access;
use crate::mir::{
    Argument, Callee, Capture, Function, FunctionId, Local, LocalKind, Mir, StatementKind, Storage,
};
use crate::types::Ty;

/// How a closure goes where it may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Escape {
    /// As the function's result.
    Returned,
    /// Into a place of the caller.
    Stored,
    /// Into an object.
    Object,
    /// To another task.
    Task,
    /// As an argument to a function that keeps it.
    Kept,
    /// Into something that is used where the variable has no value.
    Outlives,
}

/// Reports closures that refer to variables, and named scopes, that go where they may not.
pub fn check(mir: &Mir, hir: &Hir, sink: &mut Sink) {
    let names_scopes = scopes::are_named(mir);
    if !makes_closures(mir) && !names_scopes {
        return;
    }
    let holds = HoldsFunctions::and_scopes(&hir.definitions, hir.lang.scope);
    let program = Summaries::compute(mir, &holds);
    if names_scopes {
        scopes::check(mir, hir, &program, sink);
    }
    let mut reported = HashSet::default();
    for (id, function) in mir.functions.iter_enumerated() {
        let holders = &program.holders[id];
        if !holders.made.iter().any(|made| made.refers) {
            continue;
        }
        let checker = Checker { function, holders, program: &program };
        // One mistake for each closure; instances of one function have the same.
        checker.check(&mut |closure, diagnostic| {
            if reported.insert(closure) {
                sink.emit(diagnostic);
            }
        });
    }
}

/// Puts the blocks of closures that do not leave the function that makes them into its frame.
pub fn place(mir: &mut Mir, definitions: &Definitions, changes: impl Fn(&StatementKind, Local) -> bool) {
    if !makes_closures(mir) {
        return;
    }
    let holds = HoldsFunctions::new(definitions);
    let program = Summaries::compute(mir, &holds);
    let ids: Vec<FunctionId> = mir.functions.ids().collect();
    for id in ids {
        let candidates = frame_candidates(&mir.functions[id], &program.holders[id], &program);
        for (number, made) in candidates {
            let function = &mut mir.functions[id];
            set_storage(function, &made, Storage::Frame);
            // What it would need in the frame depends on where it is.
            let holders = Holders::solve(function, &holds, PASSES_ALL);
            let lifetimes = lifetimes(function, &holders);
            if is_used_where_made(&lifetimes, &holders, number)
                || loses_what_it_needs(function, &lifetimes, &holders, number, &changes)
            {
                set_storage(function, &made, Storage::Heap);
            }
        }
    }
}

fn set_storage(function: &mut Function, made: &Made, storage: Storage) {
    let statement = &mut function.blocks[made.block].statements[made.statement];
    if let Some(closure) = closure_of_mut(&mut statement.kind) {
        closure.storage = storage;
    }
}

fn makes_closures(mir: &Mir) -> bool {
    let mut statements =
        mir.functions.iter().flat_map(|function| function.blocks.iter()).flat_map(|block| &block.statements);
    statements
        .any(|statement| closure_of(&statement.kind).is_some_and(|closure| !closure.captures.is_empty()))
}

fn lifetimes<'f>(function: &'f Function, holders: &Holders) -> Lifetimes<'f> {
    let needs = function.locals.ids().map(|local| holders.needs(local)).collect();
    Lifetimes::solve(function, needs)
}

/// The closures on the heap that could be in the frame: they capture values only and do not leave.
fn frame_candidates(function: &Function, holders: &Holders, program: &Summaries<'_>) -> Vec<(usize, Made)> {
    let mut leaving: HashSet<usize> = HashSet::default();
    for_each_escape(function, holders, program, |_, _, origins| {
        leaving.extend(origins.iter().filter_map(|origin| match origin {
            Origin::Made(number) => Some(*number),
            Origin::Param(_) | Origin::Scope(_) => None,
        }));
    });
    let captures_values = |made: &Made| {
        let statement = &function.blocks[made.block].statements[made.statement];
        closure_of(&statement.kind).is_some_and(|closure| {
            let all = closure.captures.iter().all(|capture| matches!(capture, Capture::Value(_)));
            all && !closure.captures.is_empty()
        })
    };
    let made = holders.made.iter().enumerate();
    let stays = made.filter(|(number, made)| {
        made.storage == Storage::Heap && !leaving.contains(number) && captures_values(made)
    });
    stays.map(|(number, made)| (number, made.clone())).collect()
}

/// What each function does with its parameters.
pub(super) struct Summaries<'a> {
    holds: &'a HoldsFunctions<'a>,
    /// Whether it keeps them.
    keeps: IndexVec<FunctionId, Vec<bool>>,
    /// Whether it may give them back, or store them into places of the caller.
    passes: IndexVec<FunctionId, Vec<bool>>,
    pub(super) holders: IndexVec<FunctionId, Holders>,
    /// The functions that values of each type are made of.
    values: HashMap<Ty, Vec<FunctionId>>,
    /// How many captures stand before each function's own parameters.
    capture_counts: IndexVec<FunctionId, u32>,
}

impl<'a> Summaries<'a> {
    fn compute(mir: &Mir, holds: &'a HoldsFunctions<'a>) -> Self {
        let nothing = |function: &Function| vec![false; function.param_count as usize];
        let mut summaries = Self {
            holds,
            keeps: mir.functions.iter().map(nothing).collect(),
            passes: mir.functions.iter().map(nothing).collect(),
            holders: IndexVec::new(),
            values: HashMap::default(),
            capture_counts: mir.functions.iter().map(|function| function.capture_count).collect(),
        };
        for statement in mir.functions.iter().flat_map(|it| it.blocks.iter()).flat_map(|it| &it.statements) {
            if let Some(closure) = closure_of(&statement.kind)
                && let Callee::Function(body) = closure.body
            {
                summaries.values.entry(closure.ty.without_sharing()).or_default().push(body);
            }
        }
        summaries.solve_passing(mir);
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for (id, function) in mir.functions.iter_enumerated() {
                let mut kept = Vec::new();
                for_each_escape(function, &summaries.holders[id], &summaries, |_, how, origins| {
                    if !matches!(how, Escape::Returned | Escape::Stored) {
                        kept.extend(origins.iter().copied());
                    }
                });
                for origin in kept {
                    if let Origin::Param(param) = origin {
                        let keeps = &mut summaries.keeps[id][param.index() - 1];
                        changed |= !std::mem::replace(keeps, true);
                    }
                }
            }
        }
        summaries
    }

    /// Finds out what the functions give back, and with that what their locals may hold.
    fn solve_passing(&mut self, mir: &Mir) {
        let mut changed = true;
        while std::mem::take(&mut changed) {
            let passes = |callee: &Callee, position| self.passes(callee, position);
            let holders = mir.functions.iter().map(|function| Holders::solve(function, self.holds, &passes));
            self.holders = holders.collect();
            for (id, function) in mir.functions.iter_enumerated() {
                for param in passed_params(function, &self.holders[id]) {
                    changed |= !std::mem::replace(&mut self.passes[id][param.index() - 1], true);
                }
            }
        }
    }

    /// The functions that may be called as a value of the type, and which of their parameters the argument at this position is.
    pub(super) fn values_of(
        &self,
        ty: Ty,
        position: usize,
    ) -> impl Iterator<Item = (FunctionId, usize)> + '_ {
        let bodies = self.values.get(&ty.without_sharing()).into_iter().flatten();
        bodies.map(move |&body| (body, self.capture_counts[body] as usize + position - 1))
    }

    /// Whether what is called keeps its argument at this position.
    fn keeps(&self, callee: &Callee, position: usize) -> bool {
        match callee {
            Callee::Function(id) => self.keeps[*id].get(position).copied().unwrap_or(true),
            Callee::Value(_) if position == 0 => false,
            Callee::Value(ty) => self
                .values_of(*ty, position)
                .any(|(body, own)| self.keeps[body].get(own).copied().unwrap_or(true)),
            // It calls its argument and returns.
            Callee::Runtime(RuntimeFn::catch_panic | RuntimeFn::scope_catch) | Callee::Primitive(_) => false,
            _ => true,
        }
    }

    /// Whether what is called may give back its argument at this position, or store it into a place that it is passed.
    pub(super) fn passes(&self, callee: &Callee, position: usize) -> bool {
        match callee {
            Callee::Function(id) => self.passes[*id].get(position).copied().unwrap_or(true),
            // What a closure has captured may come out of it.
            Callee::Value(ty) if position > 0 => self
                .values_of(*ty, position)
                .any(|(body, own)| self.passes[body].get(own).copied().unwrap_or(true)),
            _ => true,
        }
    }
}

/// The parameters that the function may give back or store into places of the caller.
fn passed_params(function: &Function, holders: &Holders) -> Vec<Local> {
    let leads_out =
        |local: &Local| matches!(function.locals[*local].kind, LocalKind::Result | LocalKind::Inout);
    let mut passed = Vec::new();
    for out in function.locals.ids().filter(leads_out) {
        passed.extend(holders.held(out).iter().filter_map(|origin| match origin {
            Origin::Param(param) if *param != out => Some(*param),
            _ => None,
        }));
    }
    passed
}

/// Calls `visit` with every way in which function values leave a function, where, and which values.
fn for_each_escape(
    function: &Function,
    holders: &Holders,
    program: &Summaries<'_>,
    mut visit: impl FnMut(Span, Escape, &BTreeSet<Origin>),
) {
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        let (kind, span) = (&statement.kind, statement.span);
        let given = holders.given(kind, &|callee, position| program.passes(callee, position));
        match kind {
            StatementKind::Spawn { .. } => visit(span, Escape::Task, &given),
            StatementKind::Share(place) => visit(span, Escape::Task, holders.held(place.local)),
            StatementKind::Call { callee, args, .. } => {
                for (position, arg) in args.iter().enumerate() {
                    if let Some(place) = arg.place().filter(|_| program.keeps(callee, position)) {
                        visit(span, Escape::Kept, holders.held(place.local));
                    }
                }
            }
            _ => {}
        }
        if let Some(closure) = closure_of(kind) {
            for (position, capture) in closure.captures.iter().enumerate() {
                if let Capture::Value(operand) | Capture::Owned(operand) = capture
                    && program.keeps(&closure.body, position)
                {
                    visit(span, Escape::Kept, &holders.of_operand(operand));
                }
            }
        }
        let mut own = given;
        own.extend(made_by(holders, kind, function));
        for_each_receiver(kind, |place| match function.locals[place.local].kind {
            // An object is wherever its references are.
            _ if place.is_in_object() && program.holds.place_may(function, place) => {
                visit(span, Escape::Object, &own);
            }
            LocalKind::Result => visit(span, Escape::Returned, &own),
            LocalKind::Inout => visit(span, Escape::Stored, &own),
            _ => {}
        });
    }
}

/// The closure that the statement makes.
fn made_by(holders: &Holders, kind: &StatementKind, function: &Function) -> Option<Origin> {
    closure_of(kind)?;
    let is_it =
        |made: &Made| std::ptr::eq(&function.blocks[made.block].statements[made.statement].kind, kind);
    holders.made.iter().position(is_it).map(Origin::Made)
}

struct Checker<'a> {
    function: &'a Function,
    holders: &'a Holders,
    program: &'a Summaries<'a>,
}

impl Checker<'_> {
    fn check(&self, report: &mut dyn FnMut(Span, Diagnostic)) {
        for_each_escape(self.function, self.holders, self.program, |span, how, origins| {
            let limited = origins.iter().find_map(|origin| match origin {
                Origin::Made(number) => Some(*number).filter(|&number| self.holders.made[number].refers),
                Origin::Param(_) | Origin::Scope(_) => None,
            });
            if let Some(number) = limited {
                report(self.span_of(number), self.escapes(span, how, number));
            }
        });
        self.check_lifetimes(report);
        self.check_uses(report);
    }

    fn escapes(&self, span: Span, how: Escape, number: usize) -> Diagnostic {
        errors::closure_escapes(span, how, self.span_of(number), self.variable(number))
    }

    fn span_of(&self, number: usize) -> Span {
        let made = &self.holders.made[number];
        self.function.blocks[made.block].statements[made.statement].span
    }

    /// A variable that the closure refers to, and whether it is the caller's.
    fn variable(&self, number: usize) -> Option<(Symbol, bool)> {
        let made = &self.holders.made[number];
        let closure = closure_of(&self.function.blocks[made.block].statements[made.statement].kind)?;
        closure.captures.iter().find_map(|capture| match capture {
            Capture::Place(place) => {
                let local = &self.function.locals[place.local];
                Some((local.name?, local.kind == LocalKind::Inout))
            }
            _ => None,
        })
    }

    /// Reports closures that are used after what they refer to has gone, or been made anew.
    fn check_lifetimes(&self, report: &mut dyn FnMut(Span, Diagnostic)) {
        let lifetimes = lifetimes(self.function, self.holders);
        for (number, made) in self.holders.made.iter().enumerate() {
            let is_gone = made.needs.iter().any(|&local| {
                self.function.locals[local].kind == LocalKind::Variable
                    && lifetimes.at_begin().contains(local)
            });
            if made.refers && (is_gone || is_used_where_made(&lifetimes, self.holders, number)) {
                let span = self.span_of(number);
                report(span, self.escapes(span, Escape::Outlives, number));
            }
        }
    }

    /// Reports calls that change a place and are given a closure that refers to it.
    fn check_uses(&self, report: &mut dyn FnMut(Span, Diagnostic)) {
        for statement in self.function.blocks.iter().flat_map(|block| &block.statements) {
            let StatementKind::Call { args, .. } = &statement.kind else { continue };
            for place in args.iter().filter_map(|arg| match arg {
                Argument::Place(place) => Some(place),
                Argument::Value(_) => None,
            }) {
                let given = args.iter().filter_map(|arg| match arg {
                    Argument::Value(operand) => operand.place().map(|place| place.local),
                    Argument::Place(other) => (other != place).then_some(other.local),
                });
                for local in given {
                    if let Some(number) = self.refers_to(local, place.local) {
                        let name = self.function.locals[place.local].name;
                        let span = statement.span;
                        let closure = self.span_of(number);
                        report(closure, errors::referenced_in_use(span, closure, name));
                    }
                }
            }
        }
    }

    /// A closure that `holder` may hold and that refers to `local`.
    fn refers_to(&self, holder: Local, local: Local) -> Option<usize> {
        self.holders.held(holder).iter().find_map(|origin| {
            let Origin::Made(number) = *origin else { return None };
            let made = &self.holders.made[number];
            let mut refers = false;
            self.function.blocks[made.block].statements[made.statement].kind.for_each_place(
                |place, access| {
                    refers |= access == Access::Capture && place.local == local;
                },
            );
            refers.then_some(number)
        })
    }
}
