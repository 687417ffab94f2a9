//! Tasks and what they capture.

use plat_syntax::diagnostics::{Diagnostic, Edit, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::typeck::places::PlaceUse;
use crate::typeck::tasks::ExitKind;

/// `spawn` without a scope to spawn into.
pub(in crate::typeck) fn spawn_outside_scope(span: Span) -> Diagnostic {
    let message = "`spawn` needs a `concurrent` block around it, in the same function";
    Diagnostic::error(codes::SPAWN_OUTSIDE_SCOPE, span, message, "nothing would wait for this task")
        .note("a task lives in a scope: a `concurrent` block does not end before the tasks spawned in it have ended")
        .help("put the block around the `spawn` and whatever uses its result: `concurrent { let t = spawn { … }; t.await() }`")
        .help("for a scope of the caller name it, `concurrent as scope`, and pass it on: `scope.spawn({ … })`")
}

/// A captured variable that the body changes.
pub(in crate::typeck) fn captured_is_changed(
    span: Span,
    name: Symbol,
    declared: Span,
    by: ExitKind,
    wanted: PlaceUse,
) -> Diagnostic {
    let who = if by == ExitKind::Task { "a task" } else { "a closure that is given away" };
    let message = match wanted {
        PlaceUse::Assign => format!("{who} cannot assign the captured `{name}`"),
        PlaceUse::Change | PlaceUse::Receiver(_) => format!("{who} cannot change the captured `{name}`"),
        PlaceUse::Inout => format!("{who} cannot pass the captured `{name}` with `&`"),
        PlaceUse::ForInout => format!("{who} cannot change the captured `{name}` in place"),
    };
    let copy = if name.as_str() == "self" { "copy".into() } else { name.to_string() };
    if by != ExitKind::Task {
        return Diagnostic::error(codes::CAPTURED_IS_CHANGED, span, message, "the closure has only a copy of it")
            .secondary(declared, format!("`{name}` belongs to the code that makes the closure"))
            .note("a closure given to a `move` parameter gets a copy of each variable as it is then: it may run in another task")
            .help(format!("to change a copy that is the closure's own, write `var {copy} = {name};` in its body"));
    }
    Diagnostic::error(codes::CAPTURED_IS_CHANGED, span, message, "the task has only a copy of it")
        .secondary(declared, format!("`{name}` belongs to the code that spawns"))
        .note("a task gets a copy of each variable as it is when the task is spawned, so that no two tasks change one variable")
        .help("give the new value back as the task's result, and read it with `.await()`; or send it through a `Channel`")
        .help(format!("to change a copy that is the task's own, write `var {copy} = {name};` in its body"))
}

/// Offers to make the variable an `Atomic`.
pub(in crate::typeck) fn may_be_atomic(diagnostic: Diagnostic, name: Symbol, edits: Vec<Edit>) -> Diagnostic {
    diagnostic.suggest_all(format!("to let tasks change `{name}` together, make it an `Atomic`"), edits)
}

/// Says what tasks may change together.
pub(in crate::typeck) fn may_be_in_mutex(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("to let tasks change one value together, put it into a `Mutex`")
}
