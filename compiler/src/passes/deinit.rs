//! What a `deinit` may not do: wait, spawn, and store the object that it belongs to.
//!
//! Looks at what it does itself and at all that it calls, with all types known.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::source::Span;

use super::errors::{deinit_stores_self, deinit_suspends};
use crate::analysis::effects::{EffectMap, Effects};
use crate::mir::{
    Argument, Callee, Function, FunctionId, Local, LocalKind, Mir, Operand, Place, Rvalue, StatementKind,
};

/// Reports the `deinit`s that do.
pub(super) fn check(mir: &Mir, effects: &EffectMap<'_>, sink: &mut Sink) {
    let mut reported = HashSet::default();
    let mut keepers = Keepers { mir, known: HashMap::default() };
    for &(_, deinit) in &mir.deinits {
        let function = &mir.functions[deinit];
        if !reported.insert(function.span) {
            continue;
        }
        if let Some(chain) = effects.chain(deinit, Effects::SUSPENDS.and(Effects::SPAWNS), |_| false) {
            let names = names_on_the_way(mir, function, &chain.calls);
            sink.emit(deinit_suspends(function.span, chain.first(), &names, what_waits(chain.last)));
        }
        if let Some(span) = keepers.kept_at(deinit, Local(1)) {
            sink.emit(deinit_stores_self(function.span, span));
        }
    }
}

/// The functions on the way from a `deinit`, but for those that the library calls in its own: how it does something is its own business.
fn names_on_the_way<'a>(mir: &'a Mir, deinit: &'a Function, calls: &[FunctionId]) -> Vec<&'a str> {
    let called = calls.iter().map(|&id| &mir.functions[id]);
    let callers = std::iter::once(deinit).chain(called.clone());
    let of_program = callers.zip(called).filter(|(caller, called)| !(caller.is_library && called.is_library));
    of_program.map(|(_, called)| called.name.as_str()).collect()
}

/// What waits at the end of a chain of calls.
fn what_waits(last: &StatementKind) -> &'static str {
    match last {
        StatementKind::Spawn { .. } => "spawns a task",
        StatementKind::ScopeEnter(_) => "opens a scope",
        _ => "waits",
    }
}

/// Which functions keep a reference that they are given.
struct Keepers<'a> {
    mir: &'a Mir,
    /// Where each function keeps each parameter; `None` while that is being found out.
    known: HashMap<(FunctionId, Local), Option<Span>>,
}

impl Keepers<'_> {
    /// Where the function keeps what the parameter refers to beyond the call.
    fn kept_at(&mut self, id: FunctionId, param: Local) -> Option<Span> {
        if let Some(known) = self.known.get(&(id, param)) {
            return *known;
        }
        // A function that passes it to itself keeps it only if it does so elsewhere.
        self.known.insert((id, param), None);
        let mir = self.mir;
        let function = &mir.functions[id];
        let names = names_of(function, param);
        let statements = function.blocks.iter().flat_map(|block| &block.statements);
        let found = statements
            .filter(|statement| self.keeps(function, &names, &statement.kind))
            .map(|statement| statement.span)
            .next();
        self.known.insert((id, param), found);
        found
    }

    fn keeps(&mut self, function: &Function, names: &HashSet<Local>, kind: &StatementKind) -> bool {
        let is_it = |operand: &Operand| {
            operand.place().and_then(Place::as_local).is_some_and(|local| names.contains(&local))
        };
        match kind {
            StatementKind::Assign(target, Rvalue::Use(operand)) => {
                is_it(operand) && !is_name(function, target)
            }
            StatementKind::Call { callee, args, .. } => {
                args.iter().enumerate().any(|(position, arg)| match arg {
                    Argument::Value(operand) if is_it(operand) => match callee {
                        Callee::Function(callee) => {
                            self.kept_at(*callee, Local(position as u32 + 1)).is_some()
                        }
                        Callee::Runtime(_) | Callee::Primitive(_) => false,
                        _ => true,
                    },
                    Argument::Place(place) => place.as_local().is_some_and(|local| names.contains(&local)),
                    Argument::Value(_) => false,
                })
            }
            StatementKind::Share(place) => place.as_local().is_some_and(|local| names.contains(&local)),
            // Comparing it keeps nothing.
            StatementKind::Assign(_, Rvalue::Binary(..)) => false,
            _ => {
                let mut keeps = false;
                kind.for_each_operand(|operand| keeps |= is_it(operand));
                keeps
            }
        }
    }
}

/// The locals that stand for the parameter and nothing else.
fn names_of(function: &Function, param: Local) -> HashSet<Local> {
    let mut names = HashSet::from_iter([param]);
    loop {
        let before = names.len();
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let StatementKind::Assign(target, Rvalue::Use(operand)) = &statement.kind
                && operand.place().and_then(Place::as_local).is_some_and(|local| names.contains(&local))
                && is_name(function, target)
            {
                names.insert(target.local);
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

fn is_name(function: &Function, place: &Place) -> bool {
    place.projections.is_empty() && function.locals[place.local].kind == LocalKind::Variable
}
