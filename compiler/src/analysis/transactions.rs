//! What transactions may not do, because it cannot be undone or would hold others up, and functions that `retry` where there is no
//! transaction.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;

use super::effects::{Chain, EffectMap, Effects};
use super::errors::transactions::{
    Called, Deed, Link, Way, cannot_be_undone, changes_outer, retries_outside,
};
use super::under::Under;
use crate::hir::Hir;
use crate::mir::printer::function_name;
use crate::mir::visit::Access;
use crate::mir::{Function, FunctionId, FunctionKind, Local, LocalKind, Mir, Projection, StatementKind};

/// What a transaction may not do, what comes first in messages first: a lock waits, too.
const DEEDS: [(Effects, Deed); 5] = [
    (Effects::SPAWNS, Deed::Spawn),
    (Effects::LOCKS, Deed::Lock),
    (Effects::IO.and(Effects::BLOCKS), Deed::Io),
    (Effects::WAITS, Deed::Wait),
    (Effects::TELLS, Deed::Tell),
];

/// Whether the program has transactions, or functions that `retry`.
pub fn are_used(mir: &Mir, hir: &Hir) -> bool {
    let mut origins = mir.functions.iter().filter_map(|function| function.origin);
    origins.any(|origin| hir.lang.transactions.contains(&Some(origin)) || hir.lang.retry == Some(origin))
}

/// Reports both, and closures that change variables, which a transaction is given to call.
pub fn check(mir: &Mir, hir: &Hir, effects: &EffectMap<'_>, sink: &mut Sink) {
    let given = given(mir, hir, effects);
    let check = Check { mir, hir, effects, bodies: given.iter().map(|&(_, body)| body).collect() };
    check.check_bodies(&given, sink);
    check.check_changes(&given, sink);
    check.check_roots(sink);
}

struct Check<'a> {
    mir: &'a Mir,
    hir: &'a Hir,
    effects: &'a EffectMap<'a>,
    /// What runs in transactions that are begun for it.
    bodies: HashSet<FunctionId>,
}

/// The bodies of transactions, and what else is called in them that they were given, each with the function that gives it, in order.
fn given(mir: &Mir, hir: &Hir, effects: &EffectMap<'_>) -> Vec<(FunctionId, FunctionId)> {
    let under = Under::solve(mir, effects, |function| is_begin(hir, function));
    let mut given = Vec::new();
    for (id, function) in mir.functions.iter_enumerated() {
        for statement in function.statements() {
            for arg in under.args(&statement.kind) {
                given.extend(effects.closures_in(id, arg).into_iter().map(|body| (id, body)));
            }
        }
    }
    given
}

/// Whether the function begins a transaction.
fn is_begin(hir: &Hir, function: &Function) -> bool {
    function.origin.is_some() && function.kind == FunctionKind::Plain && {
        hir.lang.transactions.contains(&function.origin)
    }
}

