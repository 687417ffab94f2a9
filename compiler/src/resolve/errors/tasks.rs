//! `select`, `race`, and options of scopes and tasks.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::Ident;

/// An option that `concurrent`, `spawn` or `select` does not have.
pub(in crate::resolve) fn unknown_option(of: &str, span: Span, known: &[&str]) -> Diagnostic {
    let known = known.iter().map(|name| format!("`{name} = …`")).collect::<Vec<_>>().join(", ");
    let message = format!("`{of}` has no such option");
    Diagnostic::error(codes::UNKNOWN_OPTION, span, message, "not an option")
        .note(format!("what can be said here is {known}"))
}

/// An arm of a `select` that calls something else than it can wait for.
pub(in crate::resolve) fn no_select_operation(name: Ident, known: &[&str]) -> Diagnostic {
    let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let message = format!("`select` cannot wait for `{}`", name.name);
    Diagnostic::error(codes::NOT_SELECTABLE, name.span, message, "not an operation of `select`")
        .note(format!("an arm waits for one of {known}, or is `timeout(…)` or `default`"))
        .help("to wait for the first of several calls of any kind, use `race { … }`")
}

/// A second `default`.
pub(in crate::resolve) fn second_default(span: Span, first: Span) -> Diagnostic {
    let message = "`select` has two `default` arms";
    Diagnostic::error(codes::NOT_SELECTABLE, span, message, "only one can be taken")
        .secondary(first, "the first one")
}

/// `race` without arms.
pub(in crate::resolve) fn empty_race(span: Span) -> Diagnostic {
    let message = "`race` has no arms";
    Diagnostic::error(codes::EMPTY_RACE, span, message, "nothing to wait for")
        .help("write the expressions that race in the braces, separated by commas")
}

/// `select` without arms.
pub(in crate::resolve) fn empty_select(span: Span) -> Diagnostic {
    Diagnostic::error(codes::EMPTY_RACE, span, "`select` has no arms", "nothing to wait for")
        .help("write what to wait for in the braces: `Some(value) = channel.recv() -> …`")
}

/// An arm of a race that receives.
pub(in crate::resolve) fn race_loses_value(span: Span) -> Diagnostic {
    let message = "this arm of `race` may receive a value that is then dropped";
    Diagnostic::warning(codes::RACE_LOSES, span, message, "its value is lost if another arm wins")
        .note("an arm that has finished but did not win is dropped with its value")
        .help("`select` receives from one channel only, and leaves the others alone")
}
