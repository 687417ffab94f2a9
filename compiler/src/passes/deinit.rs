//! What a `deinit` may not do: wait, spawn, and store the object that it belongs to.
//!
//! Looks at what it does itself and at all that it calls, with all types known.

use plat_abi::functions::{Effect, RuntimeFn};
use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::source::Span;

use super::errors::{deinit_stores_self, deinit_suspends};
use crate::mir::{
    Argument, Callee, Function, FunctionId, Local, LocalKind, Mir, Operand, Place, Rvalue, StatementKind,
};
use crate::types::{Sharing, Ty};

/// Reports the `deinit`s that do.
pub(super) fn check(mir: &Mir, sink: &mut Sink) {
    let mut reported = HashSet::default();
    let mut keepers = Keepers { mir, known: HashMap::default() };
    for &(_, deinit) in &mir.deinits {
        let function = &mir.functions[deinit];
        if !reported.insert(function.span) {
            continue;
        }
        if let Some(chain) = waiting_chain(mir, deinit) {
            let names: Vec<&str> = chain.calls.iter().map(|&id| mir.functions[id].name.as_str()).collect();
            sink.emit(deinit_suspends(function.span, chain.first, &names, chain.what));
        }
        if let Some(span) = keepers.kept_at(deinit, Local(1)) {
            sink.emit(deinit_stores_self(function.span, span));
        }
    }
}

/// How a function comes to wait.
struct Chain {
    /// Where that begins in the function itself.
    first: Span,
    /// The functions on the way, outermost first.
    calls: Vec<FunctionId>,
    /// What waits at the end.
    what: &'static str,
}

/// The shortest way from a function to something that waits or spawns.
fn waiting_chain(mir: &Mir, root: FunctionId) -> Option<Chain> {
    let mut seen = HashSet::from_iter([root]);
    let mut level = vec![(root, None::<Span>, Vec::new())];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (id, first, calls) in level {
            for statement in mir.functions[id].blocks.iter().flat_map(|block| &block.statements) {
                let first = first.unwrap_or(statement.span);
                if let Some(what) = waits(&statement.kind) {
                    return Some(Chain { first, calls, what });
                }
                for callee in callees(mir, &statement.kind) {
                    if seen.insert(callee) {
                        let calls = [&calls[..], &[callee]].concat();
                        next.push((callee, Some(first), calls));
                    }
                }
            }
        }
        level = next;
    }
    None
}

/// What a statement may call: a function value may be any that the program makes of its type, a method of an interface that of any
/// type that the program puts into a value of it.
fn callees(mir: &Mir, kind: &StatementKind) -> Vec<FunctionId> {
    let StatementKind::Call { callee, .. } = kind else { return Vec::new() };
    match callee {
        Callee::Function(id) => vec![*id],
        Callee::Value(ty) => values_of(mir, *ty),
        Callee::Runtime(RuntimeFn::catch_panic) => {
            values_of(mir, Ty::function(&[], Ty::unit(), Sharing::Transfer))
        }
        Callee::Entry(id) => {
            let entry = &mir.entries[*id];
            let tables = mir.tables.iter().filter(|table| table.interface == entry.interface);
            tables.map(|table| table.methods[entry.number as usize]).collect()
        }
        _ => Vec::new(),
    }
}

/// The functions that the program makes values of this type of.
fn values_of(mir: &Mir, ty: Ty) -> Vec<FunctionId> {
    let statements = mir.functions.iter().flat_map(|function| function.blocks.iter());
    let statements = statements.flat_map(|block| &block.statements);
    let values = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Assign(_, Rvalue::Closure(closure))
        | StatementKind::Init(_, Rvalue::Closure(closure)) => Some(closure),
        _ => None,
    });
    let values = values.filter(|closure| closure.ty.without_sharing() == ty.without_sharing());
    let functions = values.filter_map(|closure| match closure.body {
        Callee::Function(id) => Some(id),
        _ => None,
    });
    functions.collect()
}

fn waits(kind: &StatementKind) -> Option<&'static str> {
    match kind {
        StatementKind::Call { callee: Callee::Runtime(RuntimeFn::catch_panic), .. } => None,
        StatementKind::Call { callee: Callee::Runtime(function), .. }
            if function.effect() == Effect::Suspends =>
        {
            Some("waits")
        }
        StatementKind::Spawn { .. } => Some("spawns a task"),
        StatementKind::ScopeEnter(_) => Some("opens a scope"),
        _ => None,
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