impl Check<'_> {
    /// What is done in the transactions of functions that are called is looked at there.
    fn is_apart(&self, id: FunctionId) -> bool {
        is_begin(self.hir, &self.mir.functions[id]) || self.bodies.contains(&id)
    }

    fn check_bodies(&self, given: &[(FunctionId, FunctionId)], sink: &mut Sink) {
        let mut reported = HashSet::default();
        for &(_, body) in given.iter().filter(|&&(_, body)| !self.mir.functions[body].is_library) {
            for (wanted, deed) in DEEDS {
                if !self.effects.own(body).has(wanted) {
                    continue;
                }
                let Some(chain) = self.effects.chain(body, wanted, |id| self.is_apart(id)) else { continue };
                let way = self.way(body, &chain, deed.words(chain.last));
                if reported.insert(way.first()) {
                    sink.emit(cannot_be_undone(deed, &way));
                }
            }
        }
    }

    /// What a transaction assigns itself has been looked at; this is about the variables of closures that it calls. One that is made in a
    /// transaction may change what belongs to that.
    fn check_changes(&self, given: &[(FunctionId, FunctionId)], sink: &mut Sink) {
        let mut reported = HashSet::default();
        for &(giver, body) in given {
            let function = &self.mir.functions[body];
            if function.is_library || self.bodies.contains(&giver) {
                continue;
            }
            for statement in function.statements() {
                let Some(changed) = changed_capture(function, &statement.kind) else { continue };
                let Some(name) = function.locals[changed].name else { continue };
                if reported.insert(statement.span) {
                    sink.emit(changes_outer(statement.span, name));
                }
            }
        }
    }

    /// What nothing calls in a transaction may not retry: `main`, tasks, and each `deinit`.
    fn check_roots(&self, sink: &mut Sink) {
        let mut reported = HashSet::default();
        for root in self.roots() {
            if !self.effects.own(root).has(Effects::RETRIES) || self.is_apart(root) {
                continue;
            }
            let Some(chain) = self.effects.chain(root, Effects::RETRIES, |id| self.is_apart(id)) else {
                continue;
            };
            let way = self.way(root, &chain, "retries");
            if reported.insert(way.first()) {
                sink.emit(retries_outside(&way));
            }
        }
    }

    fn roots(&self) -> Vec<FunctionId> {
        let functions = self.mir.functions.iter_enumerated();
        let tasks = functions.filter(|(_, function)| function.kind == FunctionKind::TaskBody);
        let mut roots: Vec<FunctionId> = self.mir.main.into_iter().collect();
        roots.extend(tasks.map(|(id, _)| id));
        roots.extend(self.mir.deinits.iter().map(|&(_, deinit)| deinit));
        for (id, function) in self.mir.functions.iter_enumerated() {
            for statement in function.statements() {
                roots.extend(self.effects.called_by_task(id, &statement.kind));
            }
        }
        roots
    }

    /// Closures and tasks have none.
    fn name(&self, function: &Function) -> Option<String> {
        let origin = function.origin.filter(|_| function.kind == FunctionKind::Plain)?;
        Some(function_name(&self.hir.definitions, origin))
    }

    /// The calls that lead to something, from the program's functions. How the library does it is its own business.
    fn way(&self, root: FunctionId, chain: &Chain<'_>, what: &'static str) -> Way {
        let functions: Vec<FunctionId> = [&[root], &chain.calls[..]].concat();
        let mut links = Vec::new();
        for (position, (&id, &place)) in functions.iter().zip(&chain.places).enumerate() {
            let function = &self.mir.functions[id];
            if function.is_library {
                continue;
            }
            let called = functions.get(position + 1).map(|&called| &self.mir.functions[called]);
            let called = match called.filter(|called| called.origin != self.hir.lang.retry) {
                None => Called::Nothing,
                Some(called) => self.name(called).map_or(Called::Closure, Called::Function),
            };
            links.push(Link { caller: self.name(function), place, called });
        }
        Way { links, what }
    }
}

/// The variable from outside that a statement of a closure changes.
fn changed_capture(function: &Function, kind: &StatementKind) -> Option<Local> {
    let mut changed = None;
    kind.for_each_place(|place, access| {
        let is_captured = (1..=function.capture_count).contains(&place.local.0)
            && function.locals[place.local].kind == LocalKind::Inout;
        let is_object = place.projections.iter().any(|step| matches!(step, Projection::ClassField(_)));
        if is_captured && !is_object && matches!(access, Access::Assign | Access::Change | Access::Address) {
            changed = Some(place.local);
        }
    });
    changed
}

impl Deed {
    /// What the statement at the end of a chain does.
    fn words(self, last: &StatementKind) -> &'static str {
        match (self, last) {
            (Self::Spawn, _) => "spawns a task",
            (Self::Lock, _) => "takes a lock",
            (Self::Io, _) => "does input or output",
            (Self::Wait, StatementKind::ScopeEnter(_)) => "opens a scope",
            (Self::Wait, _) => "waits",
            (Self::Tell, _) => "acts on other tasks",
        }
    }
}
