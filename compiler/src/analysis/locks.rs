//! Locks that are held while their holder waits for something that may take long: every task that wants the lock waits with it.
//!
//! Another lock is nothing of the kind: its holders are told the same. Bodies often take several, in an order.

use plat_abi::functions::RuntimeFn;
use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;

use super::effects::{Chain, EffectMap, Effects};
use super::errors::{LongWait, held_while_waiting};
use super::under::{Under, function_params};
use crate::hir::{Hir, Owner};
use crate::mir::{Callee, Function, FunctionId, FunctionKind, Mir, StatementKind};

/// Whether the program has functions that call others under a lock.
pub fn are_used(mir: &Mir, hir: &Hir) -> bool {
    mir.functions.iter().any(|function| is_of_lock(hir, function) && !function_params(function).is_empty())
}

/// Warns of waits under a lock, in the closures of the program that are called under one.
pub fn check(mir: &Mir, hir: &Hir, effects: &EffectMap<'_>, sink: &mut Sink) {
    let under_lock = Under::solve(mir, effects, |function| is_of_lock(hir, function));
    let mut reported = HashSet::default();
    for (id, function) in mir.functions.iter_enumerated().filter(|(_, function)| !function.is_library) {
        for statement in function.statements() {
            for arg in under_lock.args(&statement.kind) {
                for body in effects.closures_in(id, arg) {
                    let closure = &mir.functions[body];
                    if closure.is_library || !effects.own(body).has(Effects::LINGERS) {
                        continue;
                    }
                    let Some(chain) = effects.chain(body, Effects::LINGERS, |id| is_locking(mir, hir, id))
                    else {
                        continue;
                    };
                    if reported.insert((chain.first(), statement.span)) {
                        sink.emit(held_while_waiting(statement.span, &long_wait(mir, &chain)));
                    }
                }
            }
        }
    }
}

/// Whether it waits for nothing but a lock, apart from what it is given to call.
fn is_locking(mir: &Mir, hir: &Hir, id: FunctionId) -> bool {
    let function = &mir.functions[id];
    let waits_for_change = function.origin.is_some_and(|origin| {
        let name = hir.definitions.functions[origin].name;
        ["wait", "wait_until"].contains(&name.as_str())
    });
    is_of_lock(hir, function) && !waits_for_change
}

fn is_of_lock(hir: &Hir, function: &Function) -> bool {
    let owner = function.origin.and_then(|origin| hir.definitions.functions[origin].owner);
    let is_lock = matches!(owner, Some(Owner::Struct(id)) if hir.lang.locks.contains(&Some(id)));
    is_lock && function.is_library && function.kind == FunctionKind::Plain
}

/// How the library waits is its own business, and closures have no names.
fn long_wait<'a>(mir: &'a Mir, chain: &Chain<'_>) -> LongWait<'a> {
    let functions = chain.calls.iter().map(|&id| &mir.functions[id]);
    let named = functions.filter(|function| function.kind == FunctionKind::Plain);
    let own = named.clone().take_while(|function| !function.is_library);
    let library = named.clone().find(|function| function.is_library);
    let what = what_waits(chain.last);
    let calls = own.chain(library).map(|function| function.name.as_str()).collect();
    LongWait { at: chain.first(), calls, what }
}

fn what_waits(last: &StatementKind) -> &'static str {
    let StatementKind::Call { callee: Callee::Runtime(function), .. } = last else {
        return "waits for the tasks of a scope";
    };
    match function {
        RuntimeFn::sleep_until => "waits for the clock",
        RuntimeFn::task_await | RuntimeFn::task_wait | RuntimeFn::gathering_next => "waits for a task",
        RuntimeFn::channel_recv | RuntimeFn::channel_recv_until => "waits for a message",
        RuntimeFn::source_wait => "waits for input or output",
        RuntimeFn::blocking_enter => "does what blocks a thread",
        RuntimeFn::select_wait => "waits for one of several things",
        _ => "waits for another task",
    }
}
