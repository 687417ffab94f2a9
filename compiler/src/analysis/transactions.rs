//! What transactions may not do, because it cannot be undone or would hold others up, and functions that `retry` where there is no
//! transaction.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;

use super::effects::{Chain, EffectMap, Effects};
use super::errors::transactions::{Deed, Link, Way, cannot_be_undone, retries_outside};
use super::under::Under;
use crate::hir::Hir;
use crate::mir::{Function, FunctionId, FunctionKind, Mir, StatementKind};

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

/// Reports both.
pub fn check(mir: &Mir, hir: &Hir, effects: &EffectMap<'_>, sink: &mut Sink) {
    let check = Check { mir, hir, effects, bodies: bodies(mir, hir, effects) };
    check.check_bodies(sink);
    check.check_roots(sink);
}

struct Check<'a> {
    mir: &'a Mir,
    hir: &'a Hir,
    effects: &'a EffectMap<'a>,
    /// What runs in transactions that are begun for it.
    bodies: Vec<FunctionId>,
}

/// The bodies of transactions, and what else is called in them that they were given, in order.
fn bodies(mir: &Mir, hir: &Hir, effects: &EffectMap<'_>) -> Vec<FunctionId> {
    let under = Under::solve(mir, effects, |function| is_begin(hir, function));
    let mut bodies = Vec::new();
    for (id, function) in mir.functions.iter_enumerated() {
        for statement in function.statements() {
            for arg in under.args(&statement.kind) {
                for body in effects.closures_in(id, arg) {
                    if !bodies.contains(&body) {
                        bodies.push(body);
                    }
                }
            }
        }
    }
    bodies
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

    fn check_bodies(&self, sink: &mut Sink) {
        let mut reported = HashSet::default();
        for &body in self.bodies.iter().filter(|&&body| !self.mir.functions[body].is_library) {
            for (wanted, deed) in DEEDS {
                if !self.effects.own(body).has(wanted) {
                    continue;
                }
                let Some(chain) = self.effects.chain(body, wanted, |id| self.is_apart(id)) else { continue };
                let way = self.way(body, &chain, deed.words(chain.last));
                if reported.insert(way.first().place) {
                    sink.emit(cannot_be_undone(deed, &way));
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
            if reported.insert(way.first().place) {
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

    /// The calls that lead to something, from the program's functions. How the library does it is its own business.
    fn way<'a>(&'a self, root: FunctionId, chain: &Chain<'_>, what: &'static str) -> Way<'a> {
        let functions: Vec<FunctionId> = [&[root], &chain.calls[..]].concat();
        let mut links = Vec::new();
        for (position, (&id, &place)) in functions.iter().zip(&chain.places).enumerate() {
            let function = &self.mir.functions[id];
            if function.is_library {
                continue;
            }
            let called = functions.get(position + 1).map(|&called| &self.mir.functions[called]);
            links.push(Link {
                caller: name(function),
                place,
                called: called.map(|called| name(called).unwrap_or("a closure")),
            });
        }
        Way { links, what }
    }
}

/// Closures and tasks have none.
fn name(function: &Function) -> Option<&str> {
    (function.kind == FunctionKind::Plain).then_some(function.name.as_str())
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
