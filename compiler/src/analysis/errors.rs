//! The words of this stage's diagnostics.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::escape::Escape;

pub(super) mod transactions;

/// A closure that refers to a variable and goes where the variable is not. That is given with its name and whether it is the
/// caller's, which a closure cannot take over.
pub(super) fn closure_escapes(
    span: Span,
    how: Escape,
    closure: Span,
    variable: Option<(Symbol, bool)>,
) -> Diagnostic {
    let (message, label) = match how {
        Escape::Returned => {
            ("a closure that refers to a variable cannot be returned", "leaves the function here")
        }
        Escape::Stored | Escape::Object => {
            ("a closure that refers to a variable cannot be stored", "is kept here")
        }
        Escape::Task => {
            ("a closure that refers to a variable cannot go to another task", "goes to another task here")
        }
        Escape::Kept => {
            ("a closure that refers to a variable cannot be kept by a function", "keeps it beyond the call")
        }
        Escape::Outlives => (
            "a closure that refers to a variable is used where the variable is gone",
            "the closure outlives it",
        ),
    };
    let mut diagnostic = Diagnostic::error(codes::CLOSURE_ESCAPES, span, message, label);
    if closure != span {
        diagnostic = diagnostic.secondary(closure, "the closure");
    }
    let Some((name, is_callers)) = variable else { return diagnostic };
    let diagnostic = diagnostic
        .note(format!("it refers to `{name}`, which is changed after the closure is made"))
        .help(format!("if it is enough to have the value as it is now, copy it first: `var copy = {name};`"));
    match is_callers {
        true => diagnostic,
        false => diagnostic.help(format!(
            "if the closure alone uses `{name}`, do not use it outside after this: it then moves into the closure"
        )),
    }
}

/// How a named scope goes where it may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ScopeEscape {
    /// As the function's result.
    Returned,
    /// Into a variable outside, a place of the caller, or an object.
    Stored,
    /// To a thread.
    Task,
    /// To a task of a scope around it.
    OuterTask,
    /// As an argument to a function that keeps it.
    Kept,
}

/// A named scope that goes where it could outlive its block.
pub(super) fn scope_escapes(span: Span, how: ScopeEscape, name: Symbol, declared: Span) -> Diagnostic {
    let (message, label) = match how {
        ScopeEscape::Returned => ("cannot be returned", "leaves the function here"),
        ScopeEscape::Stored => ("cannot be stored outside of its block", "is kept here"),
        ScopeEscape::Task => ("cannot go to a thread", "goes to a thread here"),
        ScopeEscape::OuterTask => {
            ("cannot go to a task that may outlive it", "the task belongs to a scope around this one")
        }
        ScopeEscape::Kept => ("cannot be given to what keeps it", "is kept beyond the call"),
    };
    Diagnostic::error(codes::SCOPE_ESCAPES, span, format!("the scope `{name}` {message}"), label)
        .secondary(declared, "the scope ends with its block")
        .help("pass the scope on to functions and to its own tasks, or let what needs it run before its block ends")
}

/// A place that a call changes while it is given a closure that refers to it.
pub(super) fn referenced_in_use(span: Span, closure: Span, name: Option<Symbol>) -> Diagnostic {
    let what = name.map_or("a place".to_owned(), |name| format!("`{name}`"));
    let message = format!("{what} is changed by this call, which is also given a closure that refers to it");
    Diagnostic::error(codes::OVERLAPPING_PLACES, span, message, "in use until the call returns")
        .secondary(closure, "the closure")
        .help("copy what the closure needs into a variable before it is made")
}

/// How code that holds a lock comes to wait.
pub(super) struct LongWait<'a> {
    /// Where that begins in the body.
    pub(super) at: Span,
    /// The functions on the way, outermost first: none if the body waits itself.
    pub(super) calls: Vec<&'a str>,
    /// What waits in the end.
    pub(super) what: &'static str,
}

/// A wait that may take long, under a lock.
pub(super) fn held_while_waiting(lock: Span, wait: &LongWait<'_>) -> Diagnostic {
    let what = wait.what;
    let label = match wait.calls[..] {
        [] => format!("this {what}"),
        [only] => format!("this calls `{only}`, which {what}"),
        [.., last] => format!("this leads to `{last}`, which {what}"),
    };
    let message = "a lock is held while this waits";
    let diagnostic = Diagnostic::warning(codes::HELD_WHILE_WAITING, wait.at, message, label)
        .secondary(lock, "the lock is held from here until the body has ended")
        .note("whoever else wants the lock waits as long")
        .help("take what is needed out of the body, wait, and lock again to store what came of it; or let a `Semaphore` of 1 say whose turn it is");
    if wait.calls.len() < 2 {
        return diagnostic;
    }
    let chain: Vec<String> = wait.calls.iter().map(|name| format!("`{name}`")).collect();
    diagnostic.note(format!("the calls are {}", chain.join(" → ")))
}
